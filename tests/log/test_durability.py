"""Once reported as recorded, an entry is there: after a kill, and with several processes at once."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from linkage_gui.log import Log

ROOT = Path(__file__).resolve().parents[2]
KILLS = 15


def _recorder(path: Path, how_many: int, word: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.log.recorder", str(path), str(how_many), word],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_was_reported_as_recorded_survives_kills(path: Path) -> None:
    """A process that records without pause is killed after a random number of reports, again and again."""
    seed = random.randrange(2**32)  # noqa: S311
    chance = random.Random(seed)  # noqa: S311
    reported: list[str] = []
    for kill in range(KILLS):
        with _recorder(path, 100_000, f"kill {kill}") as process:
            assert process.stdout is not None
            reported += [process.stdout.readline().strip() for _ in range(chance.randrange(1, 25))]
            process.kill()
            # Reports already on their way count too: each was made after its entry was recorded.
            reported += [line.strip() for line in process.stdout if line.endswith("\n")]
        with Log.open(path) as log:
            found = log.verify()
            assert found.ok, f"seed {seed}: {found.problem}"
            ids = {row.id for row in log.entries(limit=1_000_000)}
            assert set(reported) <= ids, f"seed {seed}"
            # At most one entry a kill was recorded and not yet reported.
            assert found.entries <= len(reported) + kill + 1
            for draft in log.drafts():
                # Recorded and cleared with its draft, or neither: a draft left is one whose entry is not there.
                assert draft.answers["title"] not in {row.title for row in log.entries(limit=30)}
    assert all(len(entry_id) == 32 for entry_id in reported)


def test_a_draft_and_its_document_survive_a_kill(path: Path) -> None:
    code = (
        "import sys, time, pathlib\n"
        "from linkage_gui.log import Log\n"
        "from tests.log.examples import pdf\n"
        "log = Log.open(pathlib.Path(sys.argv[1]))\n"
        "log.save_draft('a', {'title': 'half written'})\n"
        "log.attach('a', 'dpa.pdf', pdf())\n"
        "print('saved', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "saved\n"
        process.kill()
    with Log.open(path) as log:
        assert log.draft("a").answers == {"title": "half written"}
        assert set(log.attached("a")) == {"dpa.pdf"}


@pytest.mark.parametrize("there", [False, True], ids=["a log that none has made yet", "a log that is there"])
def test_several_processes_at_once_make_one_chain(path: Path, there: bool) -> None:
    if there:
        Log.open(path).close()
    processes = [_recorder(path, 25, f"process {number}") for number in range(4)]
    reported: list[str] = []
    for process in processes:
        out, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
        reported += out.split()
    with Log.open(path) as log:
        found = log.verify()
        assert (found.ok, found.entries, found.problem) == (True, 100, None)
        rows = log.entries(limit=200)
        assert [row.number for row in rows] == list(range(100, 0, -1))
        assert sorted(row.id for row in rows) == sorted(reported)
        assert log.drafts() == []
    assert [left.name for left in path.parent.iterdir()] == [path.name]


def test_two_logs_open_in_one_process(path: Path) -> None:
    """The window and a command in it: each sees what the other recorded, and closing one leaves the other's locks."""
    from tests.log.examples import example_case, example_decision

    with Log.open(path) as one:
        with Log.open(path) as two:
            assert one.record(example_case(), example_decision(), {}).number == 1
            assert two.record(example_case(), example_decision(), {}).number == 2
        assert one.record(example_case(), example_decision(), {}).number == 3
        assert one.verify().ok


def test_the_file_is_written_with_the_care_that_is_promised(path: Path) -> None:
    with Log.open(path) as log:
        settings = {
            name: log._db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "cell_size_check")
        }
        settings["busy"] = log._db.execute("PRAGMA busy_timeout").fetchone()[0]
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "busy": 10_000,
    }
