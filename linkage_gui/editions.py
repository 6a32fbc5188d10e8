"""The editions that the program knows: those it ships, and those that were added to it from a file.

An added edition is kept in the data folder, in ``editions``, as it was given;
the name of its file holds its date and the SHA-256 of its bytes
(``2026-02-01-<64 hex digits>.toml``). One that was damaged since, or renamed, is refused
in words and never passed over: which edition decides must not change unseen.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from linkage_gui import paths
from linkage_gui.faults import Trouble
from linkage_gui.files import whole_file
from rules.edition import Edition, EditionRefused, Editions, make_editions, read_edition, shipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from linkage_gui.log import Log

LIMIT_BYTES = 1024**2
"""The most bytes that the file of an edition may have: 1 MiB. The shipped one has 22 KiB."""
LIMIT_FILES = 1_000
"""The most editions that are kept in a data folder."""

_PAGE = 500

_KEPT = r"(?P<name>\d{4}-\d{2}-\d{2})-(?P<sha256>[0-9a-f]{64})\.toml"


class NotAdded(Trouble):
    """An edition cannot be added. The message says why, with the place of each problem in its file."""


class NotRemoved(Trouble):
    """An edition cannot be taken out. The message says why."""


class Span(NamedTuple):
    """An edition and the days on which it is in force: from its own date until ``until``, or without an end."""

    edition: Edition
    shipped: bool
    until: date | None


def spans(editions: Editions) -> tuple[Span, ...]:
    """The editions with the days on which each is in force, oldest first."""
    ours = {edition.name: edition.sha256 for edition in shipped().all}
    ends = [later.edition - timedelta(days=1) for later in editions.all[1:]]
    return tuple(
        Span(edition, ours.get(edition.name) == edition.sha256, until)
        for edition, until in zip(editions.all, [*ends, None], strict=True)
    )


class Offered(NamedTuple):
    """An edition that could be added: the bytes of its file, and what differs from the newest one known."""

    edition: Edition
    content: bytes
    newest: Edition
    differences: tuple[str, ...]
    known: bool
    """Whether the program has it already, with the same content."""


def known(data: Path) -> Editions:
    """The editions shipped and those added in a data folder, oldest first.

    :raises Trouble: when one that was added cannot be read, or is not as it was added.
    """
    return make_editions([*shipped().all, *added(data)])


def added(data: Path) -> list[Edition]:
    """The editions added in a data folder, oldest first; without one that the program ships by now, word for word.

    :raises Trouble: when one cannot be read, or is not as it was added; when the drive or share is not there.
    """
    files = _files(data)
    if len(files) > LIMIT_FILES:
        folder = paths.editions_folder(data)
        raise Trouble(
            f"There are {len(files):,} editions in {folder}, and {LIMIT_FILES:,} is the most. Take some out."
        )
    found: dict[str, Edition] = {edition.name: edition for edition in shipped().all}
    new = []
    for file in files:
        edition = _kept(file)
        if (other := found.setdefault(edition.name, edition)) is edition:
            new.append(edition)
        elif other.sha256 != edition.sha256:
            raise Trouble(
                f"There are two different editions of {edition.name}: {file} and another, shipped with the program "
                "or in the same folder. Take the one that is not wanted out of that folder."
            )
    return new


def _files(data: Path) -> list[Path]:
    folder = paths.editions_folder(data)
    try:
        return sorted(file for file in folder.iterdir() if file.suffix == ".toml" and not file.name.startswith("."))
    except FileNotFoundError:
        paths.check_root(data)
        return []
    except OSError as error:
        raise Trouble(f"The added editions in {folder} cannot be read: {error.strerror}. Mend that first.") from error


def _kept(file: Path) -> Edition:
    """An edition that was added, checked against the hash in its file's name."""
    named = re.fullmatch(_KEPT, file.name)
    content = _content(file)
    changed = Trouble(
        f"The edition in {file} is not as it was added: the file was changed or renamed since. Take it out of that "
        "folder, and add the edition again from the file that you were given: on the page Guidance of the window, or "
        "with linkage-gui guidance add FILE."
    )
    if named is None or hashlib.sha256(content).hexdigest() != named["sha256"]:
        raise changed
    try:
        edition = _read(content, file)
    except NotAdded as error:
        raise Trouble(
            f"{error}\nAnother version of the program added it. Use that one, or take the file out."
        ) from error
    if edition.name != named["name"]:
        raise changed
    return edition


def offer(data: Path, file: Path) -> Offered:
    """Read and check an edition from a file, and say what differs from the newest known. Keeps nothing.

    :raises NotAdded: when it cannot be read, breaks the format, contradicts itself, is of another page, or has the
        date of an edition with other content.
    :raises Trouble: when the editions known cannot be read.
    """
    from rules.revision import revisions  # noqa: PLC0415  (only a new edition is compared)

    content = _content(file)
    edition = _read(content, file)
    have = known(data)
    if edition.id != have.newest.id:
        raise NotAdded(f"{file}: id: this is of the page {edition.id}, not of {have.newest.id}. Nothing was added.")
    if edition.edition < have.all[0].edition:
        raise NotAdded(
            f"{file}: edition: {edition.name} is before the first edition that there is, {have.all[0].name}. "
            "Nothing was added."
        )
    same = next((one for one in have.all if one.name == edition.name), None)
    if same is not None and same.sha256 != edition.sha256:
        differs = "\n".join(f"  {one}" for one in revisions(same, edition)) or "  In what is not told in words."
        raise NotAdded(
            f"{file}: edition: there is an edition of {edition.name} already, with other content, and decisions may "
            f"rest on it. Nothing was added. The file differs from it:\n{differs}"
        )
    return Offered(edition, content, have.newest, revisions(have.newest, edition), same is not None)


def add(data: Path, offered: Offered) -> None:
    """Keep an edition that was offered. One that is known already is left as it is.

    :raises Trouble: when it cannot be written.
    """
    if offered.known:
        return
    folder = paths.editions_folder(data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(f"The folder {folder} cannot be made: {error.strerror}. Mend that first.") from error
    name = f"{offered.edition.name}-{hashlib.sha256(offered.content).hexdigest()}.toml"
    with whole_file(folder / name) as out:
        out.write(offered.content)


def remove(
    data: Path, name: str, log: Log | None, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Path:
    """Take out the added edition of a date (``YYYY-MM-DD``), also one that was damaged. Gives where its file is kept.

    :param log: the log of the data folder, if there is one.
    :raises NotRemoved: when none was added, or a recorded decision rests on it: that would not be readable any more.
    :raises Trouble: when the log cannot be read or the file cannot be renamed.
    """
    files = _files(data)
    found = [file for file in files if (named := re.fullmatch(_KEPT, file.name)) and named["name"] == name]
    if not found:
        theirs = " It comes with the program." if name in {edition.name for edition in shipped().all} else ""
        raise NotRemoved(f"No edition of {name} was added, so there is none to take out.{theirs}")
    if name not in {edition.name for edition in shipped().all} and log is not None:
        number = _rests_on(log, name, progress)
        if number is not None:
            raise NotRemoved(
                f"Number {number} in the log was decided under the edition of {name}, and could not be read without "
                "it. Nothing was taken out."
            )
    for file in found:
        kept = file.with_name(f"{file.name}.removed")
        try:
            file.replace(kept)
        except OSError as error:
            raise Trouble(f"{file} cannot be renamed: {error.strerror}. Mend that first.") from error
    return kept


def _rests_on(log: Log, name: str, progress: Callable[[int, int], None]) -> int | None:
    """The number of the latest decision under an edition, if there is one."""
    from linkage_gui.log import Filter  # noqa: PLC0415

    total, done = log.count(), 0
    page = log.page(Filter(), limit=_PAGE)
    while True:
        for line in page.rows:
            if log.entry(str(line.number)).decision.guidance.edition == name:
                return line.number
            done += 1
            progress(done, max(total, done))
        if page.next is None:
            return None
        page = log.page(Filter(), after=page.next, limit=_PAGE)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise NotAdded(
            f"{file} cannot be read: {error.strerror}. Check the name, and that you may read it."
        ) from error
    if len(content) > LIMIT_BYTES:
        raise NotAdded(f"{file} is larger than {LIMIT_BYTES // 1024**2} MiB, which no edition is.")
    return content


def _read(content: bytes, file: Path) -> Edition:
    try:
        return read_edition(content.decode("utf-8-sig"), str(file))
    except UnicodeDecodeError as error:
        raise NotAdded(f"{file}: this is not UTF-8 text (byte {error.start + 1}). Nothing was added.") from error
    except EditionRefused as error:
        raise NotAdded(str(error)) from error
