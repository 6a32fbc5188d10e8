"""Which recorded decisions would come out differently under another edition of the guidance, and why.

Each recorded case is decided again as it was assessed then, under the edition
asked for. Nothing is recorded and no entry changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from linkage_gui.again import differences
from rules.deciding import NoDecision, decide, preview
from rules.reading import CaseRefused, check_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from linkage_gui.log import Entry, Line, Log, Standing
    from rules.decision import Decision, Outcome
    from rules.edition import Edition, Editions

_PAGE = 500
_ABOUT_THE_EDITION = frozenset({"guidance-check-due"})
"""Findings that say something of the edition and nothing of the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A recorded decision that would come out differently, or that could not be decided (``outcome`` None).

    ``number``, ``id``, ``title`` and ``recorded`` (its outcome) are the entry's; ``standing`` is what became of it.
    ``why`` says in words what would differ, or why it cannot be decided.
    """

    number: int
    id: str
    title: str
    standing: Standing
    recorded: Outcome
    outcome: Outcome | None
    why: tuple[str, ...]

    @property
    def result(self) -> Literal["differs", "not-decided"]:
        """Whether it comes out differently, or cannot be decided under the edition."""
        return "differs" if self.outcome is not None else "not-decided"


def impact(
    log: Log,
    edition: Edition,
    editions: Editions,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Affected]:
    """The decisions in a log that would come out differently under an edition, oldest first, as they are found.

    Each case is one that its own day's edition among ``editions`` decided; that day does not choose here. Memory does
    not grow with the log. ``progress(done, total)`` is called as decisions are gone through; when ``cancelled()`` is
    true there are no more.

    :raises LogTrouble: when the log cannot be read.
    """
    from linkage_gui.log import Filter  # noqa: PLC0415

    total = log.count()
    done = 0
    page = log.page(Filter(), "oldest", limit=_PAGE)
    while True:
        for line in page.rows:
            if cancelled():
                return
            affected = _affected(log.entry(str(line.number)), line, edition, editions)
            done += 1
            progress(done, max(total, done))
            if affected is not None:
                yield affected
        if page.next is None:
            return
        page = log.page(Filter(), "oldest", page.next, limit=_PAGE)


def _affected(entry: Entry, line: Line, edition: Edition, editions: Editions) -> Affected | None:
    why: list[str]
    outcome: Outcome | None = None
    try:
        decision = _decided(entry, edition, editions)
    except CaseRefused as refused:
        why = [f"{path}: {message}" if path else message for path, message in refused.problems]
    except NoDecision as error:
        why = [str(error)]
    else:
        if decision is None:
            return None
        outcome = decision.outcome
        why = list(differences(_told(entry.decision), _told(decision, entry.decision), edition))
    return Affected(
        number=entry.number,
        id=entry.id,
        title=entry.case.title,
        standing=line.standing,
        recorded=entry.decision.outcome,
        outcome=outcome,
        why=tuple(why),
    )


def _decided(entry: Entry, edition: Edition, editions: Editions) -> Decision | None:
    """The decision on a recorded case under an edition; None when it says what is recorded.

    The quick evaluator alone tells which cases may differ; what is told of these comes from a whole decision.
    """
    answers = msgspec.to_builtins(entry.case)
    case, _ = check_case(answers, today=entry.case.assessed_on, editions=editions, edition=edition.name)
    if _says(preview(case, edition)) == _says(entry.decision):
        return None
    decision = decide(case, edition)
    return None if _says(decision) == _says(entry.decision) else decision


def _says(decision: Decision) -> object:
    """What of a decision counts when it is compared: not its words, its edition or its rule base."""
    return (
        decision.outcome,
        decision.valid_until,
        [(one.kind, one.parties, one.status, one.covered_until) for one in decision.requirements],
        sorted((one.code, one.effect, str(one.about)) for one in _told(decision).findings),
    )


def _told(decision: Decision, recorded: Decision | None = None) -> Decision:
    """A decision as far as it tells of the case; as if made by the edition and the rules of the recorded one."""
    findings = tuple(one for one in decision.findings if one.code not in _ABOUT_THE_EDITION)
    by = recorded or decision
    return msgspec.structs.replace(decision, findings=findings, guidance=by.guidance, rule_base=by.rule_base)
