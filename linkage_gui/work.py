"""What the window asks of the log and the rule base. Everything here runs on the worker's thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkage_gui.faults import Trouble

if TYPE_CHECKING:
    from linkage_gui.log import Draft, Entry, Kept, Log, Row


def warm_up(_: Log) -> None:
    """Import the rule engine and let it read its rules, so that the first decision does not wait for that."""
    import rules.deciding  # noqa: F401, PLC0415


def overview(log: Log) -> tuple[list[Draft], list[Row]]:
    """What Home shows: the drafts, and the newest entries."""
    return log.drafts(), log.entries(limit=5)


def register(before: int | None) -> Callable[[Log], tuple[list[Row], int]]:
    """A page of the register, newest first, and how many entries there are."""
    return lambda log: (log.entries(limit=50, before=before), log.count())


def entry(number: int) -> Callable[[Log], Entry]:
    """A stored decision."""
    return lambda log: log.entry(str(number))


def save_draft(
    draft_id: str, draft: dict[str, Any] | None, seen: datetime | None
) -> Callable[[Log], datetime | None]:
    """Keep a draft, or without answers none, if nobody else did since it was ``seen``; gives when it was saved."""

    def work(log: Log) -> datetime | None:
        saved = log.save_draft(draft_id, draft or {}, seen=seen)
        if draft is not None:
            return saved
        log.delete_draft(draft_id)
        return None

    return work


def draft(draft_id: str) -> Callable[[Log], Draft]:
    """A draft."""
    return lambda log: log.draft(draft_id)


def delete_draft(draft_id: str) -> Callable[[Log], None]:
    """Delete a draft with its documents."""
    return lambda log: log.delete_draft(draft_id)


def attach(draft_id: str, files: list[Path]) -> Callable[[Log], list[Kept]]:
    """Keep documents with a draft: all of them, or none and the trouble with one."""

    def work(log: Log) -> list[Kept]:
        from linkage_gui.log import read_document  # noqa: PLC0415  (slow: only on this thread)

        documents = [read_document(file) for file in files]
        return [log.attach(draft_id, document.name, document.content) for document in documents]

    return work


def detach(draft_id: str, documents: list[str]) -> Callable[[Log], None]:
    """Keep documents with a draft no longer."""

    def work(log: Log) -> None:
        for document in documents:
            log.detach(draft_id, document)

    return work


class Refused(Trouble):
    """The answers are not a whole case on the day that they would be decided for."""


def decide_and_record(
    draft_id: str, seen: datetime | None, answers: dict[str, Any], day: date
) -> Callable[[Log], Entry]:
    """Decide a case as on a day, record it with its documents, and clear its draft, last ``seen`` as it is."""

    def work(log: Log) -> Entry:
        from rules.deciding import decide  # noqa: PLC0415  (slow: only on this thread)
        from rules.reading import CaseRefused, check_case  # noqa: PLC0415

        try:
            case, edition = check_case(answers, today=day)
        except CaseRefused as refused:
            raise Refused(str(refused)) from refused
        if log.draft(draft_id).updated_at != seen:
            raise Trouble("This assessment was changed in another window. Go to Home and open its draft again.")
        decision = decide(case, edition)
        named = [path for agreement in case.agreements for path in agreement.documents]
        attached = log.attached(draft_id) if named else {}
        for path in named:
            if path not in attached:
                advice = "Remove it from its agreement and attach it again."
                raise Trouble(f"The draft no longer holds the document {path}. {advice}")
        documents = {path: attached[path] for path in named}
        return log.record(case, decision, documents, draft=draft_id)

    return work
