"""The command line, run as people run it: a process, its output and its exit status."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from linkage_gui.batch import decide_batch
from rules.base import RULES
from rules.deciding import decide
from rules.decision import decision_json
from rules.edition import shipped
from rules.reading import read_case
from tests.test_editions import SECOND

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "resources" / "examples"
CASE = EXAMPLES / "cold-homes.json"
COMPLETE = EXAMPLES / "cold-homes-complete.json"


Done = subprocess.CompletedProcess[bytes]


class Shell:
    """Runs commands with a data folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.as_somebody: tuple[str, ...] = ()
        """What a command is run by, where not as whoever runs the tests."""

    def __call__(self, *arguments: str | Path, given: bytes = b"", **environment: str) -> Done:
        """Run ``linkage-gui`` with these arguments."""
        return subprocess.run(
            [*self.as_somebody, sys.executable, "-W", "error", "-m", "linkage_gui", *map(str, arguments)],
            cwd=self.folder,
            input=given,
            capture_output=True,
            check=False,
            timeout=120,
            env={**os.environ, "LINKAGE_GUI_DATA": str(self.data), "PYTHONPATH": str(ROOT), **environment},
        )

    def json(self, *arguments: str | Path) -> Any:
        """What a command that must succeed writes as JSON."""
        done = self(*arguments)
        assert (done.returncode, done.stderr) == (0, b"")
        return json.loads(done.stdout)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in an empty folder."""
    return Shell(tmp_path)


def refused(done: Done, status: int = 2) -> str:
    """What a command that must fail says: on standard error, in plain lines."""
    assert done.returncode == status
    assert done.stdout == b""
    text = done.stderr.decode()
    assert text.strip()
    assert "Traceback" not in text
    return text


# assess


def test_assess_tells_the_whole_answer_in_words(shell: Shell) -> None:
    done = shell("assess", CASE)
    text = " ".join(done.stdout.decode().split())
    assert (done.returncode, done.stderr) == (0, b"")
    assert text.startswith("Supported, but not yet: agreements outstanding Cold homes")
    for words in (
        "Outstanding data sharing agreement (DSA) between NHS Example ICB and Exampleshire County Council Who acts",
        "Who acts: NHS Example ICB and Exampleshire County Council",
        "Basis: the guidance says so. Rule: agreements.missing. Source: Housing data, Local agreements required",
        "bullet 2 [housing/agreements/2]",
        "What would change the answer 1. Attach a signed data sharing agreement",
        "Held: agreement A1 (DPA-12), signed",
        "Data processors Example CSU",
        "Assessed by Sam Taylor, IG lead, NHS Example ICB",
        "as last edited on 4 September 2025",
        "Not recorded.",
    ):
        assert words in text
    assert b"\x1b" not in done.stdout, "colour is for terminals"
    assert not shell.data.exists(), "a decision that is not recorded leaves nothing behind"


def test_assess_as_json_is_the_contracts_decision(shell: Shell) -> None:
    decision = shell.json("assess", CASE, "--json")
    assert decision["format"] == "linkage-decision/1"
    assert decision["outcome"] == "agreements-outstanding"
    assert [one["status"] for one in decision["requirements"]] == ["met", "outstanding", "outstanding"]
    assert "entry" not in decision


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_what_is_written_is_the_decision_byte_for_byte(shell: Shell, seed: str) -> None:
    decision = decide(*read_case(CASE.read_bytes(), today=date(2026, 11, 22)))
    assert shell("assess", CASE, "--json", PYTHONHASHSEED=seed).stdout == decision_json(decision) + b"\n"


def test_assess_reads_standard_input(shell: Shell) -> None:
    shutil.copytree(EXAMPLES / "agreements", shell.folder / "agreements")
    done = shell("assess", "-", "--json", given=CASE.read_bytes())
    assert json.loads(done.stdout) == shell.json("assess", CASE, "--json")


def test_assess_with_record_writes_to_the_log_and_says_where(shell: Shell) -> None:
    decision = shell.json("assess", COMPLETE, "--json", "--record")
    assert decision["outcome"] == "supported"
    entry = decision["entry"]
    assert entry["number"] == 1
    assert re.fullmatch(r"[0-9a-f]{64}", entry["hash"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["recorded_at"])
    (row,) = shell.json("log", "list", "--json")
    assert (row["id"], row["number"], row["hash"]) == (entry["id"], 1, entry["hash"])
    shown = shell.json("log", "show", entry["id"], "--json")
    del decision["entry"]
    assert shown["decision"] == decision
    assert [one["name"] for one in shown["documents"]] == ["dpa-12.pdf", "dsa-7.pdf", "contract-3.pdf"]
    again = shell("assess", COMPLETE, "--record").stdout.decode()
    assert "Recorded as entry 2 of the log" in again


def test_every_problem_with_a_case_is_told_and_nothing_is_written(shell: Shell) -> None:
    case = json.loads(CASE.read_text(encoding="utf-8"))
    case |= {"title": "", "purposes": ["HOU-9"], "starts_on": "soon"}
    file = shell.folder / "case.json"
    file.write_text(json.dumps(case), encoding="utf-8")
    text = refused(shell("assess", file, "--record"))
    assert "There are 4 problems" in text
    for path in ("title:", "purposes[0]:", "starts_on:", "agreements[0].documents[0]:"):
        assert f"  {path} " in text
    assert not shell.data.exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "empty"),
        (b"\xff" * 100, "UTF-8"),
        (b"[" * 100_000, "nested"),
        (b"\x00" * 100_000_000, "larger than"),
        (b'{"title": NaN}', "NaN"),
        (b'{"title": "\\ud800"}', "half a character"),
    ],
    ids=["empty", "not UTF-8", "deep", "100 MB", "NaN", "lone surrogate"],
)
def test_hostile_input_is_exit_2_and_a_plain_message(shell: Shell, given: bytes, says: str) -> None:
    assert says in refused(shell("assess", "-", given=given))


def test_a_case_file_that_is_not_there_or_is_a_folder(shell: Shell) -> None:
    assert "There is no file" in refused(shell("assess", "nowhere.json"))
    assert "is a folder" in refused(shell("assess", shell.folder))


def test_an_edition_may_be_asked_for_by_name(shell: Shell) -> None:
    assert shell.json("assess", CASE, "--json", "--edition", "2025-09-04")["guidance"]["edition"] == "2025-09-04"
    assert "There is: 2025-09-04" in refused(shell("assess", CASE, "--edition", "2020-01-01"))


@pytest.mark.parametrize(
    "arguments", [["assess"], ["frobnicate"], ["assess", "x", "--zap"], ["log", "show"], ["batch", "x"]]
)
def test_wrong_arguments_are_exit_2(shell: Shell, arguments: list[str]) -> None:
    assert "Usage:" in refused(shell(*arguments))


def test_a_log_that_cannot_be_written_is_exit_1_and_says_what_to_do(shell: Shell) -> None:
    shell.data.mkdir()
    (shell.data / "linkage-log.db").write_bytes(b"this is no database " * 100)
    text = refused(shell("assess", COMPLETE, "--record"), status=1)
    assert "linkage-log.db" in text
    assert (shell.data / "linkage-log.db").read_bytes().startswith(b"this is no database")


def test_a_fault_of_ours_is_exit_1_and_says_where_the_report_is(shell: Shell) -> None:
    (shell.folder / "sitecustomize.py").write_text(
        "import rules.reading\ndef ours(*_, **__): raise ZeroDivisionError('ours')\nrules.reading.read_case = ours\n",
        encoding="utf-8",
    )
    done = shell("assess", CASE, PYTHONPATH=f"{shell.folder}{os.pathsep}{ROOT}")
    text = refused(done, status=1)
    (report,) = (shell.data / "reports").iterdir()
    assert str(report) in text
    assert "ZeroDivisionError: ours" in report.read_text(encoding="utf-8")


def test_a_reader_who_leaves_early_is_no_fault(shell: Shell) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "linkage_gui", "guidance", "show", "--json"],
        cwd=ROOT,
        env={**os.environ, "LINKAGE_GUI_DATA": str(shell.data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert not shell.data.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_answer_that_cannot_be_written_is_no_fault_of_ours(shell: Shell) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "linkage_gui", "assess", str(CASE)],
            cwd=ROOT,
            env={**os.environ, "LINKAGE_GUI_DATA": str(shell.data)},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.decode().startswith("The answer could not be written: No space left")
    assert not shell.data.exists()


def test_a_data_folder_of_nobody_is_said_so(shell: Shell) -> None:
    said = refused(shell("log", "list", LINKAGE_GUI_DATA="~nobody-of-that-name/x"), status=1)
    assert "There is no folder ~nobody-of-that-name/x" in said


def test_the_command_line_imports_no_qt_and_no_network(shell: Shell) -> None:
    code = (
        "import sys; from linkage_gui.cli import run; "
        f"run(['assess', r'{CASE}', '--json']); run(['log', 'list']); "
        "print([name for name in sys.modules if name.split('.')[0] in ('PySide6', 'shiboken6', 'ssl', '_ssl')], "
        "file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True,
        env={**os.environ, "LINKAGE_GUI_DATA": str(shell.data)},
    )  # fmt: skip
    assert done.stderr.decode().strip() == "[]"


def test_assess_without_a_record_does_not_pay_for_the_log(shell: Shell) -> None:
    code = (
        "import sys; from linkage_gui.cli import run; "
        f"run(['assess', r'{CASE}', '--json']); "
        "print([name for name in ('sqlite_utils', 'sqlite3', 'openpyxl') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stderr.decode().strip() == "[]"


# batch


def rows_file(shell: Shell, *lines: str) -> Path:
    """A register of cases, beside copies of the example's documents."""
    shutil.copytree(EXAMPLES / "agreements", shell.folder / "agreements")
    file = shell.folder / "in.jsonl"
    file.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return file


def titled(title: str) -> str:
    """The complete example under another title, as one line."""
    return json.dumps({**json.loads(COMPLETE.read_text(encoding="utf-8")), "title": title})


def test_batch_answers_each_row_in_its_place(shell: Shell) -> None:
    rows_file(shell, titled("One"), "{}", titled("Two"), "", "not json", '{"title": "' + "x" * 2_000_000 + '"}')
    done = shell("batch", "in.jsonl", "--out", "out.jsonl", "--record")
    assert done.returncode == 1
    assert b"2 of 5 cases decided" in done.stdout
    assert b"3 could not be decided" in done.stderr
    lines = (shell.folder / "out.jsonl").read_bytes().splitlines()
    assert not lines.pop(3), "a blank line in, a blank line out"
    answers = [json.loads(line) for line in lines]
    assert [answer.get("line") for answer in answers] == [None, 2, None, 5, 6]
    assert [answer["format"] for answer in answers] == [
        "linkage-decision/1",
        "linkage-error/1",
        "linkage-decision/1",
        "linkage-error/1",
        "linkage-error/1",
    ]
    assert {"path": "title", "message": answers[1]["errors"][1]["message"]} in answers[1]["errors"]
    assert [answers[at]["entry"]["number"] for at in (0, 2)] == [1, 2]
    assert [row["title"] for row in shell.json("log", "list", "--json")] == ["Two", "One"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_batch_reads_lines_as_any_system_writes_them(tmp_path: Path, encoding: str, end: str) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    told = json.dumps({**json.loads(titled("Café \u2028 \U0001f3e0")), "purposes": ["HOU-99"]}, ensure_ascii=False)
    shutil.copytree(EXAMPLES / "agreements", tmp_path / "agreements")
    source.write_bytes(end.join([titled("One"), "", told, "[", titled("Two")]).encode(encoding))
    tally = decide_batch(
        source, target, today=date(2026, 11, 22), editions=shipped(), log=None, data=tmp_path / "data",
        progress=lambda _d, _t: None, cancelled=lambda: False, fault=repr,
    )  # fmt: skip
    assert (tally.rows, tally.failed) == (4, 2)
    one, blank, wrong, broken, two = target.read_bytes().decode().split("\n")[:5]
    assert blank == ""
    assert [json.loads(line)["format"] for line in (one, two)] == ["linkage-decision/1"] * 2
    assert json.loads(wrong)["line"] == 3
    assert [error["path"] for error in json.loads(wrong)["errors"]] == [
        "title",
        "purposes[0]",
    ]  # a line within a line
    assert (json.loads(broken)["line"], len(json.loads(broken)["errors"])) == (4, 1)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe[\x00\x00", b"\xff\xfe\x00\xd8[\x00\n\x00", b"\xff[\n", b"\x00", b"[\x00{"]
)
def test_lines_that_are_no_text_are_told_and_nothing_breaks(tmp_path: Path, content: bytes) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(content)
    tally = decide_batch(
        source, target, today=date(2026, 11, 22), editions=shipped(), log=None, data=tmp_path / "data",
        progress=lambda _d, _t: None, cancelled=lambda: False, fault=_none,
    )  # fmt: skip
    assert tally.rows == tally.failed > 0
    assert all(json.loads(line)["errors"] for line in target.read_bytes().splitlines())


def _none(error: Exception) -> str:
    raise error


def test_batch_under_the_edition_that_is_asked_for(shell: Shell) -> None:
    rows_file(shell, titled("One"))
    assert (
        b"There is no edition" in shell("batch", "in.jsonl", "--out", "out.jsonl", "--edition", "2020-01-01").stderr
    )
    assert not (shell.folder / "out.jsonl").exists()
    assert shell("guidance", "add", SECOND).returncode == 0
    for options, edition in (([], "2026-03-02"), (["--edition", "2025-09-04"], "2025-09-04")):
        assert shell("batch", "in.jsonl", "--out", "out.jsonl", *options).returncode == 0
        answer = json.loads((shell.folder / "out.jsonl").read_bytes())
        assert answer["guidance"]["edition"] == edition


def test_batch_decides_as_assess_does(shell: Shell) -> None:
    rows_file(shell, titled("Cold homes and respiratory admissions"))
    assert shell("batch", "in.jsonl", "--out", "out.jsonl").returncode == 0
    answer = json.loads((shell.folder / "out.jsonl").read_bytes())
    assert answer == shell.json("assess", COMPLETE, "--json")
    assert not shell.data.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["in.csv", "--out", "out.jsonl"], "JSON Lines"),
        (["in.jsonl", "--out", "out.xlsx"], "JSON Lines"),
        (["nowhere.jsonl", "--out", "out.jsonl"], "cannot be read"),
        (["in.jsonl", "--out", "in.jsonl"], "replace the input"),
        (["in.jsonl", "--out", "nowhere/out.jsonl"], "cannot be written"),
        (["in.jsonl", "--out", "folder.jsonl"], "is a folder"),
    ],
)
def test_batch_says_what_is_wrong_with_its_files(shell: Shell, arguments: list[str], says: str) -> None:
    file = rows_file(shell, titled("One"))
    (shell.folder / "folder.jsonl").mkdir()
    before = file.read_bytes()
    assert says in refused(shell("batch", *arguments))
    assert file.read_bytes() == before


def test_batch_that_is_stopped_keeps_the_answers_so_far(shell: Shell) -> None:
    rows_file(shell, *[titled(f"Row {n}") for n in range(3000)])
    # Where the tests run in the background, Ctrl+C is ignored by them and by all that they start.
    heed = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    start = f"{heed}; from linkage_gui.cli import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", start, "batch", "in.jsonl", "--out", "out.jsonl", "--record"]
    environment = {**os.environ, "LINKAGE_GUI_DATA": str(shell.data), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=shell.folder, env=environment, stderr=subprocess.PIPE) as process:
        while not (parts := list(shell.folder.glob(f".out.jsonl.{'?' * 16}.part"))) or not parts[0].stat().st_size:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read().decode()
    assert process.returncode == 1
    assert "out.stopped.jsonl" in said
    assert "in the log" in said
    answered = (shell.folder / "out.stopped.jsonl").read_bytes().splitlines()
    recorded = [row["number"] for row in shell.json("log", "list", "--json", "--limit", "5000")]
    assert len(answered) in {len(recorded), len(recorded) - 1}
    assert not (shell.folder / "out.jsonl").exists()


def test_batch_goes_on_after_a_fault_of_ours_in_one_row(shell: Shell) -> None:
    rows_file(shell, titled("One"), titled("BREAK"), titled("Two"))
    (shell.folder / "sitecustomize.py").write_text(
        "import rules.deciding as it\nreal = it.decide\n"
        "def ours(case, edition):\n    assert case.title != 'BREAK'\n    return real(case, edition)\n"
        "it.decide = ours\n",
        encoding="utf-8",
    )
    done = shell("batch", "in.jsonl", "--out", "out.jsonl", PYTHONPATH=f"{shell.folder}{os.pathsep}{ROOT}")
    assert done.returncode == 1
    answers = [json.loads(line) for line in (shell.folder / "out.jsonl").read_bytes().splitlines()]
    assert [answer["format"][8:-2] for answer in answers] == ["decision", "error", "decision"]
    (report,) = (shell.data / "reports").iterdir()
    assert str(report) in answers[1]["errors"][0]["message"]


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_the_output_of_batch_is_a_file_like_any_other(shell: Shell) -> None:
    rows_file(shell, titled("One"))
    (shell.folder / "real.jsonl").write_bytes(b"")
    (shell.folder / "out.jsonl").symlink_to(shell.folder / "real.jsonl")
    assert shell("batch", "in.jsonl", "--out", "out.jsonl").returncode == 0
    assert (shell.folder / "out.jsonl").is_symlink()
    beside = shell.folder / "beside"
    beside.touch()
    assert (shell.folder / "real.jsonl").stat().st_mode == beside.stat().st_mode


def test_documents_that_are_one_file_are_read_once_and_kept_once(shell: Shell) -> None:
    shutil.copytree(EXAMPLES / "agreements", shell.folder / "agreements")
    case = json.loads(COMPLETE.read_text(encoding="utf-8"))
    case["agreements"][0]["documents"] = [
        "agreements/dpa-12.pdf",
        "agreements//dpa-12.pdf",
        "./agreements/dpa-12.pdf",
    ]
    (shell.folder / "case.json").write_text(json.dumps(case), encoding="utf-8")
    entry = shell.json("assess", "case.json", "--record", "--json")["entry"]
    documents = shell.json("log", "show", entry["id"], "--json")["documents"]
    assert len(documents) == 5
    assert len({one["sha256"] for one in documents}) == 3
    assert shell.json("log", "show", entry["id"], "--json")["recorded_at"] == entry["recorded_at"]


def test_batch_leaves_what_was_there_when_it_fails(shell: Shell) -> None:
    rows_file(shell, titled("One"))
    (shell.folder / "out.jsonl").write_bytes(b"before")
    shell.data.mkdir()
    (shell.data / "linkage-log.db").write_bytes(b"this is no database " * 100)
    refused(shell("batch", "in.jsonl", "--out", "out.jsonl", "--record"), status=1)
    assert (shell.folder / "out.jsonl").read_bytes() == b"before"
    assert sorted(path.name for path in shell.folder.iterdir()) == ["agreements", "data", "in.jsonl", "out.jsonl"]


# The rule book, the guidance, the schemas


def test_every_rule_is_listed_and_explained(shell: Shell) -> None:
    listed = shell("rules", "list").stdout.decode()
    assert [line.split()[0] for line in listed.splitlines()[: len(RULES)]] == [rule.id for rule in RULES]
    explained = shell("rules", "explain", "agreements.missing").stdout.decode()
    assert "must be in place before linking" in explained
    assert "<dataset>/agreements/<n>" in explained
    assert "no match with requirement = ref of open" in explained
    told = shell.json("rules", "list", "--json")
    assert [rule["id"] for rule in told["rules"]] == [rule.id for rule in RULES]


def test_an_unknown_rule_is_told_with_the_nearest(shell: Shell) -> None:
    assert "Nearest: agreements.matches" in refused(shell("rules", "explain", "agreements.match"))


def test_the_guidance_is_shown_item_by_item(shell: Shell) -> None:
    text = shell("guidance", "show").stdout.decode()
    assert "[housing/purposes/4] Housing data, Purpose, paragraph 4 (HOU-4)" in text
    assert "Read here as: They are required here" in text
    assert shell.json("guidance", "show", "--json")["edition"]["edition"] == "2025-09-04"
    assert "There is: 2025-09-04" in refused(shell("guidance", "show", "--edition", "2020-01-01"))


def test_the_schemas_describe_what_is_read_and_written(shell: Shell) -> None:
    """Checked by a validator that knows nothing of this program."""
    case_schema, decision_schema = shell.json("schema", "case"), shell.json("schema", "decision")
    for schema in (case_schema, decision_schema):
        jsonschema.Draft202012Validator.check_schema(schema)
    case = json.loads(COMPLETE.read_text(encoding="utf-8"))
    check = jsonschema.Draft202012Validator(case_schema).is_valid
    assert check(case)
    assert check({key: value for key, value in case.items() if key != "assessed_on"})
    assert check({**case, "dataset": {"other": "Police data"}})
    assert check({**case, "notes": None, "processors": None, "assessor": None, "ends_on": None, "assessed_on": None})
    wrongs: list[dict[str, object]] = [
        {"dataset": "houses"},
        {"purposes": ["HOU-9"]},
        {"zap": 1},
        {"title": ""},
        {"title": " "},
        {"title": None},
        {"use": []},
    ]
    for wrong in wrongs:
        assert not check({**case, **wrong}), wrong
    decision = shell.json("assess", COMPLETE, "--json", "--record")
    assert jsonschema.Draft202012Validator(decision_schema).is_valid(decision)


# The log


def test_looking_at_a_log_that_is_not_there_makes_none(shell: Shell) -> None:
    assert b"The log is empty" in shell("log", "list").stdout
    assert shell.json("log", "list", "--json") == []
    assert "nothing to read" in refused(shell("log", "verify"), status=1)
    assert "no log yet" in refused(shell("log", "show", "1"))
    assert not shell.data.exists()


def test_the_log_is_listed_shown_and_verified(shell: Shell) -> None:
    for _ in range(2):
        shell.json("assess", COMPLETE, "--json", "--record")
    assert shell("log", "list").stdout.decode().count("Supported by this guidance, valid until") == 2
    shown = shell("log", "show", "2").stdout.decode()
    assert shown.startswith("Supported by this guidance")
    assert "Documents\n  agreements/dpa-12.pdf (application/pdf," in shown
    verified = shell("log", "verify").stdout.decode()
    assert "2 entries" in verified
    assert "There is no entry" in refused(shell("log", "show", "3"))
    head = re.sub(r"\s", "", verified.split("last entry:")[1])
    assert shell.json("log", "show", head, "--json")["number"] == 2


def test_a_changed_log_does_not_verify(shell: Shell) -> None:
    shell.json("assess", COMPLETE, "--json", "--record")
    shell.json("assess", CASE, "--json", "--record")
    log = sqlite3.connect(shell.data / "linkage-log.db")
    for (trigger,) in log.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        log.execute(f"DROP TRIGGER [{trigger}]")
    log.execute("UPDATE entry SET json = replace(json, 'Cold homes', 'Warm homes') WHERE number = 2")
    log.commit()
    log.close()
    text = refused(shell("log", "verify"), status=1)
    assert "The log is not whole. Entry 2" in text


def test_the_data_folder_may_be_named(shell: Shell) -> None:
    done = shell("--data", shell.folder / "elsewhere", "assess", COMPLETE, "--record")
    assert done.returncode == 0
    assert (shell.folder / "elsewhere" / "linkage-log.db").exists()
    assert not shell.data.exists()


def test_names_that_the_terminal_cannot_show_are_still_shown(shell: Shell) -> None:
    case = {**json.loads(CASE.read_text(encoding="utf-8")), "agreements": [], "title": "日本 Łukasz"}
    done = shell("assess", "-", given=json.dumps(case).encode(), PYTHONIOENCODING="cp1252")
    assert done.returncode == 0
    assert b"\\u65e5" in done.stdout


def test_version_and_help(shell: Shell) -> None:
    from linkage_gui import __version__

    assert shell("--version").stdout.decode().strip() == f"linkage-gui {__version__}"
    helped = shell("--help").stdout.decode()
    for command in ("assess", "batch", "rules", "guidance", "schema", "log"):
        assert command in helped
