"""What every benchmark shares: a ratio of two things measured side by side, and how to measure them."""

from __future__ import annotations

import gc
import importlib
import os
import statistics
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parent.parent.parent

INSTALLED = """
import sys
sys.modules["typing_extensions"] = None
"""
"""Begins a program as where the product alone is installed: msgspec imports that package if it can, and only the
tools of the tests bring it."""


class Ratio(NamedTuple):
    """One line of the table: what was measured, against what, both in one unit, and the most that their ratio may be.

    A goal that is a number of milliseconds is measured against that number.
    """

    what: str
    against: str
    ours: float
    theirs: float
    goal: float
    unit: str = "ms"
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times as much ours is."""
        return self.ours / self.theirs

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.ratio <= self.goal


def measured_by(module: str, quick: bool) -> list[Ratio]:
    """What the function ``measure`` of a module gives."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # CLIPS and Qt say things that are no part of the table
    found: list[Ratio] = importlib.import_module(module).measure(quick)
    return found


def side_by_side(
    works: Sequence[Callable[[], object]], times: int, clock: Callable[[], float] = time.process_time
) -> list[float]:
    """The median milliseconds that each work takes, in turns, so that what disturbs one disturbs the others too.

    CPU time by default: what else the machine does then counts for little.
    """
    taken: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    for _ in range(times):
        for work, each in zip(works, taken, strict=True):
            gc.collect()
            began = clock()
            work()
            each.append((clock() - began) * 1000)
    return [statistics.median(each) for each in taken]


class Process(NamedTuple):
    """What a process used: milliseconds of CPU time, and the most memory it held, in MiB."""

    cpu: float
    memory: float


def processes(
    commands: Sequence[Sequence[str]], times: int, environment: Mapping[str, str] | None = None
) -> list[Process]:
    """What each command uses, whole process, by median, in turns.

    :raises subprocess.CalledProcessError: when one fails.
    """
    used: list[list[Process]] = [[] for _ in commands]
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}  # as installed
    for turn in range(times + 1):
        for command, each in zip(commands, used, strict=True):
            process = subprocess.Popen(
                command, cwd=ROOT, env={**kept, **(environment or {})}, stdout=subprocess.DEVNULL
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise subprocess.CalledProcessError(process.returncode, command)
            if turn:  # the first fills the caches
                each.append(Process((usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024))
    return [
        Process(statistics.median(one.cpu for one in each), statistics.median(one.memory for one in each))
        for each in used
    ]
