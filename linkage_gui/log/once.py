"""Recording many decisions so that none is recorded twice, however often the work is stopped and begun again.

A decision is known again by its content: the same case, decision and documents.
Nothing else is kept for this: the log itself is asked.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from linkage_gui.log.documents import Document, sha256
from linkage_gui.log.entry import Kept, canonical
from rules.case import Case
from rules.decision import Decision


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision to record, with the documents of its case by path."""

    case: Case
    decision: Decision
    documents: Mapping[str, Document]


@dataclass(slots=True)
class Claims:
    """Which entries of a log a piece of work has found to be its own, so that each stands for one decision only.

    Two decisions of the same content are two entries, and the work that records both finds both again.
    """

    _free: defaultdict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque))
    _read_to: dict[tuple[str, str], int] = field(default_factory=dict)
    _claimed: list[tuple[str, int]] = field(default_factory=list)
    _passed: dict[tuple[str, str], int] = field(default_factory=dict)

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Claim nothing when what is done meanwhile fails."""
        self._claimed.clear()
        self._passed.clear()
        try:
            yield
        except BaseException:
            for content, number in reversed(self._claimed):
                self._free[content].appendleft(number)
            self._read_to.update(self._passed)
            raise

    def claim(self, db: sqlite3.Connection, case: Case, content_of_it: Callable[[], str]) -> int | None:
        """The number of an entry of that content which nothing has claimed yet; None when there is none.

        An entry of another log is not one: it was recorded there. Each entry is read at most once, and the content
        is asked for only where there is an entry that it may be.
        """
        key = (case.applicant.name, case.title)
        newest = db.execute("SELECT coalesce(max(number), 0) FROM entry").fetchone()[0]
        after = self._read_to.get(key, 0)
        if newest > after:
            found = db.execute(
                "SELECT number, CAST(json AS BLOB) FROM register INDEXED BY register_applicant_title "
                "JOIN entry USING (number) WHERE register.kind = 'decision' AND applicant = ? AND title = ? "
                "AND applicant = ? COLLATE BINARY AND title = ? COLLATE BINARY AND number > ? AND imported = 0 "
                "ORDER BY number",
                (*key, *key, after),
            )
            for number, form in found:
                self._free[_content_of_form(msgspec.json.decode(form))].append(number)
            self._read_to[key] = newest
        if not self._free or (content := content_of_it()) not in self._free:
            return None
        number = self._free[content].popleft()
        if not self._free[content]:
            del self._free[content]
        self._claimed.append((content, number))
        return number

    def passed(self, case: Case, number: int) -> None:
        """An entry that the work added itself is claimed, and need not be read."""
        key = (case.applicant.name, case.title)
        self._passed.setdefault(key, self._read_to.get(key, 0))
        self._read_to[key] = number


def content_of(case: Case, decision: Decision, documents: Sequence[Kept]) -> str:
    """What makes two decisions the same: the SHA-256 of their case, decision and documents."""
    return _content(msgspec.to_builtins(case), msgspec.to_builtins(decision), msgspec.to_builtins(documents))


def _content_of_form(form: Mapping[str, Any]) -> str:
    return _content(form["case"], form["decision"], form["documents"])


def _content(case: object, decision: object, documents: Sequence[Mapping[str, Any]]) -> str:
    kept = {document["path"]: document["sha256"] for document in documents}
    return sha256(canonical({"case": case, "decision": decision, "documents": kept}))
