"""The draft of a new edition, from a saved copy of the guidance page and the edition before it.

What the page still says is taken over. What it says otherwise has its hash
filled in and its statement left empty, with the page's wording beside it as a
comment: a person writes the statement, and until then the draft is refused as
an edition. The draft is that person's own file. The page's sentences stay in
its comments, and no part of an edition.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from rules.comparing import compare, told
from rules.days import in_words
from rules.edition import normalised, wording_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.comparing import Change
    from rules.edition import Edition, Editions
    from rules.page import Page

Form = dict[str, Any]
"""A part of an edition as its file has it."""
_LISTS = ("purposes", "agreements")
_SINGLE = ("heading_item", "uses_item", "purposes_item", "agreements_heading_item", "agreements_item")


class Draft(NamedTuple):
    """The text of a draft (TOML), and how many fields are left to be written.

    With none it is an edition, where ``dated``: where the page has a day of its own, not that of the edition before.
    """

    text: str
    open: int
    dated: bool


def draft(page: Page, edition: Edition, editions: Editions, today: date) -> Draft | None:
    """A draft of the edition that a page is, from an edition before it; None when the page is as that edition has it.

    :param editions: all that are known: an id that a purpose ever had is not given to another.
    :param today: the day on which the page was looked at.
    :raises AnotherPage: when it is not the guidance page.
    """
    found = compare(page, edition)
    if found.unchanged:
        return None
    return _Drafting(edition, editions, found.changes).written(today)


class _Drafting:
    """An edition as it is being changed. Comments are kept by the ``id()`` of the part before which they stand."""

    def __init__(self, edition: Edition, editions: Editions, changes: Sequence[Change]) -> None:
        self._edition = edition
        self._changes = changes
        self._form: Form = _listed(msgspec.to_builtins(edition, builtin_types=(date, datetime)))
        self._comments: dict[int, list[str]] = {}
        self._unplaced: list[str] = []
        self._before = {item["locator"]: item for item in self._items()}
        self._ids = [purpose for each in editions.all for purpose in each.purposes]

    def written(self, today: date) -> Draft:
        new: dict[str, Form] = {}
        for change in self._changes:
            self._change(change, new)
        dated = self._form["edition"] != self._edition.edition
        if not dated:
            self._unplaced += [
                "",
                "The page says the same day as before. Two editions of one day cannot stand beside",
            ]
            self._unplaced += ["each other: give edition and last_edited another day."]
        self._form["checked_on"] = today
        self._renumber()
        head = [
            f"A draft of an edition, from the page as saved and the edition of {in_words(self._edition.edition)}.",
            "Write each empty field, in your own words. See linkage-gui schema edition for what each is, then check",
            "it with: linkage-gui guidance add FILE --look. The page's sentences stand in comments only: leave them",
            "out of what is passed on.",
            *self._unplaced,
        ]
        lines = [*(_comment(line) for line in head), "", *self._toml(self._form, "")]
        text = "\n".join(lines) + "\n"
        empty = sum(line.endswith((' = ""', " = []")) for line in lines if line != 'section = ""')
        return Draft(text, empty, dated)

    def _items(self) -> Iterator[Form]:
        yield self._form["scope"]
        for dataset in self._form["datasets"]:
            yield from (dataset[name] for name in _SINGLE)
            for name in _LISTS:
                yield from dataset[name]
        yield self._form["edited"]

    def _note(self, part: Form, *lines: str) -> None:
        self._comments.setdefault(id(part), []).extend(lines)

    # One change

    def _change(self, change: Change, last: dict[str, Form]) -> None:
        """Change the form. ``last`` has what was put in last after each item, so that the page's order is kept."""
        item = self._before.get(change.locator)
        match change.kind:
            case "last-edited":
                self._edited(change)
            case "removed" if item is not None and self._taken_out(item):
                pass
            case "reworded" if item is not None:
                self._reword(item, change.wording)
            case "reworded" if change.locator == "title":
                self._form["title"] = change.wording
            case "reworded" if change.locator.endswith("/heading"):
                self._rehead(change.locator.removesuffix("/heading"), change.wording)
            case "moved" if item is not None and self._moved(item, change.after, last):
                pass
            case "added" if self._added(change, last):
                pass
            case "dataset-removed" | "dataset-moved":
                self._dataset_elsewhere(change)
            case "dataset-added" if self._dataset(change):
                pass
            case _:
                self._unplaced += ["", "To be placed by hand:", *told(change, self._edition)]

    def _edited(self, change: Change) -> None:
        edited = self._form["edited"]
        edited["sha256"] = wording_sha256(change.wording)
        if change.day is None:
            edited["statement"] = ""
            self._note(edited, f"The page says: {change.wording}", "Give edition and last_edited above that day.")
            return
        at = _clock(change.wording)
        self._form["edition"], self._form["last_edited"] = change.day, datetime.combine(change.day, at)
        edited["statement"] = f"The page was last edited on {in_words(change.day)} at {at:%H:%M}."

    def _reword(self, item: Form, wording: str) -> None:
        self._note(item, f"The page says: {wording}", f"Before, in our words: {item['statement']}")
        if "id" in item:
            other = self._next_id(item["id"].split("-")[0])
            self._note(item, f"Is it another purpose than before? Then give it an id of its own: {other}")
        item["sha256"], item["statement"] = wording_sha256(wording), ""
        for dataset in self._form["datasets"]:
            if dataset["heading_item"] is item:
                self._note(dataset, "Its heading is another now. Is its name another too?")
        if item["form"] == "heading":
            old, field = item["heading"], "section" if "/" not in item["locator"] else "heading"
            for one in self._items():
                if one["locator"].split("/")[0] == item["locator"].split("/")[0]:
                    one["heading"] = wording[:200] if one["heading"] == old else one["heading"]
                    one[field] = wording[:200] if one[field] == old else one[field]

    def _rehead(self, locator: str, wording: str) -> None:
        old = self._before[locator]["heading"]
        for one in self._items():
            if one["locator"].split("/")[0] == locator.split("/", maxsplit=1)[0] and one["heading"] == old:
                one["heading"] = wording[:200]

    def _taken_out(self, item: Form) -> bool:
        for listed in self._lists():
            if any(one is item for one in listed):
                listed[:] = [one for one in listed if one is not item]
                return True
        return False

    def _lists(self) -> Iterator[list[Form]]:
        for dataset in self._form["datasets"]:
            yield from (dataset[name] for name in _LISTS)

    def _list_after(self, locator: str) -> tuple[Form, str, int] | None:
        """The dataset and the list in which something stands that stands after an item, and its place there."""
        after = self._before.get(locator)
        for dataset in self._form["datasets"]:
            for name in _LISTS:
                if after is dataset[f"{name}_item"]:
                    return dataset, name, 0
                for place, one in enumerate(dataset[name]):
                    if one is after:
                        return dataset, name, place + 1
        return None

    def _moved(self, item: Form, after: str, last: dict[str, Form]) -> bool:
        found = self._list_after(after)
        if found is None or ("id" in item) != (found[1] == "purposes") or not self._taken_out(item):
            return False
        self._put(item, after, last)
        return True

    def _put(self, item: Form, after: str, last: dict[str, Form]) -> None:
        found = self._list_after(after)
        assert found is not None  # noqa: S101  (whoever calls has looked)
        dataset, name, place = found
        if after in last:
            place = next((at + 1 for at, one in enumerate(dataset[name]) if one is last[after]), place)
        item["section"] = dataset["heading_item"]["heading"]
        item["heading"] = dataset[f"{name}_item"]["heading"]
        dataset[name].insert(place, item)
        last[after] = item

    def _added(self, change: Change, last: dict[str, Form]) -> bool:
        found = self._list_after(change.locator)
        if found is None:
            return False
        dataset, name, _ = found
        item = self._listed(name, change.wording, self._prefix(dataset))
        self._put(item, change.locator, last)
        return True

    def _listed(self, name: str, wording: str, prefix: str) -> Form:
        """A new purpose or agreement, with what is to be written left empty."""
        item: Form = {"locator": "", "section": "", "heading": "", "position": 1, "form": "bullet", "statement": ""}
        item["sha256"] = wording_sha256(wording)
        self._note(item, f"The page says: {wording}")
        if name == "purposes":
            item["id"] = self._next_id(prefix)
        else:
            self._note(item, "kind: a key, like dpa. between: of applicant, provider and processor, those it binds.")
            item |= {"kind": "", "name": "", "between": []}
        return item

    def _prefix(self, dataset: Form) -> str:
        return str(dataset["purposes"][0]["id"]).split("-")[0] if dataset["purposes"] else _prefix(dataset["key"])

    def _next_id(self, prefix: str) -> str:
        numbers = [int(one.split("-")[1]) for one in self._ids if one.split("-")[0] == prefix]
        self._ids.append(f"{prefix}-{max(numbers, default=0) + 1}")
        return self._ids[-1]

    # A dataset

    def _dataset_elsewhere(self, change: Change) -> None:
        """Take a dataset out, or put it where it stands now."""
        datasets = self._form["datasets"]
        moved = next(one for one in datasets if one["key"] == change.dataset)
        datasets.remove(moved)
        if change.kind == "dataset-moved":
            datasets.insert(self._place_after(change.after), moved)

    def _place_after(self, locator: str) -> int:
        """Where among the datasets one belongs that stands after an item."""
        before = locator.split("/", maxsplit=1)[0]
        return next((at + 1 for at, one in enumerate(self._form["datasets"]) if one["key"] == before), 0)

    def _dataset(self, change: Change) -> bool:
        """Put a new dataset in, when its section is built as the others are."""
        datasets = self._form["datasets"]
        parts = _parts(change.section, self._edition)
        key = _letters(re.sub(r"\bdata$", "", normalised(change.wording).casefold()).strip(), "-")
        if parts is None or not key or any(dataset["key"] == key for dataset in datasets):
            return False
        uses, heading, purposes, agreements_heading, agreements = parts
        prefix = _prefix(key)
        dataset: Form = {"key": key, "name": change.wording, "hint": "", "uses": []}
        self._note(dataset, "A new dataset. hint: what it holds, in a few words. uses: secondary-use, direct-care.")
        rows: tuple[tuple[str, str, str, str, str], ...] = (
            ("heading_item", "", change.wording, "heading", change.wording),
            ("uses_item", "/uses", change.wording, "paragraph", uses),
            ("purposes_item", "/purposes", heading, "paragraph", purposes[0]),
            ("agreements_heading_item", "/agreements/heading", agreements_heading, "heading", agreements_heading),
            ("agreements_item", "/agreements", agreements_heading, "paragraph", agreements[0]),
        )
        for name, end, under, form, wording in rows:
            item = {"locator": key + end, "section": change.wording, "heading": under, "position": 1, "form": form}
            dataset[name] = item | self._worded(item, wording)
            self._comments[id(dataset[name])] = self._comments.pop(id(item), [])
        for name, wordings in (("purposes", purposes[1:]), ("agreements", agreements[1:])):
            dataset[name] = [self._listed(name, wording, prefix) for wording in wordings]
            for item in dataset[name]:
                item |= {"section": change.wording, "heading": dataset[f"{name}_item"]["heading"]}
                self._known_agreement(item)
        datasets.insert(self._place_after(change.locator), dataset)
        return True

    def _worded(self, item: Form, wording: str) -> Form:
        """What is said of a wording: what is said of it elsewhere, or nothing yet."""
        sha256 = wording_sha256(wording)
        same = next((one for one in self._edition.items.values() if one.sha256 == sha256), None)
        if same is None:
            self._note(item, f"The page says: {wording}")
        return {"statement": "" if same is None else same.statement, "sha256": sha256}

    def _known_agreement(self, item: Form) -> None:
        for dataset in self._edition.datasets:
            for needed in dataset.agreements:
                if needed.sha256 == item["sha256"] and "kind" in item:
                    item |= {"kind": needed.kind, "name": needed.name, "between": list(needed.between)}
                    item["statement"] = needed.statement
                    self._comments.pop(id(item), None)
                    return

    # As a file

    def _renumber(self) -> None:
        """Give what is listed its place, and what is told of places where these are now."""
        gone = {id(item): locator for locator, item in self._before.items()}
        now: dict[str, str] = {}
        for dataset in self._form["datasets"]:
            for name in _LISTS:
                for place, item in enumerate(dataset[name], 1):
                    item["locator"], item["position"] = f"{dataset['key']}/{name}/{place}", place
        for item in self._items():
            if id(item) in gone:
                now[gone[id(item)]] = item["locator"]
        kept = []
        for one in self._form["discrepancies"]:
            one["about"] = [now[locator] for locator in one["about"] if locator in now]
            if one["about"]:
                kept.append(one)
            else:
                self._unplaced += ["", f"Left out, since what it is about is gone: {one['found']}"]
        self._form["discrepancies"] = kept

    def _toml(self, form: Form, path: str) -> Iterator[str]:
        tables = {key: value for key, value in form.items() if _is_table(value)}
        for key, value in form.items():
            if key not in tables:
                yield f"{key} = {_value(value)}"
        for key, value in tables.items():
            for part in value if isinstance(value, list) else [value]:
                yield ""
                yield from (_comment(line) for line in self._comments.get(id(part), ()))
                name = f"{path}{key}"
                yield f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
                yield from self._toml(part, f"{name}.")


def _parts(section: Sequence[str], edition: Edition) -> tuple[str, str, list[str], str, list[str]] | None:
    """The lines of a dataset's section: its uses, the heading of its purposes, what leads to these and they, the
    heading of its agreements, what leads to these and they. None when it is built otherwise.
    """
    known = {one.agreements_heading_item.sha256 for one in edition.datasets}
    purpose = {normalised(one.purposes_item.heading) for one in edition.datasets}
    lines = list(section)
    at = next((at for at, line in enumerate(lines) if wording_sha256(line) in known), None)
    start = next((at for at, line in enumerate(lines) if normalised(line) in purpose), None)
    if at is None or start != 1 or at < start + 3 or len(lines) < at + 2:
        return None
    return lines[0], lines[start], lines[start + 1 : at], lines[at], lines[at + 1 :]


def _clock(wording: str) -> time:
    """The time in a line such as "6 August 2018 5:30 pm"; midnight when there is none."""
    found = re.search(r"\b(\d{1,2})[:.](\d{2})\s*([ap])?\.?m?\b", wording, re.IGNORECASE)
    if found is None:
        return time()
    half = (found[3] or "").lower()
    hour = int(found[1]) % 12 + 12 * (half == "p") if half else int(found[1])
    return time(hour, int(found[2])) if hour < 24 and int(found[2]) < 60 else time()


def _listed(form: Any) -> Any:
    """A form whose lists can be changed."""
    if isinstance(form, dict):
        return {key: _listed(value) for key, value in form.items()}
    return [_listed(one) for one in form] if isinstance(form, list | tuple) else form


def _prefix(key: str) -> str:
    """What the ids of a dataset's purposes begin with."""
    return (_letters(key) + "XXX")[:3].upper()


def _letters(text: str, between: str = "") -> str:
    return between.join(re.findall(r"[a-z]+", text.casefold()))


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, date):  # a time of a day is one too
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _comment(line: str) -> str:
    return "# " + re.sub(r"[\x00-\x1f\x7f]", " ", line) if line else "#"
