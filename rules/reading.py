"""Reading a case: from bytes that nobody vouches for to a :class:`~rules.case.Case`, or every problem at once.

The shape of a case (types, limits, what to do when a field is wrong) is read
from the types in :mod:`rules.case`. What one field says about another stands
here, and is checked on every field that could be read, so that a person sees
all problems together.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections import Counter
from datetime import date
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import msgspec
from msgspec import inspect as shapes

from rules.case import (
    LIMIT_BYTES,
    LIMIT_DEPTH,
    LIMIT_DOCUMENTS,
    LIMIT_MATCHES,
    LIMIT_PARTIES,
    LINES,
    Case,
    same_name,
)
from rules.edition import Edition, Editions, NoEdition, shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LIMIT_PROBLEMS = 200
"""The most problems that one refusal lists; what is over is counted."""


class Problem(NamedTuple):
    """One thing wrong with a case: the path of its field, and what is wrong and what to do."""

    path: str
    message: str


class CaseRefused(ValueError):
    """A case breaks rules of its format. Nothing was decided."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems[:LIMIT_PROBLEMS])
        if (over := len(problems) - LIMIT_PROBLEMS) > 0:
            self.problems += (Problem("", f"There are {over} more problems: mend these first."),)
        super().__init__("\n".join(f"{path or 'case'}: {message}" for path, message in self.problems))


def read_case(
    data: bytes,
    *,
    today: date,
    folder: Path | None = None,
    editions: Editions | None = None,
    edition: str | None = None,
) -> tuple[Case, Edition]:
    """A case from the bytes of a case file, and the edition that decides it.

    :param today: the day that ``assessed_on`` is when the case leaves it out.
    :param folder: where the case file is; when given, every document that the case names must be there.
    :param editions: the editions to choose from; those shipped when left out.
    :param edition: the name of the edition asked for; when left out, the one in force on ``assessed_on``.
    :raises CaseRefused: with every problem.
    """
    return check_case(decoded(data), today=today, folder=folder, editions=editions, edition=edition)


def check_case(
    answers: object,
    *,
    today: date,
    folder: Path | None = None,
    editions: Editions | None = None,
    edition: str | None = None,
) -> tuple[Case, Edition]:
    """A case from decoded JSON (dates as ``YYYY-MM-DD``, ``None`` as absent). See :func:`read_case`."""
    if editions is None:
        editions = shipped()
    if isinstance(answers, dict) and answers.get("assessed_on") is None:
        answers = {**answers, "assessed_on": today.isoformat()}
    problems: list[Problem] = []
    draft = _read(_shape_of_case(), answers, "", "", problems)
    if draft is None:
        raise CaseRefused(problems)

    chosen: Edition | None = None
    if draft.assessed_on is not None:
        try:
            chosen = _edition(draft.assessed_on, editions, edition)
        except NoEdition as error:
            if edition is None:
                problems.append(Problem("assessed_on", f"{error} Give a later date."))
            else:
                problems.append(Problem("edition", f"{error} Ask for one that there is."))
    known = {problem.path for problem in problems}
    problems += [problem for problem in _checks(draft, chosen, folder) if problem.path not in known]
    if problems or chosen is None:
        raise CaseRefused(problems)
    case: Case = draft
    return case, chosen


def problems_of(answers: object, edition: Edition | None) -> tuple[Problem, ...]:
    """What is wrong with a case that was decided elsewhere, from decoded JSON.

    ``edition`` is the one that decided it; without it nothing is said of ids.
    """
    problems: list[Problem] = []
    draft = _read(_shape_of_case(), answers, "", "", problems)
    if draft is not None:
        problems += _checks(draft, edition, None)
    return tuple(problems)


def _checks(draft: Any, edition: Edition | None, folder: Path | None) -> Iterator[Problem]:
    yield from _check_names(draft)
    yield from _check_parties(draft)
    yield from _check_dates(draft)
    yield from _check_purposes(draft)
    yield from _check_agreements(draft)
    yield from _check_size(draft)
    if edition is not None:
        yield from _check_ids(draft, edition)
    if folder is not None:
        yield from _check_documents(draft, folder)


def _edition(day: date, editions: Editions, asked: str | None) -> Edition:
    in_force = editions.on(day)
    return in_force if asked is None else editions.named(asked)


# From bytes to data


def decoded(data: bytes) -> object:
    """JSON data from untrusted bytes: UTF-8, limited in size and depth, no key twice, no NaN, no half characters.

    :raises CaseRefused: with one problem, since what is not JSON has no fields.
    """
    if len(data) > LIMIT_BYTES:
        _refuse(f"This is larger than {LIMIT_BYTES // 1024} KiB, the most that a case may have. Is it a case file?")
    if not data.strip():
        _refuse("This is empty. Give a case in the format linkage-case/1.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(f"This is not UTF-8 text (byte {error.start + 1}). Save the file as UTF-8.")
    if _depth(text) > LIMIT_DEPTH:
        _refuse(f"Objects and lists are nested more than {LIMIT_DEPTH} deep; a case needs 4. Is it a case file?")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        _refuse(f"This is not JSON: {error.msg}, at line {error.lineno}, column {error.colno}. Mend it there.")


def _refuse(message: str) -> NoReturn:
    raise CaseRefused([Problem("", message)])


def _depth(text: str) -> int:
    """How deeply brackets are nested, strings aside; cheap, so that no deep text reaches the parser."""
    deepest = depth = 0
    # A string that does not end is taken whole, or each of its quotation marks would be tried again.
    for token in re.finditer(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', text, re.DOTALL):
        mark = token.group()
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        _refuse(f"The key {_shown(twice)} is there twice in one object. Leave one.")
    return found


def _constant(name: str) -> NoReturn:
    _refuse(f"{name} is not a value that JSON has. No field of a case is a number: take it out.")


def _integer(digits: str) -> int:
    return int(digits) if len(digits) <= 20 else 10**20  # no field is a number, so only that it is one counts


# From data to a case: the shape


@lru_cache(maxsize=1)
def _shape_of_case() -> shapes.Type:
    return shapes.type_info(Case)


def _read(shape: shapes.Type, value: object, path: str, hint: str, problems: list[Problem]) -> Any:
    """The value in that shape, or None with the problems noted.

    A struct with a wrong field still comes back, that field None, and a list
    that cannot be read as one entry None, so that checks across fields go on.
    """
    if isinstance(shape, shapes.Metadata):
        hint = (shape.extra_json_schema or {}).get("description", hint)
        if shape.extra == LINES and isinstance(shape.type, shapes.StrType):
            return _read_text(shape.type, value, path, hint, problems, lines=True)
        return _read(shape.type, value, path, hint, problems)
    reader = _READERS[type(shape)]
    return reader(shape, value, path, hint, problems)


def _read_struct(
    shape: shapes.StructType, value: object, path: str, hint: str, problems: list[Problem]
) -> msgspec.Struct | None:
    if not isinstance(value, dict):
        problems.append(Problem(path, f"This must be an object in braces, not {_kind(value)}. {hint}".strip()))
        return None
    known = {field.encode_name: field for field in shape.fields}
    for key in value:
        if key not in known:
            near = _nearest_of(key[:60], known, n=1) if len(problems) < LIMIT_PROBLEMS else []
            advice = f"Did you mean {near[0]}?" if near else f"Take it out. Known here: {', '.join(known)}."
            problems.append(Problem(_under(path, str(key)), f"There is no such field. {advice}"))
    fields: dict[str, object] = {}
    for key, field in known.items():
        given = value.get(key)
        place = _under(path, key)
        if given is not None:
            fields[field.name] = _read(field.type, given, place, "", problems)
        elif field.required:
            problems.append(Problem(place, f"This is missing. {_hint(field.type)}".strip()))
            fields[field.name] = _unread(field.type)
    return shape.cls(**fields)


def _read_array(
    shape: shapes.VarTupleType, value: object, path: str, hint: str, problems: list[Problem]
) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        problems.append(Problem(path, f"This must be a list in brackets, not {_kind(value)}. {hint}".strip()))
        return (None,)
    if shape.min_length and len(value) < shape.min_length:
        problems.append(Problem(path, f"This is empty. {hint}".strip()))
    if shape.max_length is not None and len(value) > shape.max_length:
        problems.append(Problem(path, f"There are {len(value)} here: {shape.max_length} is the most."))
        return (None,)
    return tuple(_read(shape.item_type, item, f"{path}[{place}]", hint, problems) for place, item in enumerate(value))


def _read_text(
    shape: shapes.StrType,
    value: object,
    path: str,
    hint: str,
    problems: list[Problem],
    *,
    lines: bool = False,
) -> str | None:
    if not isinstance(value, str):
        problems.append(Problem(path, f"This must be text in quotation marks, not {_kind(value)}. {hint}".strip()))
        return None
    if shape.min_length and not value.strip():
        problems.append(Problem(path, f"This is blank. {hint}".strip()))
    elif shape.max_length is not None and len(value) > shape.max_length:
        problems.append(
            Problem(path, f"This has {len(value)} characters: {shape.max_length} is the most. {hint}".strip())
        )
    elif bad := unfit_character(value, lines=lines):
        problems.append(Problem(path, f"This holds {bad}, which has no place here. Type it again."))
    elif shape.pattern is not None and not re.search(shape.pattern, value):
        problems.append(Problem(path, f"{_shown(value)} does not fit. {hint}".strip()))
    else:
        return value
    return None


def _read_choice(shape: shapes.LiteralType, value: object, path: str, hint: str, problems: list[Problem]) -> object:
    if isinstance(value, str) and value in shape.values:
        return value
    problems.append(Problem(path, f"{_shown(value)} is not one of the choices. {hint}".strip()))
    return None


def _read_date(_: shapes.DateType, value: object, path: str, hint: str, problems: list[Problem]) -> date | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            problems.append(Problem(path, f"There is no day {value}. {hint}".strip()))
            return None
    problems.append(Problem(path, f"{_shown(value)} is not a date of the form YYYY-MM-DD. {hint}".strip()))
    return None


def _read_either(shape: shapes.UnionType, value: object, path: str, hint: str, problems: list[Problem]) -> object:
    options = [option for option in shape.types if not isinstance(option, shapes.NoneType)]
    for option in options:
        if isinstance(option, shapes.StructType) == isinstance(value, dict):
            return _read(option, value, path, hint, problems)
    return _read(options[0], value, path, hint, problems)


_READERS: dict[type[shapes.Type], Callable[..., Any]] = {
    shapes.StructType: _read_struct,
    shapes.VarTupleType: _read_array,
    shapes.StrType: _read_text,
    shapes.LiteralType: _read_choice,
    shapes.DateType: _read_date,
    shapes.UnionType: _read_either,
}


def _unread(shape: shapes.Type) -> object:
    """What stands in a draft for a field that is not there: no entries for a list, else None."""
    while isinstance(shape, shapes.Metadata):
        shape = shape.type
    return () if isinstance(shape, shapes.VarTupleType) else None


def _hint(shape: shapes.Type) -> str:
    return (shape.extra_json_schema or {}).get("description", "") if isinstance(shape, shapes.Metadata) else ""


def _under(path: str, key: str) -> str:
    shown = key if key.isidentifier() and len(key) <= 60 else _shown(key)
    return f"{path}.{shown}" if path else shown


def _kind(value: object) -> str:
    names: dict[type, str] = {
        bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"
    }  # fmt: skip
    return names.get(type(value), "that")


def _shown(value: object) -> str:
    """A value as it may stand in a message: short, and printable on any screen."""
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, float) else repr(value)
    text = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
    return text if len(text) <= 60 else text[:57] + "..."


def unfit_character(text: str, *, lines: bool) -> str | None:
    """What a text holds that people do not type, and that could make it look like something else."""
    for char in text:
        code = ord(char)
        if 0xD800 <= code <= 0xDFFF:
            return f"half a character (U+{code:04X})"
        if char in "\t\n\r":
            if not lines:
                return "a line break or a tab"
        elif code < 0x20 or 0x7F <= code < 0xA0:
            return f"a control character (U+{code:04X})"
        elif code in _LAYOUT:
            return f"a hidden character that moves text about (U+{code:04X})"
    return None


_LAYOUT = frozenset((0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Line and paragraph separators, and the marks that turn the direction of text."""


# What one field says about another. A part of the draft that could not be read is None, or absent from its list.


def _check_names(draft: Any) -> Iterator[Problem]:
    """Organisations are compared by letters and digits, so a name needs at least one."""
    named: list[tuple[str, Any]] = [("applicant", draft.applicant)]
    for field in ("providers", "processors"):
        named += [(f"{field}[{place}]", part) for place, part in enumerate(getattr(draft, field))]
    names = [(f"{path}.name", part.name) for path, part in named if part is not None]
    for place, agreement in enumerate(draft.agreements):
        if agreement is not None:
            names += [(f"agreements[{place}].parties[{at}]", party) for at, party in enumerate(agreement.parties)]
    for path, name in names:
        if name is not None and not same_name(name):
            yield Problem(path, f"{_shown(name)} has no letter and no digit. Give the organisation's name.")


def _check_parties(draft: Any) -> Iterator[Problem]:
    for field in ("providers", "processors"):
        seen: dict[str, int] = {}
        for place, part in enumerate(getattr(draft, field)):
            if part is None or part.name is None:
                continue
            first = seen.setdefault(same_name(part.name), place)
            if first != place:
                yield Problem(
                    f"{field}[{place}].name",
                    f"{_shown(part.name)} is the same organisation as {field}[{first}]. Leave one.",
                )


def _check_dates(draft: Any) -> Iterator[Problem]:
    ends, starts, assessed = draft.ends_on, draft.starts_on, draft.assessed_on
    if ends is not None and starts is not None and ends < starts:
        yield Problem("ends_on", f"The linkage would end on {ends}, before it starts on {starts}. Change one.")
    elif ends is not None and assessed is not None and ends < assessed:
        yield Problem("ends_on", f"The linkage would have ended on {ends}, before the assessment on {assessed}.")
    for place, agreement in enumerate(draft.agreements):
        if agreement is not None:
            yield from _check_agreement_dates(f"agreements[{place}]", agreement, assessed)


def _check_agreement_dates(path: str, agreement: Any, assessed: date | None) -> Iterator[Problem]:
    signed, starts, ends = agreement.signed_on, agreement.starts_on, agreement.ends_on
    if agreement.status == "signed" and signed is None:
        yield Problem(f"{path}.signed_on", "A signed agreement needs the date of signing. Give it, like 2026-10-01.")
    if signed is not None and assessed is not None and signed > assessed:
        yield Problem(
            f"{path}.signed_on",
            f"It cannot have been signed on {signed}, after the assessment on {assessed}. "
            "Give the real date, or say that it is unsigned.",
        )
    begins = starts if starts is not None else signed
    if ends is not None and begins is not None and ends < begins:
        yield Problem(f"{path}.ends_on", f"It would end on {ends}, before it starts on {begins}. Change one.")


def _check_purposes(draft: Any) -> Iterator[Problem]:
    if not draft.purposes and not draft.other_purposes:
        message = "There is no purpose. Choose at least one from the page, or give one in your own words."
        yield Problem("purposes", message)
    yield from _twice("purposes", draft.purposes)
    yield from _twice("use", draft.use)


def _twice(field: str, values: tuple[str | None, ...]) -> Iterator[Problem]:
    for place, value in enumerate(values):
        if value is not None and value in values[:place]:
            yield Problem(f"{field}[{place}]", f"{_shown(value)} is there twice. Leave one.")


def _check_agreements(draft: Any) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place, agreement in enumerate(draft.agreements):
        if agreement is None or agreement.id is None:
            continue
        first = seen.setdefault(agreement.id, place)
        if first != place:
            yield Problem(
                f"agreements[{place}].id",
                f"agreements[{first}] has the id {_shown(agreement.id)} too. Give each agreement its own.",
            )


def _check_size(draft: Any) -> Iterator[Problem]:
    """How much there is altogether: what one case may ask of whoever decides it."""
    agreements = [agreement for agreement in draft.agreements if agreement is not None]
    parties = sum(len(agreement.parties) for agreement in agreements)
    documents = sum(len(agreement.documents) for agreement in agreements)
    if parties > LIMIT_PARTIES:
        message = f"The agreements name {parties} parties altogether: {LIMIT_PARTIES} is the most. Split the case."
        yield Problem("agreements", message)
    elif documents > LIMIT_DOCUMENTS:
        message = f"The agreements name {documents} documents altogether: {LIMIT_DOCUMENTS} is the most."
        yield Problem("agreements", f"{message} Put what belongs together into one document.")
    elif (matches := sum(_most_matches(draft, agreement) for agreement in agreements)) > LIMIT_MATCHES:
        yield Problem(
            "agreements",
            f"There are {matches} ways in which these agreements could meet what is required: {LIMIT_MATCHES} is the "
            "most. Leave out agreements that others have replaced, or split the case by provider.",
        )


def _most_matches(draft: Any, agreement: Any) -> int:
    """The most requirements that an agreement could match, by its kinds and by who is named in it."""
    named = {same_name(party) for party in agreement.parties if party is not None}
    in_role = [
        sum(1 for part in parts if part is not None and part.name is not None and same_name(part.name) in named)
        for parts in (draft.providers, draft.processors)
    ]
    return len(set(agreement.kinds)) * max(in_role[0], 1) * max(in_role[1], 1)


def _check_ids(draft: Any, edition: Edition) -> Iterator[Problem]:
    """Keys and ids must be the edition's; one that is not is told with the nearest that are."""
    datasets = [dataset.key for dataset in edition.datasets]
    if isinstance(draft.dataset, str) and draft.dataset not in datasets:
        advice = _nearest(draft.dataset, datasets)
        yield Problem("dataset", f'There is no dataset {_shown(draft.dataset)}. {advice} Or say {{"other": "..."}}.')
    for place, purpose in enumerate(draft.purposes):
        if purpose is not None and edition.purpose(purpose) is None:
            advice = _nearest(purpose, list(edition.purposes))
            yield Problem(f"purposes[{place}]", f"There is no purpose {_shown(purpose)}. {advice}")
    for place, agreement in enumerate(draft.agreements):
        for at, kind in enumerate(agreement.kinds if agreement is not None else ()):
            if kind is not None and kind not in edition.agreement_names:
                advice = _nearest(kind, list(edition.agreement_names))
                yield Problem(f"agreements[{place}].kinds[{at}]", f"There is no agreement {_shown(kind)}. {advice}")


def _nearest_of(given: str, known: Iterable[str], n: int, cutoff: float = 0.6) -> list[str]:
    import difflib  # noqa: PLC0415  (a case in which nothing is wrong need not wait for it)

    return difflib.get_close_matches(given, known, n=n, cutoff=cutoff)


def _nearest(given: str, known: list[str]) -> str:
    folded = {key.casefold(): key for key in known}
    near = _nearest_of(given.casefold().strip()[:100], folded, n=3, cutoff=0.5)
    if near:
        return f"Nearest: {', '.join(folded[key] for key in near)}."
    return f"There is: {', '.join(known)}."


# Documents


class NoDocument(ValueError):
    """A document that a case names cannot be had. The message says why, and what to do."""


def _check_documents(draft: Any, folder: Path) -> Iterator[Problem]:
    for place, agreement in enumerate(draft.agreements):
        for at, document in enumerate(agreement.documents if agreement is not None else ()):
            if document is not None:
                try:
                    find_document(folder, document)
                except NoDocument as error:
                    yield Problem(f"agreements[{place}].documents[{at}]", str(error))


def find_document(folder: Path, document: str) -> Path:
    """The file that a case means by a document's path, from the folder of its case file.

    Only a regular file that can be read and lies in that folder or below it
    will do: a case may come from anywhere, and must not reach for files that
    it was not sent with. Both ``/`` and ``\\`` part folders.

    :raises NoDocument: when it cannot be had.
    """
    shown = _shown(document)
    windows = PureWindowsPath(document)
    parts = windows.parts
    if windows.anchor or PurePosixPath(document).is_absolute() or ".." in parts or not parts:
        raise NoDocument(
            f"{shown} does not stay in the case file's folder. Put the document there, and give its path."
        )
    try:
        root = folder.resolve()
        path = root.joinpath(*parts).resolve()
        inside = path.is_relative_to(root)
        regular = inside and stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoDocument(f"There is no file {shown} beside the case file. Put it there, or mend the path.") from error
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "the path is not one that a file can have"
        raise NoDocument(f"{shown} cannot be read: {reason}.") from error
    if not inside:
        raise NoDocument(f"{shown} leads out of the case file's folder. Put the document itself there.")
    if not regular:
        raise NoDocument(f"{shown} is not a file. Name the document itself.")
    if not os.access(path, os.R_OK):
        raise NoDocument(f"{shown} cannot be read. Ask whoever owns it to let you.")
    return path
