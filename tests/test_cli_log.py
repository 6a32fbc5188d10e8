"""The log on the command line: what happens to a decision, copies, and what goes out and comes in."""

from __future__ import annotations

import json
import os
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest

from linkage_gui.log import Log
from linkage_gui.log.documents import sha256
from linkage_gui.log.entry import canonical
from rules.deciding import decide
from rules.reading import read_case
from tests.test_cli import CASE, COMPLETE, Shell, refused

M001 = Path(__file__).parent / "data" / "logs" / "m001.db"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell whose log has two decisions: one outstanding, one supported."""
    made = Shell(tmp_path)
    made.json("assess", CASE, "--record", "--json")
    made.json("assess", COMPLETE, "--record", "--json")
    return made


def said(shell: Shell, *arguments: str | Path) -> str:
    """What a command that must succeed says."""
    done = shell(*arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    return " ".join(done.stdout.decode().split())


BY = ("--name", "Jo Bell", "--role", "Caldicott Guardian")


def test_what_happens_to_a_decision_is_recorded_and_shown(shell: Shell) -> None:
    assert "Recorded as entry 3" in said(shell, "log", "sign-off", "2", *BY, "--agrees")
    assert "Recorded as entry 4" in said(shell, "log", "note", "2", *BY, "--text", "Seen by the IG group.")
    assert "Recorded as entry 5" in said(shell, "log", "withdraw", "2", *BY, "--reason", "The council has left.")
    shown = said(shell, "log", "show", "2")
    for words in (
        "Withdrawn by entry 5; today:",
        "entry 3, Jo Bell, Caldicott Guardian agrees",
        "entry 4, note by Jo Bell, Caldicott Guardian: Seen by the IG group.",
        "entry 5, withdrawn by Jo Bell, Caldicott Guardian: The council has left.",
    ):
        assert words in shown
    assert "Withdrawn." in said(shell, "log", "list", "--standing", "withdrawn")
    assert "5 entries" in said(shell, "log", "verify")


def test_who_does_not_agree_says_why(shell: Shell) -> None:
    text = refused(shell("log", "sign-off", "2", *BY, "--disagrees"), status=1)
    assert "reason" in text.lower()
    assert "2 entries" in said(shell, "log", "verify")


@pytest.mark.parametrize("command", ["sign-off 9 --agrees", "withdraw 9 --reason x", "note 9 --text x"])
def test_what_is_about_no_decision_is_refused(shell: Shell, command: str) -> None:
    name, entry, *rest = command.split()
    assert "There is no entry “9”" in refused(shell("log", name, entry, *BY, *rest))


def test_deciding_again_is_a_new_entry_that_says_what_differs(shell: Shell) -> None:
    told = said(shell, "log", "decide-again", "2", "--on", "2027-06-01")
    assert "Supported by this guidance" in told
    assert "Said now: The page was last checked against this edition on 22 November 2026" in told
    assert "Recorded as entry 3" in told
    assert "Superseded by" in said(shell, "log", "show", "2")
    new = shell.json("log", "show", "3", "--json")
    old = shell.json("log", "show", "2", "--json")
    assert new["about"] == old["id"]
    assert new["documents"] == old["documents"]
    assert new["case"] == {**old["case"], "assessed_on": "2027-06-01"}


def test_deciding_again_the_same_day_finds_nothing_that_differs(shell: Shell) -> None:
    assert "Nothing differs" in said(shell, "log", "decide-again", "2", "--on", "2026-11-22")


def test_a_case_that_has_ended_is_not_decided_again(shell: Shell) -> None:
    assert "ends_on:" in refused(shell("log", "decide-again", "2", "--on", "2028-01-01"))
    assert "2 entries" in said(shell, "log", "verify")


def test_the_list_is_filtered_and_sorted(shell: Shell) -> None:
    def numbers(*arguments: str) -> list[int]:
        return [row["number"] for row in shell.json("log", "list", "--json", *arguments)]

    assert numbers() == [2, 1]
    assert numbers("--sort", "oldest") == [1, 2]
    assert numbers("--outcome", "supported") == [2]
    assert numbers("--text", "respir cold") == [2, 1]
    assert numbers("--text", "education") == []
    assert numbers("--in-force-on", "2026-12-01") == [2]
    assert numbers("--in-force-on", "2026-11-30") == []
    assert numbers("--dataset", "housing", "--limit", "1") == [2]
    assert numbers("--dataset", "other") == []
    assert "is so" in said(shell, "log", "list", "--organisation", "Nobody")


def test_paper_is_checked_against_the_log(shell: Shell) -> None:
    printed = said(shell, "log", "show", "2").split("Hash: ")[1][:79]
    groups = printed.split()
    assert len(groups) == 16
    assert "Entry 2, a decision recorded on" in said(shell, "log", "check-paper", *groups)
    assert "Entry 2" in said(shell, "log", "check-paper", "".join(groups).upper())
    wrong = [*groups[:-1], "0000" if groups[-1] != "0000" else "1111"]
    assert "No entry in this log has that hash" in refused(shell("log", "check-paper", *wrong), status=1)
    assert "16 groups of four" in refused(shell("log", "check-paper", *groups[:-1]))


def test_paper_of_a_sign_off_is_found_too(shell: Shell) -> None:
    groups = said(shell, "log", "sign-off", "2", *BY, "--agrees").split("Hash: ")[1].split()
    assert "Entry 3, a sign-off recorded on" in said(shell, "log", "check-paper", *groups)


def test_replaying_decides_everything_again(shell: Shell) -> None:
    assert "Decided again: 2, of which 0 came out otherwise." in said(shell, "log", "verify", "--replay")


def test_a_register_is_written_in_three_forms(shell: Shell) -> None:
    for form in ("csv", "xlsx", "jsonl"):
        out = shell.folder / f"register.{form}"
        assert "2 decisions written" in said(shell, "log", "export", "--out", out)
    sheet = openpyxl.load_workbook(shell.folder / "register.xlsx").active
    assert sheet is not None
    assert sheet.max_row == 3
    assert len((shell.folder / "register.jsonl").read_bytes().splitlines()) == 2
    assert len((shell.folder / "register.csv").read_bytes().split(b"\r\n")) == 4
    assert "End it in" in refused(shell("log", "export", "--out", "register.doc"))
    assert "either --out FILE" in refused(shell("log", "export"))


def test_a_bundle_goes_from_one_log_to_another(shell: Shell, tmp_path: Path) -> None:
    said(shell, "log", "sign-off", "2", *BY, "--agrees")
    bundle = tmp_path / "bundle.zip"
    assert "2 entries" in said(shell, "log", "export", "--bundle", bundle, "2")
    there = Shell(tmp_path)
    there.data = tmp_path / "there"
    assert "2 entries imported" in said(there, "log", "import", bundle)
    assert "here already" in said(there, "log", "import", bundle)
    printed = said(shell, "log", "show", "2").split("Hash: ")[1].split()[:16]
    assert "Entry 1, a decision recorded on" in said(there, "log", "check-paper", *printed)
    shown = said(there, "log", "show", "1")
    assert "Supported by this guidance" in shown
    assert "Jo Bell, Caldicott Guardian agrees" in shown
    assert "Imported." in said(there, "log", "list")
    assert "2 entries" in said(there, "log", "verify")
    everything = tmp_path / "all.zip"
    assert "3 entries" in said(shell, "log", "export", "--bundle", everything)


def forged(bundle: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A bundle with its first entry changed, and a manifest that says so."""
    with zipfile.ZipFile(bundle) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(held["manifest.json"])
    listed = manifest["entries"][0]
    form = json.loads(held[listed["file"]])
    change(form)
    content = held[listed["file"]] = canonical(form)
    listed.update(hash=sha256(content), size=len(content))
    held["manifest.json"] = canonical(manifest)
    other = bundle.with_name("forged.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    return other


def test_a_citation_that_the_edition_does_not_have_is_shown_as_such(shell: Shell, tmp_path: Path) -> None:
    """A decision may come from a program with another edition of that date."""

    def change(form: dict[str, Any]) -> None:
        form["decision"]["guidance"]["sha256"] = "0" * 64
        form["decision"]["findings"][0]["citations"] = ["nope/nope/77"]
        form["decision"]["requirements"][0]["agreements"] = ["A77"]

    said(shell, "log", "export", "--bundle", tmp_path / "bundle.zip", "2")
    there = Shell(tmp_path)
    there.data = tmp_path / "there"
    said(there, "log", "import", forged(tmp_path / "bundle.zip", change))
    shown = said(there, "log", "show", "1")
    assert "[nope/nope/77], which the page of this edition does not have" in shown
    assert "A77, which the case does not have" in shown


def test_what_withdrew_a_decision_is_named_and_not_what_decided_it_again(shell: Shell) -> None:
    said(shell, "log", "decide-again", "2", "--on", "2027-06-01")
    said(shell, "log", "withdraw", "2", *BY, "--reason", "The council has left.")
    assert "Withdrawn by entry 4; today:" in said(shell, "log", "show", "2")


def test_what_others_say_of_a_decision_is_shown_with_where_it_came_from(shell: Shell, tmp_path: Path) -> None:
    there = Shell(tmp_path)
    there.data = tmp_path / "there"
    said(shell, "log", "export", "--bundle", tmp_path / "to them.zip", "2")
    said(there, "log", "import", tmp_path / "to them.zip")
    said(there, "log", "withdraw", "1", *BY, "--reason", "Not for us.")
    said(there, "log", "export", "--bundle", tmp_path / "from them.zip", "1")
    assert "1 entry imported" in said(shell, "log", "import", tmp_path / "from them.zip")
    shown = said(shell, "log", "show", "2")
    assert "entry 3, imported from from them.zip, withdrawn by Jo Bell, Caldicott Guardian: Not for us." in shown
    assert "1, imported" not in shown


def test_what_commands_a_terminal_is_shown_as_its_code(shell: Shell) -> None:
    """No case that was read holds it; a log that somebody else wrote to may."""
    case, edition = read_case(COMPLETE.read_bytes(), today=date(2026, 11, 22))
    with Log.open(shell.data / "linkage-log.db") as log:
        hostile = msgspec.structs.replace(case, title="a\x1b]0;owned\x07 \u202eb", agreements=())
        log.record(hostile, decide(case, edition), {})
    digest = shell.json("log", "list", "--json")[0]["hash"]
    for arguments in (("log", "list"), ("log", "show", "3"), ("log", "check-paper", digest)):
        shown = said(shell, *arguments)
        assert "a\\x1b]0;owned\\x07 \\u202eb" in shown
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", shown)


def test_a_refused_import_makes_no_log(shell: Shell, tmp_path: Path) -> None:
    said(shell, "log", "export", "--bundle", tmp_path / "bundle.zip", "2")
    new = Shell(tmp_path)
    new.data = tmp_path / "new"
    other = forged(tmp_path / "bundle.zip", lambda form: form["case"].update(title="a\x1bb"))
    assert "title:" in refused(new("log", "import", other), status=1)
    assert not new.data.exists()
    assert "1 entry imported" in said(new, "log", "import", tmp_path / "bundle.zip")
    assert [path.name for path in new.data.iterdir()] == ["linkage-log.db"]
    assert "The log is whole: 1 entry" in said(new, "log", "verify")


def test_a_name_within_a_bundle_does_not_reach_the_terminal_raw(shell: Shell, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        archive.writestr("\x1b]0;own\x07", b"x")
    text = refused(shell("log", "import", tmp_path / "bundle.zip"), status=1)
    assert "“\\x1b]0;own\\x07”" in text
    assert "\x1b" not in text


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has arguments that are no text")
@pytest.mark.parametrize("option", ["--organisation", "--dataset", "--text", "--rule"])
def test_what_is_asked_for_must_be_text(shell: Shell, option: str) -> None:
    assert f"What {option} gives is not text" in refused(shell("log", "list", option, os.fsdecode(b"a\xff")))


def test_a_text_without_a_word_is_refused(shell: Shell) -> None:
    """It would find everything, as if nothing was asked for."""
    assert "no word to look for" in refused(shell("log", "list", "--text", "???"))


@pytest.mark.skipif(sys.platform == "win32", reason="making links needs a right there")
def test_a_link_that_leads_nowhere_is_not_an_empty_log(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.data.mkdir()
    (shell.data / "linkage-log.db").symlink_to(tmp_path / "drive" / "log.db")
    for arguments in (("log", "list"), ("log", "verify"), ("assess", CASE, "--record")):
        assert "is a link to" in refused(shell(*arguments), status=1)
    assert [path.name for path in shell.data.iterdir() if not path.name.startswith("report")] == ["linkage-log.db"]


def test_one_of_a_thing_is_called_so(shell: Shell, tmp_path: Path) -> None:
    one = Shell(tmp_path)
    one.data = tmp_path / "one"
    assert "There is no log yet" in refused(one("log", "check-paper", "0" * 64), status=1)
    said(shell, "log", "export", "--bundle", tmp_path / "bundle.zip", "2")
    said(one, "log", "import", tmp_path / "bundle.zip")
    assert "1 entry, with its documents" in said(one, "log", "export", "--bundle", tmp_path / "again.zip")
    assert "1 decision written" in said(one, "log", "export", "--out", tmp_path / "one.csv")
    assert "the log's 1 entry, and it verifies" in said(one, "log", "backup", tmp_path / "copy.db")


def test_a_bundle_that_is_none_is_refused(shell: Shell) -> None:
    (shell.folder / "bundle.zip").write_bytes(b"PK\x03\x04 but no more")
    refused(shell("log", "import", "bundle.zip"), status=1)
    assert "2 entries" in said(shell, "log", "verify")


def test_a_copy_is_made_and_put_back(shell: Shell) -> None:
    copy = shell.folder / "copy.db"
    assert "holds all 2 entries" in said(shell, "log", "backup", copy)
    refused(shell("log", "backup", copy), status=1)
    said(shell, "log", "backup", copy, "--overwrite")
    shell.json("assess", CASE, "--record", "--json")
    told = said(shell, "log", "restore", copy)
    kept = re.search(r"kept as (\S+linkage-log\S+\.db)", told)
    assert kept is not None
    assert Path(kept[1]).exists()
    assert "2 entries" in said(shell, "log", "verify")


def test_a_copy_that_is_damaged_is_not_put_in_place(shell: Shell) -> None:
    copy = shell.folder / "copy.db"
    said(shell, "log", "backup", copy)
    content = bytearray(copy.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    copy.write_bytes(content)
    refused(shell("log", "restore", copy), status=1)
    assert "2 entries" in said(shell, "log", "verify")


def test_a_log_of_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.data.mkdir()
    (shell.data / "linkage-log.db").write_bytes(M001.read_bytes())
    assert "5 entries" in said(shell, "log", "verify")
    assert len(list(shell.data.glob("linkage-log.before-*.db"))) == 1
    assert [row["number"] for row in shell.json("log", "list", "--json", "--text", "wakefield")] == [4, 3]
    assert json.dumps(shell.json("log", "show", "2", "--json")["decision"])


def test_decisions_are_found_by_a_rule_that_fired(shell: Shell) -> None:
    def found(rule: str) -> list[int]:
        return [row["number"] for row in shell.json("log", "list", "--json", "--rule", rule)]

    assert (found("outcome.supported"), found("outcome.agreements-outstanding")) == ([2], [1])
    assert found("no.such-rule") == []


AS_ANYBODY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Runs a command of root's without root's right to read what its owner closed."""


@pytest.fixture(params=["data folder closed", "data folder a file"])
def hidden(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Shell]:
    """A shell whose log has a decision, with a copy of it and a bundle, and may not be looked at any more."""
    made = Shell(tmp_path)
    made.json("assess", COMPLETE, "--record", "--json")
    for arguments in (("backup", "copy.db"), ("export", "1", "--bundle", "bundle.zip")):
        assert made("log", *arguments).returncode == 0
    if request.param == "data folder a file":
        made.data = tmp_path / "copy.db"
        yield made
        return
    if os.geteuid() == 0:
        made.as_somebody = AS_ANYBODY
    made.data.chmod(0)
    yield made
    made.data.chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_a_log_that_may_not_be_looked_at_is_never_said_not_to_be_there(hidden: Shell) -> None:
    before = sorted(hidden.folder.iterdir())
    seen = "cannot be seen whether there is a log"
    for arguments, words in (
        (("list",), seen),
        (("list", "--json"), seen),
        (("show", "1"), seen),
        (("verify",), seen),
        (("export", "--out", "register.csv"), seen),
        (("import", "bundle.zip"), seen),
        (("backup", "another.db"), seen),
        (("restore", "copy.db"), "cannot be restored"),
    ):
        told = refused(hidden("log", *arguments), status=1)
        assert words in told
        assert str(hidden.data) in told
        assert "went wrong" not in told
    assert sorted(hidden.folder.iterdir()) == before
