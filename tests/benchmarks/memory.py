"""Memory over many decisions in one process: ``python -m tests.benchmarks.memory [--decisions N]``.

Decides the cases of ``tests/data/cases`` over and over, engine and evaluator
both, and prints the process's resident memory at ten points. After the first
of them it should stand still.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import resource
import time
from datetime import date
from itertools import cycle, islice
from pathlib import Path

from rules.deciding import decide
from rules.reading import read_case
from tests.benchmarks.frame import Ratio
from tests.rules.test_cases import FILES, load


def resident_kib() -> int:
    """The process's resident memory in KiB."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() // 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # the most so far: good enough where /proc is not


def measure(quick: bool) -> list[Ratio]:
    """The memory after many decisions against that after the first tenth of them."""
    read = [read_case(json.dumps(load(file)["case"]).encode(), today=date(2026, 11, 22)) for file in FILES]
    held = []
    for _ in range(10):
        for case, edition in islice(cycle(read), 60 if quick else 600):
            decide(case, edition)
        gc.collect()
        held.append(resident_kib() / 1024)
    what = f"memory after {10 * (60 if quick else 600)} decisions"
    return [Ratio(what, "after the first tenth", held[-1], held[0], 1.02, "MiB")]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--decisions", type=int, default=200_000)
    wanted: int = options.parse_args().decisions
    read = [read_case(json.dumps(load(file)["case"]).encode(), today=date(2026, 11, 22)) for file in FILES]
    print(f"{wanted} decisions, {len(read)} cases, Python {platform.python_version()}, {platform.platform()}")  # noqa: T201
    step = max(wanted // 10, 1)
    done, first, began = 0, 0, time.perf_counter()
    cases = cycle(read)
    while done < wanted:
        for case, edition in islice(cases, min(step, wanted - done)):
            decide(case, edition)
        done += min(step, wanted - done)
        gc.collect()
        now = resident_kib()
        first = first or now
        rate = done / (time.perf_counter() - began)
        print(f"{done:>8}  {now:>8} KiB  {now - first:+7} KiB  {rate:7.0f} decisions/s", flush=True)  # noqa: T201
    print(f"Growth after the first tenth: {(resident_kib() - first) / first:+.2%}")  # noqa: T201


if __name__ == "__main__":
    main()
