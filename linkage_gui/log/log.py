"""The log, opened."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from linkage_gui import __version__
from linkage_gui.log import keptpage, names, register
from linkage_gui.log.documents import Document, document_type, sha256
from linkage_gui.log.entry import (
    COLUMNS,
    FORMAT,
    FORMS,
    GENESIS,
    KINDS,
    LIMIT_ENTRY_BYTES,
    AnyEntry,
    Entry,
    Kept,
    Note,
    Origin,
    Original,
    Person,
    Row,
    SignOff,
    StoredDecision,
    Withdrawal,
    canonical,
    check_foreign,
    documents_of,
    entry_of,
    moment,
    read_original,
    read_stored,
    timestamp,
    written,
)
from linkage_gui.log.keptpage import KeptPage
from linkage_gui.log.names import Role
from linkage_gui.log.once import Claims, Decided, content_of
from linkage_gui.log.register import Filter, Key, Page, Sort
from linkage_gui.log.state import State, state_of
from linkage_gui.log.trouble import (
    DraftElsewhere,
    LogTrouble,
    NoEntry,
    Stopped,
    as_bytes,
    as_text,
    as_written,
    damaged,
    in_plain_words,
)
from linkage_gui.log.verification import Verification, verify
from linkage_gui.log.workshop import clear_leftovers
from rules.case import Case
from rules.decision import Decision

if TYPE_CHECKING:
    from rules.edition import Editions

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069<>:"/\\|?*]')
"""What a file name may not hold on Windows, or anywhere, and what a case refuses in a path."""
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)
"""What a file may not be called on Windows, whatever follows."""
_READ = "SELECT number, kind, hash, CAST(json AS BLOB) FROM entry"

_About = TypeVar("_About", SignOff, Withdrawal, Note)


_GONE = "That draft is no longer in the log: it was recorded or deleted in another window."
_CHANGED = "That draft was changed in another window, and is left as it is there."


@dataclass(frozen=True, slots=True)
class Draft:
    """Answers that are not yet a case. ``updated_at`` is aware, in UTC; it differs after every saving.

    A draft that cannot be read, as something else wrote to the file, has no answers and is not ``readable``.
    """

    id: str
    updated_at: datetime
    answers: dict[str, Any]
    readable: bool = True


class Log:
    """The log in one file. Use an instance in the thread that opened it; any number may have the file open.

    Every method raises :class:`LogTrouble` when the file cannot be read or written. What it was asked to write is
    then not in the log, and the instance can be used on.
    """

    path: Path
    read_only: bool
    """Whether the file or its folder cannot be written. Everything can be read then, and whatever writes raises."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Use :meth:`open`."""
        from linkage_gui.log.file import ReadConnection  # noqa: PLC0415  (loaded when the log was opened)

        self.path = path
        self.read_only = isinstance(connection, ReadConnection)
        self._db = connection
        self._opened = _identity(path)
        self._step: Callable[[int, int], None] = lambda *_: None
        self._cancelled: Callable[[], bool] = lambda: False

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the log at ``path``. Its folder and the file are made when they are not there.

        One that cannot be written is opened to be read (:attr:`read_only`). A log of an older version is brought up
        to date, after a copy was made beside it.
        """
        from linkage_gui.log.file import open_file  # noqa: PLC0415  (it costs a tenth of a second)

        path = path.expanduser().absolute()
        before = _identity(path)
        opened = cls(path, open_file(path))
        if before is not None and opened._opened != before:
            opened.close()
            raise LogTrouble(f"The log {path} was moved or replaced while it was being opened. Try again.")
        if not opened.read_only:
            clear_leftovers(path.parent)
        return opened

    def close(self) -> None:
        """Close the file. May be called again."""
        with in_plain_words(self.path):
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def watched(self, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Iterator[None]:
        """Tell how far what is done within is with documents, in bytes, and give it up when asked to.

        :raises Stopped: when ``cancelled()`` became true while another program held the file, before anything was
            written, or before the last document was. What was begun is then not in the log.
        """
        before = self._step, self._cancelled
        self._step, self._cancelled = progress, cancelled
        try:
            yield
        finally:
            self._step, self._cancelled = before

    # Adding entries

    def record(
        self,
        case: Case,
        decision: Decision,
        documents: Mapping[str, Document],
        *,
        draft: str | None = None,
        about: str | None = None,
    ) -> Entry:
        """Add a decision to the log, and clear the draft that it came from, in one durable transaction.

        A ``draft`` that is no longer there was recorded or deleted meanwhile: then nothing is recorded.
        ``documents`` are those of the case's agreements, by path as the case writes them: all of them and no
        others, else ``ValueError``. ``about`` names the earlier decision that this one decides again. Once this has
        returned, the entry survives a kill and a power cut.
        """
        kept = _kept_of(case, documents)
        with self._writing():
            earlier = None if about is None else self._decision(about).id
            entry = self._add_decision(case, decision, documents, kept, earlier)
            if draft is not None and not self._db.execute("DELETE FROM draft WHERE id = ?", (draft,)).rowcount:
                raise DraftElsewhere(f"Nothing was recorded. {_GONE} Look in the register.")
        return entry

    def record_once(self, rows: Sequence[Decided], claims: Claims) -> list[tuple[Entry, bool]]:
        """Add decisions in one durable transaction, all or none, but for those that this log made before.

        Gives for each its entry, and whether it is new. One that was made before has the same case, decision and
        documents, and was not given for another decision with these ``claims``.
        """
        whole = [(row, _kept_of(row.case, row.documents)) for row in rows]
        given: list[tuple[Entry, bool]] = []
        with claims.trial(), self._writing():
            for row, kept in whole:
                with self._readable():
                    number = claims.claim(self._db, row.case, partial(content_of, row.case, row.decision, kept))
                if number is None:
                    entry = self._add_decision(row.case, row.decision, row.documents, kept, None)
                    claims.passed(row.case, entry.number)
                else:
                    entry = self._decision(str(number))
                given.append((entry, number is None))
        return given

    def _add_decision(
        self, case: Case, decision: Decision, documents: Mapping[str, Document], kept: list[Kept], about: str | None
    ) -> Entry:
        stored = [self._as_stored(document) for document in kept]
        entry = self._append("decision", about, {"case": case, "decision": decision, "documents": stored})
        done, total = 0, sum(document.size for document in stored)
        for document in stored:
            if self._cancelled():
                raise Stopped
            self._step(done, total)
            self._keep(entry.number, document, documents[document.path].content)
            done += document.size
        if not isinstance(entry, Entry):  # pragma: no cover  (for the type checker)
            raise TypeError(entry.kind)
        return entry

    def sign_off(self, about: str, by: Person, *, agrees: bool, reason: str = "") -> SignOff:
        """Add that somebody agrees, or for a reason does not agree, with a decision.

        This and its like raise :class:`NoEntry` when ``about`` names no decision, and :class:`LogTrouble` when a
        word that is needed is blank, too long or cannot be shown.
        """
        return self._add_about(SignOff, about, "sign-off", {"by": by, "agrees": agrees, "reason": reason})

    def withdraw(self, about: str, by: Person, reason: str) -> Withdrawal:
        """Add that a decision is withdrawn, and why."""
        return self._add_about(Withdrawal, about, "withdrawal", {"by": by, "reason": reason})

    def note(self, about: str, by: Person, text: str) -> Note:
        """Add a note about a decision."""
        return self._add_about(Note, about, "note", {"by": by, "text": text})

    def add_imported(self, origin: Origin, entries: Iterable[tuple[bytes, Mapping[str, Document]]]) -> int:
        """Add entries of another log, each its canonical JSON with its documents by path: all of them, or none.

        Those that this log has already are passed over. Gives how many were added. They are gone through once, so
        that they need not all be in memory. Raises :class:`LogTrouble` when one is not an entry as this program
        makes them, when its documents are not those that it names, or when it is about a decision that is neither
        among them nor in this log. A document is asked for twice: one after the other, so that they need not be in
        memory together.
        """
        if not re.fullmatch(r"[0-9a-f]{64}", origin.bundle):
            raise ValueError(f"the SHA-256 of the bundle: {origin.bundle!r}")
        added, awaited, deciding_again = 0, dict[str, int](), dict[str, int]()
        with self._writing():
            for place, (content, documents) in enumerate(entries, start=1):
                try:
                    original, form, kept = _read_foreign(content, documents)
                    is_new = self._is_new(original.id, sha256(content))
                    if is_new:
                        stored = [self._as_stored(document) for document in kept]
                        rest = {"origin": origin, "hash": sha256(content), "entry": form, "documents": stored}
                        number = self._append("imported", None, rest, entry_id=original.id).number
                        for document in stored:
                            again = documents[document.path].content
                            if sha256(again) != document.sha256:
                                raise _Foreign(f"has a document, “{document.name}”, that changes as it is read.")
                            self._keep(number, document, again)
                except _Foreign as error:
                    raise LogTrouble(f"Entry {place} of “{origin.name}” {error} Nothing was imported.") from error
                added += is_new
                if original.about is not None:
                    if original.kind == "decision":
                        deciding_again.setdefault(original.id, place)
                    else:
                        awaited.setdefault(original.about, place)
            for about, place in awaited.items():
                self._check_awaited(about, f"Entry {place} of “{origin.name}”")
            self._check_earlier(deciding_again, origin.name)
        return added

    def _is_new(self, entry_id: str, hashed: str) -> bool:
        """Whether no entry has this id. Refuses an id that another entry has."""
        found = self._db.execute(
            "SELECT entry.hash, elsewhere.hash FROM entry LEFT JOIN register_elsewhere AS elsewhere USING (number) "
            "WHERE id = ?",
            (entry_id,),
        ).fetchone()
        if found is None:
            return True
        if hashed == (found[1] or found[0]):
            return False
        raise _Foreign(f"has the id {entry_id}, which another entry in this log has. One of the two was changed.")

    def _check_awaited(self, about: str, what: str) -> None:
        try:
            self._decision(about)
        except NoEntry as error:
            raise LogTrouble(
                f"{what} is about the decision {about}, which is neither with it nor in this log. Export that "
                "decision too, then import again. Nothing was imported."
            ) from error

    def _check_earlier(self, deciding_again: Mapping[str, int], name: str) -> None:
        """Refuse decisions that decide themselves again, at once or by way of others."""
        ending = set[str]()
        for start, place in deciding_again.items():
            passed = dict[str, None]()
            step: str | None = start
            while step is not None and step not in ending:
                if step in passed:
                    raise LogTrouble(
                        f"Entry {place} of “{name}” decides itself again, at once or by way of others, which no log "
                        "holds: it was forged. Nothing was imported."
                    )
                passed[step] = None
                found = self._db.execute("SELECT about FROM register WHERE id = ?", (step,)).fetchone()
                step = None if found is None else found[0]
            ending.update(passed)

    def _add_about(self, wanted: type[_About], about: str, kind: str, rest: Mapping[str, object]) -> _About:
        with self._writing():
            entry = self._append(kind, self._decision(about).id, rest)
        if not isinstance(entry, wanted):  # pragma: no cover  (for the type checker)
            raise TypeError(entry.kind)
        return entry

    def _decision(self, asked: str) -> Entry:
        """The decision that a new entry is about."""
        entry = self.any_entry(asked)
        if not isinstance(entry, Entry):
            raise NoEntry(
                f"Entry {entry.number} in the log {self.path} is a {entry.kind}, not a decision. Name the decision "
                f"itself: {entry.about}."
            )
        return entry

    def _append(
        self, kind: str, about: str | None, rest: Mapping[str, object], *, entry_id: str | None = None
    ) -> AnyEntry:
        """Add an entry at the end of the chain, within a transaction."""
        last = self._db.execute("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1").fetchone()
        number, previous = last or (0, GENESIS)
        if not isinstance(previous, str) or not re.fullmatch(r"[0-9a-f]{64}", previous):
            raise LogTrouble(f"Entry {number}: {damaged(self.path)}")
        stored, form, content = written(
            {
                "format": FORMAT,
                "id": entry_id or uuid.uuid4().hex,
                "number": number + 1,
                "kind": kind,
                "about": about,
                "recorded_at": timestamp(datetime.now(UTC)),
                "previous": previous,
                "program": __version__,
                **rest,
            }
        )
        entry = entry_of(stored, content)
        columns = {**{name: form[name] for name in COLUMNS}, "hash": entry.hash, "json": content.decode()}
        self._db.execute(
            f"INSERT INTO entry ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
            tuple(columns.values()),
        )
        register.add(self._db, form)
        names.add(self._db, form)
        return entry

    def _as_stored(self, document: Kept) -> Kept:
        """A document with the type under which the log has its bytes already: a newer version may call it another."""
        found = self._db.execute("SELECT type FROM document WHERE sha256 = ?", (document.sha256,)).fetchone()
        return document if found is None else msgspec.structs.replace(document, type=found[0])

    def _keep(self, number: int, document: Kept, content: bytes) -> None:
        """Keep a document of an entry; its bytes once, however many entries have it."""
        if not self._db.execute("SELECT 1 FROM document WHERE sha256 = ?", (document.sha256,)).fetchone():
            self._db.execute(
                "INSERT INTO document (sha256, type, size, content) VALUES (?, ?, ?, ?)",
                (document.sha256, document.type, document.size, content),
            )
        self._db.execute(
            "INSERT INTO entry_document (entry, path, name, sha256) VALUES (?, ?, ?, ?)",
            (number, document.path, document.name, document.sha256),
        )

    # Reading entries

    def entries(self, *, limit: int = 100, before: int | None = None) -> list[Row]:
        """Decisions for the register, newest first: at most ``limit``, those before number ``before`` when given."""
        with in_plain_words(self.path):
            rows = self._db.execute(
                "SELECT number, entry.id, entry.hash, register.recorded_at, title, applicant, "
                "coalesce(dataset, other_dataset), dataset IS NOT NULL, outcome, valid_until "
                "FROM register JOIN entry USING (number) WHERE register.kind = 'decision' AND number < ? "
                "ORDER BY number DESC LIMIT ?",
                (2**63 - 1 if before is None else before, limit),
            ).fetchall()
        with self._readable():
            return [
                Row(
                    number=row[0],
                    id=as_text(row[1]),
                    hash=as_text(row[2]),
                    recorded_at=moment(row[3]),
                    title=as_text(row[4]),
                    applicant=as_text(row[5]),
                    dataset=as_text(row[6]),
                    listed=bool(row[7]),
                    outcome=as_text(row[8]),
                    valid_until=None if row[9] is None else date.fromisoformat(row[9]),
                )
                for row in rows
            ]

    def page(self, wanted: Filter, sort: Sort = "newest", after: Key | None = None, limit: int = 100) -> Page:
        """The first ``limit`` decisions of an order, or those after a page's ``next``."""
        with self._register():
            return register.page(self._db, wanted, sort, after, limit)

    def page_before(self, wanted: Filter, sort: Sort = "newest", before: Key | None = None, limit: int = 100) -> Page:
        """The last ``limit`` decisions of an order, or those before a page's ``previous``."""
        with self._register():
            return register.page_before(self._db, wanted, sort, before, limit)

    def last_page(self, wanted: Filter, sort: Sort = "newest", limit: int = 100) -> Page:
        """The last ``limit`` decisions of an order."""
        with self._register():
            return register.last_page(self._db, wanted, sort, limit)

    def count_of(self, wanted: Filter) -> int:
        """How many decisions are wanted. Counting stops at one more than :data:`COUNTED`."""
        with self._register():
            return register.count(self._db, wanted)

    def fired(self, rules: Iterable[str]) -> Mapping[str, int]:
        """For how many decisions each of these rules fired. Counting stops at one more than :data:`COUNTED`."""
        with self._register():
            return register.fired(self._db, rules)

    def names(self, role: Role, beginning: str = "", limit: int = 20) -> tuple[str, ...]:
        """The names that decisions have in a role and that begin so, each once, the one recorded last first.

        Those in which another word begins so come after them.
        """
        with self._register():
            return names.names(self._db, role, beginning, limit)

    def ods_code(self, applicant: str) -> str | None:
        """The ODS code that an applicant of exactly this name was last recorded with, if it was with one."""
        with self._register():
            return names.ods_code(self._db, applicant)

    def entry(self, id_or_number: str) -> Entry:
        """The decision with this number, id or hash, or whose id or hash alone begins with these 4 or more letters.

        Digits alone are a number when there is an entry with that number. White space within is passed over, as
        paper may break a hash into groups. Of an imported decision, the hash is the one that it has in this log.
        """
        return self._decision(id_or_number)

    def any_entry(self, id_or_number: str) -> AnyEntry:
        """The entry of any kind that is so named (see :meth:`entry`)."""
        asked = "".join(id_or_number.split()).lower()
        with in_plain_words(self.path):
            found = self._db.execute(
                f"{_READ} WHERE number = ?",
                (int(asked) if re.fullmatch(r"[1-9][0-9]{0,17}", asked) else -1,),
            ).fetchall()
            if not found and re.fullmatch(r"[0-9a-f]{4,64}", asked):
                found = self._db.execute(
                    f"{_READ} WHERE (id >= :from AND id < :to) OR (hash >= :from AND hash < :to) LIMIT 2",
                    {"from": asked, "to": asked + "g"},
                ).fetchall()
        if len(found) > 1:
            raise NoEntry(f"More than one entry in the log begins with “{asked}”. Give more of the id or the hash.")
        if not found:
            raise NoEntry(
                f"There is no entry “{id_or_number}” in the log {self.path}. Give its number, its id or its hash, or "
                "the first 4 or more letters of either."
            )
        return self._read(*found[0])

    def on_paper(self, digest: str) -> AnyEntry:
        """The entry whose hash a paper copy carries: of this log, or of the log that it was imported from.

        White space within is passed over, as paper breaks a hash into groups.

        :raises NoEntry: when there is none.
        """
        asked = "".join(digest.split()).lower()
        found = self._read_where("hash = ?", (asked,)) or self._read_where(
            "number IN (SELECT number FROM register_elsewhere WHERE hash = ?)", (asked,)
        )
        if not found:
            raise NoEntry(f"No entry in the log {self.path} has that hash, nor had it where it was imported from.")
        return found[0]

    def history(self, id_or_number: str) -> tuple[AnyEntry, ...]:
        """A decision, those that it decided again and that decided it again, and every entry about any of them.

        In the order in which this log took them in. What a decision from another log decided again may not be here.
        """
        found: dict[int, AnyEntry] = {}
        waiting = [self.entry(id_or_number)]
        while waiting:
            decision = waiting.pop()
            found[decision.number] = decision
            related = self._entries_about(decision.id)
            if decision.about is not None:
                related += self._read_where("id = ?", (decision.about,))
            for entry in related:
                if entry.number in found:
                    continue
                if isinstance(entry, Entry):
                    waiting.append(entry)
                found[entry.number] = entry
        return tuple(found[number] for number in sorted(found))

    def state(self, id_or_number: str, today: date) -> State:
        """How a decision stands on a day, from the entries about it."""
        entry = self.entry(id_or_number)
        return state_of(entry, self._entries_about(entry.id), today)

    def _entries_about(self, entry_id: str) -> list[AnyEntry]:
        return self._read_where("number IN (SELECT number FROM register WHERE about = ?)", (entry_id,))

    def _read_where(self, condition: str, values: tuple[str, ...]) -> list[AnyEntry]:
        """Entries, oldest first. Kinds that a newer version added are passed over."""
        with in_plain_words(self.path):
            rows = self._db.execute(f"{_READ} WHERE {condition} ORDER BY number", values).fetchall()
        return [self._read(*row) for row in rows if row[1] in KINDS]

    def _read(self, number: int, kind: str | None, hashed: str, content: bytes) -> AnyEntry:
        if not isinstance(kind, str):
            raise LogTrouble(f"Entry {number}: {damaged(self.path)}")
        if kind not in KINDS:
            raise LogTrouble(
                f"Entry {number} in the log {self.path} is of the kind “{kind}”, which this version cannot show. Use "
                "a newer Linkage GUI."
            )
        if not isinstance(content, bytes) or sha256(content) != hashed:
            raise LogTrouble(
                f"Entry {number} in the log {self.path} was changed after it was recorded. Verify the log, and "
                "restore a backup copy."
            )
        with self._readable(number):
            return entry_of(read_stored(msgspec.json.decode(content, type=dict[str, Any])), content)

    def count(self) -> int:
        """How many decisions are in the log."""
        with in_plain_words(self.path):
            number: int = self._db.execute("SELECT count(*) FROM register WHERE kind = 'decision'").fetchone()[0]
            return number

    def document(self, sha256_hex: str) -> bytes:
        """The bytes of a document that an entry has, checked against their hash."""
        with in_plain_words(self.path):
            found = self._db.execute("SELECT content FROM document WHERE sha256 = ?", (sha256_hex,)).fetchone()
        if found is None:
            raise LogTrouble(f"There is no document {sha256_hex} in the log {self.path}.")
        content: bytes = found[0]
        if not isinstance(content, bytes) or sha256(content) != sha256_hex:
            raise LogTrouble(
                f"The document {sha256_hex} in the log {self.path} was changed after it was recorded. Verify the "
                "log, and restore a backup copy."
            )
        return content

    def verify(
        self,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        *,
        replay: bool = False,
        editions: Editions | None = None,
    ) -> Verification:
        """Check every entry, its place in the chain, what is derived from it, and its documents.

        With ``replay``, each decision is also decided again, under its own edition among ``editions`` (those shipped
        when left out), and compared with what was recorded. ``progress(done, total)`` is called as entries are
        checked. When ``cancelled()`` is true it stops, and what it gives says so.
        """
        from linkage_gui.log.file import open_another  # noqa: PLC0415  (loaded when the log was opened)

        before = _state(self.path)
        if replay and editions is None:
            from rules.edition import shipped  # noqa: PLC0415  (only to replay)

            editions = shipped()
        with in_plain_words(self.path):
            self._check_in_place()
            found = verify(
                self._db,
                partial(open_another, self._db, self.path),
                self._check_in_place,
                progress or (lambda _done, _total: None),
                cancelled or (lambda: False),
                replay=editions if replay else None,
            )
        if self.read_only and _state(self.path) != before:
            raise LogTrouble(
                f"Somebody wrote to the log {self.path} while it was verified. Open it again, and verify."
            )
        return found

    def _check_in_place(self) -> None:
        if _identity(self.path) != self._opened:
            raise LogTrouble(
                f"The log {self.path} was moved or replaced while it was open, so it was not verified. "
                "Put it back, or close Linkage GUI and open it again."
            )

    # The guidance page

    def keep_page(self, edition: str, name: str, content_sha256: str, items: Mapping[str, str]) -> None:
        """Keep the wording of a saved copy of the guidance page for an edition. Durable.

        ``name`` is the name of its file and ``content_sha256`` the SHA-256 of its bytes; ``items`` gives the wording
        by locator. The same as was kept last is kept once. Raises :class:`LogTrouble` when there is more of it than
        the log keeps.
        """
        written = keptpage.written(edition, name, content_sha256, items)
        with self._writing():
            keptpage.keep(self._db, edition, name, content_sha256, written)

    def page_of(self, edition: str) -> KeptPage | None:
        """The copy of the guidance page that was kept last for an edition, if there is one."""
        with in_plain_words(self.path):
            try:
                return keptpage.page_of(self._db, edition)
            except keptpage.ChangedPage as error:
                raise LogTrouble(
                    f"The copy of the guidance page in the log {self.path} was changed after it was kept. Keep the "
                    "page again."
                ) from error

    # Drafts

    def save_draft(self, draft_id: str, answers: Mapping[str, Any], *, seen: datetime | None = None) -> datetime:
        """Keep a draft's answers (what JSON can hold) in place of those that it had. Durable.

        Gives the draft's ``updated_at``. With the one ``seen`` last, a draft that was saved, recorded or deleted
        since then is left as it is, which :class:`DraftElsewhere` says.
        """
        written = json.dumps(dict(answers), allow_nan=False)
        with self._writing():
            found = self._db.execute("SELECT updated_at FROM draft WHERE id = ?", (draft_id,)).fetchone()
            before = _saved_at(found[0]) if found else None
            if seen is not None and before != seen:
                raise DraftElsewhere(_CHANGED if found else _GONE)
            now = datetime.now(UTC)
            if now == before:  # a coarse clock
                now += timedelta(microseconds=1)
            self._db.execute(
                "INSERT INTO draft (id, updated_at, answers) VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, answers = excluded.answers",
                (draft_id, now.isoformat(timespec="microseconds"), written),
            )
        return now

    def fork_draft(self, draft_id: str, new_id: str, answers: Mapping[str, Any]) -> datetime:
        """Keep answers as a new draft, with the documents that another one holds, if it is there. Durable.

        The documents have the same paths. Gives the new draft's ``updated_at``.
        """
        written = json.dumps(dict(answers), allow_nan=False)
        now = datetime.now(UTC)
        with self._writing():
            self._db.execute(
                "INSERT INTO draft (id, updated_at, answers) VALUES (?, ?, ?)",
                (new_id, now.isoformat(timespec="microseconds"), written),
            )
            self._db.execute(
                "INSERT INTO draft_document (draft, path, name, sha256, type, size, content) "
                "SELECT ?, path, name, sha256, type, size, content FROM draft_document WHERE draft = ?",
                (new_id, draft_id),
            )
        return now

    def drafts(self) -> list[Draft]:
        """All drafts, the one last saved first; those that cannot be read too."""
        with in_plain_words(self.path):
            rows = self._db.execute(
                "SELECT id, updated_at, answers FROM draft ORDER BY updated_at DESC, rowid DESC"
            ).fetchall()
        return [_draft(*row) for row in rows]

    def draft(self, draft_id: str) -> Draft:
        """One draft."""
        with in_plain_words(self.path):
            row = self._db.execute("SELECT id, updated_at, answers FROM draft WHERE id = ?", (draft_id,)).fetchone()
        if row is None:
            raise DraftElsewhere(_GONE)
        draft = _draft(*row)
        if not draft.readable:
            raise LogTrouble(damaged(self.path))
        return draft

    def delete_draft(self, draft_id: str) -> None:
        """Delete a draft and the documents attached to it, if it is there."""
        with self._writing():
            self._db.execute("DELETE FROM draft WHERE id = ?", (draft_id,))

    def attach(self, draft_id: str, name: str, content: bytes) -> Kept:
        """Keep a document with a draft, which is made when it is not there. Durable.

        ``name`` may be a path; its last part is the document's name. The ``path`` of what is given back is its own
        within the draft, and is a safe file name on every system: it is what the case's agreement lists. A document
        that the draft has already, by that name, is kept once.
        """
        name = PureWindowsPath(PurePosixPath(name).name).name or name
        document = Document(name, content)
        kind, hashed = document_type(document), sha256(content)
        with self._writing():
            self._db.execute(
                "INSERT INTO draft (id, updated_at, answers) VALUES (?, ?, '{}') ON CONFLICT (id) DO NOTHING",
                (draft_id, timestamp(datetime.now(UTC))),
            )
            taken = self._db.execute(
                "SELECT path, name = ? AND sha256 = ? FROM draft_document WHERE draft = ?", (name, hashed, draft_id)
            ).fetchall()
            with as_written():
                paths = {as_text(path): same for path, same in taken}
            if same := [path for path, same in paths.items() if same]:
                return Kept(same[0], name, hashed, kind, len(content))
            path = _free_path(name, set(paths))
            self._db.execute(
                "INSERT INTO draft_document (draft, path, name, sha256, type, size, content) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (draft_id, path, name, hashed, kind, len(content), content),
            )
        return Kept(path, name, hashed, kind, len(content))

    def attached(self, draft_id: str) -> dict[str, Document]:
        """The documents attached to a draft, by path, in the order in which they were attached."""
        with in_plain_words(self.path):
            rows = self._db.execute(
                "SELECT path, name, content FROM draft_document WHERE draft = ? ORDER BY rowid", (draft_id,)
            )
            with as_written():
                return {as_text(path): Document(as_text(name), as_bytes(content)) for path, name, content in rows}

    def held(self, draft_id: str) -> frozenset[str]:
        """The paths of the documents that are attached to a draft."""
        with in_plain_words(self.path):
            rows = self._db.execute("SELECT path FROM draft_document WHERE draft = ?", (draft_id,))
            return frozenset(path for (path,) in rows)

    def detach(self, draft_id: str, path: str) -> None:
        """Delete one document of a draft, if it is there."""
        with self._writing():
            self._db.execute("DELETE FROM draft_document WHERE draft = ? AND path = ?", (draft_id, path))

    # Within

    @contextmanager
    def _writing(self) -> Iterator[None]:
        from linkage_gui.log.file import writing  # noqa: PLC0415  (loaded when the log was opened)

        if self.read_only:
            raise LogTrouble(
                f"The log {self.path} can only be read: the file or its folder cannot be written. Nothing was "
                "written. Get permission to change both, or choose another folder for the log."
            )
        with in_plain_words(self.path), writing(self._db, self._cancelled):
            # A file that was moved away or replaced would still take what is written, and nobody would find it.
            if _identity(self.path) != self._opened:
                raise LogTrouble(
                    f"The log {self.path} was moved or replaced while it was open, so nothing was written. "
                    "Put it back, or close Linkage GUI and open it again."
                )
            yield

    @contextmanager
    def _register(self) -> Iterator[None]:
        with in_plain_words(self.path):
            yield

    @contextmanager
    def _readable(self, number: int | None = None) -> Iterator[None]:
        try:
            yield
        # msgspec and json raise these when stored text is not what it was
        except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
            where = damaged(self.path) if number is None else f"Entry {number}: {damaged(self.path)}"
            raise LogTrouble(where) from error


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino


def _state(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written to."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size


class _Foreign(Exception):
    """What is wrong with an entry of another log, in words that follow its name."""


def _read_foreign(content: bytes, documents: Mapping[str, Document]) -> tuple[Original, dict[str, Any], list[Kept]]:
    """An entry of another log: what it is, its decoded JSON, and its documents. Raises :class:`_Foreign`."""
    if len(content) > LIMIT_ENTRY_BYTES:
        raise _Foreign(f"is larger than {LIMIT_ENTRY_BYTES // 1024**2} MiB, which no entry is.")
    try:
        form = msgspec.json.decode(content, type=dict[str, Any])
        if form.get("kind") not in FORMS:
            raise _Foreign("is of a kind that this version does not know. Use a newer Linkage GUI.")
        if canonical(form) != content:
            raise _Foreign("is not in canonical form, so its hash would say nothing.")
        original = read_original(form)
        check_foreign(original)
    except LogTrouble as error:
        raise _Foreign(f"cannot be taken in. {error}") from error
    except (ValueError, TypeError, RecursionError) as error:  # msgspec's and rfc8785's are ValueErrors
        raise _Foreign("cannot be read: it is damaged, or a newer version made it.") from error
    listed = documents_of(original)
    named = (
        {path for agreement in original.case.agreements for path in agreement.documents}
        if isinstance(original, StoredDecision)
        else set()
    )
    paths = [kept.path for kept in listed]
    if sorted(paths) != sorted(named) or named != documents.keys():
        raise _Foreign("does not come with the documents that its case names.")
    kept = []
    for was in listed:
        try:
            now = _kept(was.path, Document(was.name, documents[was.path].content))
        except LogTrouble as error:
            raise _Foreign(f"has a document that the log does not keep. {error}") from error
        if (now.sha256, now.size) != (was.sha256, was.size):
            raise _Foreign(f"has a document, “{was.name}”, that was changed.")
        kept.append(now)
    return original, form, kept


def _kept_of(case: Case, documents: Mapping[str, Document]) -> list[Kept]:
    """What to keep of a case's documents: of all that it names, and no others."""
    named = {path for agreement in case.agreements for path in agreement.documents}
    if named != documents.keys():
        raise ValueError(f"documents of the case: {sorted(named)}; documents given: {sorted(documents)}")
    return [_kept(path, document) for path, document in documents.items()]


def _kept(path: str, document: Document) -> Kept:
    return Kept(path, document.name, sha256(document.content), document_type(document), len(document.content))


def _draft(draft_id: object, updated_at: object, answers: object) -> Draft:
    try:
        read = json.loads(as_text(answers))
    except (ValueError, TypeError, RecursionError):
        read = None
    readable = isinstance(read, dict)
    return Draft(str(draft_id), _saved_at(updated_at), read if readable else {}, readable)


def _saved_at(written: object) -> datetime:
    try:
        return moment(as_text(written))
    except (ValueError, TypeError, OverflowError):
        return datetime.fromtimestamp(0, UTC)


def _free_path(name: str, taken: set[str]) -> str:
    """A file name like ``name`` that no other document of the draft has, on systems that ignore case too."""
    safe = PurePosixPath(_UNSAFE.sub("_", name).strip(" .") or "document")
    stem, suffix = safe.stem[:60], safe.suffix[:10]
    if _RESERVED.fullmatch(stem):
        stem += "_"
    used = {path.casefold() for path in taken}
    path, again = stem + suffix, 1
    while path.casefold() in used:
        again += 1
        path = f"{stem} ({again}){suffix}"
    return path
