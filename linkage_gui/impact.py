"""Which recorded decisions another edition of the guidance touches: those that would come out differently, and why.

Each recorded case is decided again as it was assessed then, under the edition
asked for. What that edition does not list any more is asked of it as what it
does not list: another dataset, another purpose. A decision that would come out
so too is told as well when what it rests on was worded otherwise: an id may
stand for something else now. Nothing is recorded and no entry changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from linkage_gui.again import differences
from rules.case import LIMIT_LINE, LIMIT_PURPOSE
from rules.days import in_words
from rules.deciding import NoDecision, decide, preview
from rules.edition import NeededAgreement, NoEdition, Purpose
from rules.reading import CaseRefused, check_case
from rules.wording import place_on_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from linkage_gui.log import Entry, Line, Log, Standing
    from rules.case import Case
    from rules.decision import Decision, Outcome
    from rules.edition import Edition, Editions, Item

_PAGE = 500
_ABOUT_THE_EDITION = frozenset({"guidance-check-due"})
"""Findings that say something of the edition and nothing of the case."""
"""How many characters a case may have for another dataset, and for another purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A recorded decision that another edition touches.

    ``number``, ``id``, ``title`` and ``recorded`` (its outcome) are the entry's; ``standing`` is what became of it.
    ``result`` says whether it would come out differently, would not but rests on what says something else now
    (``look-again``), or cannot be decided under the edition (``outcome`` None). ``why`` says in words what would
    differ, what it rests on, or why it cannot be decided.
    """

    number: int
    id: str
    title: str
    standing: Standing
    recorded: Outcome
    outcome: Outcome | None
    result: Literal["differs", "look-again", "not-decided"]
    why: tuple[str, ...]


def impact(
    log: Log,
    edition: Edition,
    editions: Editions,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Affected]:
    """The decisions in a log that an edition touches, oldest first, as they are found.

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
    outcome: Outcome | None = None
    result: Literal["differs", "look-again", "not-decided"] = "not-decided"
    answers, gone = _asked(entry.case, edition, editions)
    try:
        decision = _decided(entry, answers, edition, editions)
    except CaseRefused as refused:
        why = [message for _, message in refused.problems]
    except NoDecision as error:
        why = [str(error)]
    else:
        why = [*gone, *_worded_otherwise(entry, edition, editions)]
        if decision is None and not why:
            return None
        outcome, result = entry.decision.outcome, "look-again"
        if decision is not None:
            outcome, result = decision.outcome, "differs"
            why += differences(_told(entry.decision), _told(decision, entry.decision), edition)
    return Affected(
        number=entry.number,
        id=entry.id,
        title=entry.case.title,
        standing=line.standing,
        recorded=entry.decision.outcome,
        outcome=outcome,
        result=result,
        why=tuple(why),
    )


def _asked(case: Case, edition: Edition, editions: Editions) -> tuple[dict[str, Any], list[str]]:
    """The answers of a case as they would be given under an edition, and what that edition does not list any more."""
    answers: dict[str, Any] = msgspec.to_builtins(case)
    gone = []
    if isinstance(case.dataset, str) and edition.dataset(case.dataset) is None:
        dataset = editions.dataset(case.dataset)
        name = case.dataset if dataset is None else dataset.name
        answers["dataset"] = {"other": name[:LIMIT_LINE]}
        gone.append(f"The edition of {in_words(edition.edition)} does not list {name}.")
    for purpose_id in case.purposes:
        if edition.purpose(purpose_id) is None:
            found = next((one for each in reversed(editions.all) if (one := each.purpose(purpose_id))), None)
            words = purpose_id if found is None else f"{purpose_id}: {found.statement}"
            answers["purposes"] = [one for one in answers["purposes"] if one != purpose_id]
            answers["other_purposes"] = [*answers.get("other_purposes", ()), words[:LIMIT_PURPOSE]]
            gone.append(f"The edition of {in_words(edition.edition)} does not list the purpose {words}")
    for agreement in answers.get("agreements", ()):
        agreement["kinds"] = [kind for kind in agreement["kinds"] if kind in edition.agreement_names]
    answers["agreements"] = [agreement for agreement in answers.get("agreements", ()) if agreement["kinds"]]
    return answers, gone


def _worded_otherwise(entry: Entry, edition: Edition, editions: Editions) -> Iterator[str]:
    """What a decision rests on and the edition words otherwise than the one that decided, each in words.

    A purpose is found again by its id, an agreement by its dataset and kind, another item by its place.
    """
    try:
        old = editions.named(entry.decision.guidance.edition)
    except NoEdition:
        yield (
            f"It was decided under the edition of {entry.decision.guidance.edition}, which this program does not "
            "have: whether what it rests on is worded otherwise is not known."
        )
        return
    cited = {locator for finding in _told(entry.decision).findings for locator in finding.citations}
    asked = {one.locator for purpose_id in entry.case.purposes if (one := old.purpose(purpose_id))}
    for locator, item in old.items.items():
        if locator not in cited | asked or item is old.edited:
            continue
        now = _counterpart(item, edition)
        if now is not None and now.sha256 != item.sha256:
            name = item.id if isinstance(item, Purpose) else place_on_page(item)
            yield f"It rests on {name}, which is worded otherwise. Was: {item.statement} Is: {now.statement}"


def _counterpart(item: Item, edition: Edition) -> Item | None:
    if isinstance(item, Purpose):
        return edition.purpose(item.id)
    if isinstance(item, NeededAgreement):
        dataset = edition.dataset(item.locator.split("/")[0])
        return next((one for one in dataset.agreements if one.kind == item.kind), None) if dataset else None
    return edition.items.get(item.locator)


def _decided(entry: Entry, answers: dict[str, Any], edition: Edition, editions: Editions) -> Decision | None:
    """The decision on a recorded case under an edition; None when it says what is recorded.

    The quick evaluator alone tells which cases may differ; what is told of these comes from a whole decision.
    """
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
