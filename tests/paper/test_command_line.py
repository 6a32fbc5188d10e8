"""Papers from the command line, without a screen."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from linkage_gui.settings import change
from tests.test_cli import CASE, COMPLETE, ROOT, Shell, refused


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in an empty folder, whose environment names no screen."""
    return Shell(tmp_path)


def said(shell: Shell, *arguments: str | Path) -> str:
    done = shell(*arguments, DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def text(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def test_assess_writes_a_summary_that_says_it_is_not_recorded(shell: Shell) -> None:
    told = said(shell, "assess", CASE, "--pdf", "a.pdf", "--html", "a.html")
    assert "Written to a.html.\nWritten to a.pdf.\n" in told
    assert not shell.data.exists()
    assert "Not recorded: this is not in the log" in text(shell.folder / "a.pdf")
    assert "Not recorded: this is not in the log" in (shell.folder / "a.html").read_text(encoding="utf-8")


def test_assess_with_record_writes_the_hash_that_check_paper_knows(shell: Shell) -> None:
    done = shell("assess", COMPLETE, "--record", "--json", "--pdf", "a.pdf", "--paper-size", "Letter")
    assert (done.returncode, done.stderr) == (0, b"")
    entry = json.loads(done.stdout)["entry"]
    page = PdfReader(shell.folder / "a.pdf").pages[0]
    assert (page.mediabox.width, page.mediabox.height) == (612, 792)
    lines = text(shell.folder / "a.pdf").splitlines()
    at = lines.index("Hash of this entry")
    groups = " ".join(lines[at + 1 : at + 3]).split()
    assert "".join(groups) == entry["hash"]
    assert "Entry 1, a decision" in said(shell, "log", "check-paper", *groups)


def test_log_show_writes_instead_of_showing(shell: Shell) -> None:
    said(shell, "assess", COMPLETE, "--record")
    said(shell, "log", "withdraw", "1", "--name", "Jo", "--reason", "Left.")
    assert said(shell, "log", "show", "1", "--pdf", "a.pdf", "--html", "a.html") == (
        "Written to a.html.\nWritten to a.pdf.\n"
    )
    assert "Withdrawn" in text(shell.folder / "a.pdf").splitlines()
    assert json.loads(said(shell, "log", "show", "1", "--json", "--html", "b.html"))["number"] == 1
    assert (shell.folder / "b.html").exists()


def test_letters_are_written_for_each_party_that_must_act(shell: Shell) -> None:
    said(shell, "assess", CASE, "--record")
    said(shell, "assess", COMPLETE, "--record")
    told = said(shell, "log", "letters", "1", "--out", "post/today")
    names = sorted(path.name for path in (shell.folder / "post" / "today").iterdir())
    stems = ["letter-1-nhs-example-icb", "letter-2-exampleshire-county-council", "letter-3-example-csu"]
    assert names == [f"{stem}.{ending}" for stem in stems for ending in ("html", "pdf")]
    assert all(name in told for name in names)
    assert "nobody to write to" in said(shell, "log", "letters", "2", "--out", "none")
    assert not (shell.folder / "none").exists()


def test_the_report_is_written(shell: Shell) -> None:
    said(shell, "assess", COMPLETE, "--record")
    said(shell, "log", "report", "--pdf", "r.pdf", "--html", "r.html")
    assert "What lapses in the next 12 months" in text(shell.folder / "r.pdf")
    assert "What lapses in the next 12 months" in (shell.folder / "r.html").read_text(encoding="utf-8")


def test_the_report_is_headed_by_whose_it_is(shell: Shell) -> None:
    said(shell, "assess", COMPLETE, "--record")
    change(shell.data, lambda settings: replace(settings, organisation="NHS Example ICB"))
    said(shell, "log", "report", "--pdf", "r.pdf")
    assert PdfReader(shell.folder / "r.pdf").pages[0].extract_text().startswith("NHS Example ICB\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("log report", "--pdf FILE, --html FILE or both"),
        ("log show 9 --pdf a.pdf", "no entry"),
        ("log letters 9 --out a", "no entry"),
        ("assess CASE --pdf same --html same", "names of their own"),
        ("assess CASE --pdf a.pdf --paper-size A5", "A5"),
        ("assess CASE --pdf same --html sub/../same", "names of their own"),
        ("assess CASE --pdf /", "is a folder"),
        ("assess CASE --pdf -", "Give the name of a file"),
        ("log report --pdf=", "It is blank"),
        ("log letters 1 --out=", "It is blank"),
        ("log show 1 --html data/linkage-log.db", "keeps the log"),
        ("log report --pdf data/new/a.pdf", "keeps the log"),
        ("log show 1 --pdf /dev/full", "not a file that can be replaced"),
    ],
)
def test_wrong_arguments_are_exit_2(shell: Shell, arguments: str, says: str) -> None:
    said(shell, "assess", COMPLETE, "--record")
    assert says in refused(shell(*(str(CASE) if word == "CASE" else word for word in arguments.split())))
    assert list(shell.folder.iterdir()) == [shell.data]


def test_a_paper_that_cannot_be_written_is_exit_1_and_the_entry_is_kept(shell: Shell) -> None:
    done = shell("assess", COMPLETE, "--record", "--pdf", "nowhere/a.pdf")
    assert done.returncode == 1
    told = done.stderr.decode()
    assert "cannot be written" in told
    assert "The decision is recorded. To write its summary: linkage-gui log show 1 --pdf FILE" in told
    assert "Supported by this guidance" in said(shell, "log", "show", "1")


@pytest.mark.parametrize("name", ["c.json", "link.json", "agreements/dpa-12.pdf"])
def test_a_paper_never_takes_the_place_of_the_case_or_its_evidence(shell: Shell, name: str) -> None:
    shutil.copytree(CASE.parent / "agreements", shell.folder / "agreements")
    shutil.copy(CASE, shell.folder / "c.json")
    (shell.folder / "link.json").symlink_to("c.json")
    before = (shell.folder / name).read_bytes()
    assert "is read here, or kept as it is" in refused(shell("assess", "c.json", "--record", "--html", name))
    assert (shell.folder / name).read_bytes() == before
    assert not shell.data.exists()


def test_letters_are_all_written_or_none(shell: Shell) -> None:
    said(shell, "assess", CASE, "--record")
    post = shell.folder / "post"
    (post / "letter-3-example-csu.pdf").mkdir(parents=True)
    assert "is a folder" in refused(shell("log", "letters", "1", "--out", "post"))
    assert [path.name for path in post.iterdir()] == ["letter-3-example-csu.pdf"]
    (post / "letter-3-example-csu.pdf").rename(post / "letter-9-gone.pdf")
    assert "still beside them: letter-9-gone.pdf" in said(shell, "log", "letters", "1", "--out", "post")


def test_a_report_of_no_log_says_so(shell: Shell) -> None:
    assert "There is no log yet in" in refused(shell("log", "report", "--html", "a.html"), status=1)


def test_qt_is_imported_for_pdf_alone(shell: Shell) -> None:
    said(shell, "assess", COMPLETE, "--record")
    script = (
        "import sys\nfrom linkage_gui.cli import run\nassert run(sys.argv[1:]) == 0\n"
        "print(any(name.startswith(('PySide6', 'shiboken6', 'pypdf')) for name in sys.modules))"
    )

    def qt(*arguments: str) -> bool:
        done = subprocess.run(
            [sys.executable, "-c", script, "--data", str(shell.data), *arguments],
            cwd=shell.folder, capture_output=True, check=True, timeout=120, env={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        return done.stdout.decode().splitlines()[-1] == "True"

    assert not qt("log", "show", "1", "--html", "a.html")
    assert not qt("log", "report", "--html", "a.html")
    assert qt("log", "show", "1", "--pdf", "a.pdf")


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not here")
def test_qpdf_has_nothing_to_say(shell: Shell) -> None:
    said(shell, "assess", COMPLETE, "--record", "--pdf", "a.pdf")
    said(shell, "log", "report", "--pdf", "r.pdf")
    for name in ("a.pdf", "r.pdf"):
        done = subprocess.run(["qpdf", "--check", shell.folder / name], capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"WARNING" not in done.stdout
