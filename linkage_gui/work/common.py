"""What the work for every page shares: stopping it, and deciding under the editions that are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from linkage_gui.faults import Trouble
from linkage_gui.progress import Progress, Stopped

if TYPE_CHECKING:
    from linkage_gui.log import Log
    from rules.edition import Editions

T = TypeVar("T")


@contextmanager
def stopping() -> Iterator[None]:
    """What the log says when it was stopped, as the window knows it."""
    from linkage_gui.log import trouble  # noqa: PLC0415  (slow: only on this thread)

    try:
        yield
    except trouble.Stopped as stopped:
        raise Stopped from stopped


def stoppable(progress: Progress, job: Callable[[Log], T]) -> Callable[[Log], T]:
    """A job that tells how far it is with documents, and stops between two or while another program holds the log."""

    def work(log: Log) -> T:
        with stopping(), log.watched(progress.step, progress.cancelled):
            if progress.cancelled():
                raise Stopped
            return job(log)

    return work


def warm_up(_: Log) -> None:
    """Import the rule engine and let it read its rules, so that the first decision does not wait for that."""
    import rules.deciding  # noqa: F401, PLC0415


class OtherEditions(Trouble):
    """The data folder has other editions than those that were to decide. Nothing was decided."""


def under(editions: Editions, data: Path, job: Callable[[Log], T]) -> Callable[[Log], T]:
    """A job that decides, done only while the editions are those that the data folder has."""

    def work(log: Log) -> T:
        from linkage_gui.editions import known  # noqa: PLC0415  (reads files: only on this thread)

        try:
            now = known(data)
        except Trouble as trouble:
            raise OtherEditions(str(trouble)) from trouble
        if now != editions:
            raise OtherEditions(
                "The editions of the guidance are not those that were read before: somebody added one, or took one "
                "out. They are read again now. Look at the answers again, then decide."
            )
        return job(log)

    return work


def known_editions(data: Path) -> Callable[[], Editions]:
    """The editions shipped, and those added in the data folder."""

    def work() -> Editions:
        from linkage_gui.editions import known  # noqa: PLC0415  (reads files: only on this thread)

        return known(data)

    return work
