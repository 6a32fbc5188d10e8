"""What is wrong with the answers, in the form's words: what to say where, instead of what a case file is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from linkage_gui import dates
from rules.case import same_name
from rules.reading import Problem
from rules.wording import text_name, too_long

if TYPE_CHECKING:
    from rules.edition import Editions

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
_LONG = re.compile(r"This has (\d+) characters: (\d+) is the most\.")

_NAMES: dict[str, str] = {
    "applicant.name": "the name of the organisation that wants to link",
    "providers[].name": "the provider’s name",
    "processors[].name": "the processor’s name",
    "agreements[].parties[]": "the party’s name",
}


def worded(problem: Problem, answers: Mapping[str, Any], editions: Editions) -> Problem:
    """A problem of a case as a form says it; ``editions`` are those that it chose from."""
    form = re.sub(r"\[\d+\]", "[]", problem.path)
    value = _at(answers, problem.path)
    if empty(value):
        return Problem(problem.path, _MISSING.get(form, problem.message))
    if form.endswith("_on") and not _is_day(value):
        form = ""  # the problem says so: nothing holds of the order of days
    if form == "assessed_on":
        first = dates.show(editions.all[0].edition)
        return Problem(problem.path, f"The date of the assessment must be on or after {first}, the guidance's first")
    if form in ("providers[].name", "processors[].name") and len(str(value)) <= 300 and same_name(str(value)):
        role = form.split("s[]")[0]
        return Problem(problem.path, f"“{value}” is there twice. Enter each {role} once")
    if form in _NAMES and not same_name(str(value)):
        return Problem(problem.path, f"Enter {_NAMES[form]}: “{value}” has no letter and no digit")
    if form not in _WRONG and (long := _LONG.match(problem.message)):
        ids = [str(one.get("id", "")) for one in answers.get("agreements", [])]
        told = too_long(text_name(problem.path, ids), int(long[1]), int(long[2]))
        return Problem(problem.path, told)
    return Problem(problem.path, _WRONG.get(form, problem.message))


def date_problem(parts: dates.Typed, what: str) -> str:
    """What to say about a date that is not one."""
    capital = f"{what[0].upper()}{what[1:]}"
    try:
        dates.read(parts)
    except dates.NotADate as error:
        if error.whole:
            return f"{capital} must be a real date, like {DATE_EXAMPLE}"
        missing, faulty = dates.blank(parts), dates.faulty(parts)
        if missing == faulty:
            return f"{capital} must include {' and '.join(f'a {part}' for part in missing)}"
        if faulty == ["year"]:
            return f"{capital} must have a year of four digits, like 2027"
    return f"Enter {what}, like {DATE_EXAMPLE}"


def root(path: str) -> str:
    """The answer that a problem's path begins with."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def places(path: str) -> list[int]:
    """The places in lists that a problem's path goes through."""
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


def _is_day(value: object) -> bool:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def empty(value: object) -> bool:
    """Whether an answer is none."""
    return value is None or value in ("", [], {})
