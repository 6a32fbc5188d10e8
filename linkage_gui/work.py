"""What the window asks of the log and the rule base. Everything here runs on the worker's thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import msgspec

from linkage_gui.faults import Trouble, report
from linkage_gui.paths import reports_folder
from linkage_gui.progress import Progress, Stopped

if TYPE_CHECKING:
    from linkage_gui.batch.desk import Desk
    from linkage_gui.copies import Copies
    from linkage_gui.editions import Offered
    from linkage_gui.impact import Affected
    from linkage_gui.log import (
        AnyEntry,
        Draft,
        Entry,
        Filter,
        InForce,
        Kept,
        Key,
        Line,
        Log,
        Sort,
        Standing,
        State,
        Verification,
    )
    from linkage_gui.log import (
        Page as RegisterPage,
    )
    from linkage_gui.log.export import Format
    from linkage_gui.log.names import Role
    from rules.edition import Edition, Editions

    Rows = tuple[tuple[Line, InForce], ...]
    """Decisions of the register, each with a day's place in its dates."""


T = TypeVar("T")


@contextmanager
def _stoppable() -> Iterator[None]:
    """What the log says when it was stopped, as the window knows it."""
    from linkage_gui.log import trouble  # noqa: PLC0415  (slow: only on this thread)

    try:
        yield
    except trouble.Stopped as stopped:
        raise Stopped from stopped


def stoppable(progress: Progress, job: Callable[[Log], T]) -> Callable[[Log], T]:
    """A job that tells how far it is with documents, and stops between two or while another program holds the log."""

    def work(log: Log) -> T:
        with _stoppable(), log.watched(progress.step, progress.cancelled):
            if progress.cancelled():
                raise Stopped
            return job(log)

    return work


def warm_up(_: Log) -> None:
    """Import the rule engine and let it read its rules, so that the first decision does not wait for that."""
    import rules.deciding  # noqa: F401, PLC0415


def licences() -> str:
    """The licences of all that the program consists of."""
    from linkage_gui import shipped  # noqa: PLC0415  (reads a file of each package)

    return shipped.licences()


# Editions of the guidance


class OtherEditions(Trouble):
    """The data folder has other editions than those that were to decide. Nothing was decided."""


def under(editions: Editions, data: Path, job: Callable[[Log], T]) -> Callable[[Log], T]:
    """A job that decides, done only while the editions are those that the data folder has."""

    def work(log: Log) -> T:
        from linkage_gui.editions import known  # noqa: PLC0415  (reads files: only on this thread)

        try:
            now = known(data)
        except Trouble as trouble:
            raise OtherEditions(str(trouble)) from trouble
        if now != editions:
            raise OtherEditions(
                "The editions of the guidance are not those that were read before: somebody added one, or took one "
                "out. They are read again now. Look at the answers again, then decide."
            )
        return job(log)

    return work


def known_editions(data: Path) -> Callable[[], Editions]:
    """The editions shipped, and those added in the data folder."""

    def work() -> Editions:
        from linkage_gui.editions import known  # noqa: PLC0415  (reads files: only on this thread)

        return known(data)

    return work


def offer_edition(data: Path, file: Path) -> Callable[[], Offered]:
    """An edition in a file, checked, with what differs from the newest. Adds nothing."""

    def work() -> Offered:
        from linkage_gui.editions import offer  # noqa: PLC0415  (reads files: only on this thread)

        return offer(data, file)

    return work


def add_edition(data: Path, offered: Offered) -> Callable[[], Editions]:
    """Add an edition that was offered; gives those known then."""

    def work() -> Editions:
        from linkage_gui.editions import add, known  # noqa: PLC0415  (reads files: only on this thread)

        add(data, offered)
        return known(data)

    return work


def overview(today: date, editions: Editions) -> Callable[[Log], tuple[list[Draft], Rows, dict[str, str]]]:
    """What Home shows: the drafts, the newest decisions, and by its id how far each of the newest drafts is."""

    def work(log: Log) -> tuple[list[Draft], Rows, dict[str, str]]:
        from linkage_gui.log import Filter  # noqa: PLC0415  (slow: only on this thread)
        from linkage_gui.session import Session  # noqa: PLC0415

        drafts = log.drafts()
        far = {
            draft.id: Session.from_draft(draft.id, draft.answers, today=lambda: today, editions=editions).standing
            for draft in drafts[:DRAFTS]
            if draft.readable
        }
        return drafts, _rows(log.page(Filter(), limit=5), today), far

    return work


DRAFTS = 50
"""Of how many drafts, the newest, to say how far they are."""


def entries(count: int) -> str:
    """So many entries, in words."""
    return "1 entry" if count == 1 else f"{count:,} entries"


def decisions(count: str) -> str:
    """So many decisions, in words."""
    return "1 decision" if count == "1" else f"{count} decisions"


PAGE = 20
"""How many decisions a page of the register has."""


class Wanted(msgspec.Struct, frozen=True):
    """What the register is asked for: what is blank or ``None`` does not count.

    ``within`` is in days from today, ``rule`` the id of a rule that fired.
    """

    text: str = ""
    outcome: str = ""
    dataset: str = ""
    organisation: str = ""
    standing: Standing | None = None
    on: date | None = None
    within: int | None = None
    rule: str = ""
    sort: Sort = "newest"

    @property
    def everything(self) -> bool:
        """Whether every decision is wanted, in whatever order."""
        return self == Wanted(sort=self.sort)


class Place(msgspec.Struct, frozen=True):
    """A page of the register: the first or the last, or the one after or before a key."""

    wanted: Wanted = Wanted()
    turn: Literal["first", "after", "before", "last"] = "first"
    key: Key | None = None


class Found(msgspec.Struct, frozen=True):
    """A page of the register, each row with whether it is in force today.

    ``count`` is how many decisions are wanted, ``1,000+`` for any number above that. ``next`` and ``previous`` are
    the places after and before it.
    """

    place: Place
    rows: Rows
    count: str
    next: Place | None
    previous: Place | None


def _filter(wanted: Wanted, today: date) -> Filter:
    from linkage_gui.log import Filter  # noqa: PLC0415  (slow: only on this thread)

    return Filter(
        outcome=wanted.outcome or None, dataset=wanted.dataset or None,
        organisation=wanted.organisation or None, in_force_on=wanted.on, lapses_within=wanted.within,
        text=wanted.text, standing=wanted.standing, rule=wanted.rule or None, today=today,
    )  # fmt: skip


def _rows(page: RegisterPage, today: date) -> Rows:
    from linkage_gui.log.state import in_force  # noqa: PLC0415  (slow: only on this thread)

    # Of a decision, only what a row has too is looked at.
    return tuple((row, in_force(cast("Any", row), today)) for row in page.rows)


def register(place: Place, today: date) -> Callable[[Log], Found]:
    """A page of the register. One on which nothing is left gives way to the first."""

    def work(log: Log) -> Found:
        from linkage_gui.log import COUNTED  # noqa: PLC0415  (slow: only on this thread)

        wanted, at = place.wanted, place
        asked = _filter(wanted, today)
        if at.turn == "last":
            page = log.last_page(asked, wanted.sort, PAGE)
        elif at.turn == "before":
            page = log.page_before(asked, wanted.sort, at.key, PAGE)
        else:
            page = log.page(asked, wanted.sort, at.key, PAGE)
        if not page.rows and at.turn in ("after", "before"):
            at = Place(wanted)
            page = log.page(asked, wanted.sort, None, PAGE)
        count = log.count_of(asked)
        return Found(
            place=at,
            rows=_rows(page, today),
            count=f"{COUNTED:,}+" if count > COUNTED else f"{count:,}",
            next=msgspec.structs.replace(at, turn="after", key=page.next) if page.next else None,
            previous=msgspec.structs.replace(at, turn="before", key=page.previous) if page.previous else None,
        )

    return work


def fired(rules: Sequence[str]) -> Callable[[Log], dict[str, str]]:
    """In how many decisions each of these rules fired, ``1,000+`` for any number above that; only if in some."""

    def work(log: Log) -> dict[str, str]:
        from linkage_gui.log import COUNTED  # noqa: PLC0415  (slow: only on this thread)

        counts = log.fired(rules)
        return {rule: f"{COUNTED:,}+" if count > COUNTED else f"{count:,}" for rule, count in counts.items() if count}

    return work


class Page(msgspec.Struct, frozen=True):
    """The guidance page's own wording, as somebody saved it and the log keeps it.

    ``name`` is of the file that was saved, ``kept_at`` when the log got it (aware). ``items`` has the wording by the
    locator of the edition's item.
    """

    name: str
    kept_at: datetime
    items: Mapping[str, str]


class Compared(msgspec.Struct, frozen=True):
    """How a saved page stands to an edition: its ``differences``, each in lines, and what of it is kept."""

    differences: tuple[tuple[str, ...], ...]
    page: Page | None


def kept_page(edition: str) -> Callable[[Log], Page | None]:
    """The page that is kept for an edition, if one is."""

    def work(log: Log) -> Page | None:
        kept = log.page_of(edition)
        return None if kept is None else Page(kept.name, kept.kept_at, kept.items)

    return work


def compare_page(edition: Edition, file: Path) -> Callable[[Log], Compared]:
    """Read a saved page, compare it with an edition, and keep what it says in the edition's own words."""

    def work(log: Log) -> Compared:
        from linkage_gui.savedpage import open_page  # noqa: PLC0415  (slow: only on this thread)
        from rules.comparing import compare, told  # noqa: PLC0415
        from rules.page import PageRefused  # noqa: PLC0415

        try:
            found = compare(open_page(file), edition)
        except PageRefused as refused:
            raise Trouble(f"{file.name}: {refused} Nothing was kept.") from refused
        if found.wordings:
            log.keep_page(edition.name, file.name, found.page_sha256, found.wordings)
        return Compared(tuple(told(change, edition) for change in found.changes), kept_page(edition.name)(log))

    return work


LIMIT_AFFECTED = 200
"""How many of the decisions that would come out differently are told one by one."""


class Impact(msgspec.Struct, frozen=True):
    """Which decisions an edition touches: ``first`` of ``count``, of which ``differ`` would come out differently."""

    edition: str
    count: int
    differ: int
    first: tuple[Affected, ...]


def impact(editions: Editions, edition: str, progress: Progress) -> Callable[[Log], Impact]:
    """Decide every recorded case again under one of the editions. Nothing is recorded, and no entry changes."""

    def work(log: Log) -> Impact:
        from linkage_gui import impact as deciding  # noqa: PLC0415  (slow: only on this thread)

        first, count, differ = [], 0, 0
        found = deciding.impact(log, editions.named(edition), editions, progress.step, progress.cancelled)
        for count, one in enumerate(found, 1):
            differ += one.result == "differs"
            if count <= LIMIT_AFFECTED:
                first.append(one)
        if progress.cancelled():
            raise Stopped
        return Impact(edition, count, differ, tuple(first))

    return work


class Opened(msgspec.Struct, frozen=True):
    """A decision, how it stands today, and the history of its case. ``differs`` says in words what differs from the
    decision that it decided again, if it did and that one is in the log.
    """

    entry: Entry
    state: State
    history: tuple[AnyEntry, ...]
    differs: tuple[str, ...] | None = None


def just_recorded(entry: Entry, today: date) -> Opened:
    """A decision to which nothing has happened yet. The one thing here that any thread may ask."""
    from linkage_gui.log.state import state_of  # noqa: PLC0415  (imported by now: there is an entry)

    return Opened(entry, state_of(entry, (), today), (entry,))


def entry(asked: str, today: date, editions: Editions) -> Callable[[Log], Opened]:
    """A stored decision, by its number or its id."""

    def work(log: Log) -> Opened:
        found = log.entry(asked)
        history = log.history(found.id)
        return Opened(found, log.state(found.id, today), history, _differs(found, history, editions))

    return work


def _differs(found: Entry, history: tuple[AnyEntry, ...], editions: Editions) -> tuple[str, ...] | None:
    """What differs from the decision that this one decided again; ``None`` when it did not, or that is not here."""
    earlier = next((other for other in history if other.id == found.about), None)
    if earlier is None or earlier.kind != "decision":
        return None
    from linkage_gui.again import differences  # noqa: PLC0415  (slow: only on this thread)
    from rules.edition import NoEdition  # noqa: PLC0415

    try:
        edition = editions.named(found.decision.guidance.edition)
    except NoEdition:
        edition = editions.newest  # it only names the agreements
    return tuple(differences(earlier.decision, found.decision, edition))


class Said(msgspec.Struct, frozen=True):
    """What somebody says of a decision: that they agree or do not, that it is withdrawn, or a note."""

    kind: Literal["sign-off", "withdrawal", "note"]
    name: str
    role: str
    text: str
    agrees: bool = False


def record_about(about: str, said: Said, today: date, editions: Editions) -> Callable[[Log], Opened]:
    """Record what somebody says of the decision with this id; gives the decision as it stands then."""

    def work(log: Log) -> Opened:
        from linkage_gui.log import Person  # noqa: PLC0415  (slow: only on this thread)

        by = Person(said.name, said.role)
        if said.kind == "sign-off":
            log.sign_off(about, by, agrees=said.agrees, reason=said.text)
        elif said.kind == "withdrawal":
            log.withdraw(about, by, said.text)
        else:
            log.note(about, by, said.text)
        return entry(about, today, editions)(log)

    return work


class NotAgain(Trouble):
    """A recorded case is not one that can be assessed today. ``problems`` say why."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("The case cannot be assessed with today’s date. Nothing was recorded.")
        self.problems = problems


def decide_again(about: str, today: date, *, editions: Editions) -> Callable[[Log], Opened]:
    """Decide the decision with this id again as if assessed today, and record that."""

    def work(log: Log) -> Opened:
        import msgspec  # noqa: PLC0415  (slow: only on this thread)

        from linkage_gui import again  # noqa: PLC0415
        from linkage_gui.problems import worded  # noqa: PLC0415
        from rules.reading import CaseRefused  # noqa: PLC0415

        try:
            new, _ = again.decide_again(log, about, today, editions=editions)
        except CaseRefused as refused:
            answers = {**msgspec.to_builtins(log.entry(about).case), "assessed_on": today.isoformat()}
            raise NotAgain(tuple(worded(one, answers, editions).message for one in refused.problems)) from refused
        return entry(new.id, today, editions)(log)

    return work


def paper(digest: str) -> Callable[[Log], tuple[AnyEntry, Entry] | None]:
    """The entry with this hash, and the decision that it is or is about; ``None`` when no entry has it."""

    def work(log: Log) -> tuple[AnyEntry, Entry] | None:
        from linkage_gui.log import Entry, NoEntry  # noqa: PLC0415  (slow: only on this thread)

        try:
            found = log.on_paper(digest)
        except NoEntry:
            return None
        return found, found if isinstance(found, Entry) else log.entry(found.about)

    return work


class Overtaken(Trouble):
    """Another window has changed, recorded or deleted a draft since this one saw it, so that it is not saved here."""


@contextmanager
def _overtaken_told() -> Iterator[None]:
    """What the log says of a draft that another window has gone on with, as the window knows it."""
    from linkage_gui.log import DraftElsewhere  # noqa: PLC0415  (slow: only on this thread)

    try:
        yield
    except DraftElsewhere as elsewhere:
        raise Overtaken(str(elsewhere)) from elsewhere


def save_draft(
    draft_id: str, draft: dict[str, Any] | None, seen: datetime | None
) -> Callable[[Log], datetime | None]:
    """Keep a draft, or without answers none, if nobody else did since it was ``seen``; gives when it was saved."""

    def work(log: Log) -> datetime | None:
        with _overtaken_told():
            saved = log.save_draft(draft_id, draft or {}, seen=seen)
        if draft is not None:
            return saved
        log.delete_draft(draft_id)
        return None

    return work


def keep_anew(
    draft_id: str, new_id: str, answers: dict[str, Any]
) -> Callable[[Log], tuple[datetime, frozenset[str]]]:
    """Keep answers as a new draft, with the documents that another one still holds; gives when, and which."""
    return lambda log: (log.fork_draft(draft_id, new_id, answers), log.held(new_id))


def draft(draft_id: str) -> Callable[[Log], Draft]:
    """A draft."""
    return lambda log: log.draft(draft_id)


def delete_draft(draft_id: str) -> Callable[[Log], None]:
    """Delete a draft with its documents."""
    return lambda log: log.delete_draft(draft_id)


class NotAttached(Trouble):
    """None of several files was attached. ``problems`` say why, one for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("None of the files was attached.")
        self.problems = problems


class Attached(msgspec.Struct, frozen=True):
    """Documents that were attached, and of the files that were not why."""

    kept: tuple[Kept, ...]
    refused: tuple[str, ...]


def attach(draft_id: str, files: list[Path], progress: Progress) -> Callable[[Log], Attached]:
    """Keep files as documents of a draft: those that can be, and the trouble with each that cannot.

    When none can be that is raised: of one file its own trouble, of several :class:`NotAttached`.
    """

    def work(log: Log) -> Attached:
        from linkage_gui.log import LogTrouble, read_document  # noqa: PLC0415  (slow: only on this thread)

        documents, refused = [], list[LogTrouble]()
        for place, file in enumerate(files):

            def step(done: int, total: int, place: int = place) -> None:
                progress.step(place * 1000 + min(done, total) * 1000 // max(total, 1), len(files) * 1000)
                if progress.cancelled():
                    raise Stopped

            try:
                documents.append(read_document(file, step))
            except LogTrouble as trouble:
                refused.append(trouble)
        if progress.cancelled():
            raise Stopped
        told = tuple(str(trouble) for trouble in refused)
        if not documents:
            raise refused[0] if len(refused) == 1 else NotAttached(told)
        before = log.held(draft_id)
        kept: list[Kept] = []
        try:
            kept.extend(log.attach(draft_id, document.name, document.content) for document in documents)
        except BaseException:
            with log.watched(lambda *_: None, lambda: False):  # also when it was stopped
                detach(draft_id, [one.path for one in kept if one.path not in before])(log)
            raise
        return Attached(tuple(kept), told)

    return stoppable(progress, work)


NAMES = 20
"""How many names are offered at once."""


def names(role: Role | Literal["party"], beginning: str) -> Callable[[Log], tuple[str, ...]]:
    """The names in a role, or of any party to an agreement, that begin so or in which a word does."""

    def work(log: Log) -> tuple[str, ...]:
        roles: tuple[Role, ...] = ("applicant", "provider", "processor") if role == "party" else (role,)
        found = [name for each in roles for name in log.names(each, beginning, NAMES)]
        return tuple(dict.fromkeys(found))[:NAMES]

    return work


_ASSESSED = 100
"""Of how many decisions, the newest, the assessors are offered."""


def assessors(
    role: Literal["assessor.name", "assessor.role", "assessor.organisation"],
) -> Callable[[Log], tuple[str, ...]]:
    """What the newest decisions say of who assessed, the newest first."""
    part = role.removeprefix("assessor.")

    def work(log: Log) -> tuple[str, ...]:
        decisions = (log.entry(row.id) for row in log.entries(limit=_ASSESSED))
        return tuple(dict.fromkeys(said for one in decisions if (said := getattr(one.case.assessor, part, ""))))

    return work


def of_word(names: Sequence[str], beginning: str) -> list[str]:
    """Those of some names that begin so, or in which a word does."""
    begin = re.compile(rf"(?<!\w){re.escape(beginning)}", re.IGNORECASE)
    return [name for name in names if begin.search(name)][:NAMES]


def ods_code(applicant: str) -> Callable[[Log], str | None]:
    """The ODS code that an applicant was last recorded with."""
    return lambda log: log.ods_code(applicant)


def held(draft_id: str) -> Callable[[Log], frozenset[str]]:
    """The documents that are kept with a draft, by the paths under which agreements name them."""
    return lambda log: log.held(draft_id)


def detach(draft_id: str, documents: list[str]) -> Callable[[Log], None]:
    """Keep documents with a draft no longer."""

    def work(log: Log) -> None:
        for document in documents:
            log.detach(draft_id, document)

    return work


class Refused(Trouble):
    """The answers are not a whole case on the day that they would be decided for."""


def decide_and_record(
    draft_id: str, seen: datetime | None, answers: dict[str, Any], day: date, editions: Editions
) -> Callable[[Log], Entry]:
    """Decide a case as on a day, under the edition in force then, and record it with its documents.

    Its draft, last ``seen`` as it is, is cleared.
    """

    def work(log: Log) -> Entry:
        from rules.deciding import decide  # noqa: PLC0415  (slow: only on this thread)
        from rules.reading import CaseRefused, check_case  # noqa: PLC0415

        try:
            case, edition = check_case(answers, today=day, editions=editions)
        except CaseRefused as refused:
            raise Refused(str(refused)) from refused
        with _overtaken_told():
            now = log.draft(draft_id).updated_at
        if now != seen:
            raise Overtaken("That draft was changed in another window, and is left as it is there.")
        decision = decide(case, edition)
        named = [path for agreement in case.agreements for path in agreement.documents]
        attached = log.attached(draft_id) if named else {}
        for path in named:
            if path not in attached:
                advice = "Remove it from its agreement and attach it again."
                raise Trouble(f"The draft no longer holds the document {path}. {advice}")
        documents = {path: attached[path] for path in named}
        with _overtaken_told():
            return log.record(case, decision, documents, draft=draft_id)

    return work


# Out of the log, into it, and copies


def export(
    wanted: Wanted, today: date, to: Path, form: Format, progress: Progress, *, editions: Editions
) -> Callable[[Log], int]:
    """Write the decisions that are wanted to a file; gives how many."""

    def work(log: Log) -> int:
        from linkage_gui.log.export import export_register  # noqa: PLC0415  (slow: only on this thread)

        with _stoppable():
            chosen = _filter(wanted, today)
            return export_register(
                log, chosen, to, form, editions=editions, progress=progress.step, cancelled=progress.cancelled
            )

    return work


def bundle(wanted: Wanted | str, today: date, to: Path, progress: Progress) -> Callable[[Log], int]:
    """Write the decisions that are wanted, or the one of an id, with their documents; gives how many entries."""

    def work(log: Log) -> int:
        from linkage_gui.log.bundle import export_bundle  # noqa: PLC0415  (slow: only on this thread)

        with _stoppable():
            ids = [wanted] if isinstance(wanted, str) else _ids(log, _filter(wanted, today), progress)
            return export_bundle(log, ids, to, progress=progress.step, cancelled=progress.cancelled)

    return work


def _ids(log: Log, chosen: Filter, progress: Progress) -> Iterator[str]:
    page = log.page(chosen, "oldest", limit=1000)
    while True:
        if progress.cancelled():
            raise Stopped
        yield from (row.id for row in page.rows)
        if page.next is None:
            return
        page = log.page(chosen, "oldest", page.next, limit=1000)


def import_(file: Path, progress: Progress) -> Callable[[Log], tuple[int, int]]:
    """Add the entries of a bundle; gives how many came in and how many were here already."""

    def work(log: Log) -> tuple[int, int]:
        from linkage_gui.log.bundle import entries_in, import_bundle  # noqa: PLC0415  (slow: only on this thread)

        with _stoppable():
            added = import_bundle(log, file, progress=progress.step, cancelled=progress.cancelled)
        return added, entries_in(file) - added

    return work


def back_up(to: Path, progress: Progress) -> Callable[[Log], Verification]:
    """Copy the log to a file, in place of a copy that is there, and verify the copy."""

    def work(log: Log) -> Verification:
        from linkage_gui.log.backup import backup  # noqa: PLC0415  (slow: only on this thread)

        with _stoppable():
            return backup(log.path, to, progress.step, progress.cancelled, overwrite=True)

    return work


def restore(log_file: Path, copy: Path, progress: Progress) -> Callable[[], Path | None]:
    """Put a copy in the log's place; gives where the file that was there is kept. The log must not be open."""

    def work() -> Path | None:
        from linkage_gui.log.backup import restore as put_back  # noqa: PLC0415  (slow: only on this thread)

        with _stoppable():
            return put_back(log_file, copy, progress.step, progress.cancelled)

    return work


def verify(progress: Progress, editions: Editions, *, replay: bool) -> Callable[[Log], Verification]:
    """Check the whole log, and with ``replay`` decide every decision again too, under its own of the editions."""

    def work(log: Log) -> Verification:
        found = log.verify(progress.step, progress.cancelled, replay=replay, editions=editions)
        if not found.complete:
            raise Stopped
        return found

    return work


# Documents


_PART_BYTES = 1024**2
"""How much of a document is written between two looks at whether to stop."""


def open_copy(document: Kept, copies: Copies, progress: Progress) -> Callable[[Log], Path]:
    """Write a document, checked against its hash, as a copy to look at; gives where."""

    def work(log: Log) -> Path:
        from linkage_gui.log.documents import Document, document_type  # noqa: PLC0415  (slow: only on this thread)

        content = log.document(document.sha256)
        if progress.cancelled():
            raise Stopped
        return copies.add(document.name, document_type(Document(document.name, content)), content)

    return work


def save_copy(document: Kept, to: Path, progress: Progress) -> Callable[[Log], None]:
    """Write a document, checked against its hash, to a file."""

    def work(log: Log) -> None:
        from linkage_gui.files import refuse_place, whole_file  # noqa: PLC0415  (slow: only on this thread)

        refuse_place(to, log.path.parent, [log.path])
        content = log.document(document.sha256)
        with whole_file(to) as file:
            for start in range(0, len(content), _PART_BYTES):
                progress.step(start, len(content))
                if progress.cancelled():
                    raise Stopped
                file.write(content[start : start + _PART_BYTES])

    return work


# A list of cases


@contextmanager
def _list_told() -> Iterator[None]:
    """Tell what is wrong with a list of cases as trouble, and stop as the window's work stops."""
    from linkage_gui.batch.desk import Halted  # noqa: PLC0415  (slow: only on this thread)
    from linkage_gui.batch.trouble import BatchRefused  # noqa: PLC0415

    try:
        yield
    except BatchRefused as refused:
        raise Trouble(str(refused)) from refused
    except Halted as halted:
        raise Stopped from halted


def _fault_of_row(data: Path) -> Callable[[Exception], str]:
    def keep(error: Exception) -> str:
        return (
            f"Something went wrong in the program itself. The details are in {report(error, reports_folder(data))}."
        )

    return keep


def check_cases(data: Path, file: Path, today: date, progress: Progress) -> Callable[[], Desk]:
    """Read a list of cases, and check every row."""

    def work() -> Desk:
        from linkage_gui.batch.desk import Desk  # noqa: PLC0415  (slow: only on this thread)
        from linkage_gui.editions import known  # noqa: PLC0415

        with _list_told():
            return Desk.open(
                file,
                data=data,
                today=today,
                editions=known(data),
                fault=_fault_of_row(data),
                progress=progress.step,
                cancelled=progress.cancelled,
            )

    return work


def check_again(data: Path, desk: Desk, editions: Editions, today: date, progress: Progress) -> Callable[[], None]:
    """Check every row that is not recorded again, under other editions of the guidance."""

    def work() -> None:
        with _list_told():
            desk.check_again(
                today=today,
                editions=editions,
                fault=_fault_of_row(data),
                progress=progress.step,
                cancelled=progress.cancelled,
            )

    return work


def make_template(data: Path, to: Path, today: date) -> Callable[[], None]:
    """Write an empty list of cases to fill in, as of today. A file that is there is left as it is."""

    def work() -> None:
        from linkage_gui.batch.columns import Columns  # noqa: PLC0415  (slow: only on this thread)
        from linkage_gui.batch.template import write_template  # noqa: PLC0415
        from linkage_gui.editions import known  # noqa: PLC0415
        from linkage_gui.files import refuse_place  # noqa: PLC0415

        with _list_told():
            refuse_place(to, data)
            write_template(to, Columns(known(data).until(today)))

    return work


class RecordedAll(msgspec.Struct, frozen=True):
    """What came of recording a list of cases, in words."""

    words: str


def record_cases(data: Path, desk: Desk, progress: Progress) -> Callable[[Log], RecordedAll]:
    """Record every good row of a list that is not recorded; what was recorded when it is stopped stays so."""

    def work(log: Log) -> RecordedAll:
        from linkage_gui.batch.desk import Halted  # noqa: PLC0415  (slow: only on this thread)

        try:
            recorded, before = desk.record(log, progress.step, progress.cancelled, _fault_of_row(data))
        except Halted:
            count = sum(line.recorded for line in desk.lines)
            rows = "1 row is recorded, and stays so" if count == 1 else f"{count:,} rows are recorded, and stay so"
            return RecordedAll(f"Stopped: {rows}")
        rows = "1 row recorded" if recorded == 1 else f"{recorded:,} rows recorded"
        return RecordedAll(rows + (f", {before:,} of them earlier" if before else ""))

    return work


def save_cases(data: Path, desk: Desk, to: Path, *, only_wrong: bool) -> Callable[[], int]:
    """Write a list of cases with what came of its rows; gives how many."""

    def work() -> int:
        with _list_told():
            return desk.save(to, data, only_wrong=only_wrong)

    return work
