"""One assessment being filled in: the answers, what is wrong with them, and which page comes next.

The answers are the truth. They have the shape of ``linkage-case/1`` and may be
incomplete; pages read them and write them, and hold nothing of their own. No
Qt here, so that the whole of it is tested without a window.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Required, TypedDict

import msgspec

from linkage_gui import dates
from linkage_gui.problems import AGREEMENT_DATES, DATES, date_problem, empty, places, root, worded
from rules.case import FORMAT, Case, same_name
from rules.edition import Edition, Editions, NoEdition, shipped
from rules.reading import CaseRefused, Problem, check_case
from rules.wording import too_long

Status = Literal["Completed", "Incomplete", "Cannot start yet"]
Agreement = dict[str, Any]
LIMIT_WHY = 300
"""The most characters of a reason for removing an agreement."""


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


_BY_EDITION = ("dataset", "purpose", "agreements")
"""Pages whose questions change with the edition of the guidance."""


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


class Removed(TypedDict):
    """An agreement that was taken away: what it was, why, and on which day (``YYYY-MM-DD``)."""

    agreement: Agreement
    why: str
    on: str


@dataclass(frozen=True)
class SoFar:
    """A case from what is answered so far; ``filled`` are the paths of what was filled in, like ``providers``."""

    case: Case
    edition: Edition
    filled: frozenset[str]


class Session:
    """The answers of one assessment, with the draft that keeps them.

    ``typed`` holds dates that are not dates yet, as typed, by path. ``aside``
    holds text that is no answer now and may be one again, by path. ``done``
    holds the pages from which the person has continued without a problem.
    ``removed`` holds the agreements that were taken away, the last one last.
    ``held`` holds the documents that the draft has in the log, once that is known.
    ``returning`` is set while an answer is being changed from the check page, and ``changing`` is its path or the id
    of an agreement. ``sample`` is set when all of it is made up.
    """

    def __init__(
        self,
        *,
        today: Callable[[], date],
        draft_id: str | None = None,
        begun_with: Mapping[str, Any] | None = None,
        editions: Editions | None = None,
    ) -> None:
        """``begun_with`` are answers that every new assessment has, such as the organisation's own name.

        ``editions`` are those to choose from, by the day of the assessment; those shipped when left out.
        """
        self.today = today
        self.editions = editions or shipped()
        self.draft_id = draft_id or uuid.uuid4().hex
        self.answers: dict[str, Any] = _of_shape(begun_with or {})
        self._begun_with = deepcopy(self.answers)
        self.removed: list[Removed] = []
        self.held: frozenset[str] | None = None
        self.typed: dict[str, dates.Typed] = {}
        self.aside: dict[str, str] = {}
        self.done: set[str] = set()
        self.returning = False
        self.changing = ""
        self.sample = False
        self.agreement_id = ""
        self._begun: Agreement | None = None
        self._looked_at: tuple[tuple[object, ...], list[Problem]] = ((), [])

    # Drafts

    @classmethod
    def from_draft(
        cls,
        draft_id: str,
        draft: Mapping[str, Any],
        *,
        today: Callable[[], date],
        editions: Editions | None = None,
    ) -> Session:
        """The assessment that a draft keeps; parts that are not of a draft's shape are left out."""
        session = cls(today=today, draft_id=draft_id, editions=editions)
        answers, typed, aside, done = (draft.get(key) for key in ("answers", "typed", "aside", "done"))
        with suppress(msgspec.ValidationError):
            session.removed = [
                Removed(agreement=dict(one["agreement"]), why=one["why"], on=one["on"])
                for one in msgspec.convert(draft.get("removed", []), list[_Removed])
            ]
        if isinstance(answers, dict):
            session.answers = _of_shape(answers)
        if isinstance(typed, dict):
            for path, parts in typed.items():
                if isinstance(parts, list) and len(parts) == 3:
                    session.typed[str(path)] = (str(parts[0]), str(parts[1]), str(parts[2]))
        if isinstance(aside, dict):
            session.aside = {path: text for path, text in aside.items() if isinstance(text, str)}
        if isinstance(done, list):
            session.done = {page for page in PATHS if page in done}
        return session

    def draft(self) -> dict[str, Any]:
        """What a draft must keep to come back to this. An agreement about which nothing was said is not kept."""
        answers = dict(self.answers)
        if self.untouched:
            answers["agreements"] = [item for item in self.agreements if item["id"] != self.agreement_id]
            if not answers["agreements"]:
                del answers["agreements"]
        return {
            "answers": deepcopy(answers),
            "typed": {path: list(parts) for path, parts in self.typed.items()},
            "aside": dict(self.aside),
            "done": sorted(self.done),
            "removed": deepcopy(self.removed),
        }

    def copy(self) -> Session:
        """An assessment like this one, to look ahead with: what is answered there is not answered here."""
        other = Session(today=self.today, draft_id=self.draft_id, editions=self.editions)
        shared = ("today", "editions", "_read", "_looked_at")
        other.__dict__.update({name: deepcopy(value) for name, value in self.__dict__.items() if name not in shared})
        other._looked_at = self._looked_at  # a copy already, of what the answers were
        return other

    @property
    def blank(self) -> bool:
        """Whether nothing has been answered, so that there is nothing to keep."""
        return self.answers == self._begun_with and not self.typed and not self.removed

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
        if empty(value):
            parents[-1].pop(keys[-1], None)
        else:
            parents[-1][keys[-1]] = value
        for key, parent in zip(reversed(keys[:-1]), reversed(parents[:-1]), strict=True):
            if parent[key] == {}:
                del parent[key]
        if self.get(path) != before:
            self.done -= set(LOOK_AGAIN.get(path, ()))

    def put_aside(self, path: str, text: str) -> None:
        """Hold text that is no answer now and may be one again."""
        self.aside.pop(path, None)
        if text.strip():
            self.aside[path] = text.strip()

    def put_names(self, path: str, names: Sequence[str]) -> None:
        """Answer with organisations; blank names are left out."""
        self.put(path, [{"name": name.strip()} for name in names if name.strip()])

    def date_parts(self, path: str) -> dates.Typed:
        """A date for three fields: as typed when it is not a date yet."""
        return self._date_parts(path, self.get(path))

    def put_date(self, path: str, parts: dates.Typed) -> None:
        """Answer with a date as typed; what is not a date is kept as it is.

        Under another edition the dataset, the purposes and the agreements must be looked at again.
        """
        before = self.edition
        self.put(path, self._read_date(path, parts))
        if self.edition != before:
            self.done -= set(_BY_EDITION)

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
            int(number[1])
            for item in [*self.agreements, *(one["agreement"] for one in self.removed)]
            if (number := re.fullmatch(r"A(\d+)", str(item.get("id"))))
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
            if empty(kept) and key != "kinds":
                agreement.pop(key, None)
            else:
                agreement[key] = kept

    def agreement_date_parts(self, agreement_id: str, key: str) -> dates.Typed:
        """A date of an agreement for three fields."""
        return self._date_parts(f"{agreement_id}.{key}", self.agreement(agreement_id).get(key))

    def remove_agreement(self, agreement_id: str, why: str) -> None:
        """Take an agreement away. What it was, why and when stay with the draft, and go into the record's notes."""
        gone = self._take_out(agreement_id)
        self.removed.append({"agreement": gone, "why": why.strip(), "on": self.today().isoformat()})

    def put_back(self, agreement_id: str) -> None:
        """Take back that an agreement was removed."""
        [back] = [one for one in self.removed if one["agreement"]["id"] == agreement_id]
        self.removed.remove(back)
        self.answers["agreements"] = [*self.agreements, back["agreement"]]

    def _take_out(self, agreement_id: str) -> Agreement:
        gone = self.agreement(agreement_id)
        self.put("agreements", [item for item in self.agreements if item is not gone])
        for key in AGREEMENT_DATES:
            self.typed.pop(f"{agreement_id}.{key}", None)
        self.aside.pop(why_path(agreement_id), None)
        return gone

    @property
    def notes(self) -> str:
        """The notes as the record keeps them: what was written, then which agreements were removed and why."""
        said = [
            f"Removed {agreement_title(one['agreement'])[0].lower()}{agreement_title(one['agreement'])[1:]} "
            f"on {dates.show_iso(one['on'])}: {one['why']}"
            for one in self.removed
        ]
        return "\n".join([*filter(None, [self.text("notes")]), *said])

    def elsewhere(self, agreement_id: str) -> list[str]:
        """The documents that other agreements of the case have, and this one not."""
        own = self.agreement(agreement_id).get("documents", [])
        others = (path for item in self.agreements for path in item.get("documents", []))
        return [path for path in dict.fromkeys(others) if path not in own and not self.is_gone(path)]

    def is_gone(self, document: str) -> bool:
        """Whether the draft no longer has a document that was attached."""
        return self.held is not None and document not in self.held

    @property
    def untouched(self) -> bool:
        """Whether an agreement was begun about which nothing has been said since."""
        if self._begun is None:
            return False
        half_typed = any(key.startswith(f"{self.agreement_id}.") for key in self.typed)
        return not half_typed and _said(self.agreement(self.agreement_id)) == _said(self._begun)

    def drop_if_untouched(self) -> None:
        """Forget an agreement that was begun and left without anything said about it."""
        if self.untouched:
            self._take_out(self.agreement_id)
        self._begun = None

    def agreements_for(self, needs: Sequence[tuple[str, Sequence[str]]]) -> list[str | None]:
        """For each need of a kind between parties the first agreement, perhaps incomplete, of it and between them."""
        held = [(str(one["id"]), one.get("kinds", ()), _forms(one.get("parties", ()))) for one in self.agreements]
        return [
            next((held_id for held_id, kinds, named in held if kind in kinds and forms <= named), None)
            for kind, forms in ((kind, _forms(parties)) for kind, parties in needs)
        ]

    def strangers(self, agreement: Agreement) -> list[str]:
        """The parties of an agreement that are not in the case."""
        known = _forms([name for name, _ in self.organisations])
        return [party for party in agreement.get("parties", ()) if same_name(party) not in known]

    def naming(self, name: str) -> list[Agreement]:
        """The agreements that an organisation of that name is a party of."""
        return [item for item in self.agreements if same_name(name) in _forms(item.get("parties", ()))]

    def rename_party(self, before: str, now: str) -> None:
        """Let the agreements name an organisation as the case does now."""
        for agreement in self.naming(before):
            agreement["parties"] = [
                now if same_name(party) == same_name(before) else party for party in agreement["parties"]
            ]

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
            return self.editions.on(day)
        except NoEdition:
            return self.editions.newest

    def use(self, editions: Editions) -> None:
        """Choose from other editions from now on, as when one was added: what that changes is looked at again."""
        before, self.editions = self.edition, editions
        if self.edition != before:
            self.done -= set(_BY_EDITION)

    def case_answers(self) -> dict[str, Any]:
        """The answers in the shape of ``linkage-case/1``, parts that were not answered left empty."""
        empty: dict[str, Any] = {"format": FORMAT, "applicant": {}, "source": {}, "use": [], "providers": []}
        notes = {"notes": self.notes} if self.notes else {}
        return {**empty, **deepcopy(self.answers), **notes}

    def case_so_far(self) -> SoFar:
        """A case from what is answered so far.

        What is not answered, or has a problem, is filled in with what settles nothing; agreements with a problem are
        left out.
        """
        answers, filled = self.case_answers(), set[str]()
        wrong = {place for problem in self._typed_problems() for place in places(problem.path)}
        answers["agreements"] = [item for at, item in enumerate(self.agreements) if at not in wrong]
        for _ in range(_TRIES):
            filled |= self._fill(answers)
            try:
                case, edition = check_case(answers, today=self.today(), editions=self.editions)
            except CaseRefused as refused:
                _take_out(answers, [problem.path for problem in refused.problems])
            else:
                return SoFar(case, edition, frozenset(filled))
        filled |= self._fill(answers := {"format": FORMAT})
        return SoFar(*check_case(answers, today=self.today(), editions=self.editions), frozenset(filled))

    def _fill(self, answers: dict[str, Any]) -> set[str]:
        """Fill in what has no answer; gives the paths that were filled."""
        dataset = answers.get("dataset")
        listed = self.edition.dataset(dataset) if isinstance(dataset, str) else self.edition.datasets[0]
        purpose: dict[str, list[str]] = {"purposes": [listed.purposes[0].id]} if listed else {"other_purposes": ["-"]}
        if isinstance(dataset, dict):
            purpose = {"other_purposes": ["-"]}
        filled = set()
        for path, value in (
            ("title", "-"), ("applicant.name", _SOMEBODY[0]), ("applicant.kind", "icb"),
            ("source.supplier", "nhs-england"), ("source.collection", "commissioning"),
            ("dataset", self.edition.datasets[0].key), ("use", ["secondary-use"]),
            ("providers", [{"name": _SOMEBODY[1]}]),
        ):  # fmt: skip
            key, _, below = path.partition(".")
            inside = answers.setdefault(key, {}) if below else answers
            if not isinstance(inside, dict):
                inside = answers[key] = {}
            if empty(inside.get(below or key)):
                inside[below or key] = deepcopy(value)
                filled.add(path)
        if not answers.get("purposes") and not answers.get("other_purposes"):
            answers.update(purpose)
            filled.add("purposes")
        if not answers.get("processors") and "organisations" not in self.done:
            answers["processors"] = [{"name": _SOMEBODY[2]}]
            filled.add("processors")
        return filled

    # What is wrong

    def problems(self, page: str) -> list[Problem]:
        """Everything wrong with what a page asks for, in the page's order, in the form's words."""
        if page == "agreement":
            prefix = f"agreements[{self.place(self.agreement_id)}]"
            return [problem for problem in self._problems("agreements") if problem.path.startswith(prefix)]
        if page == "agreements":
            return [self._of_agreement(problem) for problem in self._problems(page)]
        if page == "remove-agreement":
            why = self.aside.get(why_path(self.agreement_id), "")
            told = too_long("The reason", len(why.strip()), LIMIT_WHY)
            if not why:
                told = "Enter why the agreement is removed, like replaced by DPA-14"
            return [Problem("why", told)] if told else []
        return self._problems(page)

    def _of_agreement(self, problem: Problem) -> Problem:
        """A problem that says which agreement it is about."""
        if not (place := places(problem.path)):
            return problem
        return Problem(problem.path, f"{agreement_title(self.agreements[place[0]])}: {problem.message}")

    def _problems(self, page: str) -> list[Problem]:
        paths = PATHS.get(page, ())
        ours = [problem for problem in self._all_problems() if root(problem.path) in paths]
        return sorted(ours, key=lambda problem: (paths.index(root(problem.path)), _order(problem.path)))

    def _all_problems(self) -> list[Problem]:
        """Everything wrong with the answers, worked out once for each state that they are in."""
        state = (self.answers, self.notes, self.typed, self.removed, self.held, self.today())
        if (*state, self.editions) != self._looked_at[0]:
            self._looked_at = (*deepcopy(state), self.editions), self._look_for_problems()
        return self._looked_at[1]

    def _look_for_problems(self) -> list[Problem]:
        found = [*self._typed_problems(), *self._vanished()]
        half_typed = {problem.path for problem in found}
        try:
            check_case(self.case_answers(), today=self.today(), editions=self.editions)
        except CaseRefused as refused:
            found += [
                worded(problem, self.answers, self.editions)
                for problem in refused.problems
                if problem.path not in half_typed
            ]
        return found

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

    def _vanished(self) -> list[Problem]:
        return [
            Problem(
                f"agreements[{place}].documents[{at}]",
                f"{path} was attached and is no longer kept with this draft. Remove it, or attach the file again",
            )
            for place, agreement in enumerate(self.agreements)
            for at, path in enumerate(agreement.get("documents", []))
            if self.is_gone(path)
        ]

    # Sections and pages

    def statuses(self) -> dict[str, Status]:
        """How far each section of the task list is, by its key."""
        wrong = {root(problem.path) for problem in self._all_problems()}
        finished = {page for page in self.done if wrong.isdisjoint(PATHS[page])}
        found: dict[str, Status] = {}
        for section in SECTIONS:  # what a section needs comes before it
            if any(found[key] != "Completed" for key in section.needs):
                found[section.key] = "Cannot start yet"
            else:
                found[section.key] = "Completed" if finished.issuperset(section.pages) else "Incomplete"
        return found

    def status(self, section: Section) -> Status:
        """How far a section of the task list is."""
        return self.statuses()[section.key]

    @property
    def ready(self) -> bool:
        """Whether a decision can be asked for."""
        return self.statuses()["check"] != "Cannot start yet"

    @property
    def standing(self) -> str:
        """How far the assessment is, in words."""
        statuses = self.statuses()
        if statuses["check"] != "Cannot start yet":
            return "Ready to check and decide"
        done = list(statuses.values()).count("Completed")
        return f"{done} of {len(SECTIONS) - 1} sections completed"

    def first_wrong(self) -> str | None:
        """The first page that has a problem."""
        return next((page for page in PATHS if self._problems(page)), None)

    def finish(self, page: str) -> list[Problem]:
        """Continue from a page: its problems, or none and the page is done."""
        problems = self.problems(page)
        if not problems and page in PATHS:
            self.done.add(page)
        elif problems:
            self.done.discard(page)
        return problems

    @property
    def _changing_agreement(self) -> bool:
        """Whether the agreement that is open is the one that is being changed from the check page."""
        return self.returning and bool(self.changing) and self.changing == self.agreement_id

    def after(self, page: str) -> str:
        """The page that Continue leads to."""
        if page in ("agreement", "remove-agreement") and not self._changing_agreement:
            return "agreements"
        if self.returning:
            if self.ready:
                return "check"
            todo = [name for part in SECTIONS for name in part.pages if name in PATHS and name not in self.done]
            return todo[0] if todo else "tasks"
        section = _section_of(page)
        place = section.pages.index(page)
        return section.pages[place + 1] if place + 1 < len(section.pages) else "tasks"

    def before(self, page: str) -> str:
        """The page that Back leads to."""
        if page == "tasks":
            return "home"
        if page in ("agreement", "remove-agreement") and not self._changing_agreement:
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
        statuses = self.statuses()
        return next((section for section in SECTIONS if statuses[section.key] == "Incomplete"), None)


def renamed(before: Sequence[str], now: Sequence[str]) -> list[tuple[str, str]]:
    """The names that stand where another stood: the one before, gone now, and the one now, not there before."""
    gone, come = _forms(before) - _forms(now) - {""}, _forms(now) - _forms(before) - {""}
    return [
        (one, other)
        for one, other in zip(before, now, strict=False)
        if same_name(one) in gone and same_name(other) in come
    ]


def _order(path: str) -> tuple[int, int, list[int]]:
    """The place of a problem among those of the same answer: of an agreement, as its page asks."""
    at = places(path)
    field = re.fullmatch(r"agreements\[\d+\]\.(\w+).*", path)
    asked = list(_Agreement.__annotations__)
    return at[0] if at else -1, asked.index(field[1]) if field and field[1] in asked else -1, at


def agreement_title(agreement: Agreement) -> str:
    """An agreement by its id and reference: Agreement A1 (DPA-12)."""
    reference = str(agreement.get("reference") or "")
    return f"Agreement {agreement['id']} ({reference})" if reference else f"Agreement {agreement['id']}"


def why_path(agreement_id: str) -> str:
    """Where the reason for removing an agreement is held while it is being typed."""
    return f"{agreement_id}.why"


_SOMEBODY = ("The applicant", "A provider", "A processor")
"""What stands in for names that are not known yet; a sentence with one of them in it reads well."""
_TRIES = 8
"""How often wrong answers are taken out: one that is taken out can bring another to light."""


def _take_out(answers: dict[str, Any], paths: Sequence[str]) -> None:
    """Leave out the answers at problems' paths: of an agreement the whole agreement, of a list the one entry."""
    steps = {tuple(re.findall(r"[^.\[\]]+", path)[:2]) for path in paths if path}
    for root_, *below in sorted(steps, key=_last_first):
        inside = answers.get(root_)
        if below and below[0].isdigit() and isinstance(inside, list):
            del inside[int(below[0]) : int(below[0]) + 1]
        elif below and isinstance(inside, dict) and below[0] in inside:
            del inside[below[0]]
        else:
            answers.pop(root_, None)


def _last_first(steps: tuple[str, ...]) -> int:
    return -int(steps[1]) if len(steps) > 1 and steps[1].isdigit() else 0


class _Removed(TypedDict):
    agreement: _Agreement
    why: str
    on: str


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
for _shape in (list[_Removed], *_SHAPES.values()):
    msgspec.json.Decoder(_shape)  # learnt before two threads can use it at once, as an edition's type is


def _of_shape(answers: Mapping[str, Any]) -> dict[str, Any]:
    kept = {}
    for key, shape in _SHAPES.items():
        with suppress(msgspec.ValidationError):
            if key in answers:
                kept[key] = msgspec.convert(answers[key], shape)
    return kept


def _section_of(page: str) -> Section:
    return next(section for section in SECTIONS if page in section.pages)


def _forms(names: Iterable[str]) -> set[str]:
    return {same_name(name) for name in names}


def _said(agreement: Agreement) -> dict[str, Any]:
    """An agreement for comparing: what is not said is left out, and the order of parties says nothing."""
    parties = _forms(agreement.get("parties", ()))
    return {key: value for key, value in agreement.items() if not empty(value)} | {"parties": parties}


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple):
        return [kept for item in value if not empty(kept := _stripped(item))]
    return value
