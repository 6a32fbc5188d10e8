"""A decision opened: how it stands, what is said of it, and its documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from linkage_gui.faults import Trouble
from linkage_gui.progress import Progress, Stopped

if TYPE_CHECKING:
    from linkage_gui.copies import Copies
    from linkage_gui.log import AnyEntry, Entry, Kept, Log, State
    from rules.edition import Editions


class Opened(msgspec.Struct, frozen=True):
    """A decision, how it stands today, and the history of its case. ``differs`` says in words what differs from the
    decision that it decided again, if it did and that one is in the log.
    """

    entry: Entry
    state: State
    history: tuple[AnyEntry, ...]
    differs: tuple[str, ...] | None = None


def just_recorded(entry: Entry, today: date) -> Opened:
    """A decision to which nothing has happened yet. The one thing here that any thread may ask."""
    from linkage_gui.log.state import state_of  # noqa: PLC0415  (imported by now: there is an entry)

    return Opened(entry, state_of(entry, (), today), (entry,))


def entry(asked: str, today: date, editions: Editions) -> Callable[[Log], Opened]:
    """A stored decision, by its number or its id."""

    def work(log: Log) -> Opened:
        found = log.entry(asked)
        history = log.history(found.id)
        return Opened(found, log.state(found.id, today), history, _differs(found, history, editions))

    return work


def _differs(found: Entry, history: tuple[AnyEntry, ...], editions: Editions) -> tuple[str, ...] | None:
    """What differs from the decision that this one decided again; ``None`` when it did not, or that is not here."""
    earlier = next((other for other in history if other.id == found.about), None)
    if earlier is None or earlier.kind != "decision":
        return None
    from linkage_gui.again import differences  # noqa: PLC0415  (slow: only on this thread)
    from rules.edition import NoEdition  # noqa: PLC0415

    try:
        edition = editions.named(found.decision.guidance.edition)
    except NoEdition:
        edition = editions.newest  # it only names the agreements
    return tuple(differences(earlier.decision, found.decision, edition))


class Said(msgspec.Struct, frozen=True):
    """What somebody says of a decision: that they agree or do not, that it is withdrawn, or a note."""

    kind: Literal["sign-off", "withdrawal", "note"]
    name: str
    role: str
    text: str
    agrees: bool = False


def record_about(about: str, said: Said, today: date, editions: Editions) -> Callable[[Log], Opened]:
    """Record what somebody says of the decision with this id; gives the decision as it stands then."""

    def work(log: Log) -> Opened:
        from linkage_gui.log import Person  # noqa: PLC0415  (slow: only on this thread)

        by = Person(said.name, said.role)
        if said.kind == "sign-off":
            log.sign_off(about, by, agrees=said.agrees, reason=said.text)
        elif said.kind == "withdrawal":
            log.withdraw(about, by, said.text)
        else:
            log.note(about, by, said.text)
        return entry(about, today, editions)(log)

    return work


class NotAgain(Trouble):
    """A recorded case is not one that can be assessed today. ``problems`` say why."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("The case cannot be assessed with today’s date. Nothing was recorded.")
        self.problems = problems


def decide_again(about: str, today: date, *, editions: Editions) -> Callable[[Log], Opened]:
    """Decide the decision with this id again as if assessed today, and record that."""

    def work(log: Log) -> Opened:
        import msgspec  # noqa: PLC0415  (slow: only on this thread)

        from linkage_gui import again  # noqa: PLC0415
        from linkage_gui.problems import worded  # noqa: PLC0415
        from rules.reading import CaseRefused  # noqa: PLC0415

        try:
            new, _ = again.decide_again(log, about, today, editions=editions)
        except CaseRefused as refused:
            answers = {**msgspec.to_builtins(log.entry(about).case), "assessed_on": today.isoformat()}
            raise NotAgain(tuple(worded(one, answers, editions).message for one in refused.problems)) from refused
        return entry(new.id, today, editions)(log)

    return work


def paper(digest: str) -> Callable[[Log], tuple[AnyEntry, Entry] | None]:
    """The entry with this hash, and the decision that it is or is about; ``None`` when no entry has it."""

    def work(log: Log) -> tuple[AnyEntry, Entry] | None:
        from linkage_gui.log import Entry, NoEntry  # noqa: PLC0415  (slow: only on this thread)

        try:
            found = log.on_paper(digest)
        except NoEntry:
            return None
        return found, found if isinstance(found, Entry) else log.entry(found.about)

    return work


_PART_BYTES = 1024**2
"""How much of a document is written between two looks at whether to stop."""


def open_copy(document: Kept, copies: Copies, progress: Progress) -> Callable[[Log], Path]:
    """Write a document, checked against its hash, as a copy to look at; gives where."""

    def work(log: Log) -> Path:
        from linkage_gui.log.documents import Document, document_type  # noqa: PLC0415  (slow: only on this thread)

        content = log.document(document.sha256)
        if progress.cancelled():
            raise Stopped
        return copies.add(document.name, document_type(Document(document.name, content)), content)

    return work


def save_copy(document: Kept, to: Path, progress: Progress) -> Callable[[Log], None]:
    """Write a document, checked against its hash, to a file."""

    def work(log: Log) -> None:
        from linkage_gui.files import refuse_place, whole_file  # noqa: PLC0415  (slow: only on this thread)

        refuse_place(to, log.path.parent, [log.path])
        content = log.document(document.sha256)
        with whole_file(to) as file:
            for start in range(0, len(content), _PART_BYTES):
                progress.step(start, len(content))
                if progress.cancelled():
                    raise Stopped
                file.write(content[start : start + _PART_BYTES])

    return work
