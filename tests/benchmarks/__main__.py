"""Everything that is measured against a goal, in one table: ``python -m tests.benchmarks [--quick] [NAME ...]``.

``--quick`` measures little and only to see that it can be measured. A goal that
is missed is told and nothing more: how long things take is no test.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import sqlite3
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata

from tests.benchmarks.frame import Ratio, measured_by

NAMES = ("deciding", "starting", "batch", "growth", "memory", "paper", "opening", "keys", "log")
"""The modules of this package that have a function ``measure(quick: bool) -> list[Ratio]``, in the table's order."""


def measured(name: str, quick: bool) -> list[Ratio]:
    """What a module measures, in a process of its own: what one leaves behind is not the next one's."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measured_by, f"tests.benchmarks.{name}", quick).result()


def machine() -> str:
    """The machine and the versions."""
    programs = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("durable-rules", "PySide6-Essentials", "msgspec", "click")
    )
    return (
        f"{platform.platform()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n"
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {programs}"
    )


def main() -> int:
    """Measure, and print a line for each thing as it is known."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    options.add_argument("--quick", action="store_true", help="once each, for function")
    options.add_argument("names", metavar="NAME", nargs="*", choices=[*NAMES, []], help=f"of {', '.join(NAMES)}")
    asked = options.parse_args()
    print(machine(), flush=True)  # noqa: T201
    print(f"{'what':64} {'against':51} {'ours':>11} {'theirs':>11} {'ratio':>6} {'goal':>5}")  # noqa: T201
    for name in asked.names or NAMES:
        for one in measured(name, asked.quick):
            ours, theirs = (f"{value:.2f} {one.unit}".rstrip() for value in (one.ours, one.theirs))
            told = "met" if one.met else "MISSED"
            note = f"  ({one.note})" if one.note else ""
            measured_to = f"{ours:>11} {theirs:>11} {one.ratio:6.2f} {one.goal:5.2f}  {told}{note}"
            print(f"{one.what:64} {one.against:51} {measured_to}", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
