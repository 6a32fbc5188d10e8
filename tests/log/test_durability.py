"""Once reported as recorded, an entry is there: after a kill, and with several processes at once."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from linkage_gui.log import GENESIS, Entry, Log
from tests.log.examples import pdf

ROOT = Path(__file__).resolve().parents[2]
THOROUGH = os.environ.get("LINKAGE_GUI_THOROUGH") == "1"
"""Whether to kill and to crowd as often as the promise asks for, which takes minutes."""
KILLS = 200 if THOROUGH else 12
PROCESSES, EACH = (8, 100) if THOROUGH else (4, 25)
VERIFIED_EVERY = 10 if THOROUGH else 1
"""After how many kills the whole log is verified. What was reported is read back after each."""


def _recorder(path: Path, how_many: int, word: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.log.recorder", str(path), str(how_many), word],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_was_reported_as_recorded_survives_kills(path: Path) -> None:
    """A process that records without pause is killed at a random moment, again and again."""
    seed = random.randrange(2**32)  # noqa: S311
    chance = random.Random(seed)  # noqa: S311
    reported: list[str] = []
    for kill in range(1, KILLS + 1):
        with _recorder(path, 100_000, f"kill {kill}") as process:
            assert process.stdout is not None
            new = [process.stdout.readline().strip() for _ in range(chance.randrange(1, 12))]
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(chance.random() * 0.03)  # so that the kill comes anywhere within a recording
            process.kill()
            # Reports already on their way count too: each was made after its entry was recorded.
            new += [line.strip() for line in process.stdout if line.endswith("\n")]
            assert process.stderr is not None
            assert process.stderr.read() == "", f"seed {seed}"
        assert all(len(entry_id) == 32 for entry_id in new), f"seed {seed}"
        reported += new
        with Log.open(path) as log:
            for entry_id in new:
                entry = log.any_entry(entry_id)
                for kept in entry.documents if isinstance(entry, Entry) else ():
                    assert len(log.document(kept.sha256)) == kept.size, f"seed {seed}"
            ids = {row[0] for row in log._db.execute("SELECT id FROM entry")}
            assert set(reported) <= ids, f"seed {seed}"
            # At most one entry a kill was recorded and not yet reported.
            assert len(ids) <= len(reported) + kill
            drafts = {draft.id: draft.answers for draft in log.drafts()}
            for each in range(1, kill + 1):
                assert drafts.pop(f"kill {each} kept") == {"title": f"kill {each} kept"}, f"seed {seed}"
            assert log.attached(f"kill {kill} kept")["kept.pdf"].content == pdf(f"kill {kill} kept")
            titles = {row.title for row in log.entries(limit=1_000_000)}
            for answers in drafts.values():
                # Recorded and cleared with its draft, or neither: a draft left is one whose entry is not there.
                assert answers.get("title") not in titles, f"seed {seed}"
            if kill % VERIFIED_EVERY == 0 or kill == KILLS:
                found = log.verify()
                assert found.ok, f"seed {seed}: {found.problem}"
                assert found.entries == len(ids)


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
    processes = [_recorder(path, EACH, f"process {number}") for number in range(PROCESSES)]
    reported: list[str] = []
    for process in processes:
        out, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
        reported += out.split()
    with Log.open(path) as log:
        found = log.verify()
        decided, signed_off = PROCESSES * EACH, PROCESSES * (EACH // 4)
        assert (found.ok, found.entries, found.problem) == (True, decided + signed_off, None)
        rows = log._db.execute("SELECT number, id, previous, hash FROM entry ORDER BY number").fetchall()
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        assert [row[2] for row in rows] == [GENESIS, *(row[3] for row in rows[:-1])]
        assert sorted(row[1] for row in rows) == sorted(reported)
        assert log.count() == decided
        assert {draft.id for draft in log.drafts()} == {f"process {number} kept" for number in range(PROCESSES)}
    assert [left.name for left in path.parent.iterdir()] == [path.name]


def test_who_waits_has_a_turn_among_many_that_write(path: Path) -> None:
    """One that saves a little now and then, while others record without a pause, is not kept out."""
    Log.open(path).close()
    others = [_recorder(path, 1_000_000, f"other {number}") for number in range(2)]
    try:
        for process in others:
            assert process.stdout is not None
            process.stdout.readline()
        with Log.open(path) as log:
            for number in range(20):
                log.save_draft("a", {"title": str(number)})
            assert log.draft("a").answers == {"title": "19"}
    finally:
        for process in others:
            process.kill()
            process.communicate()


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
        "busy": 30_000,
    }
