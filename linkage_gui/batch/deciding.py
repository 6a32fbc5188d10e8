"""Deciding the rows of a batch, and recording the good ones, a group of them in one transaction.

A row is recorded once, however often a batch is stopped, killed and begun
again: the log is asked whether it has an entry with the same case, decision and
documents that no other row of the batch has claimed, in the transaction that
would add one. So two rows that are the same are two entries, a batch that is
begun again finds both, and so does one whose wrong rows were mended meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from linkage_gui.casefile import documents_of
from linkage_gui.faults import Trouble
from rules.deciding import NoDecision, decide
from rules.reading import CaseRefused, NoDocument

if TYPE_CHECKING:
    from linkage_gui.log import Claims, Document, Entry, Log
    from rules.case import Case
    from rules.decision import Decision
    from rules.edition import Edition

GROUP = 50
"""The most rows that are recorded in one transaction."""
GROUP_BYTES = 32 * 1024**2
"""How many bytes of documents are held before what there is of a group is recorded."""

Problems = tuple[tuple[str, str], ...]
"""What is wrong with a row: where, and what to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one row: a decision, or the problems that there are with it.

    ``number`` is the row's in its file. ``entry`` is the decision's in the log, when it was recorded, and ``new``
    says whether it was recorded now.
    """

    number: int
    problems: Problems = ()
    case: Case | None = None
    edition: Edition | None = None
    decision: Decision | None = None
    entry: Entry | None = None
    new: bool = False


Fault = Callable[[Exception], str]
"""Keeps the details of a fault of ours in one row, and gives the words for that row."""


def decided(
    number: int, read: Callable[[], tuple[Case, Edition]], fault: Fault, refused: Callable[[CaseRefused], Problems]
) -> Answer:
    """Read and decide one row. Whatever is wrong with it stays in its answer."""
    try:
        case, edition = read()
        return Answer(number, case=case, edition=edition, decision=decide(case, edition))
    except CaseRefused as error:
        return Answer(number, refused(error))
    except (NoDocument, NoDecision, Trouble) as error:
        return Answer(number, (("", str(error)),))
    except Exception as error:  # noqa: BLE001  (kept by fault: one row must not take the others' answers with it)
        return Answer(number, (("", fault(error)),))


class Recorder:
    """Records decided rows in groups. Without a log it lets every answer through as it is."""

    def __init__(self, log: Log | None, folder: Path, fault: Fault) -> None:
        self._log, self._folder, self._fault = log, folder, fault
        self._claims: Claims | None = None
        self.new = self.before = 0

    @property
    def records(self) -> bool:
        """Whether there is a log to record in."""
        return self._log is not None

    def __call__(self, answers: Iterable[Answer]) -> Iterator[list[Answer]]:
        """The answers in groups and in the same order, each group once all that is good in it is recorded."""
        group: list[tuple[Answer, dict[str, Document]]] = []
        held = 0
        for answer in answers:
            documents: dict[str, Document] = {}
            if self._log is not None and answer.case is not None:
                answer, documents = self._with_documents(answer, answer.case)  # noqa: PLW2901
            group.append((answer, documents))
            held += sum(len(document.content) for document in documents.values())
            if self._log is None or len(group) >= GROUP or held >= GROUP_BYTES:
                yield self._recorded(group)
                group, held = [], 0
        if group:
            yield self._recorded(group)

    def _with_documents(self, answer: Answer, case: Case) -> tuple[Answer, dict[str, Document]]:
        try:
            return answer, documents_of(case, self._folder)
        except (NoDocument, Trouble) as error:
            return Answer(answer.number, (("", str(error)),)), {}
        except Exception as error:  # noqa: BLE001  (as above)
            return Answer(answer.number, (("", self._fault(error)),)), {}

    def _recorded(self, group: list[tuple[Answer, dict[str, Document]]]) -> list[Answer]:
        good = [one for one in group if one[0].decision is not None]
        if self._log is None or not good:
            return [answer for answer, _ in group]
        try:
            found = self._record(good)
        except Exception:  # noqa: BLE001  (each by itself then tells its own)
            found = [one for each in good for one in self._alone(each)]
        answers = {answer.number: answer for answer in found}
        return [answers.get(answer.number, answer) for answer, _ in group]

    def _alone(self, one: tuple[Answer, dict[str, Document]]) -> list[Answer]:
        """Record a row by itself, so that one that cannot be recorded keeps no other from it."""
        try:
            return self._record([one])
        except Trouble as error:
            return [Answer(one[0].number, (("", str(error)),))]
        except Exception as error:  # noqa: BLE001  (as above)
            return [Answer(one[0].number, (("", self._fault(error)),))]

    def _record(self, good: list[tuple[Answer, dict[str, Document]]]) -> list[Answer]:
        from linkage_gui.log import Claims, Decided  # noqa: PLC0415  (only what is recorded needs the log)

        if self._log is None:  # pragma: no cover  (for the type checker)
            raise TypeError
        self._claims = self._claims or Claims()
        rows = [
            Decided(answer.case, answer.decision, documents)
            for answer, documents in good
            if answer.case is not None and answer.decision is not None
        ]
        answers = []
        for (answer, _), (entry, new) in zip(good, self._log.record_once(rows, self._claims), strict=True):
            self.new += new
            self.before += not new
            answers.append(replace(answer, entry=entry, new=new))
        return answers


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a batch: its rows, how many had no decision, and of the recorded how many were so already."""

    rows: int
    failed: int
    recorded: int = 0
    before: int = 0
    examples: int = 0
    begun: date | None = None
    notes: tuple[str, ...] = ()
