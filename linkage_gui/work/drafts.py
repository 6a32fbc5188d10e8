"""Assessments that are not decided, and the documents attached to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from linkage_gui.faults import Trouble
from linkage_gui.progress import Progress, Stopped
from linkage_gui.work.common import stoppable

if TYPE_CHECKING:
    from linkage_gui.log import Draft, Kept, Log


class Overtaken(Trouble):
    """Another window has changed, recorded or deleted a draft since this one saw it, so that it is not saved here."""


@contextmanager
def overtaken_told() -> Iterator[None]:
    """What the log says of a draft that another window has gone on with, as the window knows it."""
    from linkage_gui.log import DraftElsewhere  # noqa: PLC0415  (slow: only on this thread)

    try:
        yield
    except DraftElsewhere as elsewhere:
        raise Overtaken(str(elsewhere)) from elsewhere


def save_draft(
    draft_id: str, draft: dict[str, Any] | None, seen: datetime | None
) -> Callable[[Log], datetime | None]:
    """Keep a draft, or without answers none, if nobody else did since it was ``seen``; gives when it was saved."""

    def work(log: Log) -> datetime | None:
        with overtaken_told():
            saved = log.save_draft(draft_id, draft or {}, seen=seen)
        if draft is not None:
            return saved
        log.delete_draft(draft_id)
        return None

    return work


def keep_anew(
    draft_id: str, new_id: str, answers: dict[str, Any]
) -> Callable[[Log], tuple[datetime, frozenset[str]]]:
    """Keep answers as a new draft, with the documents that another one still holds; gives when, and which."""
    return lambda log: (log.fork_draft(draft_id, new_id, answers), log.held(new_id))


def draft(draft_id: str) -> Callable[[Log], Draft]:
    """A draft."""
    return lambda log: log.draft(draft_id)


def delete_draft(draft_id: str) -> Callable[[Log], None]:
    """Delete a draft with its documents."""
    return lambda log: log.delete_draft(draft_id)


class NotAttached(Trouble):
    """None of several files was attached. ``problems`` say why, one for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("None of the files was attached.")
        self.problems = problems


class Attached(msgspec.Struct, frozen=True):
    """Documents that were attached, and of the files that were not why."""

    kept: tuple[Kept, ...]
    refused: tuple[str, ...]


def attach(draft_id: str, files: list[Path], progress: Progress) -> Callable[[Log], Attached]:
    """Keep files as documents of a draft: those that can be, and the trouble with each that cannot.

    When none can be that is raised: of one file its own trouble, of several :class:`NotAttached`.
    """

    def work(log: Log) -> Attached:
        from linkage_gui.log import LogTrouble, read_document  # noqa: PLC0415  (slow: only on this thread)

        documents, refused = [], list[LogTrouble]()
        for place, file in enumerate(files):

            def step(done: int, total: int, place: int = place) -> None:
                progress.step(place * 1000 + min(done, total) * 1000 // max(total, 1), len(files) * 1000)
                if progress.cancelled():
                    raise Stopped

            try:
                documents.append(read_document(file, step))
            except LogTrouble as trouble:
                refused.append(trouble)
        if progress.cancelled():
            raise Stopped
        told = tuple(str(trouble) for trouble in refused)
        if not documents:
            raise refused[0] if len(refused) == 1 else NotAttached(told)
        before = log.held(draft_id)
        kept: list[Kept] = []
        try:
            kept.extend(log.attach(draft_id, document.name, document.content) for document in documents)
        except BaseException:
            with log.watched(lambda *_: None, lambda: False):  # also when it was stopped
                detach(draft_id, [one.path for one in kept if one.path not in before])(log)
            raise
        return Attached(tuple(kept), told)

    return stoppable(progress, work)


def held(draft_id: str) -> Callable[[Log], frozenset[str]]:
    """The documents that are kept with a draft, by the paths under which agreements name them."""
    return lambda log: log.held(draft_id)


def detach(draft_id: str, documents: list[str]) -> Callable[[Log], None]:
    """Keep documents with a draft no longer."""

    def work(log: Log) -> None:
        for document in documents:
            log.detach(draft_id, document)

    return work
