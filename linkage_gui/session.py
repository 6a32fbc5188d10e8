"""One assessment being filled in: the answers, what is wrong with them, and which page comes next.

The answers are the truth. They have the shape of ``linkage-case/1`` and may be
incomplete; pages read them and write them, and hold nothing of their own. No
Qt here, so that the whole of it is tested without a window.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Required, TypedDict

import msgspec

from linkage_gui import dates
from rules.case import FORMAT, Case, same_name
from rules.edition import Edition, NoEdition, shipped
from rules.reading import CaseRefused, Problem, check_case

Status = Literal["Completed", "Incomplete", "Cannot start yet"]
Agreement = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """A part of the task list: its pages in order, and the sections that must be completed before it."""

    key: str
    name: str
    hint: str
    pages: tuple[str, ...]
    needs: tuple[str, ...] = ()


SECTIONS = (
    Section("linkage", "Linkage", "Who wants to link which data, with whom and for how long",
            ("linkage", "source", "organisations", "dates")),
    Section("dataset", "Dataset", "The non-health dataset to link to", ("dataset",)),
    Section("purpose", "Purpose", "What the linked data is for", ("purpose",), needs=("dataset",)),
    Section("agreements", "Agreements", "The local agreements, and the evidence for each",
            ("agreements",), needs=("linkage", "dataset")),
    Section("check", "Check and decide", "Check your answers, then get the decision and record it",
            ("check",), needs=("linkage", "dataset", "purpose", "agreements")),
)  # fmt: skip

PATHS: dict[str, tuple[str, ...]] = {
    "linkage": ("title", "applicant"),
    "source": ("source",),
    "organisations": ("providers", "processors"),
    "dates": ("starts_on", "ends_on", "dpia_reference", "assessed_on", "assessor", "notes"),
    "dataset": ("dataset",),
    "purpose": ("use", "purposes", "other_purposes"),
    "agreements": ("agreements",),
}
"""The answers that each page asks for."""

LOOK_AGAIN: dict[str, tuple[str, ...]] = {
    "applicant.name": ("agreements",),
    "providers": ("agreements",),
    "processors": ("agreements",),
    "dataset": ("purpose", "agreements"),
}
"""Pages whose questions change with an answer, so that they must be looked at again when it changes."""

DATES: dict[str, str] = {
    "assessed_on": "the date of the assessment",
    "starts_on": "the date the linkage starts",
    "ends_on": "the date the linkage ends",
}
AGREEMENT_DATES: dict[str, str] = {
    "signed_on": "the date the agreement was signed",
    "starts_on": "the date the agreement starts",
    "ends_on": "the date the agreement ends",
}
DATE_EXAMPLE = "31 3 2027"

_MISSING: dict[str, str] = {
    "title": "Enter a title for this linkage",
    "applicant.name": "Enter the name of the organisation that wants to link",
    "applicant.kind": "Select whether the organisation is an integrated care board",
    "source.supplier": "Select who supplies the health data",
    "source.collection": "Select what kind of collection the health data is",
    "providers": "Enter the name of at least one provider",
    "dataset": "Select the dataset to link to",
    "dataset.other": "Enter what the other dataset is",
    "use": "Select secondary use, direct care or both",
    "purposes": "Select at least one purpose, or enter another purpose",
    "agreements[].kinds": "Select what kind of agreement it is",
    "agreements[].status": "Select whether the agreement is signed",
    "agreements[].signed_on": f"Enter the date the agreement was signed, like {DATE_EXAMPLE}",
}
"""What to say when an answer is not there, by the field's path."""

_WRONG: dict[str, str] = {
    "applicant.ods_code": "Enter an ODS code of 3 to 6 letters and digits, like QWO, or leave it blank",
    "ends_on": "The date the linkage ends must be on or after the date it starts and the date of the assessment",
    "agreements[].signed_on": "The date the agreement was signed must be on or before the date of the assessment",
    "agreements[].ends_on": "The date the agreement ends must be on or after the date it starts",
}
"""What to say when an answer is there and does not fit, where a form can say it better than a file's reader."""


class Session:
    """The answers of one assessment, with the draft that keeps them.

    ``typed`` holds dates that are not dates yet, as typed, by path. ``done``
    holds the pages from which the person has continued without a problem.
    ``returning`` is set while an answer is being changed from the check page.
    """

    def __init__(self, *, today: Callable[[], date], draft_id: str | None = None) -> None:
        self.today = today
        self.draft_id = draft_id or uuid.uuid4().hex
        self.answers: dict[str, Any] = {}
        self.typed: dict[str, dates.Typed] = {}
        self.done: set[str] = set()
        self.returning = False
        self.agreement_id = ""
        self._begun: Agreement | None = None

    # Drafts

    @classmethod
    def from_draft(cls, draft_id: str, draft: Mapping[str, Any], *, today: Callable[[], date]) -> Session:
        """The assessment that a draft keeps; parts that are not of a draft's shape are left out."""
        session = cls(today=today, draft_id=draft_id)
        answers, typed, done = draft.get("answers"), draft.get("typed"), draft.get("done")
        if isinstance(answers, dict):
            session.answers = _of_shape(answers)
        if isinstance(typed, dict):
            for path, parts in typed.items():
                if isinstance(parts, list) and len(parts) == 3:
                    session.typed[str(path)] = (str(parts[0]), str(parts[1]), str(parts[2]))
        if isinstance(done, list):
            session.done = {page for page in PATHS if page in done}
        return session

    def draft(self) -> dict[str, Any]:
        """What a draft must keep to come back to this."""
        return {
            "answers": deepcopy(self.answers),
            "typed": {path: list(parts) for path, parts in self.typed.items()},
            "done": sorted(self.done),
        }

    @property
    def blank(self) -> bool:
        """Whether nothing has been answered, so that there is nothing to keep."""
        return not self.answers and not self.typed

    # Answers

    def get(self, path: str, default: Any = None) -> Any:
        """The answer at a path like ``applicant.name``."""
        found: Any = self.answers
        for key in path.split("."):
            if not isinstance(found, dict) or key not in found:
                return default
            found = found[key]
        return found

    def text(self, path: str) -> str:
        """The answer at a path when it is text, else nothing."""
        found = self.get(path)
        return found if isinstance(found, str) else ""

    def texts(self, path: str) -> list[str]:
        """The answer at a path when it is a list: its texts, or the names of its organisations."""
        found = self.get(path)
        items = [item.get("name") if isinstance(item, dict) else item for item in found or ()]
        return [item for item in items if isinstance(item, str)]

    def put(self, path: str, value: Any) -> None:
        """Answer. White space around text is not kept; an empty answer is no answer."""
        before = self.get(path)
        value = _stripped(value)
        keys = path.split(".")
        parents = [self.answers]
        for key in keys[:-1]:
            below = parents[-1].setdefault(key, {})
            parents.append(below)
        if _empty(value):
            parents[-1].pop(keys[-1], None)
        else:
            parents[-1][keys[-1]] = value
        for key, parent in zip(reversed(keys[:-1]), reversed(parents[:-1]), strict=True):
            if parent[key] == {}:
                del parent[key]
        if self.get(path) != before and before is not None:
            self.done -= set(LOOK_AGAIN.get(path, ()))

    def put_names(self, path: str, names: Sequence[str]) -> None:
        """Answer with organisations; blank names are left out."""
        self.put(path, [{"name": name.strip()} for name in names if name.strip()])

    def date_parts(self, path: str) -> dates.Typed:
        """A date for three fields: as typed when it is not a date yet."""
        return self._date_parts(path, self.get(path))

    def put_date(self, path: str, parts: dates.Typed) -> None:
        """Answer with a date as typed; what is not a date is kept as it is."""
        self.put(path, self._read_date(path, parts))

    def _date_parts(self, key: str, answer: object) -> dates.Typed:
        if key in self.typed:
            return self.typed[key]
        try:
            return dates.typed(date.fromisoformat(answer)) if isinstance(answer, str) else ("", "", "")
        except ValueError:
            return (str(answer), "", "")

    def _read_date(self, key: str, parts: dates.Typed) -> str | None:
        self.typed.pop(key, None)
        try:
            day = dates.read(parts)
        except dates.NotADate:
            self.typed[key] = parts
            return None
        return day.isoformat() if day else None

    # Agreements

    @property
    def agreements(self) -> list[Agreement]:
        """The agreements added so far."""
        return [item for item in self.get("agreements") or () if isinstance(item, dict)]

    def agreement(self, agreement_id: str) -> Agreement:
        """The agreement with that id.

        :raises KeyError: when there is none.
        """
        for agreement in self.agreements:
            if agreement.get("id") == agreement_id:
                return agreement
        raise KeyError(agreement_id)

    def place(self, agreement_id: str) -> int:
        """The place of an agreement in the case, from 0."""
        return next(at for at, agreement in enumerate(self.agreements) if agreement.get("id") == agreement_id)

    def add_agreement(self, kinds: Sequence[str] = (), parties: Sequence[str] = ()) -> str:
        """A new agreement, begun with what a requirement needs; gives its id."""
        taken = [
            int(number[1]) for item in self.agreements if (number := re.fullmatch(r"A(\d+)", str(item.get("id"))))
        ]
        agreement_id = f"A{max(taken, default=0) + 1}"
        agreement = {"id": agreement_id, "kinds": list(kinds), "parties": list(parties)}
        self.answers["agreements"] = [*self.agreements, agreement]
        self.open_agreement(agreement_id)
        self._begun = deepcopy(agreement)
        return agreement_id

    def open_agreement(self, agreement_id: str) -> None:
        """Begin to change an agreement."""
        self.agreement(agreement_id)
        if agreement_id != self.agreement_id:
            self._begun = None
        self.agreement_id = agreement_id

    @property
    def agreement_is_new(self) -> bool:
        """Whether the agreement that is open is being added."""
        return self._begun is not None

    def keep_agreement(self) -> None:
        """The agreement that is open has been added: from now on it is one to change."""
        self._begun = None

    def put_agreement(self, agreement_id: str, fields: Mapping[str, Any]) -> None:
        """Answer some fields of an agreement; its dates are given as typed."""
        agreement = self.agreement(agreement_id)
        for key, value in fields.items():
            kept = self._read_date(f"{agreement_id}.{key}", value) if key in AGREEMENT_DATES else _stripped(value)
            if _empty(kept) and key != "kinds":
                agreement.pop(key, None)
            else:
                agreement[key] = kept

    def agreement_date_parts(self, agreement_id: str, key: str) -> dates.Typed:
        """A date of an agreement for three fields."""
        return self._date_parts(f"{agreement_id}.{key}", self.agreement(agreement_id).get(key))

    def remove_agreement(self, agreement_id: str, why: str = "") -> Agreement:
        """Take an agreement away, and give it; the reason goes into the notes, where the record keeps it."""
        gone = self.agreement(agreement_id)
        self.put("agreements", [item for item in self.agreements if item is not gone])
        for key in AGREEMENT_DATES:
            self.typed.pop(f"{agreement_id}.{key}", None)
        if why.strip():
            said = f"Removed agreement {gone.get('reference') or agreement_id}: {why.strip()}"
            self.put("notes", f"{self.text('notes')}\n{said}".strip())
        return gone

    def drop_if_untouched(self) -> None:
        """Forget an agreement that was begun and left without anything said about it."""
        if self._begun is not None and self.agreement(self.agreement_id) == self._begun:
            half_typed = any(key.startswith(f"{self.agreement_id}.") for key in self.typed)
            if not half_typed:
                self.remove_agreement(self.agreement_id)
        self._begun = None

    @property
    def organisations(self) -> list[tuple[str, str]]:
        """The organisations of the case with their roles, each once: whom an agreement may be between."""
        found: dict[str, tuple[str, list[str]]] = {}
        roles = [("applicant", [self.text("applicant.name")])]
        roles += [("provider", self.texts("providers")), ("processor", self.texts("processors"))]
        for role, names in roles:
            for name in names:
                if form := same_name(name):
                    found.setdefault(form, (name, []))[1].append(role)
        return [(name, " and ".join(roles)) for name, roles in found.values()]

    # The case

    @property
    def edition(self) -> Edition:
        """The edition of the guidance for the day of the assessment; the newest while that day has none."""
        try:
            day = date.fromisoformat(self.text("assessed_on"))
        except ValueError:
            day = self.today()
        try:
            return shipped().on(day)
        except NoEdition:
            return shipped().newest

    def case_answers(self) -> dict[str, Any]:
        """The answers in the shape of ``linkage-case/1``, parts that were not answered left empty."""
        empty: dict[str, Any] = {"format": FORMAT, "applicant": {}, "source": {}, "use": [], "providers": []}
        return {**empty, **deepcopy(self.answers)}

    def case_so_far(self) -> tuple[Case, Edition] | None:
        """A case good enough to work out which agreements are needed, or None before there is one.

        Answers that do not bear on that are filled in; agreements with a problem are left out.
        """
        answers = self.case_answers()
        wrong = {int(found[1]) for path, _ in self.problems("agreements") if (found := _INDEX.match(path))}
        answers["agreements"] = [item for at, item in enumerate(self.agreements) if at not in wrong]
        answers["title"] = self.text("title") or "-"
        answers["use"] = answers["use"] or ["secondary-use"]
        if not answers.get("purposes") and not answers.get("other_purposes"):
            answers["other_purposes"] = ["-"]
        try:
            return check_case(answers, today=self.today())
        except CaseRefused:
            return None

    # What is wrong

    def problems(self, page: str) -> list[Problem]:
        """Everything wrong with what a page asks for, in the page's order, in the form's words."""
        if page == "agreement":
            prefix = f"agreements[{self.place(self.agreement_id)}]"
            return [problem for problem in self.problems("agreements") if problem.path.startswith(prefix)]
        paths = PATHS.get(page, ())
        found = self._typed_problems()
        half_typed = {problem.path for problem in found}
        try:
            check_case(self.case_answers(), today=self.today())
        except CaseRefused as refused:
            found += [self._worded(problem) for problem in refused.problems if problem.path not in half_typed]
        ours = [problem for problem in found if _root(problem.path) in paths]
        return sorted(ours, key=lambda problem: (paths.index(_root(problem.path)), _numbers(problem.path)))

    def _typed_problems(self) -> list[Problem]:
        found = []
        places = {str(agreement.get("id")): at for at, agreement in enumerate(self.agreements)}
        for key, parts in self.typed.items():
            agreement_id, _, field = key.rpartition(".")
            what = AGREEMENT_DATES.get(field) if agreement_id else DATES.get(field)
            if what is None or (agreement_id and agreement_id not in places):
                continue
            path = f"agreements[{places[agreement_id]}].{field}" if agreement_id else field
            found.append(Problem(path, date_problem(parts, what)))
        return found

    def _worded(self, problem: Problem) -> Problem:
        form = re.sub(r"\[\d+\]", "[]", problem.path)
        value = _at(self.answers, problem.path)
        if _empty(value):
            return Problem(problem.path, _MISSING.get(form, problem.message))
        if form == "assessed_on":
            first = dates.show(shipped().all[0].edition)
            return Problem(
                problem.path, f"The date of the assessment must be on or after {first}, the guidance's first"
            )
        if form in ("providers[].name", "processors[].name") and len(str(value)) <= 300 and same_name(str(value)):
            role = form.split("s[]")[0]
            return Problem(problem.path, f"“{value}” is there twice. Enter each {role} once")
        return Problem(problem.path, _WRONG.get(form, problem.message))

    # Sections and pages

    def status(self, section: Section) -> Status:
        """How far a section of the task list is."""
        if any(self.status(_SECTION[key]) != "Completed" for key in section.needs):
            return "Cannot start yet"
        if section.key == "check":
            return "Incomplete"
        finished = all(page in self.done and not self.problems(page) for page in section.pages)
        return "Completed" if finished else "Incomplete"

    @property
    def ready(self) -> bool:
        """Whether a decision can be asked for."""
        return self.status(_SECTION["check"]) != "Cannot start yet"

    def finish(self, page: str) -> list[Problem]:
        """Continue from a page: its problems, or none and the page is done."""
        problems = self.problems(page)
        if not problems and page in PATHS:
            self.done.add(page)
        elif problems:
            self.done.discard(page)
        return problems

    def after(self, page: str) -> str:
        """The page that Continue leads to."""
        if page in ("agreement", "remove-agreement"):
            return "agreements"
        section = _section_of(page)
        place = section.pages.index(page)
        if self.returning:
            if self.ready:
                return "check"
            todo = [name for part in SECTIONS for name in part.pages if name in PATHS and name not in self.done]
            return todo[0] if todo else "tasks"
        return section.pages[place + 1] if place + 1 < len(section.pages) else "tasks"

    def before(self, page: str) -> str:
        """The page that Back leads to."""
        if page == "tasks":
            return "home"
        if page in ("agreement", "remove-agreement"):
            return "agreements"
        if self.returning and page != "check":
            return "check" if self.ready else "tasks"
        section = _section_of(page)
        place = section.pages.index(page)
        return section.pages[place - 1] if place else "tasks"

    def first_page(self, section: Section) -> str:
        """The page that a section opens on: the first that is not done, else its first."""
        return next((page for page in section.pages if page not in self.done), section.pages[0])

    def next_section(self) -> Section | None:
        """The first section that can be worked on and is not completed."""
        return next((section for section in SECTIONS if self.status(section) == "Incomplete"), None)


def date_problem(parts: dates.Typed, what: str) -> str:
    """What to say about a date that is not one."""
    try:
        dates.read(parts)
    except dates.NotADate as error:
        if error.whole:
            return f"{what[0].upper()}{what[1:]} must be a real date, like {DATE_EXAMPLE}"
    return f"Enter {what}, like {DATE_EXAMPLE}"


_SECTION = {section.key: section for section in SECTIONS}
_INDEX = re.compile(r"agreements\[(\d+)\]")


class _Source(TypedDict, total=False):
    supplier: str
    collection: str
    datasets: list[str]


class _Agreement(TypedDict, total=False):
    id: Required[str]
    kinds: list[str]
    reference: str
    parties: list[str]
    status: str
    signed_on: str
    starts_on: str
    ends_on: str
    documents: list[str]


_SHAPES: dict[str, Any] = {
    **dict.fromkeys(("title", "assessed_on", "starts_on", "ends_on", "dpia_reference", "notes"), str),
    **dict.fromkeys(("applicant", "assessor"), dict[str, str]),
    **dict.fromkeys(("use", "purposes", "other_purposes"), list[str]),
    **dict.fromkeys(("providers", "processors"), list[dict[Literal["name"], str]]),
    "source": _Source,
    "dataset": str | dict[Literal["other"], str],
    "agreements": list[_Agreement],
}
"""The types that the pages rely on, of answers that come from a file."""


def _of_shape(answers: Mapping[str, Any]) -> dict[str, Any]:
    kept = {}
    for key, shape in _SHAPES.items():
        with suppress(msgspec.ValidationError):
            if key in answers:
                kept[key] = msgspec.convert(answers[key], shape)
    return kept


def _section_of(page: str) -> Section:
    return next(section for section in SECTIONS if page in section.pages)


def _root(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _numbers(path: str) -> list[int]:
    return [int(number) for number in re.findall(r"\[(\d+)\]", path)]


def _at(answers: Any, path: str) -> Any:
    """The answer at a problem's path, or None."""
    for key, place in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        if key:
            answers = answers.get(key) if isinstance(answers, dict) else None
        else:
            at = int(place)
            answers = answers[at] if isinstance(answers, list) and at < len(answers) else None
    return answers


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple):
        return [kept for item in value if not _empty(kept := _stripped(item))]
    return value


def _empty(value: object) -> bool:
    return value is None or value in ("", [], {})
