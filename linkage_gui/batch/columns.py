"""The columns of a list of cases: what each holds, how a row of cells is a case, and a case a row of cells.

The columns come from the guidance's editions, so that a dataset, a purpose or
an agreement of a new edition is in it without new code. A case that
such a list can express has at most one agreement of each kind. One agreement
that stands for two kinds is written out in full for both, or in full for one,
and the other's reference says "Same as DPA" in so many words. A reference alone
says nothing of the kind, since lists are full of references that are none.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from linkage_gui import dates
from linkage_gui.problems import worded
from rules.case import FORMAT, Agreement, Case, OtherDataset
from rules.edition import Edition, Editions
from rules.reading import Problem

SEPARATOR = ";"
"""What parts the entries of a list within one cell."""
EXAMPLE = "EXAMPLE"
"""What the column :data:`MARKER` of the example row says."""
MARKER = "Example"
"""The column that marks the example row. It is blank in all others."""
ASSESSED_ON = "Assessed on"
"""The column of the day of the assessment. What is recorded of a row in which it is blank fills it in."""
LIMIT_LIST = 300
"""The most entries of a list within one cell that are looked at."""

Form = Literal["text", "list", "date", "choice", "choices"]


class Unreadable(NamedTuple):
    """A cell that holds something other than a value; ``words`` say what, and what to do."""

    words: str


Cell = str | date | Unreadable | None
"""What a cell holds: text, a real date, something that cannot be read, or nothing."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the path in a case that it gives, and what to fill in.

    ``choices`` are what a cell may say, each by its key in the format and in words; both are understood. So are
    ``older`` words for a key, which no list offers any more.
    ``kind`` is the kind of agreement whose column it is.
    """

    heading: str
    path: str
    form: Form
    note: str
    width: int = 20
    choices: tuple[tuple[str, str], ...] = ()
    needed: bool = False
    kind: str = ""
    older: tuple[tuple[str, str], ...] = ()


class RowProblem(NamedTuple):
    """One thing wrong with a row: the heading of its column, "" when of the whole row, and what to do."""

    column: str
    message: str


class Read(NamedTuple):
    """A row as the answers of a case, with the problems found on the way, each with its path in the answers.

    ``kinds`` are the kinds that each agreement of the answers was given for, that whose columns hold it first; after
    them those that were given in a way that makes no agreement.
    """

    answers: dict[str, Any]
    problems: dict[str, str]
    kinds: tuple[tuple[str, ...], ...]


class NotInColumns(ValueError):
    """A case that the columns of a list of cases cannot express. The message says why."""


_APPLICANTS = (("icb", "Integrated care board (ICB)"), ("other", "Another organisation"))
_SUPPLIERS = (("nhs-england", "NHS England"), ("other", "Somebody else"), ("unknown", "Not known"))
_COLLECTIONS = (("commissioning", "Commissioning data"), ("other", "Another collection"), ("unknown", "Not known"))
_USES = (("secondary-use", "Secondary use"), ("direct-care", "Direct care"))
_STATUSES = (("signed", "Signed"), ("unsigned", "Unsigned"), ("withdrawn", "Withdrawn"))
OTHER = ("other", "Another dataset")
"""What column Dataset says of a dataset that the page does not list. Column Other dataset then says what it is."""

_AGREEMENT_FIELDS: tuple[tuple[str, str, Form, int, str], ...] = (
    ("reference", "reference", "text", 18, "The reference that the parties use for it."),
    ("parties", "parties", "list", 32, "The organisations that it is between, parted by semicolons."),
    ("status", "status", "choice", 12, "Whether it is signed."),
    ("signed_on", "signed on", "date", 13, "The day of signing. A signed agreement needs it."),
    ("starts_on", "starts on", "date", 13, "The day it takes effect. Blank means the day of signing."),
    ("ends_on", "ends on", "date", 13, "Its last day. Blank means that it has no end."),
    (
        "documents",
        "documents",
        "list",
        28,
        "Its files, as paths from the folder in which this list is kept, parted by semicolons.",
    ),
)

_FIRST = (
    Column("Title", "title", "text", "A title for the linkage, of at most 200 characters.", 38, needed=True),
    Column(ASSESSED_ON, "assessed_on", "date", "The day of the assessment. Blank means today.", 13),
    Column("Assessor", "assessor.name", "text", "The name of the person who assesses.", 20),
    Column("Assessor role", "assessor.role", "text", "The assessor’s role, like IG lead.", 16),
    Column("Assessor organisation", "assessor.organisation", "text", "The assessor’s organisation.", 24),
    Column("Applicant", "applicant.name", "text", "The organisation that wants to link.", 28, needed=True),
    Column(
        "ODS code", "applicant.ods_code", "text", "Its ODS code: 3 to 6 capital letters and digits, or blank.", 10
    ),
    Column(
        "Applicant kind",
        "applicant.kind",
        "choice",
        "Whether the organisation is an integrated care board. The guidance speaks to these alone.",
        26,
        _APPLICANTS,
        needed=True,
    ),
    Column("Supplier", "source.supplier", "choice", "Who supplies the health data.", 16, _SUPPLIERS, needed=True),
    Column(
        "Collection",
        "source.collection",
        "choice",
        "What kind of collection the health data is.",
        20,
        _COLLECTIONS,
        needed=True,
    ),
    Column("Health datasets", "source.datasets", "list", "Their names, like SUS+; ECDS.", 18),
)


class Columns:
    """The columns of a list of cases, for the editions of the guidance that may decide its rows."""

    def __init__(self, editions: Editions) -> None:
        self.editions = editions
        newest_first = tuple(reversed(editions.all))
        self.datasets = _first_of((one.key, one.name) for edition in newest_first for one in edition.datasets)
        self._older_datasets = tuple(
            (one.key, one.name)
            for edition in newest_first
            for one in edition.datasets
            if one.name != self.datasets[one.key]
        )
        self.kinds = _first_of(pair for edition in newest_first for pair in edition.agreement_names.items())
        self.purposes = _first_of(
            (one.id, one.statement) for edition in newest_first for one in edition.purposes.values()
        )

    @property
    def newest(self) -> Edition:
        """The latest edition: what a template is made from."""
        return self.editions.newest

    @cached_property
    def all(self) -> tuple[Column, ...]:
        """Every column that makes a case, in order."""
        return (*_FIRST, *self._middle(), *self._agreements(), Column("Notes", "notes", "text", "Any notes.", 38))

    @cached_property
    def by_heading(self) -> dict[str, Column]:
        """Every column that makes a case, by the plain form of its heading."""
        return {plain(column.heading): column for column in self.all}

    @cached_property
    def dates(self) -> tuple[Column, ...]:
        """The columns that hold dates."""
        return tuple(column for column in self.all if column.form == "date")

    @cached_property
    def _of_kind(self) -> dict[str, tuple[Column, ...]]:
        """The columns for each kind of agreement; under "" all others."""
        return {kind: tuple(one for one in self.all if one.kind == kind) for kind in ("", *self.kinds)}

    def _middle(self) -> Iterator[Column]:
        yield Column(
            "Dataset",
            "dataset",
            "choice",
            "The dataset to link to, as the guidance names it. For another one, say so and fill in the next column.",
            36,
            (*self.datasets.items(), OTHER),
            needed=True,
            older=self._older_datasets,
        )
        yield Column("Other dataset", "dataset.other", "text", "What the dataset is when it is another one.", 24)
        yield Column(
            "Use",
            "use",
            "choices",
            "Secondary use, direct care, or both parted by a semicolon.",
            26,
            _USES,
            needed=True,
        )
        yield Column(
            "Purposes",
            "purposes",
            "choices",
            "Ids of purposes in the guidance, parted by semicolons. The list offers those of the dataset; the sheet "
            "“How to fill this in” says what each means.",
            16,
            tuple((purpose, purpose) for purpose in self.purposes),
        )
        yield Column(
            "Other purposes", "other_purposes", "list", "Other purposes in your own words, parted by semicolons.", 32
        )
        yield Column(
            "Providers",
            "providers",
            "list",
            "The organisations that provide the dataset, parted by semicolons.",
            32,
            needed=True,
        )
        yield Column(
            "Processors", "processors", "list", "The data processors that do the linking, parted by semicolons.", 28
        )
        yield Column(
            "Starts on", "starts_on", "date", "The day the linkage starts. Blank means the day assessed.", 13
        )
        yield Column("Ends on", "ends_on", "date", "The linkage’s last day, or blank.", 13)
        yield Column(
            "DPIA reference", "dpia_reference", "text", "The reference of the data protection impact assessment.", 18
        )

    def _agreements(self) -> Iterator[Column]:
        for kind, name in self.kinds.items():
            for field, words, form, width, note in _AGREEMENT_FIELDS:
                yield Column(
                    f"{label(kind)} {words}",
                    field,
                    form,
                    f"{_capital(name)}. {note}",
                    width,
                    _STATUSES if field == "status" else (),
                    kind=kind,
                )

    # A row as a case

    def answers(self, cells: Mapping[str, Cell]) -> Read:
        """The answers of a row, whose cells stand under the headings of :attr:`all`. Cells may be left out."""
        problems: dict[str, str] = {}
        answers: dict[str, Any] = {"format": FORMAT, "applicant": {}, "source": {}}  # each of their fields is told
        for column in self._of_kind[""]:
            value = _value(column, cells.get(column.heading), column.path, problems)
            if value is not None:
                _put(answers, column.path, value)
        _settle_dataset(answers, problems)
        for field in ("providers", "processors"):
            if field in answers:
                answers[field] = [{"name": name} for name in answers[field]]
        kinds = self._read_agreements(answers, cells, problems)
        return Read(answers, problems, kinds)

    def _read_agreements(
        self, answers: dict[str, Any], cells: Mapping[str, Cell], problems: dict[str, str]
    ) -> tuple[tuple[str, ...], ...]:
        """Add the agreements, and give the kinds of each."""
        held, wrong = self._written_out(cells)
        found: list[dict[str, Any]] = []
        for kind, given in held.items():
            of = [kind, *given.pop("also", ())]
            twin = next((one for one in found if not wrong[kind] and _is_same(one, given)), None)
            if twin is not None:
                twin["kinds"] += of
            elif given:
                found.append({"kinds": of, **given})
        kinds = [tuple(one["kinds"]) for one in found]  # whose columns are filled in comes first
        for one in found:
            one["kinds"].sort(key=list(self.kinds).index)
            one["id"] = _agreement_id(one["kinds"])
        kinds += [(kind,) for kind in wrong if wrong[kind] and not any(kind in of for of in kinds)]
        for place, these in enumerate(kinds):
            for kind in these:
                problems |= {f"agreements[{place}].{field}": words for field, words in wrong[kind].items()}
        if found:
            answers["agreements"] = found
        return tuple(kinds)

    def _written_out(self, cells: Mapping[str, Cell]) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, str]]]:
        """By kind: what its columns say, with those said to be the same as it under "also"; and what is wrong."""
        held: dict[str, dict[str, Any]] = {}
        wrong: dict[str, dict[str, str]] = {}
        same: dict[str, str] = {}
        for kind in self.kinds:
            trouble: dict[str, str] = {}
            given: dict[str, Any] = {}
            for column in self._of_kind[kind]:
                value = _value(column, cells.get(column.heading), column.path, trouble)
                if value is not None:
                    given[column.path] = value
            if not given and not trouble:
                continue
            held[kind], wrong[kind] = given, trouble
            self._settle_reference(kind, given, trouble, same)
        for kind, other in self._followed(same, held, wrong).items():
            del held[kind]
            held[other].setdefault("also", []).append(kind)
        return held, wrong

    def _settle_reference(
        self, kind: str, given: dict[str, Any], trouble: dict[str, str], same: dict[str, str]
    ) -> None:
        """Take a reference for what it says: that of a document, that of another kind's, or that there is none."""
        reference = given.get("reference")
        if reference is None:
            return
        name = label(kind)
        if other := _SAME.match(plain(reference)):
            named = next((one for one in self.kinds if plain(label(one)) == other[1]), None)
            if named is None or named == kind:
                others = [f"Same as {label(one)}" for one in self.kinds if one != kind]
                trouble["reference"] = f"“{_short(reference)}” names no other agreement. It may be {_quoted(others)}"
            elif len(given) > 1 or trouble:
                trouble["reference"] = (
                    f"This says that it is the {label(named)}, so leave the other columns of the {name} blank, or "
                    "enter its own reference here"
                )
            else:
                same[kind] = named
            if kind not in same:
                given.clear()
        elif is_placeholder(reference):
            trouble["reference"] = (
                f"“{_short(reference)}” is not a reference. Enter the reference that the parties use, or leave this "
                "blank while there is none"
            )
            del given["reference"]
        elif len(given) == 1 and not trouble:
            others = [f"“Same as {label(one)}”" for one in self.kinds if one != kind]
            trouble["status"] = (
                "Select whether the agreement is signed: a reference alone does not say so. If it is one document "
                f"with another agreement of this row, write {' or '.join(others)} in column “{name} reference”"
            )

    def _followed(
        self, same: dict[str, str], held: Mapping[str, object], wrong: dict[str, dict[str, str]]
    ) -> dict[str, str]:
        """For each kind that is said to be the same as another, the one that is written out."""
        ends: dict[str, str] = {}
        for kind, other in same.items():
            passed = {kind}
            while other in same and other not in passed:
                passed.add(other)
                other = same[other]  # noqa: PLW2901  (followed to its end)
            ends[kind] = other
        for kind, other in list(ends.items()):
            if other in same or not held.get(other):
                wrong[kind]["reference"] = (
                    f"This says that it is the same as the {label(same[kind])}, and this row has no {label(other)} "
                    "that is written out. Fill in the columns of one of them"
                )
                del ends[kind]
        return ends

    def problems(self, read: Read, found: Sequence[Problem]) -> tuple[RowProblem, ...]:
        """What is wrong with a row, by its columns: what was found in its cells, and in the case that it makes."""
        told = dict(read.problems)
        for problem in found:
            if not any(re.match(rf"{re.escape(path)}($|[.\[])", problem.path) for path in read.problems):
                told.setdefault(problem.path, worded(problem, read.answers, self.editions).message)
        order = {column.heading: place for place, column in enumerate(self.all)}
        problems = [RowProblem(self._heading(path, read.kinds), words) for path, words in told.items()]
        return tuple(sorted(dict.fromkeys(problems), key=lambda one: order.get(one.column, -1)))

    def _heading(self, path: str, kinds: tuple[tuple[str, ...], ...]) -> str:
        """The heading of the column that a path in the answers comes from."""
        inside = re.match(r"agreements\[(\d+)\]\.(\w+)", path)
        if inside:
            kind = kinds[int(inside[1])][0]
            field = "reference" if inside[2] in ("id", "kinds") else inside[2]
            return next(one.heading for one in self.all if one.kind == kind and one.path == field)
        bare = re.sub(r"\[\d+\]", "", path)
        for wanted in (bare, bare.removesuffix(".name")):
            for column in self.all:
                if not column.kind and column.path == wanted:
                    return column.heading
        return ""

    # A case as a row

    def row(self, case: Case) -> dict[str, Cell]:
        """The cells of a case, by heading; blank ones are left out.

        :raises NotInColumns: when it has something that no column can hold.
        """
        form: dict[str, Any] = msgspec.to_builtins(case, builtin_types=(date,))
        form["providers"] = [part["name"] for part in form["providers"]]
        form["processors"] = [part["name"] for part in form.get("processors", ())]
        if isinstance(case.dataset, OtherDataset):
            form["dataset"] = OTHER[0]
        self._refuse(case)
        by_kind = {kind: agreement for agreement in case.agreements for kind in agreement.kinds}
        cells: dict[str, Cell] = {}
        for column in self.all:
            if column.kind:
                held = by_kind.get(column.kind)
                value = None if held is None else getattr(held, column.path)
            elif column.path == "dataset.other":
                value = case.dataset.other if isinstance(case.dataset, OtherDataset) else None
            else:
                value = _at(form, column.path)
            if (cell := _cell(column, value)) is not None:
                cells[column.heading] = cell
        return cells

    def _refuse(self, case: Case) -> None:
        """Refuse a case that a row cannot hold as it is."""
        if case.assessor is not None and not any(msgspec.structs.astuple(case.assessor)):
            raise NotInColumns("It has an assessor of whom nothing is said.")
        held = [_but_kinds(one) for one in case.agreements if one.reference]
        if len(set(held)) < len(held):
            raise NotInColumns("It has two agreements with the same reference and all else: in a row they are one.")
        kinds: set[str] = set()
        for agreement in case.agreements:
            if is_placeholder(agreement.reference) or _SAME.match(plain(agreement.reference)):
                raise NotInColumns(f"“{_short(agreement.reference)}” is no reference in a row.")
            if len(agreement.kinds) > 1 and not agreement.reference:
                raise NotInColumns("It has an agreement of two kinds without a reference that would say so.")
            for kind in agreement.kinds:
                if kind not in self.kinds:
                    raise NotInColumns(f"There are no columns for an agreement of the kind {kind}.")
                if kind in kinds:
                    raise NotInColumns(f"It has more than one agreement of the kind {kind}: a row has room for one.")
                kinds.add(kind)


def label(kind: str) -> str:
    """How headings name a kind of agreement: DPA, DSA, Contract."""
    return kind.upper() if len(kind) <= 4 else _capital(kind.replace("-", " "))


@lru_cache(maxsize=4096)
def plain(heading: str) -> str:
    """The form of a heading by which headings are the same: letters and digits, in one case, single spaces."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in folded).split())


def listed(text: str) -> list[str]:
    """The entries of a list within one cell."""
    return [part.strip() for part in text.split(SEPARATOR, LIMIT_LIST) if part.strip()]


_SAME = re.compile(r"same (?:document |one )?as (?:the )?(.*)")
"""What the plain form of a reference says that is another agreement's."""
_PLACEHOLDER = re.compile(
    r"|tb[acds]|t b [acd]|to be (confirmed|agreed|decided|advised|announced|added|provided)|to follow|n a|na|none|nil"
    r"|no|null|not (applicable|available|known|yet.*|in place)|unknown|pending|awaited|awaiting.*|as above|ditto"
    r"|x{2,}|see .*"
)
"""What the plain form of a reference says that stands where there is none yet."""


def is_placeholder(reference: str) -> bool:
    """Whether what stands in a reference's place only says that there is none, or to look elsewhere: TBC, N/A, -."""
    return bool(reference.strip()) and _PLACEHOLDER.fullmatch(plain(reference)) is not None


def _first_of(pairs: Iterator[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, words in pairs:
        found.setdefault(key, words)
    return found


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _agreement_id(kinds: Sequence[str]) -> str:
    return " and ".join(label(kind) for kind in kinds)


def _is_same(agreement: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether the columns of two kinds are of one agreement: with a reference, and the same in every cell."""
    return "reference" in given and {field: value for field, value in agreement.items() if field != "kinds"} == given


def _but_kinds(agreement: Agreement) -> tuple[object, ...]:
    return tuple(getattr(agreement, field) for field, *_ in _AGREEMENT_FIELDS)


def _put(answers: dict[str, Any], path: str, value: object) -> None:
    *parents, last = path.split(".")
    if path == "dataset.other":
        answers["other dataset"] = value
        return
    for parent in parents:
        answers = answers.setdefault(parent, {})
    answers[last] = value


def _at(form: Any, path: str) -> Any:
    for key in path.split("."):
        form = form.get(key) if isinstance(form, dict) else None
    return form


def _settle_dataset(answers: dict[str, Any], problems: dict[str, str]) -> None:
    """Put what the two columns for the dataset say into one answer."""
    other = answers.pop("other dataset", None)
    if answers.get("dataset") == OTHER[0]:
        answers["dataset"] = {"other": other or ""}
    elif other is not None and "dataset" not in problems:
        if "dataset" in answers:
            problems["dataset.other"] = (
                f"This is filled in, but column “Dataset” does not say “{OTHER[1]}”. Clear this, or say so there"
            )
        else:
            problems["dataset"] = f"Select “{OTHER[1]}” here, since the next column says what it is"


# From a cell to a value


def _value(column: Column, cell: Cell, path: str, problems: dict[str, str]) -> Any:
    """What a cell says, as the format has it; None when it is blank. What is wrong with it is noted."""
    if isinstance(cell, Unreadable):
        problems[path] = cell.words
        return None
    text = cell.isoformat() if isinstance(cell, date) else cell or ""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        return None
    match column.form:
        case "date":
            return _date(text, path, problems)
        case "choice":
            return _choice(column, text, path, problems)
        case "text":
            return text
    parts = listed(text)
    return [_choice(column, part, path, problems) if column.choices else part for part in parts] or None


def _date(text: str, path: str, problems: dict[str, str]) -> str | None:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            problems[path] = f"There is no day {text}. Enter a real date, like 2027-03-31"
            return None
    try:
        day = dates.read((text[:100], "", ""))
    except dates.NotADate:
        day = None
    if day is None:
        problems[path] = f"“{_short(text)}” is not a date. Write it like 2027-03-31, 31/3/2027 or 31 March 2027"
        return None
    return day.isoformat()


def day_of(text: str) -> date | None:
    """The day that a cell's text names, or None."""
    written = _date(text.strip(), "", {})
    try:
        return None if written is None else date.fromisoformat(written)
    except ValueError:
        return None


def _choice(column: Column, text: str, path: str, problems: dict[str, str]) -> str:
    """The key of what is chosen. What is no choice stays as it is, and is noted."""
    wanted = plain(text)
    for key, words in (*column.choices, *column.older):
        if wanted in (plain(key), plain(words)):
            return key
    words_of = {plain(word): words for key, words in column.choices for word in (words, key)}
    near = list(dict.fromkeys(words_of[one] for one in difflib.get_close_matches(wanted[:100], words_of, 3, 0.5)))
    advice = f"Nearest: {_quoted(near)}" if near else f"It may be {_quoted([words for _, words in column.choices])}"
    problems[path] = f"“{_short(text)}” is not one of the choices. {advice}"
    return text


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _short(text: str) -> str:
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text[:61])
    return shown if len(text) <= 60 else shown[:57] + "..."


# From a value to a cell


def _cell(column: Column, value: Any) -> Cell:
    if value is None or value in ("", [], ()):
        return None
    if isinstance(value, date):
        return value
    words: dict[str, str] = dict(column.choices)
    if isinstance(value, list | tuple):
        entries: list[str] = list(value)
        for entry in entries:
            if SEPARATOR in entry or entry != entry.strip() or "\r" in entry:
                raise NotInColumns(f"“{_short(entry)}” cannot stand in a list within a cell, parted by semicolons.")
        return f"{SEPARATOR} ".join(words.get(entry, entry) for entry in entries)
    text = words.get(value, str(value))
    if text != text.strip() or "\r" in text:
        raise NotInColumns(f"“{_short(text)}” has white space at an end, which a cell does not keep.")
    return text
