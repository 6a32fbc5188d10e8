"""Bundles: what goes from one log to another arrives whole, once, with its origin; anything else is refused."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import stat
import struct
import sys
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_gui.log import Document, Entry, Log, LogTrouble, Note, Person, SignOff, Withdrawal, bundle
from linkage_gui.log.bundle import export_bundle, import_bundle, import_into_new
from linkage_gui.log.documents import sha256
from linkage_gui.log.entry import canonical
from linkage_gui.log.trouble import Stopped
from rules.edition import shipped
from tests.log.examples import documents_of, example_case, example_decision, pdf

SAM = Person("Sam Example", "Caldicott Guardian")


def _record(log: Log, title: str, *, about: str | None = None, shared: bool = True) -> Entry:
    case = example_case(title, documents=(("own.pdf", "a/shared.pdf" if shared else "a/own 2.pdf"),))
    contents = {"own.pdf": pdf(title), "a/shared.pdf": pdf("shared"), "a/own 2.pdf": pdf(title + " 2")}
    return log.record(case, example_decision(), documents_of(case, contents), about=about)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log of six decisions, and a bundle of the 2nd and 3rd and all that is about them.

    The 2nd was signed off, withdrawn and noted, the 3rd decided again by the 4th.
    """
    folder = tmp_path_factory.mktemp("made")
    with Log.open(folder / "source.db") as log:
        _record(log, "first")
        second = _record(log, "second")
        log.sign_off(second.id, SAM, agrees=True)
        third = _record(log, "third")
        log.note(second.id, SAM, "Wait for the council.")
        fourth = _record(log, "fourth", about=third.id)
        log.withdraw(second.id, SAM, "The council withdrew.")
        log.sign_off(fourth.id, SAM, agrees=False, reason="Too broad.")
        _record(log, "fifth", shared=False)
        log.record(example_case("no document"), example_decision("refer", None), {})
        assert export_bundle(log, ["2", "4"], folder / "good.zip") == 7
    return folder


@pytest.fixture
def source(made: Path, tmp_path: Path) -> Path:
    """The log that the bundle comes from."""
    path = tmp_path / "source" / "linkage-log.db"
    path.parent.mkdir()
    shutil.copyfile(made / "source.db", path)
    return path


@pytest.fixture
def good(made: Path, tmp_path: Path) -> Path:
    """The bundle."""
    return Path(shutil.copyfile(made / "good.zip", tmp_path / "good.zip"))


def _ids(log: Log) -> dict[str, str]:
    return {row.title: row.id for row in log.entries(limit=1000)}


def _same(there: Any, here: Any) -> None:
    """An entry arrived as it was: what it says, and where it came from."""
    assert here.imported is not None
    assert here.elsewhere is not None
    assert here.elsewhere.hash == there.hash
    assert here.elsewhere.number == there.number
    assert here.elsewhere.recorded_at == there.recorded_at
    for name in ("id", "kind", "about", "case", "decision", "documents", "by", "agrees", "reason", "text"):
        assert getattr(here, name, None) == getattr(there, name, None)


# There and back


def test_it_arrives_whole_with_its_origin(source: Path, good: Path, log: Log) -> None:
    _record(log, "already here")
    assert import_bundle(log, good) == 7
    with Log.open(source) as there:
        for number in (2, 3, 4, 5, 6, 7, 8):
            original = there.any_entry(str(number))
            arrived = log.any_entry(original.id)
            _same(original, arrived)
            assert arrived.imported is not None
            assert arrived.imported.bundle == sha256(good.read_bytes())
            assert arrived.imported.name == "good.zip"
            for kept in getattr(original, "documents", ()):
                assert log.document(kept.sha256) == there.document(kept.sha256)
    assert log.verify().ok
    assert log.count() == 4


def test_entries_about_imported_ones_are_found_again(good: Path, log: Log) -> None:
    import_bundle(log, good)
    ids = _ids(log)
    today = date(2027, 1, 1)
    second = log.state(ids["second"], today)
    assert second.standing == "withdrawn"
    assert [sign_off.agrees for sign_off in second.sign_offs] == [True]
    assert [note.text for note in second.notes] == ["Wait for the council."]
    third = log.state(ids["third"], today)
    assert (third.standing, third.superseded_by) == ("superseded", ids["fourth"])
    assert [sign_off.reason for sign_off in log.state(ids["fourth"], today).sign_offs] == ["Too broad."]
    assert [type(entry) for entry in log.history(ids["second"])] == [Entry, SignOff, Note, Withdrawal]


def test_each_entry_arrives_once(source: Path, good: Path, log: Log, tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with Log.open(source) as there:
        assert export_bundle(there, ["4", "1", "1"], other) == 4  # the 1st, and the 3rd with what is about it
    assert import_bundle(log, good) == 7
    assert import_bundle(log, good) == 0
    assert import_bundle(log, other) == 1
    assert import_bundle(log, good) == 0
    assert log.count() == 4
    assert log.verify().entries == 8


def test_what_goes_home_is_there_already(source: Path, good: Path, log: Log, tmp_path: Path) -> None:
    """On its way through another log an entry stays what it is; what was added there comes home with it."""
    import_bundle(log, good)
    second = _ids(log)["second"]
    log.note(second, SAM, "Seen elsewhere.")
    back = tmp_path / "back.zip"
    assert export_bundle(log, [second], back) == 5
    with Log.open(source) as there:
        assert import_bundle(there, back) == 1
        assert [note.text for note in there.state(second, date(2027, 1, 1)).notes] == [
            "Wait for the council.",
            "Seen elsewhere.",
        ]
        assert there.verify().ok
    with Log.open(tmp_path / "third" / "linkage-log.db") as third:
        assert import_bundle(third, back) == 5
        with Log.open(source) as there:
            _same(there.entry(second), third.entry(second))


def test_a_bundle_says_what_is_in_it(source: Path, good: Path) -> None:
    with zipfile.ZipFile(good) as archive, Log.open(source) as there:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["format"] == "linkage-bundle/1"
        hashes = [there.any_entry(str(number)).hash for number in (2, 3, 4, 5, 6, 7, 8)]
        assert [entry["hash"] for entry in manifest["entries"]] == hashes
        assert manifest["entries"][0]["file"] == f"entries/001-{there.entry('2').id}.json"
        listed = {part["file"] for part in manifest["entries"] + manifest["documents"]}
        assert set(archive.namelist()) == listed | {"manifest.json"}
        for part in manifest["entries"] + manifest["documents"]:
            content = archive.read(part["file"])
            assert len(content) == part["size"]
            assert sha256(content) == part.get("hash", part.get("sha256"))
        assert len(manifest["documents"]) == 4  # the shared one once


def test_only_what_was_chosen_goes(source: Path, tmp_path: Path) -> None:
    to = tmp_path / "one.zip"
    with Log.open(source) as there:
        assert export_bundle(there, ["6"], to) == 2  # not the decision that it decided again
        with pytest.raises(LogTrouble, match="nothing to export"):
            export_bundle(there, [], to)
        with pytest.raises(LogTrouble, match="no entry"):
            export_bundle(there, ["999"], to)
        with pytest.raises(LogTrouble, match="not a decision"):
            export_bundle(there, ["3"], to)
    with zipfile.ZipFile(to) as archive:
        assert b"third" not in b"".join(archive.read(name) for name in archive.namelist())


def test_an_amended_decision_without_the_one_that_it_decided_again(
    source: Path, good: Path, log: Log, tmp_path: Path
) -> None:
    to = tmp_path / "one.zip"
    with Log.open(source) as there:
        export_bundle(there, ["6"], to)
    assert import_bundle(log, to) == 2
    assert log.verify().ok
    assert import_bundle(log, good) == 5
    ids = _ids(log)
    assert log.state(ids["third"], date(2027, 1, 1)).superseded_by == ids["fourth"]


def test_the_file_appears_whole_or_not_at_all(source: Path, tmp_path: Path) -> None:
    to = tmp_path / "out" / "bundle.zip"
    to.parent.mkdir()
    with Log.open(source) as there:
        for stop_at in range(1, 14):
            asks = iter(range(1, 1000))
            with pytest.raises(Stopped):
                export_bundle(there, ["2", "4"], to, cancelled=lambda asks=asks, at=stop_at: next(asks) >= at)  # type: ignore[misc]
            assert list(to.parent.iterdir()) == []
            if stop_at == 12:
                break
        to.write_bytes(b"older")
        seen: list[tuple[int, int]] = []
        export_bundle(there, ["2", "4"], to, progress=lambda done, total: seen.append((done, total)))
        assert zipfile.is_zipfile(to)
        assert [found.name for found in to.parent.iterdir()] == ["bundle.zip"]
        assert (seen[0], seen[-1]) == ((0, 11), (11, 11))
        with pytest.raises(LogTrouble, match="the log itself"):
            export_bundle(there, ["2"], source)
        with pytest.raises(LogTrouble, match="cannot be written"):
            export_bundle(there, ["2"], to.parent / "none" / "bundle.zip")
        assert there.verify().ok


def test_stopping_an_import_writes_nothing(good: Path, log: Log) -> None:
    stopped = 0
    for stop_at in range(1, 100):
        asks = iter(range(1, 1000))
        try:
            import_bundle(log, good, cancelled=lambda asks=asks, at=stop_at: next(asks) >= at)  # type: ignore[misc]
            break
        except Stopped:
            stopped += 1
            assert log.verify().entries == 0
    assert stopped > 14  # while checking and while writing
    assert log.verify().entries == 7


def test_a_bundle_that_is_changed_after_it_was_checked(good: Path, log: Log) -> None:
    content = good.read_bytes()
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if done == total - 6:  # one of its entries is added, though not for good
            with good.open("r+b") as file:
                file.write(b"x" * (len(content) - 2000))

    with pytest.raises(LogTrouble, match="damaged, or was changed"):
        import_bundle(log, good, progress=progress)
    assert seen[-1][0] > 7 + 4  # it had been checked
    assert log.verify().entries == 0
    good.write_bytes(content)
    seen.clear()
    assert import_bundle(log, good, progress=lambda done, total: seen.append((done, total))) == 7
    assert seen == [(done, 18) for done in range(1, 19)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
def test_a_file_whose_name_is_no_text(good: Path, log: Log) -> None:
    assert import_bundle(log, good.rename(good.with_name(os.fsdecode(b"b\xff.zip")))) == 7
    origin = log.any_entry("1").imported
    assert origin is not None
    assert origin.name == "b?.zip"


def test_a_changed_log_exports_nothing(source: Path, tmp_path: Path) -> None:
    to = tmp_path / "bundle.zip"
    with Log.open(source) as there:
        there._db.execute("DROP TRIGGER document_update")
        there._db.execute("UPDATE document SET content = zeroblob(size) WHERE number = 1")
        with pytest.raises(LogTrouble, match="was changed"):
            export_bundle(there, ["1"], to)
        there._db.execute("DROP TRIGGER entry_update")
        there._db.execute("UPDATE entry SET json = replace(json, 'first', 'worst') WHERE number = 3")
        there._db.execute("UPDATE entry SET json = replace(json, 'true', 'false') WHERE number = 3")
        with pytest.raises(LogTrouble, match="Entry 3 was changed"):
            export_bundle(there, ["2"], to)
    assert not to.exists()


def test_more_than_a_bundle_holds(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to = tmp_path / "bundle.zip"
    with Log.open(source) as there:
        for name, limit, words in (
            ("LIMIT_ENTRIES", 6, "7 entries"),
            ("LIMIT_DOCUMENTS", 3, "4 documents"),
            ("LIMIT_BYTES", 10_000, "Export fewer"),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(bundle, name, limit)
                with pytest.raises(LogTrouble, match=words):
                    export_bundle(there, ["2", "4"], to)
    assert not to.exists()


def test_what_packs_to_nearly_nothing_is_no_bomb_when_we_made_it(tmp_path: Path, log: Log) -> None:
    to = tmp_path / "bundle.zip"
    case = example_case(documents=(("blank.txt",),))
    with Log.open(tmp_path / "source.db") as there:
        there.record(case, example_decision(), {"blank.txt": Document("blank.txt", b"a" * 5_000_000)})
        export_bundle(there, ["1"], to)
    assert import_bundle(log, to) == 1


def test_many_documents_are_not_in_memory_at_once(tmp_path: Path, log: Log) -> None:
    to = tmp_path / "bundle.zip"
    names = tuple(f"{number}.pdf" for number in range(20))
    size = 2_000_000
    with Log.open(tmp_path / "source.db") as there:
        for number in range(2):
            case = example_case(f"{number}", documents=(names,))
            there.record(
                case,
                example_decision(),
                {name: Document(name, pdf(f"{number} {name}").ljust(size, b" ")) for name in names},
            )
        export_bundle(there, ["1", "2"], to)  # what is imported only once is imported before it is measured
        import_bundle(log, to)
        with Log.open(tmp_path / "another.db") as another:
            tracemalloc.start()
            export_bundle(there, ["1", "2"], to)
            import_bundle(another, to)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert another.count() == 2
    assert to.stat().st_size > 40 * size
    assert peak < 6 * size


def test_a_log_that_somebody_makes_meanwhile_takes_the_bundle_in(good: Path, path: Path) -> None:
    def progress(_done: int, _total: int) -> None:
        if not path.exists():
            with Log.open(path) as other:
                other.record(example_case("theirs"), example_decision(), {})

    assert import_into_new(path, good, progress=progress) == 7
    with Log.open(path) as log:
        assert log.verify().entries == 8
        assert log.entry("1").case.title == "theirs"
    assert [left.name for left in path.parent.iterdir()] == [path.name]


def test_no_folder_for_a_new_log(good: Path, path: Path) -> None:
    path.parent.write_text("a file in the folder's place")
    with pytest.raises(LogTrouble, match="nothing was imported"):
        import_into_new(path, good)
    assert path.parent.read_text() == "a file in the folder's place"


# What is refused. The zip files are made by hand, because no zip tool makes most of them.


@dataclass
class _Member:
    """A file in a zip file, and what its headers say of it."""

    name: bytes
    content: bytes
    mode: int = stat.S_IFREG | 0o600
    flags: int = 0
    method: int = zipfile.ZIP_STORED
    packed: bytes | None = None
    size: int | None = None


@dataclass
class _Zip:
    """A zip file made by hand."""

    members: list[_Member] = field(default_factory=list)
    before: bytes = b""
    comment: bytes = b""
    count: int | None = None

    def member(self, name: bytes) -> _Member:
        return next(member for member in self.members if member.name == name)

    def content(self) -> bytes:
        out, directory = io.BytesIO(), io.BytesIO()
        out.write(self.before)
        for member in self.members:
            packed = member.content if member.packed is None else member.packed
            size = len(member.content) if member.size is None else member.size
            common = struct.pack(
                "<4H3L2H",
                member.flags,
                member.method,
                0,
                33,
                crc32(member.content),
                len(packed),
                size,
                len(member.name),
                0,
            )
            directory.write(b"PK\1\2" + struct.pack("<2H", 3 << 8 | 20, 20) + common)
            directory.write(struct.pack("<3H2L", 0, 0, 0, member.mode << 16, out.tell()) + member.name)
            out.write(b"PK\3\4" + struct.pack("<H", 20) + common + member.name + packed)
        count = len(self.members) if self.count is None else self.count
        start = out.tell()
        out.write(directory.getvalue())
        out.write(b"PK\5\6" + struct.pack("<4H2LH", 0, 0, count, count, directory.tell(), start, len(self.comment)))
        return out.getvalue() + self.comment


def _by_hand(good: Path) -> _Zip:
    with zipfile.ZipFile(good) as archive:
        return _Zip([_Member(name.encode(), archive.read(name)) for name in archive.namelist()])


def _manifest(hostile: _Zip) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(hostile.member(b"manifest.json").content)
    return manifest


def _set_manifest(hostile: _Zip, manifest: dict[str, Any]) -> None:
    hostile.member(b"manifest.json").content = canonical(manifest)


def _forge(hostile: _Zip, change: Callable[[dict[str, Any]], None], place: int = 0) -> None:
    """Change an entry, and make the manifest say what it now is."""
    manifest = _manifest(hostile)
    listed = manifest["entries"][place]
    member = hostile.member(listed["file"].encode())
    form = json.loads(member.content)
    change(form)
    member.content = canonical(form)
    listed["hash"], listed["size"] = sha256(member.content), len(member.content)
    _set_manifest(hostile, manifest)


def _add(hostile: _Zip, name: bytes, **about: Any) -> None:
    hostile.members.append(_Member(name, about.pop("content", b"x"), **about))


def _document(hostile: _Zip) -> _Member:
    return next(member for member in hostile.members if member.name.startswith(b"documents/"))


def _bomb(hostile: _Zip, *, honest: bool) -> None:
    """A document that unpacks to far more than the manifest, and perhaps its own header, says."""
    import zlib

    member = _document(hostile)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    member.packed = packer.compress(bytes(60_000_000)) + packer.flush()
    member.method = zipfile.ZIP_DEFLATED
    member.size = 60_000_000 if honest else len(member.content)


def _listed_bomb(hostile: _Zip) -> None:
    manifest = _manifest(hostile)
    manifest["documents"][0]["size"] = 10**10
    _set_manifest(hostile, manifest)


def _twice(hostile: _Zip) -> None:
    manifest = _manifest(hostile)
    manifest["entries"].append(manifest["entries"][0])
    _set_manifest(hostile, manifest)


def _other_document(hostile: _Zip, content: bytes) -> None:
    """Another document in the place of one of the first entry's, and everything says so."""
    manifest = _manifest(hostile)
    form = json.loads(hostile.member(manifest["entries"][0]["file"].encode()).content)
    place = [kept["path"] for kept in form["documents"]].index("own.pdf")
    was = form["documents"][place]["sha256"]
    member = hostile.member(f"documents/{was}".encode())
    member.content, member.name = content, f"documents/{sha256(content)}".encode()
    for listed in manifest["documents"]:
        if listed["sha256"] == was:
            listed.update(file=f"documents/{sha256(content)}", sha256=sha256(content), size=len(content))
    _set_manifest(hostile, manifest)
    _forge(hostile, lambda form: form["documents"][place].update(sha256=sha256(content), size=len(content)))


def _rename(hostile: _Zip, name: bytes) -> None:
    _document(hostile).name = name


def _drop(hostile: _Zip, beginning: bytes) -> None:
    hostile.members.remove(next(member for member in hostile.members if member.name.startswith(beginning)))


def _change_byte(hostile: _Zip, beginning: bytes) -> None:
    member = next(member for member in hostile.members if member.name.startswith(beginning))
    member.content = member.content[:-2] + b"~" + member.content[-1:]


def _reformat(hostile: _Zip, form: object) -> None:
    manifest = _manifest(hostile) | {"format": form}
    _set_manifest(hostile, manifest)


def _indent(hostile: _Zip) -> None:
    hostile.member(b"manifest.json").content = json.dumps(_manifest(hostile), indent=1).encode()


def _indent_entry(hostile: _Zip) -> None:
    manifest = _manifest(hostile)
    listed = manifest["entries"][0]
    member = hostile.member(listed["file"].encode())
    member.content = json.dumps(json.loads(member.content), indent=1).encode()
    listed["hash"], listed["size"] = sha256(member.content), len(member.content)
    _set_manifest(hostile, manifest)


def _without_decision(hostile: _Zip) -> None:
    """The entries about a decision, without it."""
    manifest = _manifest(hostile)
    kept = [entry for entry in manifest["entries"] if b'"kind":"sign-off"' in _content(hostile, entry)][:1]
    name = f"entries/001-{kept[0]['id']}.json"
    content = _content(hostile, kept[0])
    hostile.members = [hostile.member(b"manifest.json"), _Member(name.encode(), content)]
    _set_manifest(hostile, manifest | {"entries": [kept[0] | {"file": name}], "documents": []})


def _content(hostile: _Zip, listed: dict[str, Any]) -> bytes:
    return hostile.member(listed["file"].encode()).content


def _flag(hostile: _Zip, **about: Any) -> None:
    for name, value in about.items():
        setattr(_document(hostile), name, value)


def _unlist_document(hostile: _Zip) -> None:
    """A document that an entry names is neither listed nor there."""
    manifest = _manifest(hostile)
    gone = manifest["documents"].pop()
    hostile.members.remove(hostile.member(gone["file"].encode()))
    _set_manifest(hostile, manifest)


def _stray_document(hostile: _Zip) -> None:
    manifest = _manifest(hostile)
    content = pdf("stray")
    name = f"documents/{sha256(content)}"
    manifest["documents"].append({"file": name, "sha256": sha256(content), "size": len(content)})
    _add(hostile, name.encode(), content=content)
    _set_manifest(hostile, manifest)


def _first(change: Callable[[dict[str, Any]], None]) -> Callable[[_Zip], None]:
    return lambda hostile: _forge(hostile, change)


def _under_shipped(dataset: str = "housing", cites: str = "housing/agreements/1") -> Callable[[_Zip], None]:
    """The first entry, as if it was decided under an edition that the program has."""

    def change(form: dict[str, Any]) -> None:
        edition = shipped().newest
        form["decision"]["guidance"].update(edition=edition.name, sha256=edition.sha256)
        form["case"]["dataset"] = dataset
        form["decision"]["findings"][0]["citations"] = [cites]

    return _first(change)


def _in_a_circle(hostile: _Zip) -> None:
    """The third decision, which the fourth decided again, decides the fourth again."""
    entries = _manifest(hostile)["entries"]
    forms = [json.loads(_content(hostile, entry)) for entry in entries]
    later = next(form for form in forms if form["kind"] == "decision" and form["about"])
    place = next(place for place, form in enumerate(forms) if form["id"] == later["about"])
    _forge(hostile, lambda form: form.update(about=later["id"]), place)


def _manifest_with(**changes: Any) -> Callable[[_Zip], None]:
    return lambda hostile: _set_manifest(hostile, _manifest(hostile) | changes)


_HOSTILE: dict[str, tuple[Callable[[_Zip], None], str]] = {
    "a path that leads out": (lambda z: _rename(z, b"documents/../../evil"), "leads out of the bundle"),
    "a path that leads out, added": (lambda z: _add(z, b"../evil"), "leads out of the bundle"),
    "an absolute path": (lambda z: _add(z, b"/etc/passwd"), "an absolute path"),
    "an absolute path on Windows": (lambda z: _add(z, b"C:/evil"), "an absolute path"),
    "a backslash": (lambda z: _add(z, b"documents\\..\\evil"), "a backslash"),
    "a link": (lambda z: _flag(z, mode=stat.S_IFLNK | 0o777), "is a link"),
    "a link, added": (lambda z: _add(z, b"entries/x", mode=stat.S_IFLNK | 0o777), "is a link"),
    "a pipe": (lambda z: _flag(z, mode=stat.S_IFIFO | 0o600), "is a link, or not a file"),
    "a folder": (lambda z: _add(z, b"documents/", content=b""), "is a folder"),
    "a name with a null": (lambda z: _rename(z, _document(z).name + b"\0.pdf"), "none that a bundle has"),
    "a name that is no text": (lambda z: _add(z, b"\xff\xfe"), "none that a bundle has"),
    "a name of another kind": (lambda z: _add(z, b"readme.txt"), "none that a bundle has"),
    "a file twice": (lambda z: z.members.append(_document(z)), "two files called"),
    "a file twice in capitals": (lambda z: _add(z, _document(z).name.upper()), "two files called"),
    "two manifests": (lambda z: z.members.append(z.member(b"manifest.json")), "two manifests"),
    "two manifests, one in capitals": (lambda z: _add(z, b"Manifest.JSON"), "two manifests"),
    "no manifest": (lambda z: _drop(z, b"manifest"), "no manifest"),
    "nothing at all": (lambda z: z.members.clear(), "no manifest"),
    "an entry that is missing": (lambda z: _drop(z, b"entries/"), r"entries/001-\w+.json is missing"),
    "a document that is missing": (lambda z: _drop(z, b"documents/"), r"documents/\w+ is missing"),
    "a document that is missing from the manifest too": (_unlist_document, "of one of its entries is missing"),
    "a file that is not listed": (lambda z: _add(z, b"documents/" + b"0" * 64), "does not list"),
    "a document of no entry": (_stray_document, "no entry has its document"),
    "a changed entry": (lambda z: _change_byte(z, b"entries/"), "was changed"),
    "a changed document": (lambda z: _change_byte(z, b"documents/"), "was changed"),
    "a bomb": (lambda z: _bomb(z, honest=True), "unpack to far more"),
    "a bomb that lies": (lambda z: _bomb(z, honest=False), "unpack to far more|damaged|larger than|was changed"),
    "more than a bundle holds": (_listed_bomb, "more than 2 GB"),
    "an encrypted file": (lambda z: _flag(z, flags=1), "is encrypted"),
    "a strangely packed file": (lambda z: _flag(z, method=14), "packed in an unknown way"),
    "a newer format": (lambda z: _reformat(z, "linkage-bundle/2"), "linkage-bundle/2.*Use a newer one"),
    "another format": (lambda z: _reformat(z, "something-else"), "not that of a bundle"),
    "a format that is none": (lambda z: _reformat(z, 1), "manifest cannot be read"),
    "a manifest that is not in canonical form": (_indent, "canonical form"),
    "a manifest that is no JSON": (
        lambda z: setattr(z.member(b"manifest.json"), "content", b"{"),
        "manifest cannot be read",
    ),
    "a manifest nested without end": (
        lambda z: setattr(z.member(b"manifest.json"), "content", b"[" * 1_000_000),
        "manifest cannot be read",
    ),
    "a manifest with more in it": (_manifest_with(more=1), "manifest cannot be read"),
    "no entries": (_manifest_with(entries=[], documents=[]), "holds no entry"),
    "an entry listed twice": (_twice, "gives entry 8 the file"),
    "a moment that is none": (_manifest_with(exported_at="yesterday"), "manifest cannot be read"),
    "a moment with more than it needs": (_manifest_with(exported_at="2026-11-22"), "manifest cannot be read"),
    "a version that is none": (_manifest_with(program="\x1b[2J"), "manifest cannot be read"),
    "an entry that is not in canonical form": (_indent_entry, "not in canonical form"),
    "an entry of a kind that is none": (_first(lambda form: form.update(kind="verdict")), "cannot be read"),
    "an imported entry within": (_first(lambda form: form.update(kind="imported")), "cannot be read"),
    "a title that commands a terminal": (
        _first(lambda form: form["case"].update(title="a\x1b]0;owned\x07")),
        r"title: .*control character \(U\+001B\)",
    ),
    "a title of two lines": (_first(lambda form: form["case"].update(title="a\nb")), "title: .*line break"),
    "a title that turns about": (_first(lambda form: form["case"].update(title="a\u202eb")), "title: .*hidden"),
    "a headline of its own": (
        _first(lambda form: form["decision"].update(headline="Certified")),
        "headline of its decision",
    ),
    "a rule that commands a terminal": (
        _first(lambda form: form["decision"]["findings"][0].update(rule="\x1b[31m")),
        r"decision.findings.rule is a character .*U\+001B",
    ),
    "a requirement of nobody": (
        _first(lambda form: form["decision"]["requirements"][0].update(parties=[])),
        "between nobody",
    ),
    "an edition of two lines": (
        _first(lambda form: form["decision"]["guidance"].update(edition="2025-09-04\nx")),
        r"decision.guidance.edition is a character .*U\+000A",
    ),
    "an end before the start": (
        _first(lambda form: form["case"].update(starts_on="2028-01-01")),
        "ends_on: The linkage would end",
    ),
    "an end of the decision before its start": (
        _first(lambda form: form["decision"].update(valid_until="2026-01-01")),
        "before it starts",
    ),
    "a dataset that its edition does not have": (_under_shipped(dataset="nowhere"), "dataset: .*nowhere"),
    "a citation that its edition does not have": (_under_shipped(cites="nope/nope/77"), "cites nope/nope/77"),
    "a decision about itself": (_first(lambda form: form.update(about=form["id"])), "decides itself again"),
    "decisions about each other": (_in_a_circle, "decides itself again"),
    "a name that commands a terminal": (
        lambda z: _add(z, b"\x1b]0;own\x07"),
        r"“\\x1b\]0;own\\x07” is none that a bundle has",
    ),
    "an entry with more in it": (_first(lambda form: form.update(more=1)), "cannot be read"),
    "an entry of a newer form": (_first(lambda form: form.update(format="linkage-entry/2")), "cannot be read"),
    "an entry with a document twice": (
        _first(lambda form: form["documents"].append(form["documents"][0])),
        "documents that its case names",
    ),
    "an entry without its document": (
        _first(lambda form: form["case"].update(agreements=[])),
        "documents that its case names",
    ),
    "an entry with another id than listed": (_first(lambda form: form.update(id="0" * 32)), "of another id"),
    "entries about a decision that is not there": (_without_decision, "about the decision"),
    "a program for a document": (lambda z: _other_document(z, b"MZ" + b"\0" * 100), "a program or a script"),
    "a page with scripts for a document": (lambda z: _other_document(z, b"<script>x</script>"), "not of a type"),
    "an empty document": (lambda z: _other_document(z, b""), "is empty"),
    "something before the zip": (lambda z: setattr(z, "before", b"#!/bin/sh\n"), "something else before"),
    "a comment": (lambda z: setattr(z, "comment", b"hello"), "not a zip file|cut off"),
    "another number of files": (lambda z: setattr(z, "count", 3), "damaged"),
    "more files than it has": (lambda z: setattr(z, "count", 60_000), "damaged"),
}


def test_an_edition_that_the_program_has_may_have_decided(good: Path, log: Log, tmp_path: Path) -> None:
    """So what is refused above is refused for what that edition does not have, and passes under any other."""
    forged = _by_hand(good)
    _under_shipped()(forged)
    file = tmp_path / "forged.zip"
    file.write_bytes(forged.content())
    assert import_bundle(log, file) == 7


def test_an_edition_that_the_program_has_not_is_believed(good: Path, log: Log, tmp_path: Path) -> None:
    other = _by_hand(good)
    _forge(other, lambda form: form["case"].update(dataset="moorings", purposes=["MOO-1"]))
    file = tmp_path / "other.zip"
    file.write_bytes(other.content())
    assert import_bundle(log, file) == 7
    assert log.entry("1").case.dataset == "moorings"


@pytest.mark.parametrize("name", list(_HOSTILE))
def test_a_hostile_bundle_is_refused_and_nothing_written(name: str, good: Path, log: Log, tmp_path: Path) -> None:
    _record(log, "already here")
    before = (log.verify(), sorted(tmp_path.rglob("*")))
    change, words = _HOSTILE[name]
    hostile = _by_hand(good)
    change(hostile)
    file = tmp_path / "hostile.zip"
    file.write_bytes(hostile.content())
    with pytest.raises(LogTrouble, match=words) as refused:
        import_bundle(log, file)
    assert "hostile.zip" in str(refused.value)
    file.unlink()
    assert (log.verify(), sorted(tmp_path.rglob("*"))) == before


def test_the_zip_made_by_hand_is_as_good_as_the_other(good: Path, log: Log, tmp_path: Path) -> None:
    """So what is refused above is refused for what was changed."""
    file = tmp_path / "by hand.zip"
    file.write_bytes(_by_hand(good).content())
    assert import_bundle(log, file) == 7


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a zip file"),
        (b"hello", "not a zip file"),
        (pdf() * 100, "not a zip file"),
        (b"PK\3\4" + b"x" * 1000, "cut off"),
        (b"PK\5\6" + b"\0" * 18, "no manifest"),
        (b"PK\6\7" + b"\0" * 16 + b"PK\5\6" + b"\0" * 18, "more than 2 GB"),
        (b"x" * 30 + b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 1, 1, 30, 0, 0), "damaged"),
        (b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 65_535, 65_535, 0, 0, 0), "more than 2 GB"),
    ],
)
def test_not_a_bundle(content: bytes, words: str, log: Log, tmp_path: Path) -> None:
    file = tmp_path / "file.zip"
    file.write_bytes(content)
    with pytest.raises(LogTrouble, match=words):
        import_bundle(log, file)
    assert log.verify().entries == 0


def test_a_directory_that_would_fill_the_memory_is_not_read(log: Log, tmp_path: Path) -> None:
    file = tmp_path / "large.zip"
    size = 64 * 1024**2
    with file.open("wb") as out:
        out.truncate(size)
        out.seek(size)
        out.write(b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 100, 100, size, 0, 0))
    tracemalloc.start()
    with pytest.raises(LogTrouble, match="more files"):
        import_bundle(log, file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1024**2


@pytest.mark.parametrize("beginning", [b"manifest", b"entries/", b"documents/"])
def test_a_file_that_is_larger_than_it_says_is_not_read_to_its_end(
    beginning: bytes, good: Path, log: Log, tmp_path: Path
) -> None:
    hostile = _by_hand(good)
    member = next(member for member in hostile.members if member.name.startswith(beginning))
    member.content += random.Random(1).randbytes(1_000_000) * 40  # noqa: S311  (it packs to too little to be a bomb)
    file = tmp_path / "hostile.zip"
    file.write_bytes(hostile.content())
    del hostile, member
    tracemalloc.start()
    with pytest.raises(LogTrouble, match="larger than it should be"):
        import_bundle(log, file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 25_000_000


def test_no_such_file(log: Log, tmp_path: Path) -> None:
    for file in (tmp_path / "none.zip", tmp_path):
        with pytest.raises(LogTrouble, match="is not a file"):
            import_bundle(log, file)


def test_a_forged_entry_under_an_id_that_the_log_has(source: Path, good: Path, tmp_path: Path) -> None:
    forged = _by_hand(good)
    _forge(forged, lambda form: form["case"].update(title="forged"))
    file = tmp_path / "forged.zip"
    file.write_bytes(forged.content())
    with Log.open(source) as log:
        before = log.verify()
        with pytest.raises(LogTrouble, match="another entry"):
            import_bundle(log, file)
        assert log.verify() == before


def test_an_entry_packed_by_any_zip_tool(good: Path, log: Log, tmp_path: Path) -> None:
    """Somebody unpacked a bundle, looked at it, and packed it again."""
    file = tmp_path / "again.zip"
    with zipfile.ZipFile(good) as archive, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as again:
        for name in sorted(archive.namelist()):
            again.writestr(name, archive.read(name))
    assert import_bundle(log, file) == 7


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[str]]:
    """A small bundle, and the hashes of its entries."""
    folder = tmp_path_factory.mktemp("shared")
    with Log.open(folder / "source.db") as there:
        entry = _record(there, "first")
        there.sign_off(entry.id, SAM, agrees=True)
        export_bundle(there, ["1"], folder / "good.zip")
        return (folder / "good.zip").read_bytes(), [there.any_entry(number).hash for number in ("1", "2")]


def _damaged(good: bytes, data: st.DataObject) -> bytes:
    """Some bytes of a file flipped, cut out, overwritten or put in."""
    content = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        # Often near the end, where most damage is the zip file's own and not its content's.
        near = max(len(content) - 700, 0) if data.draw(st.booleans()) else 0
        at = data.draw(st.integers(near, max(len(content) - 1, near)))
        match data.draw(st.sampled_from(["flip", "overwrite", "cut", "end", "insert"])):
            case "flip":
                content[at : at + 1] = bytes(
                    byte ^ 1 << data.draw(st.integers(0, 7)) for byte in content[at : at + 1]
                )
            case "overwrite":
                over = data.draw(st.binary(min_size=1, max_size=30))
                content[at : at + len(over)] = over[: len(content) - at]
            case "cut":
                del content[at : at + data.draw(st.integers(1, 400))]
            case "end":
                del content[at:]
            case "insert":
                content[at:at] = data.draw(st.binary(min_size=1, max_size=30))
    return bytes(content)


@settings(max_examples=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_bundle_that_was_damaged_is_refused_or_arrives_exactly(
    shared: tuple[bytes, list[str]], tmp_path: Path, data: st.DataObject
) -> None:
    hashes = shared[1]
    file, path = tmp_path / "damaged.zip", tmp_path / "empty.db"
    file.write_bytes(_damaged(shared[0], data))
    with Log.open(path) as log, warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            assert import_bundle(log, file) == 2
        except LogTrouble as told:
            assert "damaged.zip" in str(told)  # noqa: PT017
            assert log._db.execute("SELECT count(*) FROM entry").fetchone() == (0,)
            return
        arrived = [log.any_entry(number).elsewhere for number in ("1", "2")]
        assert [entry.hash for entry in arrived if entry is not None] == hashes
        assert log.verify().ok
    path.unlink()  # the next is imported into an empty log too


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_device_is_not_read(log: Log) -> None:
    with pytest.raises(LogTrouble, match="is not a file"):
        import_bundle(log, Path("/dev/zero"))
