"""The commands on the guidance, run as people run them: check, editions, add, impact."""

from __future__ import annotations

import html
import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from pypdf import PdfReader

import rules
from linkage_gui.editions import known
from linkage_gui.impact import impact
from linkage_gui.log import Entry, Log
from linkage_gui.paths import log_file
from rules.base import RULES
from rules.edition import shipped
from tests.pages import FORMS, PAGE, Line, true_page
from tests.test_cli import COMPLETE, Shell, refused
from tests.test_editions import SECOND, agreement, answers

needs_page = pytest.mark.skipif(not PAGE.exists(), reason="the guidance page is not kept with the program")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def saved(shell: Shell, form: str, lines: list[Line]) -> Path:
    file = shell.folder / f"page.{form}"
    file.write_bytes(FORMS[form](lines))
    return file


@needs_page
@pytest.mark.parametrize("form", FORMS)
def test_check_says_that_the_page_is_unchanged(shell: Shell, form: str) -> None:
    file = saved(shell, form, true_page()[1])
    done = shell("guidance", "check", file)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"Unchanged: every item of the edition of 4 September 2025")
    told = shell.json("guidance", "check", file, "--json")
    assert (told["unchanged"], told["changes"], len(told["wordings"])) == (True, [], 52)
    assert not shell.data.exists()


@needs_page
def test_check_tells_what_differs_and_exits_with_1(shell: Shell) -> None:
    lines = true_page()[1]
    at = next(at for at, line in enumerate(lines) if line.locator == "housing/agreements/3")
    lines.insert(at + 1, Line("bullet", "a pledge on both sides"))
    file = saved(shell, "html", lines)
    done = shell("guidance", "check", file)
    assert (done.returncode, done.stderr) == (1, b"")
    text = done.stdout.decode()
    assert "1 thing differs" in text
    assert "Added after Housing data, Local agreements required, bullet 3 [housing/agreements/3]." in text
    assert "Now: “a pledge on both sides”" in text
    assert "The list of agreements for housing changed" in text
    done = shell("guidance", "check", file, "--json")
    assert done.returncode == 1
    (change,) = json.loads(done.stdout)["changes"]
    assert (change["kind"], change["locator"], change["part"]) == ("added", "housing/agreements/3", "agreements")
    assert change["told"][1] == "Now: “a pledge on both sides”"


@needs_page
def test_check_says_of_which_other_edition_the_page_is(shell: Shell) -> None:
    shell("guidance", "add", SECOND)
    done = shell("guidance", "check", PAGE)
    assert done.returncode == 1
    assert "A dataset was removed: Leisure data" in done.stdout.decode()
    assert "It is the page as the edition of 4 September 2025 has it." in done.stdout.decode()
    assert shell("guidance", "check", PAGE, "--edition", "2025-09-04").returncode == 0


def test_check_refuses_what_is_not_the_page(shell: Shell) -> None:
    file = saved(shell, "html", [Line("title", "Opening hours"), Line("paragraph", "Nine to five.")])
    assert "This is not the page" in refused(shell("guidance", "check", file))
    assert "no such file" in refused(shell("guidance", "check", "nowhere.html"))
    assert "a folder" in refused(shell("guidance", "check", "."))
    assert "no edition '1999-01-01'" in refused(shell("guidance", "check", file, "--edition", "1999-01-01"))
    (shell.folder / "page.pdf").write_bytes(b"%PDF-1.7")
    assert "a PDF" in refused(shell("guidance", "check", "page.pdf"))


def test_an_edition_is_looked_at_added_listed_and_used(shell: Shell) -> None:
    looked = shell("guidance", "add", SECOND, "--look")
    assert looked.returncode == 0
    assert "New dataset: Leisure data" in looked.stdout.decode()
    assert not shell.data.exists()
    assert b"Added." in shell("guidance", "add", SECOND).stdout
    assert b"nothing to add" in shell("guidance", "add", SECOND).stdout
    told = shell.json("guidance", "editions", "--json")
    assert [(one["edition"], one["origin"]) for one in told] == [("2025-09-04", "shipped"), ("2026-03-02", "added")]
    assert "2026-03-02  added" in shell("guidance", "editions").stdout.decode()
    assert b"[leisure/purposes/1]" in shell("guidance", "show").stdout
    assert b"[leisure/purposes/1]" not in shell("guidance", "show", "--edition", "2025-09-04").stdout
    assert "leisure" in json.dumps(shell.json("schema", "case"))
    case = json.dumps(answers(agreements=[agreement("dpa", "dsa", "contract", "protocol")])).encode()
    assert json.loads(shell("assess", "-", "--json", "--record", given=case).stdout)["outcome"] == "supported"
    (shell.folder / "in.jsonl").write_bytes(case)
    assert shell("batch", "in.jsonl", "--out", "out.jsonl", "--record").returncode == 0
    assert b"three-party protocol" in shell("log", "show", "1").stdout
    again = shell("log", "decide-again", "1")
    assert again.returncode == 0
    assert shell("log", "verify").returncode == 0


def test_the_log_and_papers_know_an_added_edition(shell: Shell) -> None:
    shell("guidance", "add", SECOND)
    case = json.dumps(answers(agreements=[agreement("dpa", "dsa", "contract")])).encode()
    done = shell("assess", "-", "--record", "--html", "now.html", given=case)
    assert done.returncode == 0, done.stderr
    assert b"Decided again: 1, of which 0 came out otherwise." in shell("log", "verify", "--replay").stdout
    assert shell("log", "export", "--out", "register.csv").returncode == 0
    assert "Leisure data" in (shell.folder / "register.csv").read_text(encoding="utf-8-sig")
    assert shell("log", "show", "1", "--html", "shown.html").returncode == 0
    assert shell("log", "letters", "1", "--out", "letters").returncode == 0
    letters = sorted((shell.folder / "letters").glob("*.html"))
    assert len(letters) == 3, "the protocol is between all three"
    for file in (shell.folder / "now.html", shell.folder / "shown.html", *letters):
        text = html.unescape(file.read_text(encoding="utf-8"))
        for words in ("hree-party protocol", "Leisure data", "2 March 2026"):
            assert words in text, (file.name, words)
    assert shell("log", "show", "1", "--pdf", "shown.pdf").returncode == 0
    with PdfReader(shell.folder / "shown.pdf") as pdf:
        text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for words in ("hree-party protocol", "Leisure data", "2 March 2026"):
        assert words in text
    whole = answers(agreements=[agreement("dpa", "dsa", "contract", "protocol")])
    shell("assess", "-", "--record", given=json.dumps(whole).encode())
    assert shell("log", "report", "--html", "report.html").returncode == 0
    assert "Leisure data" in (shell.folder / "report.html").read_text(encoding="utf-8")


def test_without_its_edition_a_decision_is_not_replayed_and_the_log_is_whole(shell: Shell) -> None:
    shell("guidance", "add", SECOND)
    shell("assess", "-", "--record", given=json.dumps(answers()).encode())
    (file,) = (shell.data / "editions").iterdir()
    content = file.read_bytes()
    file.unlink()
    told = shell("log", "verify", "--replay").stdout
    assert b"Decided again: 0" in told
    assert b"under the guidance of 2026-03-02, which this program does not have" in told
    file.write_bytes(content + b"# a line more\n")
    assert shell("log", "verify").returncode == 0
    assert "not as it was added" in refused(shell("log", "verify", "--replay"), 1)


@needs_page
def test_a_draft_of_the_next_edition_is_written_from_a_saved_page(shell: Shell) -> None:
    lines = true_page()[1]
    lines[-1] = Line("paragraph", "Last edited: 7 January 2026 10:05 am")
    file = saved(shell, "html", lines)
    done = shell("guidance", "draft", file, "--out", "next.toml")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Nothing is left empty." in done.stdout
    looked = shell("guidance", "add", "next.toml", "--look")
    assert "as last edited on 7 January 2026" in looked.stdout.decode(), looked.stderr
    assert "is there already" in refused(shell("guidance", "draft", file, "--out", "next.toml"))
    lines.insert(-1, Line("bullet", "a pledge on both sides"))
    file = saved(shell, "html", lines)
    assert b"4 fields are to be written." in shell("guidance", "draft", file, "--out", "more.toml").stdout
    assert "length >= 1" in refused(shell("guidance", "add", "more.toml"))
    lines[-1] = true_page()[1][-1]
    undated = shell("guidance", "draft", saved(shell, "html", lines), "--out", "undated.toml").stdout
    assert b"edition and last_edited need another day" in undated
    assert "give edition and last_edited another day" in (shell.folder / "undated.toml").read_text(encoding="utf-8")
    assert b"nothing to draft" in shell("guidance", "draft", PAGE, "--out", "none.toml").stdout
    assert not (shell.folder / "none.toml").exists()


def test_the_schema_of_an_edition_is_that_of_the_shipped_one(shell: Shell) -> None:
    schema = shell.json("schema", "edition")
    edition = json.loads(msgspec.json.encode(shipped().named("2025-09-04")))
    jsonschema.validate(edition, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**edition, "datasets": []}, schema)


def test_an_edition_that_is_still_to_come_is_said_to_be_and_shown_and_offered_only_then(shell: Shell) -> None:
    text = SECOND.read_text(encoding="utf-8").replace("2026-03-02", "2206-03-02")
    text = text.replace("checked_on = 2026-11-22", "checked_on = 2206-03-02")
    (shell.folder / "far.toml").write_text(text, encoding="utf-8")
    done = shell("guidance", "add", "far.toml")
    assert done.returncode == 0
    assert "Mind: 2 March 2206 is still to come." in done.stdout.decode()
    assert b"[leisure" not in shell("guidance", "show").stdout
    assert b"[leisure" in shell("guidance", "show", "--edition", "2206-03-02").stdout
    assert shell("template", "list.csv").returncode == 0
    assert b"rotocol" not in (shell.folder / "list.csv").read_bytes()
    assert b"Mind:" not in shell("guidance", "add", SECOND, "--look").stdout
    done = shell("guidance", "remove", "2206-03-02")
    assert done.returncode == 0, done.stderr
    assert b"Taken out." in done.stdout
    assert [one["edition"] for one in shell.json("guidance", "editions", "--json")] == ["2025-09-04"]
    assert "No edition of 2206-03-02 was added" in refused(shell("guidance", "remove", "2206-03-02"))


def test_a_damaged_edition_is_told_by_every_command_that_decides(shell: Shell) -> None:
    shell("guidance", "add", SECOND)
    (file,) = (shell.data / "editions").iterdir()
    file.write_bytes(file.read_bytes() + b"# a line more\n")
    for command in (("assess", COMPLETE), ("guidance", "show"), ("guidance", "editions"), ("schema", "case")):
        assert "not as it was added" in refused(shell(*command), 1)


def test_a_decision_under_an_edition_that_is_not_there_is_told(shell: Shell) -> None:
    shell("guidance", "add", SECOND)
    shell("assess", COMPLETE, "--record")
    (file,) = (shell.data / "editions").iterdir()
    file.unlink()
    assert "guidance add FILE" in refused(shell("log", "show", "1"), 1)
    assert shell.json("log", "show", "1", "--json")["decision"]["guidance"]["edition"] == "2026-03-02"


def test_impact_tells_which_decisions_would_differ_and_why_and_changes_no_entry(shell: Shell) -> None:
    whole = agreement("dpa", "dsa", "contract")
    told = {
        "supported, and would not be": answers(dataset="housing", purposes=["HOU-1"], agreements=[whole]),
        "the same": answers(dataset="youth-offer", purposes=["YOF-1"], agreements=[whole]),
        "a purpose that is gone": answers(dataset="education", purposes=["EDU-1", "EDU-4"], agreements=[whole]),
        "not covered either way": answers(dataset={"other": "Parking"}, purposes=[], other_purposes=["x"]),
        "one more outstanding": answers(dataset="housing", purposes=["HOU-2"]),
    }
    for title, form in told.items():
        done = shell("assess", "-", "--record", given=json.dumps({**form, "title": title}).encode())
        assert done.returncode == 0, done.stderr
    assert shell.json("guidance", "impact", "--edition", "2025-09-04", "--json")["decisions"] == []
    shell("guidance", "add", SECOND)
    before = shell("log", "verify").stdout
    found = shell.json("guidance", "impact", "--edition", "2026-03-02", "--json")
    assert [found[name] for name in ("checked", "differ", "look_again", "not_decided")] == [5, 3, 0, 0]
    rows = {row["title"]: row for row in found["decisions"]}
    first = rows.pop("supported, and would not be")
    assert (first["recorded"], first["outcome"]) == ("supported", "agreements-outstanding")
    assert any("three-party protocol" in reason for reason in first["why"])
    gone = rows.pop("a purpose that is gone")
    assert (gone["result"], gone["recorded"], gone["outcome"]) == ("differs", "supported", "refer")
    assert gone["why"][0].startswith(
        "The edition of 2 March 2026 does not list the purpose EDU-4: Recognise children"
    )
    assert not any("purposes[" in reason for reason in gone["why"])
    more = rows.pop("one more outstanding")
    assert (more["outcome"], more["recorded"]) == ("agreements-outstanding", "agreements-outstanding")
    assert rows == {}
    text = " ".join(shell("guidance", "impact", "--edition", "2026-03-02").stdout.decode().split())
    assert "Would be: Supported, but not yet: agreements outstanding" in text
    assert "Of 5 recorded decisions, 3 would come out differently" in text
    assert shell("log", "verify").stdout == before
    assert "no edition '2030-01-01'" in refused(shell("guidance", "impact", "--edition", "2030-01-01"))


def test_impact_tells_what_would_become_of_a_dataset_that_an_edition_does_not_list(shell: Shell) -> None:
    shell("guidance", "add", SECOND)
    form = answers(agreements=[agreement("dpa", "dsa", "contract", "protocol"), agreement("protocol")])
    shell("assess", "-", "--record", given=json.dumps(form).encode())
    found = shell.json("guidance", "impact", "--edition", "2025-09-04", "--json")
    assert [found[name] for name in ("checked", "differ", "look_again", "not_decided")] == [1, 1, 0, 0]
    (row,) = found["decisions"]
    assert (row["result"], row["recorded"], row["outcome"]) == ("differs", "supported", "not-covered")
    assert row["why"][0] == "The edition of 4 September 2025 does not list Leisure data."


def test_impact_lists_decisions_that_rest_on_what_says_something_else_under_the_same_id(shell: Shell) -> None:
    """HOU-1 stands for another purpose in a later edition, and all else is as it was."""
    text = (Path(rules.__file__).parent / "editions" / "2025-09-04.toml").read_text(encoding="utf-8")
    statement = shipped().named("2025-09-04").purposes["HOU-1"]
    text = text.replace("edition = 2025-09-04", "edition = 2026-01-05")
    text = text.replace("last_edited = 2025-09-04", "last_edited = 2026-01-05")
    text = text.replace(statement.statement, "Plan where to build.").replace(statement.sha256, "ab" * 32)
    (shell.folder / "later.toml").write_text(text, encoding="utf-8")
    whole = agreement("dpa", "dsa", "contract")
    for form in (
        answers(title="Rests on it", dataset="housing", purposes=["HOU-1", "HOU-2"], agreements=[whole]),
        answers(title="Does not", dataset="housing", purposes=["HOU-2"], agreements=[whole]),
    ):
        done = shell("assess", "-", "--edition", "2025-09-04", "--record", given=json.dumps(form).encode())
        assert done.returncode == 0, done.stderr
    assert shell("guidance", "add", "later.toml").returncode == 0
    found = shell.json("guidance", "impact", "--edition", "2026-01-05", "--json")
    assert [found[name] for name in ("checked", "differ", "look_again", "not_decided")] == [2, 0, 1, 0]
    (row,) = found["decisions"]
    assert (row["title"], row["result"], row["outcome"]) == ("Rests on it", "look-again", "supported")
    (why,) = row["why"]
    assert why.startswith("It rests on HOU-1, which is worded otherwise. Was: ")
    assert why.endswith(" Is: Plan where to build.")
    text = " ".join(shell("guidance", "impact", "--edition", "2026-01-05").stdout.decode().split())
    assert "Would be so too. Look again: - It rests on HOU-1" in text
    assert "1 would not but rest on what it words otherwise or leaves out" in text


def test_impact_tells_how_far_it_is_and_what_became_of_a_decision_and_stops_when_it_is_cancelled(
    shell: Shell,
) -> None:
    form = answers(dataset="housing", purposes=["HOU-1"], agreements=[agreement("dpa", "dsa", "contract")])
    for _ in range(3):
        shell("assess", "-", "--record", given=json.dumps(form).encode())
    shell("guidance", "add", SECOND)
    shell("log", "withdraw", "2", "--name", "Sam Taylor", "--reason", "a mistake")
    editions = known(shell.data)
    steps: list[tuple[int, int]] = []
    with Log.open(log_file(shell.data)) as log:
        first = log.any_entry("1")
        assert isinstance(first, Entry)
        assert first.decision.guidance.edition == "2025-09-04"

        def progress(done: int, total: int) -> None:
            steps.append((done, total))

        found = list(impact(log, editions.newest, editions, progress))
        assert [(one.number, one.standing) for one in found] == [(1, "current"), (2, "withdrawn"), (3, "current")]
        assert steps == [(1, 3), (2, 3), (3, 3)]
        assert len(list(impact(log, editions.newest, editions, progress, lambda: len(steps) >= 4))) == 1
        assert log.count() == 3


def test_rules_check_says_that_the_rules_hold_under_the_shipped_edition(shell: Shell) -> None:
    done = shell("rules", "check", "--edition", "2025-09-04")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    for words in (
        f"{len(RULES)} rules over ",
        "Gaps, cases with no outcome: 0",
        "Overlaps, cases with two: 0",
        "Rules that never fire: none",
        "Rules that another covers: none",
        "fewer uses: scope.use-not-covered",
        "The rules hold.",
    ):
        assert words in text
    assert "Not every case" not in text
    assert "no edition '2030-01-01'" in refused(shell("rules", "check", "--edition", "2030-01-01"))


def test_a_draft_is_not_written_where_the_editions_are_kept(shell: Shell) -> None:
    page = shell.folder / "page.txt"
    page.write_text("A page", encoding="utf-8")
    for out, says in ((shell.data / "editions" / "next.toml", "Choose another folder"), (page, "is read here")):
        assert says in refused(shell("guidance", "draft", str(page), "--out", str(out)))
    assert page.read_text(encoding="utf-8") == "A page"
    assert not (shell.data / "editions" / "next.toml").exists()
