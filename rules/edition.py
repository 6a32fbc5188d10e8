"""The guidance as data: editions, their items, and the edition in force on a day.

An edition encodes one dated version of NHS England's page "Supported
non-health data linkages". It does not carry the page's sentences: every item
has a statement in our words, a locator to its place on the page, and the
SHA-256 of the page's wording there, so that a copy of the page can be checked.
"""

import hashlib
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeGuard, get_args, get_origin

import msgspec
from msgspec import Meta

# Annotations are not put off here (no "from __future__ import annotations"): those of a format are read when a file
# is, which would then compile each of them anew.

Role = Literal["applicant", "provider", "processor"]
Use = Literal["secondary-use", "direct-care"]
Text = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
Key = Annotated[str, Meta(pattern="^[a-z]+(-[a-z]+)*$")]
LIMIT_PROBLEMS = 100
"""The most problems that one refusal lists; what is over is counted."""
Hash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class EditionRefused(ValueError):
    """An edition is damaged or contradicts itself. The message names the place."""


class NoEdition(ValueError):
    """No edition is in force on that day, or none has that name."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """A part of an edition: immutable, unknown keys are errors."""


class Item(_Part, frozen=True):
    """One place on the page.

    ``locator`` names it within the edition (``housing/purposes/2``);
    ``section`` and ``heading`` are the page's own, and ``position`` counts
    from 1 under that heading. ``statement`` says in our words what it says;
    ``sha256`` is :func:`wording_sha256` of the page's wording.
    """

    locator: Annotated[str, Meta(pattern="^[a-z]+(-[a-z]+)*(/[a-z0-9]+)*$")]
    section: Annotated[str, Meta(max_length=200)]
    heading: Annotated[str, Meta(min_length=1, max_length=200)]
    position: Annotated[int, Meta(ge=1)]
    form: Literal["bullet", "paragraph", "heading"]
    statement: Text
    sha256: Hash


class Purpose(Item, frozen=True):
    """A purpose that the page lists for a dataset."""

    id: Annotated[str, Meta(pattern="^[A-Z]{3}-[1-9][0-9]*$")]


class NeededAgreement(Item, frozen=True):
    """An agreement that must be in place before linking, and the roles that it must be between."""

    kind: Key
    name: Text
    between: Annotated[tuple[Role, ...], Meta(min_length=1, max_length=3)]


class Dataset(_Part, frozen=True):
    """A non-health dataset of the page; ``name`` as the page calls it, ``hint`` in our words."""

    key: Key
    name: Text
    hint: Text
    uses: Annotated[tuple[Use, ...], Meta(min_length=1, max_length=2)]
    heading_item: Item
    uses_item: Item
    purposes_item: Item
    purposes: Annotated[tuple[Purpose, ...], Meta(min_length=1, max_length=100)]
    agreements_heading_item: Item
    agreements_item: Item
    agreements: Annotated[tuple[NeededAgreement, ...], Meta(max_length=20)]

    def items(self) -> Iterator[Item]:
        """Every item of the dataset's section, in page order."""
        yield self.heading_item
        yield self.uses_item
        yield self.purposes_item
        yield from self.purposes
        yield self.agreements_heading_item
        yield self.agreements_item
        yield from self.agreements


class Discrepancy(_Part, frozen=True):
    """Where the page is silent or contradicts itself, and how it is read here."""

    about: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100)]
    found: Text
    reading: Text


class Edition(_Part, frozen=True):
    """One dated, encoded version of the guidance. Dates are the page's own; ``checked_on`` is ours."""

    format: Literal["linkage-edition/1"]
    id: Key
    title: Text
    publisher: Text
    edition: date
    last_edited: datetime
    checked_on: date
    scope: Item
    edited: Item
    datasets: Annotated[tuple[Dataset, ...], Meta(min_length=1, max_length=100)]
    discrepancies: Annotated[tuple[Discrepancy, ...], Meta(max_length=200)] = ()

    @property
    def name(self) -> str:
        """The edition's name: its date, ``YYYY-MM-DD``."""
        return self.edition.isoformat()

    @cached_property
    def sha256(self) -> str:
        """SHA-256 (hex) of the edition's content, the same whatever the file's layout or line ends."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every item by its locator, in page order."""
        found = [self.scope, *(item for dataset in self.datasets for item in dataset.items()), self.edited]
        return {item.locator: item for item in found}

    def item(self, locator: str) -> Item:
        """The item at a locator; :class:`KeyError` when the edition has none there."""
        return self.items[locator]

    @cached_property
    def _datasets(self) -> dict[str, Dataset]:
        return {dataset.key: dataset for dataset in self.datasets}

    def dataset(self, key: str) -> Dataset | None:
        """The dataset with that key, or None."""
        return self._datasets.get(key)

    @cached_property
    def purposes(self) -> dict[str, Purpose]:
        """Every purpose by its id, in page order."""
        return {purpose.id: purpose for dataset in self.datasets for purpose in dataset.purposes}

    def purpose(self, purpose_id: str) -> Purpose | None:
        """The purpose with that id, or None."""
        return self.purposes.get(purpose_id)

    @cached_property
    def dataset_of_purpose(self) -> dict[str, Dataset]:
        """The dataset under which each purpose stands, by the purpose's id."""
        return {purpose.id: dataset for dataset in self.datasets for purpose in dataset.purposes}

    @cached_property
    def agreement_names(self) -> dict[str, str]:
        """The name of each kind of agreement, in page order."""
        return {needed.kind: needed.name for dataset in self.datasets for needed in dataset.agreements}


# msgspec learns a type when it is first used, and two threads that have it learn one at once end the process. What is
# imported is run by one thread.
msgspec.json.Decoder(Edition)


class Editions(msgspec.Struct, frozen=True):
    """Editions to choose from, oldest first."""

    all: tuple[Edition, ...]

    @property
    def newest(self) -> Edition:
        """The latest edition."""
        return self.all[-1]

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """Every dataset that one of the editions names, each as the latest that has it does; the latest's first."""
        found: dict[str, Dataset] = {}
        for edition in reversed(self.all):
            for dataset in edition.datasets:
                found.setdefault(dataset.key, dataset)
        return tuple(found.values())

    def dataset(self, key: str) -> Dataset | None:
        """The dataset with that key as the latest edition that has it names it, or None."""
        return next((found for edition in reversed(self.all) if (found := edition.dataset(key))), None)

    def on(self, day: date) -> Edition:
        """The edition in force on a day: the latest dated on or before it.

        :raises NoEdition: when the day is before the first edition. There is no fallback.
        """
        for edition in reversed(self.all):
            if edition.edition <= day:
                return edition
        first = self.all[0].name
        raise NoEdition(f"No edition of the guidance was in force on {day}: the first is of {first}.")

    def until(self, day: date) -> "Editions":
        """Those that are in force on a day or were before; all of them where none is yet."""
        return Editions(tuple(edition for edition in self.all if edition.edition <= day) or self.all)

    def named(self, name: str) -> Edition:
        """The edition with that name (``YYYY-MM-DD``).

        :raises NoEdition: when there is none; the message lists those that there are.
        """
        for edition in self.all:
            if edition.name == name:
                return edition
        have = ", ".join(edition.name for edition in self.all)
        raise NoEdition(f"There is no edition {name!r}. There is: {have}.")


def normalised(wording: str) -> str:
    """The page's wording as it is hashed: NFKC, white space collapsed, leading bullet removed, stripped."""
    collapsed = " ".join(unicodedata.normalize("NFKC", wording).split())
    return re.sub(r"^[•·◦▪*–-]\s*", "", collapsed)


def wording_sha256(wording: str) -> str:
    """SHA-256 (hex) of :func:`normalised` wording in UTF-8."""
    return hashlib.sha256(normalised(wording).encode()).hexdigest()


def read_edition(text: str, place: str) -> Edition:
    """An edition from its TOML text, checked.

    :param place: where the text is from, for messages.
    :raises EditionRefused: when it is not TOML, breaks the format, or contradicts itself; with every problem, each
        on a line of its own with its place.
    """
    try:
        form = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # the first of a syntax error, or of a number that is too long
        raise EditionRefused(f"{place}: this is not TOML: {error}") from error
    edition = _converted(form)
    problems = list(_problems(form, Edition, "")) if edition is None else list(_contradictions(edition))
    if problems:
        count = len(problems)
        more = [f"{count - LIMIT_PROBLEMS} more problems: mend these first"] if count > LIMIT_PROBLEMS else []
        raise EditionRefused("\n".join(f"{place}: {problem}" for problem in [*problems[:LIMIT_PROBLEMS], *more]))
    if edition is None:
        raise EditionRefused(f"{place}: this is not an edition")
    return edition


def _converted(form: dict[str, Any]) -> Edition | None:
    """The edition, when nothing in its form is wrong: at once, where naming each problem takes a walk."""
    try:
        edition = msgspec.convert(form, Edition)
    except msgspec.ValidationError:
        return None
    return None if any(_UNFIT.search(text) for text in _texts(form)) else edition


def _texts(value: object) -> Iterator[str]:
    """Every text in a form, keys aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _problems(value: object, shape: Any, path: str) -> Iterator[str]:
    """What of the format a value breaks, each problem with its path, like ``datasets[1].purposes[0].sha256``."""
    inner, *limits = get_args(shape) if get_origin(shape) is Annotated else (shape,)
    if _is_part(inner):
        yield from _problems_of_part(value, inner, path)
    elif get_origin(inner) is tuple and _is_part(get_args(inner)[0]) and isinstance(value, list) and value:
        most = max((limit.max_length or 0 for limit in limits), default=0)
        if len(value) > most:
            yield f"{path}: there are {len(value)} here, and {most} is the most"
            return
        for place, part in enumerate(value):
            yield from _problems(part, get_args(inner)[0], f"{path}[{place}]")
    else:
        try:
            msgspec.convert(value, shape)
        except msgspec.ValidationError as error:
            yield f"{path}: {error}"
            return
        for text in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
            if unfit := _UNFIT.search(text):
                yield f"{path}: this holds a character that is not seen (U+{ord(unfit[0]):04X})"


def _problems_of_part(value: object, shape: type[_Part], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: this must be a table"
        return
    fields = {field.name: field for field in msgspec.structs.fields(shape)}
    for key in value:
        if key not in fields:
            yield f"{_under(path, key)}: there is no such field"
    for name, field in fields.items():
        if name in value:
            yield from _problems(value[name], field.type, _under(path, name))
        elif field.required:
            yield f"{_under(path, name)}: this is missing"


def _is_part(shape: Any) -> TypeGuard[type[_Part]]:
    return isinstance(shape, type) and issubclass(shape, _Part)


def _under(path: str, key: str) -> str:
    shown = key if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", key) else repr(key[:60])
    return f"{path}.{shown}" if path else shown


_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, and marks that move text about: an edition may come from anywhere, and is shown on screens."""


_NOT_LISTED = "other"
_OF_NOTHING = hashlib.sha256(b"").hexdigest()


def _contradictions(edition: Edition) -> Iterator[str]:
    if edition.last_edited.date() != edition.edition:
        yield f"edition {edition.name} was last edited on another day, {edition.last_edited.date()}"
    if edition.checked_on < edition.edition:
        yield f"checked_on {edition.checked_on} is before the edition"
    if any(dataset.key == _NOT_LISTED for dataset in edition.datasets):
        yield f"dataset {_NOT_LISTED}: this key stands for a dataset that the page does not list. Choose another"
    yield from _repeated("dataset", [dataset.key for dataset in edition.datasets])
    yield from _repeated("purpose", [purpose.id for dataset in edition.datasets for purpose in dataset.purposes])
    items = [edition.scope, edition.edited, *(item for dataset in edition.datasets for item in dataset.items())]
    yield from _repeated("locator", [item.locator for item in items])
    yield from _repeated("dataset called", [_plain(dataset.name) for dataset in edition.datasets])
    for item in items:
        if item.sha256 == _OF_NOTHING or len(set(item.sha256)) == 1:
            yield f"{item.locator}: sha256 is of no wording. Give the hash of the page's own wording there"
    for dataset in edition.datasets:
        yield from _contradictions_of_dataset(dataset)
    yield from _names_that_differ(edition)
    known = {item.locator for item in items}
    for discrepancy in edition.discrepancies:
        for locator in discrepancy.about:
            if locator not in known:
                yield f"discrepancies: there is no item {locator}"


def _contradictions_of_dataset(dataset: Dataset) -> Iterator[str]:
    yield from _repeated(f"{dataset.key}: use", dataset.uses)
    yield from _repeated(f"{dataset.key}: agreement", [needed.kind for needed in dataset.agreements])
    for item in dataset.items():
        if item.locator.split("/")[0] != dataset.key:
            yield f"{dataset.key}: the locator {item.locator} is of another section"
    for part, listed in (("purposes", dataset.purposes), ("agreements", dataset.agreements)):
        for place, item in enumerate(listed, 1):
            if item.locator != f"{dataset.key}/{part}/{place}" or item.position != place:
                yield f"{item.locator} is out of order: {dataset.key}/{part}/{place} was expected"
    yield from _same_twice(dataset)
    for needed in dataset.agreements:
        yield from _repeated(f"{needed.locator}: between", needed.between)
        if not {"provider", "processor"} & set(needed.between):
            yield f"{needed.locator}: between must name the provider or the processor"


def _same_twice(dataset: Dataset) -> Iterator[str]:
    """Items of one list that nobody could tell apart: by the page's wording, or by our own."""
    for listed in (dataset.purposes, dataset.agreements):
        wordings: dict[str, str] = {}
        statements: dict[str, str] = {}
        for item in listed:
            if (first := wordings.setdefault(item.sha256, item.locator)) != item.locator:
                yield f"{item.locator}: sha256 is that of {first} too: one wording of the page is there twice"
            elif (first := statements.setdefault(_plain(item.statement), item.locator)) != item.locator:
                yield f"{item.locator}: the statement is that of {first} too. Say what tells them apart"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _names_that_differ(edition: Edition) -> Iterator[str]:
    names: dict[str, str] = {}
    for dataset in edition.datasets:
        for needed in dataset.agreements:
            if names.setdefault(needed.kind, needed.name) != needed.name:
                yield f"{needed.locator}: {needed.kind} has another name elsewhere"


def _repeated(what: str, values: list[str] | tuple[str, ...]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{what} {value} is there {count} times"


def make_editions(found: list[Edition]) -> Editions:
    """Editions in order of date.

    :raises EditionRefused: when there is none, or two have one date.
    """
    if not found:
        raise EditionRefused("There is no edition of the guidance.")
    if problems := list(_repeated("edition", [edition.name for edition in found])):
        raise EditionRefused("\n".join(problems))
    return Editions(tuple(sorted(found, key=lambda edition: edition.edition)))


@lru_cache(maxsize=1)
def shipped() -> Editions:
    """The editions that the program ships.

    :raises EditionRefused: when a shipped file is damaged.
    """
    folder = Path(__file__).parent / "editions"
    found = []
    for file in folder.iterdir():
        if file.suffix == ".toml":
            edition = read_edition(file.read_text(encoding="utf-8"), file.name)
            if file.name != f"{edition.name}.toml":
                raise EditionRefused(f"{file.name} holds the edition {edition.name}")
            found.append(edition)
    return make_editions(found)
