"""Pages as pictures, drawn from the PDF by another program, against those that somebody looked at and found good.

After a change that is meant to show, look at the new pictures and keep them: ``python -m tests.paper.test_pictures``.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from msgspec.structs import replace
from PySide6.QtGui import QImage

from linkage_gui.log import Entry, Kept, Person, SignOff, Withdrawal
from linkage_gui.log.state import state_of
from linkage_gui.printing.pdf import pdf, ready
from linkage_gui.summary.decision import recorded_paper
from linkage_gui.summary.letters import letters
from linkage_gui.summary.paper import Chart, Heading, Paper, Paragraph
from rules.deciding import decide
from rules.decision import RuleBase
from rules.edition import shipped
from tests.paper.papers import AT, case_of, hard_case

FOLDER = Path(__file__).parent.parent / "data" / "paper"
DPI = 50
_NEAR = 2.0
"""The most by which pixels may differ on average, of 255. Another release of the reader smooths edges otherwise."""
_FAR = 0.004
"""The most of all pixels that may differ by more than half. A word that moved by its height is more."""


def entry(name: str) -> Entry:
    """An entry with an id, hashes and moments that stay the same."""
    case = case_of(name) if name != "hard" else hard_case()
    decision = replace(decide(case, shipped().newest), rule_base=RuleBase(version="1.0.0", sha256="cd" * 32))
    documents = tuple(
        Kept(path, path.rsplit("/", 1)[-1], "12" * 32, "application/pdf", 1000)
        for agreement in case.agreements
        for path in agreement.documents
    )
    return Entry(
        id="0123456789abcdef" * 2, number=7, hash="89ab" * 16, previous="0" * 64, recorded_at=AT, program="0.1.0",
        case=case, decision=decision, documents=documents,
    )  # fmt: skip


def paper(made: Entry, *, withdrawn: bool = False) -> Paper:
    later = {"previous": "0" * 64, "recorded_at": AT, "program": "0.1.0", "about": made.id}
    history: list[Entry | SignOff | Withdrawal] = [made]
    history.append(
        SignOff(id="1" * 32, number=8, hash="5" * 64, by=Person("Jo Bell", "Caldicott Guardian"), agrees=True,
                reason="", **later)  # type: ignore[arg-type]
    )  # fmt: skip
    if withdrawn:
        by = Person("Al Hall", "SIRO")
        history.append(
            Withdrawal(id="2" * 32, number=9, hash="6" * 64, by=by, reason="The council left.", **later)  # type: ignore[arg-type]
        )
    return recorded_paper(made, state_of(made, history, AT.date()), history, AT + timedelta(minutes=5))


def chart() -> Paper:
    bars = tuple((f"Month {number}", number**2) for number in range(13))
    return Paper(
        kind="Register report", title="A chart", author="", subject="", left="NHS Example ICB", right="Report",
        printed_at=AT, footer="From the log",
        blocks=(Heading("Months"), Paragraph("So many."), Chart("C", "M", "N", bars)),
    )  # fmt: skip


def pages() -> dict[str, tuple[Paper, int]]:
    """The pages that are compared, by name: each is of a paper, and its number, from 0 or from the end."""
    supported, outstanding, hard = entry("supported"), entry("wakefield-housing"), entry("hard")
    state = state_of(outstanding, [outstanding], AT.date())
    letter = letters(outstanding, state, [outstanding], AT)[1]
    return {
        "withdrawn-first": (paper(supported, withdrawn=True), 0),
        "outstanding-first": (paper(outstanding), 0),
        "outstanding-second": (paper(outstanding), 1),
        "supported-last": (paper(supported), -1),
        "hard-timeline": (paper(hard), 12),
        "hard-first": (paper(hard), 0),
        "letter": (letter.paper, 0),
        "chart": (chart(), 0),
    }


def drawn(made: Paper, page: int) -> QImage:
    """A page of the PDF as a grey picture."""
    document = pypdfium2.PdfDocument(pdf(made))
    try:
        bitmap = document[page % len(document)].render(scale=DPI / 72, grayscale=True)
        return QImage(
            bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_Grayscale8
        ).copy()
    finally:
        document.close()


def _row(picture: QImage, y: int) -> bytes:
    line: Any = picture.constScanLine(y)
    return bytes(line)[: picture.width()]


def differ(one: QImage, other: QImage) -> tuple[float, float]:
    """By how much pixels differ on average, and the share of those that differ by more than half."""
    assert one.size() == other.size()
    counted: Counter[int] = Counter()
    for y in range(one.height()):
        row, there = _row(one, y), _row(other, y)
        counted.update(abs(a - b) for a, b in zip(row, there, strict=True) if a != b)
    size = one.width() * one.height()
    return sum(by * count for by, count in counted.items()) / size, sum(
        count for by, count in counted.items() if by > 127
    ) / size


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.png")))
def test_the_page_looks_as_it_did(ready: object, name: str) -> None:
    made, page = pages()[name]
    kept = QImage(str(FOLDER / f"{name}.png")).convertToFormat(QImage.Format.Format_Grayscale8)
    near, far = differ(drawn(made, page), kept)
    assert near <= _NEAR, f"{name}: pixels differ by {near:.2f} on average"
    assert far <= _FAR, f"{name}: {far:.2%} of all pixels differ by more than half"


def test_every_page_has_its_picture() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.png")) == sorted(pages())


def test_a_page_that_moved_is_noticed(ready: object) -> None:
    made, page = pages()["letter"]
    picture = drawn(made, page)
    moved = picture.copy(0, 2, picture.width(), picture.height())
    assert differ(picture, picture) == (0, 0)
    assert differ(picture, moved)[1] > _FAR


if __name__ == "__main__":
    ready()
    FOLDER.mkdir(exist_ok=True)
    for name, (made, page) in pages().items():
        picture = drawn(made, page).convertToFormat(QImage.Format.Format_Grayscale8)
        assert picture.save(str(FOLDER / f"{name}.png"), quality=0)
