"""The register as a file: what a spreadsheet or another program reads is what the log holds, and it runs nothing."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import tracemalloc
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_gui import cells
from linkage_gui.cells import would_run
from linkage_gui.log import Kept, Log, LogTrouble, Person, export
from linkage_gui.log.export import Format, export_register
from linkage_gui.log.register import Filter
from linkage_gui.log.trouble import Stopped
from rules.case import Applicant, Case, Organisation, OtherDataset
from rules.decision import Decision
from rules.edition import shipped
from tests.log.examples import documents_of, example_case, example_decision

FORMATS: list[Format] = ["csv", "xlsx", "jsonl"]
ALL = Filter()
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _record(log: Log, case: Case, decision: Decision | None = None) -> None:
    log.record(case, decision or example_decision(), documents_of(case))


@pytest.fixture
def full(log: Log) -> Log:
    """A log of four decisions, one withdrawn."""
    _record(log, example_case("Cold homes", documents=(("dpa.pdf",),)))
    _record(log, example_case("Open, “ended”; é"), example_decision("refer", None))
    _record(
        log, example_case("Two\nlines", dataset=OtherDataset(other="Bins")), example_decision("not-covered", None)
    )
    log.withdraw("2", Person("Sam", ""), "No longer wanted")
    _record(log, example_case("last"), example_decision("agreements-outstanding", None))
    return log


def _csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def _xlsx(path: Path) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(path)
    rows = list(book["Decisions"].iter_rows(values_only=True))
    book.close()
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_csv(full: Log, tmp_path: Path) -> None:
    to = tmp_path / "register.csv"
    assert export_register(full, ALL, to, "csv") == 4
    content = to.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfNumber,Title,")  # by which Excel knows UTF-8
    assert content.endswith(b"\r\n")
    assert content.replace(b"Two\nlines", b"").replace(b"\r\n", b"").count(b"\n") == 0
    rows = _csv(to)
    assert [row["Title"] for row in rows] == ["Cold homes", "Open, “ended”; é", "Two\nlines", "last"]
    assert [row["Standing"] for row in rows] == ["current", "withdrawn", "current", "current"]
    entry = full.entry("1")
    assert rows[0] == {
        "Number": "1",
        "Title": "Cold homes",
        "Applicant": "NHS Example ICB",
        "ODS code": "QXX",
        "Dataset": "Housing data",
        "Uses": "secondary-use",
        "Purposes": "HOU-2; HOU-4",
        "Other purposes": "",
        "Providers": "Exampleshire County Council",
        "Processors": "Example CSU",
        "Outcome": "Supported by this guidance",
        "Standing": "current",
        "Assessed on": "2026-11-22",
        "Assessed by": "Sam Example",
        "Effective on": "2026-12-01",
        "Valid until": "2027-11-30",
        "Linkage starts": "2026-12-01",
        "Linkage ends": "2027-11-30",
        "Outstanding agreements": "",
        "DPIA": "",
        "Notes": "",
        "Guidance edition": "2025-09-04",
        "Rules version": "1",
        "Recorded at (UTC)": entry.recorded_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "Imported from": "",
        "Decides again": "",
        "Entry": entry.id,
        "Hash": entry.hash,
    }
    assert rows[2]["Dataset"] == "Bins"
    assert rows[1]["Valid until"] == ""


def test_xlsx(full: Log, tmp_path: Path) -> None:
    to = tmp_path / "register.xlsx"
    assert export_register(full, ALL, to, "xlsx") == 4
    rows = _xlsx(to)
    entry = full.entry("1")
    assert [row["Title"] for row in rows] == ["Cold homes", "Open, “ended”; é", "Two\nlines", "last"]
    assert (rows[0]["Number"], rows[0]["Entry"], rows[0]["Hash"]) == (1, entry.id, entry.hash)
    assert rows[0]["Assessed on"] == datetime(2026, 11, 22)  # noqa: DTZ001  (a sheet's dates have no zone)
    assert rows[0]["Valid until"] == datetime(2027, 11, 30)  # noqa: DTZ001
    assert rows[1]["Valid until"] is None
    assert rows[0]["Recorded at (UTC)"] == entry.recorded_at.replace(tzinfo=None, microsecond=0)
    assert rows[1]["Standing"] == "withdrawn"
    book = openpyxl.load_workbook(to)
    sheet = book["Decisions"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:AB5"
    assert sheet.dimensions == "A1:AB5"
    widths = {letter: column.width for letter, column in sheet.column_dimensions.items()}
    assert len(widths) == 28
    assert (widths["A"], widths["B"], widths["AB"]) == (9, 45, 66)
    assert all(cell.font.b for cell in sheet[1])
    assert {cell.number_format for cell in sheet["M"][1:]} == {"yyyy-mm-dd"}
    assert {cell.data_type for cell in sheet["M"][1:]} == {"d"}
    book.close()


def test_json_lines(full: Log, tmp_path: Path) -> None:
    to = tmp_path / "register.jsonl"
    assert export_register(full, ALL, to, "jsonl") == 4
    lines = _lines(to)
    entry = full.entry("1")
    assert [line["entry"]["number"] for line in lines] == [1, 2, 3, 5]
    assert [line["standing"] for line in lines] == ["current", "withdrawn", "current", "current"]
    assert {line["format"] for line in lines} == {"linkage-register/1"}
    assert lines[0]["entry"]["hash"] == entry.hash
    assert msgspec.convert(lines[0]["case"], Case) == entry.case
    assert msgspec.convert(lines[0]["decision"], Decision) == entry.decision
    assert msgspec.convert(lines[0]["documents"], tuple[Kept, ...]) == entry.documents
    assert lines[0]["imported"] is None


@pytest.mark.parametrize("form", FORMATS)
def test_only_what_the_filter_lets_through(form: Format, full: Log, tmp_path: Path) -> None:
    to = tmp_path / f"register.{form}"
    assert export_register(full, Filter(outcome="refer"), to, form) == 1
    assert export_register(full, Filter(text="nowhere"), to, form) == 0
    read: dict[Format, Any] = {"csv": _csv, "xlsx": _xlsx, "jsonl": _lines}
    assert read[form](to) == []


# Cells that would run


@dataclass(frozen=True)
class _OneEntry:
    """In place of a log, for texts that no case file could bring in: a log of one decision."""

    log: Log

    def written(self, text: str, form: Format, folder: Path) -> Path:
        case = example_case("x")
        party = (Organisation(name=text),)
        changes: dict[str, Any] = {
            "title": text,
            "applicant": Applicant(name=text, kind="icb"),
            "dataset": OtherDataset(other=text),
            "other_purposes": (text,),
            "providers": party,
            "processors": party,
            "dpia_reference": text,
            "notes": text,
        }
        entry = self.log.entry("1")
        to = folder / f"one.{form}"
        with to.open("wb") as file:
            writer = export._WRITERS[form](file, shipped())
            import dataclasses

            writer.add(dataclasses.replace(entry, case=msgspec.structs.replace(case, **changes)), "current")
            writer.finish()
            writer.close()
        return to


_TEXT_COLUMNS = ("Title", "Applicant", "Dataset", "Other purposes", "Providers", "Processors", "DPIA", "Notes")
_RUNS = st.builds(
    lambda start, rest: start + rest,
    st.sampled_from("=+-@\t\r"),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    | st.sampled_from(["cmd|' /C calc'!A0", '1+1")', 'HYPERLINK("http://example.com","x")', "SUM(A1:A9)", "1", ""]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_RUNS)
def test_a_csv_cell_that_would_run_is_text(full: Log, tmp_path: Path, text: str) -> None:
    row = _csv(_OneEntry(full).written(text, "csv", tmp_path))[0]
    shown = cells.UNFIT.sub("\ufffd", text)
    for name in _TEXT_COLUMNS:
        assert row[name] == "'" + shown


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_RUNS | st.sampled_from(["#N/A", "TRUE", "2026-01-01", "1", "1e9", "_x0041_", "_x000D_", "'=1"]))
def test_an_xlsx_cell_that_would_run_is_text(full: Log, tmp_path: Path, text: str) -> None:
    to = _OneEntry(full).written(text, "xlsx", tmp_path)
    with zipfile.ZipFile(to) as parts:
        sheet = ET.fromstring(parts.read("xl/worksheets/sheet1.xml"))  # noqa: S314  (written just now)
        styles = ET.fromstring(parts.read("xl/styles.xml"))  # noqa: S314
    assert list(sheet.iter(f"{_SHEET}f")) == []
    formats = next(styles.iter(f"{_SHEET}cellXfs"))
    found_cells = list(list(sheet.iter(f"{_SHEET}row"))[1])
    headings = [column.heading for column in export._COLUMNS]
    for name in _TEXT_COLUMNS:
        cell = next(
            cell for cell in found_cells if cell.get("r", "").rstrip("0123456789") == _letter(headings.index(name))
        )
        assert cell.get("t") == "inlineStr"
        assert cell.find(f"{_SHEET}v") is None
        quoted = formats[int(cell.get("s", "0"))].get("quotePrefix") in {"1", "true"}
        assert quoted == would_run(text)
        found = "".join(part.text or "" for part in cell.iter(f"{_SHEET}t"))
        assert found == cells.xlsx_text(text).replace("\r", "\n")


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(place + 1)


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("=1", True),
        ("+1", True),
        ("-1", True),
        ("@SUM(A1)", True),
        ("\t=1", True),
        ("\r=1", True),
        ("\n=1", True),
        (" =1", True),
        ("\u00a0=1", True),
        ("＝1", True),
        ("NHS - Example", False),
        ("1=1", False),
        ("'=1", False),
        ("", False),
    ],
)
def test_what_would_run(text: str, runs: bool) -> None:
    assert would_run(text) == runs


def test_text_that_no_sheet_can_hold(full: Log, tmp_path: Path) -> None:
    text = "a\x00b\x0bc\ud800d\uffffe_x0041_f" + "g" * 40_000
    (row,) = _xlsx(_OneEntry(full).written(text, "xlsx", tmp_path))
    assert row["Notes"].startswith("a\ufffdb\ufffdc\ufffdd\ufffde_x005F_x0041_fggg")
    assert row["Notes"].endswith("… (cut: the log has all of it)")
    assert len(row["Notes"]) == 32_767
    (line,) = _csv(_OneEntry(full).written(text, "csv", tmp_path))
    assert line["Notes"] == "a\ufffdb\ufffdc\ufffdd\ufffde_x0041_f" + "g" * 40_000


def test_days_that_no_sheet_counts(log: Log, tmp_path: Path) -> None:
    case = msgspec.structs.replace(example_case(), starts_on=date(1899, 12, 31), ends_on=date(9999, 12, 31))
    _record(log, case)
    to = tmp_path / "register.xlsx"
    export_register(log, ALL, to, "xlsx")
    (row,) = _xlsx(to)
    assert row["Linkage starts"] == "1899-12-31"
    assert row["Linkage ends"] == datetime(9999, 12, 31)  # noqa: DTZ001


# The file


@pytest.mark.parametrize("form", FORMATS)
def test_the_file_appears_whole_or_not_at_all(
    form: Format, full: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    to = folder / f"register.{form}"
    to.write_bytes(b"older")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    for stop_at in range(1, 5):
        asks = iter(range(1, 100))
        with pytest.raises(Stopped):
            export_register(full, ALL, to, form, cancelled=lambda asks=asks, at=stop_at: next(asks) >= at)  # type: ignore[misc]
        assert to.read_bytes() == b"older"
        assert list(folder.iterdir()) == [to]
        assert list(temporary.iterdir()) == []
    seen: list[tuple[int, int]] = []
    export_register(full, ALL, to, form, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert to.read_bytes() != b"older"
    assert list(folder.iterdir()) == [to]
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_that_cannot_be_written(form: Format, full: Log, tmp_path: Path) -> None:
    for to, words in (
        (tmp_path / "none" / "register", "cannot be written"),
        (tmp_path, "is a folder"),
        (full.path, "the log itself"),
        (full.path.with_name("linkage-log.db-wal"), "the log itself"),
    ):
        with pytest.raises(LogTrouble, match=words) as refused:
            export_register(full, ALL, to, form)
        assert str(to) in str(refused.value)
    assert full.verify().ok


def test_a_format_that_is_none(full: Log, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pdf"):
        export_register(full, ALL, tmp_path / "x", "pdf")  # type: ignore[arg-type]


def test_more_than_a_sheet_holds(full: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "LIMIT_ROWS", 3)
    with pytest.raises(LogTrouble, match="export them as CSV or JSON Lines"):
        export_register(full, ALL, tmp_path / "register.xlsx", "xlsx")
    assert not (tmp_path / "register.xlsx").exists()
    assert export_register(full, ALL, tmp_path / "register.csv", "csv") == 4


def _peak(log: Log, to: Path, form: Format) -> int:
    tracemalloc.start()
    export_register(log, ALL, to, form)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_register(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_PAGE", 10)
    notes = "n" * 20_000
    peaks: dict[Format, list[int]] = {form: [] for form in FORMATS}
    for how_many in (20, 20, 160):
        for number in range(how_many):
            _record(log, msgspec.structs.replace(example_case(f"Case {number}"), notes=notes))
        for form in FORMATS:
            peaks[form].append(_peak(log, tmp_path / f"register.{form}", form))
    for form in FORMATS:
        few, many = peaks[form][1:]
        assert many < few + 1_000_000, form  # five times as many, of 4 MB of notes


def test_pages_join(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(23):
        _record(log, example_case(f"Case {number}"))
    for size in (1, 5, 23, 24):
        monkeypatch.setattr(export, "_PAGE", size)
        to = tmp_path / "register.csv"
        assert export_register(log, ALL, to, "csv") == 23
        assert _titles(to) == [f"Case {number}" for number in range(23)]


def _titles(to: Path) -> Sequence[str]:
    return [row["Title"] for row in _csv(to)]


def test_moments_are_in_utc(full: Log, tmp_path: Path) -> None:
    to = tmp_path / "register.csv"
    export_register(full, ALL, to, "csv")
    for row in _csv(to):
        moment = datetime.fromisoformat(row["Recorded at (UTC)"])
        assert moment.astimezone(UTC) == full.entry(row["Number"]).recorded_at
