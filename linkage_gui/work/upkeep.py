"""Copies of the log, and the log against itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from linkage_gui.progress import Progress, Stopped
from linkage_gui.work.common import stopping

if TYPE_CHECKING:
    from linkage_gui.log import Log, Verification
    from rules.edition import Editions


def back_up(to: Path, progress: Progress) -> Callable[[Log], Verification]:
    """Copy the log to a file, in place of a copy that is there, and verify the copy."""

    def work(log: Log) -> Verification:
        from linkage_gui.log.backup import backup  # noqa: PLC0415  (slow: only on this thread)

        with stopping():
            return backup(log.path, to, progress.step, progress.cancelled, overwrite=True)

    return work


def restore(log_file: Path, copy: Path, progress: Progress) -> Callable[[], Path | None]:
    """Put a copy in the log's place; gives where the file that was there is kept. The log must not be open."""

    def work() -> Path | None:
        from linkage_gui.log.backup import restore as put_back  # noqa: PLC0415  (slow: only on this thread)

        with stopping():
            return put_back(log_file, copy, progress.step, progress.cancelled)

    return work


def verify(progress: Progress, editions: Editions, *, replay: bool) -> Callable[[Log], Verification]:
    """Check the whole log, and with ``replay`` decide every decision again too, under its own of the editions."""

    def work(log: Log) -> Verification:
        found = log.verify(progress.step, progress.cancelled, replay=replay, editions=editions)
        if not found.complete:
            raise Stopped
        return found

    return work
