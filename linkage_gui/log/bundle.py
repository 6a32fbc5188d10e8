"""Bundles: chosen entries with their documents in one zip file, to take to another log.

A bundle (``linkage-bundle/1``) holds ``manifest.json``, which lists everything
else with its size and SHA-256; each entry's canonical JSON, as the log that it
was made in has it; and each document once, named by its SHA-256. Entries about
the chosen decisions go along, so that a withdrawn decision arrives withdrawn.

Whoever made it, a bundle is read as if to do harm: only what a bundle may hold
is read, no more of it than a bundle may have, and nothing that its own headers
say is believed. All of it is checked before any of it is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import msgspec

from linkage_gui import __version__
from linkage_gui.files import whole_file
from linkage_gui.log.documents import LIMIT_DOCUMENT_BYTES, Document, document_type, sha256
from linkage_gui.log.entry import (
    LIMIT_ENTRY_BYTES,
    Kept,
    Origin,
    Original,
    StoredImport,
    canonical,
    documents_of,
    moment,
    read_original,
    read_stored,
    timestamp,
)
from linkage_gui.log.export import refuse_the_log
from linkage_gui.log.trouble import LogTrouble, Stopped, as_bytes, as_text, as_written, in_plain_words
from linkage_gui.visible import visible

if TYPE_CHECKING:
    import sqlite3

    from linkage_gui.log.log import Log

FORMAT: Literal["linkage-bundle/1"] = "linkage-bundle/1"
LIMIT_ENTRIES = 10_000
"""The most entries in a bundle."""
LIMIT_DOCUMENTS = 50_000
"""The most documents in a bundle."""
LIMIT_BYTES = 2_000_000_000
"""The most bytes in a bundle, unpacked. A zip file of so much needs none of the format's 64-bit fields."""
LIMIT_MANIFEST_BYTES = 16 * 1024**2
"""The most bytes of a manifest: 10,000 entries and 50,000 documents need 14 MB."""
LIMIT_RATIO = 200
"""How many times smaller than itself a large file may be packed: entries pack to about a tenth."""
SMALL_BYTES = 1024**2
"""How large a file is small, so that its ratio does not matter."""

_MANIFEST = "manifest.json"
_NAME = re.compile(r"manifest\.json|entries/[0-9]{3,5}-[0-9a-f]{32}\.json|documents/[0-9a-f]{64}", re.ASCII)
_VERSION = re.compile(r"[0-9A-Za-z.+!_-]{1,40}", re.ASCII)
_CHUNK_BYTES = 1024**2
_TIME = (1980, 1, 1, 0, 0, 0)
"""A time for every file in a bundle, because its own says nothing about the entry."""
_END = struct.Struct("<4s4H2LH")
_END_MARK, _END_64_MARK, _END_64_BYTES = b"PK\5\6", b"PK\6\7", 20
_DIRECTORY_BYTES = 46
"""The least that the zip file's directory takes for a file."""
_LINK_OR_SPECIAL = {stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK}

Progress = Callable[[int, int], None]


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry in the manifest. ``hash`` is the SHA-256 of its bytes, and its hash in the log it was made in."""

    file: str
    hash: str
    id: str
    size: int


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document in the manifest."""

    file: str
    sha256: str
    size: int


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manifest. Entries are in the order of the log that they were exported from."""

    format: Literal["linkage-bundle/1"]
    exported_at: str
    program: str
    entries: tuple[_Entry, ...]
    documents: tuple[_Document, ...]


class _AnyManifest(msgspec.Struct, frozen=True):
    """What manifests of every version have."""

    format: str


# Export


def export_bundle(
    log: Log,
    ids: Iterable[str],
    to: Path,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> int:
    """Write the chosen decisions, what is about them, and all documents to a bundle. Gives the number of entries.

    ``ids`` name decisions as :meth:`Log.entry` reads them. Entries about them, decisions that decide them again
    included, go along, and so do entries about those. A file that is there is replaced once the new one is whole.
    ``progress(done, total)`` counts entries and documents.

    :raises Stopped: when ``cancelled()`` became true.
    :raises LogTrouble: when there is nothing to export or more than a bundle holds, or when the log cannot be read
        or the file cannot be written.
    """
    from linkage_gui.log.file import open_file  # noqa: PLC0415  (loaded when the log was opened)

    progress, cancelled = progress or (lambda _done, _total: None), cancelled or (lambda: False)
    to = to.expanduser().absolute()
    refuse_the_log(log.path, to)
    chosen = [log.entry(asked).number for asked in ids]
    if not chosen:
        raise LogTrouble("No decision was chosen, so there is nothing to export. Choose at least one.")
    with in_plain_words(log.path), contextlib.closing(open_file(log.path)) as db:
        db.execute("BEGIN")  # one view of the log
        numbers = _with_what_is_about_them(db, chosen)
        _check_amount("entries", len(numbers), LIMIT_ENTRIES)
        documents = _documents(db, numbers)
        _check_amount("documents", len(documents), LIMIT_DOCUMENTS)
        total = len(numbers) + len(documents)
        with whole_file(to, LogTrouble) as file, zipfile.ZipFile(file, "w", allowZip64=False) as archive:
            writer = _Writer(archive, total, progress, cancelled)
            entries = tuple(_export_entry(db, writer, place, number) for place, number in enumerate(numbers, start=1))
            listed = tuple(_export_document(db, writer, number) for number in documents)
            manifest = _Manifest(FORMAT, timestamp(datetime.now(UTC)), __version__, entries, listed)
            writer.add(_MANIFEST, canonical(msgspec.to_builtins(manifest)))
    return len(numbers)


def _check_amount(what: str, amount: int, limit: int) -> None:
    if amount > limit:
        raise LogTrouble(
            f"These are {amount:,} {what}, and a bundle holds {limit:,}. Export fewer decisions at once."
        )


def _with_what_is_about_them(db: sqlite3.Connection, chosen: Iterable[int]) -> list[int]:
    """The numbers of entries and of all that is about them, and about that, in the log's order."""
    found: set[int] = set()
    waiting = list(chosen)
    about = "SELECT about.number FROM register AS chosen JOIN register AS about ON about.about = chosen.id "
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += [row[0] for row in db.execute(about + "WHERE chosen.number = ?", (number,))]
    return sorted(found)


def _documents(db: sqlite3.Connection, numbers: list[int]) -> list[int]:
    """The documents of entries: their places in the log, each once."""
    found: dict[int, None] = {}
    for number in numbers:
        for (place,) in db.execute(
            "SELECT document.number FROM entry_document JOIN document USING (sha256) WHERE entry = ? ORDER BY path",
            (number,),
        ):
            found[place] = None
    return list(found)


class _Writer:
    """Writes files into a bundle, and keeps to what a bundle may hold."""

    def __init__(
        self, archive: zipfile.ZipFile, total: int, progress: Progress, cancelled: Callable[[], bool]
    ) -> None:
        self._archive, self._total, self._progress, self._cancelled = archive, total, progress, cancelled
        self._bytes = self._done = 0
        progress(0, total)

    def add(self, name: str, content: bytes) -> None:
        """Write one file."""
        if self._cancelled():
            raise Stopped
        self._bytes += len(content)
        if self._bytes > LIMIT_BYTES:
            raise LogTrouble(
                f"These entries and documents have more than {LIMIT_BYTES // 10**9} GB, and a bundle holds no more. "
                "Export fewer decisions at once."
            )
        about = zipfile.ZipInfo(name, _TIME)
        about.external_attr = (stat.S_IFREG | 0o600) << 16
        # Documents are packed already, most of them. What would pack to next to nothing would be taken for a bomb.
        packs = not name.startswith("documents/") and not _is_bomb(len(content), len(zlib.compress(content)))
        self._archive.writestr(about, content, zipfile.ZIP_DEFLATED if packs else zipfile.ZIP_STORED)
        self._done += 1
        self._progress(min(self._done, self._total), self._total)


def _is_bomb(size: int, packed: int) -> bool:
    return size > SMALL_BYTES and size > packed * LIMIT_RATIO


def _export_entry(db: sqlite3.Connection, writer: _Writer, place: int, number: int) -> _Entry:
    found = db.execute("SELECT CAST(json AS BLOB), hash FROM entry WHERE number = ?", (number,)).fetchone()
    with as_written():
        content, hashed = as_bytes(found[0]), as_text(found[1])
    stored = None
    if sha256(content) == hashed:
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            stored = read_stored(msgspec.json.decode(content, type=dict[str, object]))
    if stored is None:
        raise LogTrouble(
            f"Entry {number} was changed after it was recorded, or a newer version recorded it, so nothing was "
            "exported. Verify the log, and use the newest Linkage GUI."
        )
    if isinstance(stored, StoredImport):  # it goes on as it was where it was made: its hash is the same in every log
        content, hashed = canonical(stored.entry), stored.hash
    name = f"entries/{place:03}-{stored.id}.json"
    writer.add(name, content)
    return _Entry(name, hashed, stored.id, len(content))


def _export_document(db: sqlite3.Connection, writer: _Writer, number: int) -> _Document:
    found = db.execute("SELECT sha256, content FROM document WHERE number = ?", (number,)).fetchone()
    with as_written():
        hashed, content = as_text(found[0]), as_bytes(found[1])
    if sha256(content) != hashed:
        raise LogTrouble(
            f"The document {hashed} was changed after it was recorded, so nothing was exported. Verify the log, and "
            "restore a backup copy."
        )
    name = f"documents/{hashed}"
    writer.add(name, content)
    return _Document(name, hashed, len(content))


# Import


def import_bundle(
    log: Log,
    file: Path,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> int:
    """Add the entries of a bundle to the log with where they came from: all of them, or none.

    Those that the log has already are passed over. Gives how many were added. ``progress(done, total)`` counts the
    bundle's files and then its entries.

    :raises Stopped: when ``cancelled()`` became true.
    :raises LogTrouble: when the bundle cannot be read, is not whole and unchanged, or is not one that this program
        could have made; the message says why. Nothing was then imported.
    """
    file = file.expanduser().absolute()
    progress, cancelled = progress or (lambda _done, _total: None), cancelled or (lambda: False)
    try:
        if not file.is_file():
            raise LogTrouble(f"{file} is not a file, so nothing was imported. Choose the file that holds the bundle.")
        with file.open("rb") as source:
            bundle = _Bundle(file.name, source)
            total = len(bundle.manifest.entries) * 2 + len(bundle.manifest.documents)
            done = 0

            def step() -> None:
                nonlocal done
                if cancelled():
                    raise Stopped
                done += 1
                progress(done, total)

            with bundle.reading():
                bundle.check(step)
                return log.add_imported(bundle.origin, bundle.entries(step))
    except _Refused as refused:
        raise LogTrouble(
            f"“{visible(file.name)}” was not imported: {refused} Nothing was written. Ask whoever sent it to "
            "export it again."
        ) from refused
    except OSError as error:
        raise LogTrouble(
            f"{file} cannot be read ({error.strerror or error}), so nothing was imported. Check the drive and that "
            "you may read it, then try again."
        ) from error


def import_into_new(log_path: Path, file: Path, *, progress: Progress | None = None) -> int:
    """Make a log of the entries of a bundle where there is none. When nothing is imported none is made.

    Raises as :func:`import_bundle` does.
    """
    from linkage_gui.log.file import give_name, sync_folder  # noqa: PLC0415  (loaded with the log)
    from linkage_gui.log.log import Log  # noqa: PLC0415
    from linkage_gui.log.workshop import workshop  # noqa: PLC0415

    there = True
    try:
        there = log_path.parent.exists()
        with workshop(log_path.parent) as folder:
            staged = folder / "copy.db"
            with Log.open(staged) as made:
                count = import_bundle(made, file, progress=progress)
            give_name(staged, log_path)
            ours = not staged.exists() or staged.samefile(log_path)
            sync_folder(log_path.parent)
    except OSError as error:
        raise LogTrouble(
            f"A new log cannot be made at {log_path} ({error.strerror or error}), so nothing was imported. Free some "
            "space, get permission to write in that folder, or choose another folder for the log."
        ) from error
    finally:
        if not there:
            with contextlib.suppress(OSError):  # it is not empty: the log is in it
                log_path.parent.rmdir()
    if ours:
        return count
    with Log.open(log_path) as other:  # somebody has just made one
        return import_bundle(other, file, progress=progress)


def entries_in(file: Path) -> int:
    """How many entries a bundle says that it holds. Nothing else of it is checked.

    :raises LogTrouble: when it cannot be read.
    """
    try:
        with file.open("rb") as source:
            return len(_Bundle(file.name, source).manifest.entries)
    except (_Refused, OSError) as error:
        raise LogTrouble(f"“{visible(file.name)}” cannot be read: {error}") from error


class _Refused(Exception):
    """Why a bundle is refused, in a sentence."""


_BROKEN = "it is damaged, or was changed on the way."


@contextlib.contextmanager
def _zip_to_blame() -> Iterator[None]:
    """What reading a zip file that is not as it should be may raise."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        OverflowError,
        RuntimeError,
        struct.error,
        IndexError,
    ) as error:
        raise _Refused(_BROKEN) from error


class _Bundle:
    """A bundle, open. Making one checks what it lists; :meth:`check` checks what that holds."""

    def __init__(self, name: str, source: BinaryIO) -> None:
        self._source = source
        count = _check_end(source)
        with _zip_to_blame():
            self._archive = zipfile.ZipFile(source)
        listed = self._archive.infolist()
        if len(listed) != count:
            raise _Refused(_BROKEN)
        _check_listed(listed, os.fstat(source.fileno()).st_size)
        self._listed = {about.orig_filename: about for about in listed}
        self.manifest = self._read_manifest()
        _check_manifest(self.manifest, frozenset(self._listed))
        self._documents = {document.sha256: document for document in self.manifest.documents}
        readable = name.encode("utf-8", "replace").decode()  # a file's name may be no text
        self.origin = Origin(_file_hash(source), readable, self.manifest.exported_at, self.manifest.program)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Close the zip file afterwards."""
        with self._archive:
            yield

    def check(self, step: Callable[[], None]) -> None:
        """Read everything once and compare it with what the manifest says of it."""
        wanted: set[str] = set()
        for entry in self.manifest.entries:
            step()
            original = _original(self._entry(entry))
            if original.id != entry.id:
                raise _Refused(f"its file {entry.file} holds an entry of another id.")
            for kept in documents_of(original):
                self._listed_document(kept)
                wanted.add(kept.sha256)
        for document in self.manifest.documents:
            step()
            if document.sha256 not in wanted:
                raise _Refused(f"no entry has its document {document.sha256}.")
            content = self._read(document.file, document.size, document.sha256, LIMIT_DOCUMENT_BYTES)
            try:
                document_type(Document(document.sha256, content))
            except LogTrouble as error:
                raise _Refused(f"it holds a document that the log does not keep. {error}") from error

    def entries(self, step: Callable[[], None]) -> Iterator[tuple[bytes, Mapping[str, Document]]]:
        """The entries with their documents, one at a time."""
        for entry in self.manifest.entries:
            step()
            content = self._entry(entry)
            yield content, _Documents(self, documents_of(_original(content)))

    def document(self, kept: Kept) -> Document:
        """A document of an entry."""
        listed = self._listed_document(kept)
        return Document(kept.name, self._read(listed.file, listed.size, listed.sha256, LIMIT_DOCUMENT_BYTES))

    def _entry(self, entry: _Entry) -> bytes:
        return self._read(entry.file, entry.size, entry.hash, LIMIT_ENTRY_BYTES)

    def _listed_document(self, kept: Kept) -> _Document:
        listed = self._documents.get(kept.sha256)
        if listed is None or listed.size != kept.size:
            raise _Refused(
                f"the document “{visible(kept.name)}” of one of its entries is missing, or is of another size."
            )
        return listed

    def _read(self, name: str, size: int, hashed: str, limit: int) -> bytes:
        content = self._bytes(name, min(size, limit))
        if len(content) != size or sha256(content) != hashed:
            raise _Refused(f"its file {name} is not what its manifest says: it was changed.")
        return content

    def _bytes(self, name: str, limit: int) -> bytes:
        """A file's bytes, whatever its header says of their number: no more than ``limit``, else it is refused."""
        pieces, read = [], 0
        with _zip_to_blame(), self._archive.open(self._listed[name]) as file:
            while piece := file.read(_CHUNK_BYTES):
                read += len(piece)
                if read > limit:
                    raise _Refused(f"its file {name} is larger than it should be.")
                pieces.append(piece)
        return b"".join(pieces)

    def _read_manifest(self) -> _Manifest:
        if _MANIFEST not in self._listed:
            raise _Refused("it has no manifest, so it is not a bundle of Linkage GUI.")
        content = self._bytes(_MANIFEST, LIMIT_MANIFEST_BYTES)
        try:
            found = msgspec.json.decode(content, type=_AnyManifest).format
            if found != FORMAT:
                if re.fullmatch(r"linkage-bundle/[0-9]{1,9}", found):
                    raise _Refused(f"it is of the form {found}, which this version does not read. Use a newer one.")
                raise _Refused("its manifest is not that of a bundle of Linkage GUI.")
            manifest = msgspec.json.decode(content, type=_Manifest)
            if canonical(msgspec.to_builtins(manifest)) != content:
                raise _Refused("its manifest is not in canonical form: it was changed.")
            if timestamp(moment(manifest.exported_at)) != manifest.exported_at:
                raise ValueError(manifest.exported_at)
            if not _VERSION.fullmatch(manifest.program):
                raise ValueError(manifest.program)
        except (ValueError, TypeError, RecursionError, OverflowError) as error:
            raise _Refused("its manifest cannot be read.") from error
        return manifest


def _check_manifest(manifest: _Manifest, found: frozenset[str]) -> None:
    """Refuse a manifest that does not list each of the files found, once, under the name that it should have."""
    if not manifest.entries:
        raise _Refused("it holds no entry.")
    if len(manifest.entries) > LIMIT_ENTRIES or len(manifest.documents) > LIMIT_DOCUMENTS:
        raise _Refused(_too_much())
    listed = {_MANIFEST, *_named(manifest)}
    if len({entry.id for entry in manifest.entries}) + len(manifest.documents) + 1 != len(listed):
        raise _Refused("its manifest lists something twice.")
    if missing := sorted(listed - found):
        raise _Refused(f"its file {visible(missing[0])} is missing.")
    if unlisted := sorted(found - listed):
        raise _Refused(f"it holds {visible(unlisted[0])}, which its manifest does not list.")
    sizes = [entry.size for entry in manifest.entries] + [document.size for document in manifest.documents]
    if min(sizes) < 0 or sum(sizes) > LIMIT_BYTES:
        raise _Refused(_too_much())


def _named(manifest: _Manifest) -> Iterator[str]:
    """The files that a manifest lists. Refuses one that is not named for what it holds."""
    for place, entry in enumerate(manifest.entries, start=1):
        if entry.file != f"entries/{place:03}-{entry.id}.json":
            raise _Refused(f"its manifest gives entry {place} the file “{visible(entry.file[:100])}”.")
        yield entry.file
    for document in manifest.documents:
        if document.file != f"documents/{document.sha256}":
            raise _Refused(f"its manifest gives a document the file “{visible(document.file[:100])}”.")
        yield document.file


def _check_end(source: BinaryIO) -> int:
    """The number of files that a zip file says it has, if its directory is one that a bundle may have.

    It is looked at before the directory is read, which could fill the memory.
    """
    size = source.seek(0, os.SEEK_END)
    if size < _END.size:
        raise _Refused("it is not a zip file.")
    tail_bytes = min(size, _END.size + _END_64_BYTES)
    source.seek(size - tail_bytes)
    tail = source.read(tail_bytes)
    if len(tail) != tail_bytes:
        raise _Refused(_BROKEN)
    mark, disk, first_disk, here, count, directory, offset, comment = _END.unpack(tail[-_END.size :])
    if mark != _END_MARK:
        source.seek(0)
        raise _Refused("it was cut off, or changed." if source.read(4) == b"PK\3\4" else "it is not a zip file.")
    if tail[: -_END.size].startswith(_END_64_MARK):
        raise _Refused(_too_much())
    if disk or first_disk or comment or here != count or offset + directory != size - _END.size:
        raise _Refused(_BROKEN)
    if count > LIMIT_ENTRIES + LIMIT_DOCUMENTS + 1 or directory > LIMIT_MANIFEST_BYTES or size > LIMIT_BYTES * 1.1:
        raise _Refused(_too_much())
    if directory < count * _DIRECTORY_BYTES:
        raise _Refused(_BROKEN)
    return int(count)


def _too_much() -> str:
    return f"it holds more than {LIMIT_BYTES // 10**9} GB, or more files than a bundle has."


def _check_listed(listed: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse a directory that no bundle has."""
    seen: set[str] = set()
    for about in listed:
        name = about.orig_filename
        if name.casefold() in seen:
            raise _Refused(
                "it has two manifests."
                if name.casefold() == _MANIFEST
                else f"it has two files called “{visible(name[:100])}”."
            )
        seen.add(name.casefold())
        if reason := _unfit(about):
            raise _Refused(f"its file “{visible(name[:100])}” {reason}.")
    if sum(about.file_size for about in listed) > LIMIT_BYTES + LIMIT_MANIFEST_BYTES:
        raise _Refused(_too_much())
    if min((about.header_offset for about in listed), default=0) != 0:
        raise _Refused("there is something else before it in the file.")
    if sum(about.compress_size for about in listed) > size:
        raise _Refused("its files lie within each other.")


def _unfit(about: zipfile.ZipInfo) -> str | None:
    """Why a file has no place in a bundle."""
    name = about.orig_filename
    kind = stat.S_IFMT(about.external_attr >> 16)
    reasons = (
        ("\\" in name, "has a backslash in its name"),
        (name.startswith("/") or re.match(r"[A-Za-z]:", name) is not None, "has an absolute path"),
        (".." in name.split("/"), "has a path that leads out of the bundle"),
        (kind in _LINK_OR_SPECIAL, "is a link, or not a file"),
        (name.endswith("/") or kind == stat.S_IFDIR, "is a folder"),
        (_NAME.fullmatch(name) is None, "is none that a bundle has"),
        (bool(about.flag_bits & 0x2041), "is encrypted"),
        (about.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}, "is packed in an unknown way"),
        (_is_bomb(about.file_size, about.compress_size), "would unpack to far more than it has"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def _original(content: bytes) -> Original:
    try:
        form = msgspec.json.decode(content, type=dict[str, object])
        if canonical(form) != content:
            raise _Refused("one of its entries is not in canonical form.")
        return read_original(form)
    except (ValueError, TypeError, RecursionError, AttributeError) as error:
        raise _Refused("one of its entries cannot be read: it is damaged, or a newer version made it.") from error


class _Documents(Mapping[str, Document]):
    """The documents of an entry by path, each read when it is asked for: together they may be large."""

    def __init__(self, bundle: _Bundle, documents: tuple[Kept, ...]) -> None:
        self._bundle = bundle
        self._kept = {kept.path: kept for kept in documents}

    def __getitem__(self, path: str) -> Document:
        return self._bundle.document(self._kept[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _file_hash(file: BinaryIO) -> str:
    hashed = hashlib.sha256()
    file.seek(0)
    while piece := file.read(_CHUNK_BYTES):
        hashed.update(piece)
    return hashed.hexdigest()
