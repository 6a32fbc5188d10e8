"""What the setup program does to folders, with a few small files in place of the program: so each test is its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from winbuild import installers, wine
from winbuild.wine import windows_path

from tests.packaging.machine import Machine, Screen, snapshot, until

UNINSTALL = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Linkage GUI"
OWN = r"HKCU\Software\Linkage GUI"
ENVIRONMENT = r"HKCU\Environment"
FOLDER = r"C:\Tools"
MARK = "of-linkage-gui-setup.txt"
COMMON = ("Linkage GUI.exe", "linkage-gui.cdx.json", "_internal/a.dll", "_internal/deep/b.dll")
MADE = {installers.INSTALLED, "uninstall.exe"}
"""What the setup program adds to the files."""


def made(folder: Path, version: str, *names: str) -> str:
    """A setup program of these files, as Windows names it."""
    for name in names:
        file = folder / "Linkage GUI" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{name} of {version}")
    return windows_path(installers.setup(folder / "Linkage GUI", folder, version=version, quick=True))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The setup program of version 1."""
    return made(tmp_path_factory.mktemp("first"), "1", *COMMON, "old.txt", "_internal/old.dll", "old/deep.dll")


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The setup program of version 2."""
    return made(tmp_path_factory.mktemp("second"), "2", *COMMON, "new.txt", "_internal/new.dll")


@pytest.fixture(scope="module")
def person(cache: Path, screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A person's machine."""
    with wine.machine(cache, tmp_path_factory.mktemp("tools") / "prefix", "Tom") as prefix:
        yield Machine(prefix, screen)


@pytest.fixture
def tools(person: Machine) -> Iterator[Path]:
    """The folder to install in; afterwards neither it nor anything of an installation is there."""
    folder = person.wine.drive / "Tools"
    yield folder
    person.wine.wait()
    shutil.rmtree(folder, ignore_errors=True)
    if person.link.is_dir():
        person.link.rmdir()
    person.link.unlink(missing_ok=True)
    person.status("cmd", "/c", f'reg delete "{OWN}" /f & reg delete "{UNINSTALL}" /f & exit 0')


def install(machine: Machine, setup: str, *options: str, folder: str = FOLDER) -> int:
    """Install silently and give the exit status."""
    return machine.status_of(" ".join([f'"{setup}" /S', *options, f"/D={folder}"]))


def remove(machine: Machine) -> int:
    """Remove silently, wait for that and give the exit status."""
    return machine.status_of(f'"{FOLDER}\\uninstall.exe" /S _?={FOLDER}')


def texts(folder: Path) -> dict[str, str]:
    """Every file of a folder with what is in it, but for the uninstaller and the list of files."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in MADE
    }


def of(version: str, *more: str) -> dict[str, str]:
    """What there is of a version, with more files than both have."""
    return {name: f"{name} of {version}" for name in (*COMMON, *more)}


FIRST = of("1", "old.txt", "_internal/old.dll", "old/deep.dll")
SECOND = of("2", "new.txt", "_internal/new.dll")


@pytest.mark.parametrize(
    "theirs",
    [
        "linkage-gui-new/notes.txt",
        "linkage-gui-old/linkage-gui-data/linkage-log.db",
        "linkage-gui-old/files/notes.txt",
    ],
)
def test_a_folder_that_is_called_like_ours_is_left_alone(
    person: Machine, tools: Path, first: str, second: str, theirs: str
) -> None:
    file = tools / theirs
    file.parent.mkdir(parents=True)
    file.write_text("theirs")
    folder = tools / Path(theirs).parts[0]
    assert install(person, first) == 2
    assert texts(tools) == {theirs: "theirs"}
    away = tools.with_name("Away")
    folder.rename(away)
    assert install(person, first) == 0
    away.rename(folder)
    assert install(person, second) == 2
    assert texts(tools) == {**FIRST, theirs: "theirs"}
    assert remove(person) == 0
    assert texts(tools) == {theirs: "theirs"}


def test_a_folder_of_ours_in_which_somebody_keeps_a_log_is_left_alone(
    person: Machine, tools: Path, first: str
) -> None:
    log = tools / "linkage-gui-old" / "files" / "linkage-gui-data" / "linkage-log.db"
    log.parent.mkdir(parents=True)
    log.write_text("theirs")
    (tools / "linkage-gui-old" / MARK).touch()
    assert install(person, first) == 2
    assert log.read_text() == "theirs"


def test_what_an_upgrade_could_not_delete_is_not_put_back(
    person: Machine, tools: Path, first: str, second: str
) -> None:
    assert install(person, first) == 0
    left = tools / "linkage-gui-old" / "files" / "_internal"
    left.mkdir(parents=True)
    (left / "held.dll").write_text("of a version before")
    (tools / "linkage-gui-old" / MARK).touch()
    with person.held(FOLDER + r"\linkage-gui.cdx.json"):
        assert install(person, second) == 2
    assert texts(tools) == FIRST
    left.mkdir(parents=True)
    (left / "held.dll").write_text("of a version before")
    (tools / "linkage-gui-old" / MARK).touch()
    (tools / "linkage-gui-old" / "moving-in.txt").touch()
    with person.held(FOLDER + r"\linkage-gui-old\files\_internal\held.dll"):
        assert install(person, second) == 2
        assert {name: text for name, text in texts(tools).items() if "linkage-gui-old" not in name} == FIRST
    assert install(person, second) == 0
    assert texts(tools) == SECOND


def test_what_is_not_whole_is_not_said_to_be_in_place(person: Machine, tools: Path, first: str, second: str) -> None:
    """A change that broke off, of which a file is held that is to be put back."""
    assert install(person, first) == 0
    away = tools / "linkage-gui-old"
    (away / "files").mkdir(parents=True)
    (away / MARK).touch()
    (away / "unfinished.txt").touch()
    for name in ("LICENCES.txt", "linkage-gui.cdx.json", "old.txt"):
        if (tools / name).exists():
            (tools / name).rename(away / "files" / name)
    with person.held(FOLDER + r"\linkage-gui-old\files\linkage-gui.cdx.json"):
        program = person.start("cmd", "/c", f"{second} /D={FOLDER}")
        person.page("Linkage GUI Setup", "setup-broken-off", "alt+n")
        person.screen.keys("alt+i")
        until(lambda: len(person.screen.windows("Linkage GUI Setup")) > 1, "The box that says what is so")
        person.screen.picture("setup-not-whole")
        person.screen.keys("Return")
        assert program.wait(60) == 2
    assert (away / "unfinished.txt").exists()
    assert install(person, second) == 0
    assert texts(tools) == SECOND


@pytest.mark.parametrize("phase", ["out", "in"])
def test_a_change_that_broke_off_is_undone_and_then_done(
    person: Machine, tools: Path, first: str, second: str, phase: str
) -> None:
    """That it is undone is seen where the next one fails too: a file is held, as there is one in the first phase."""
    assert install(person, first) == 0
    away = tools / "linkage-gui-old"
    parts = [path for path in sorted(tools.iterdir()) if path.name != "linkage-gui.cdx.json" or phase == "in"]
    (away / "files").mkdir(parents=True)
    (away / MARK).touch()
    (away / "unfinished.txt").touch()
    for path in parts[:3] if phase == "out" else parts:
        path.rename(away / "files" / path.name)
    if phase == "in":
        (away / "moving-in.txt").write_bytes("new.txt\r\nlinkage-gui.cdx.json\r\n".encode("utf-16-le"))
        (tools / "new.txt").write_text("of the newer version")
        (tools / "linkage-gui.cdx.json").write_text("of the newer version")
    if phase == "out":
        with person.held(FOLDER + r"\linkage-gui.cdx.json"):
            assert install(person, second) == 2
        assert texts(tools) == FIRST
    assert install(person, second) == 0
    assert texts(tools) == SECOND


def test_nothing_of_an_older_version_stays(person: Machine, tools: Path, first: str, second: str) -> None:
    assert install(person, first) == 0
    (tools / "notes.txt").write_text("theirs")
    assert texts(tools) == {**FIRST, "notes.txt": "theirs"}
    assert install(person, second) == 0
    assert texts(tools) == {**SECOND, "notes.txt": "theirs"}
    assert not (tools / "old").exists()
    assert remove(person) == 0
    assert snapshot(tools).keys() == {"notes.txt", "uninstall.exe"}
    assert not (tools / "_internal").exists()


def test_an_uninstaller_removes_what_is_installed_though_it_is_of_another_version(
    person: Machine, tools: Path, first: str, second: str
) -> None:
    assert install(person, first) == 0
    shutil.copy(tools / "uninstall.exe", person.wine.drive / "older.exe")
    assert install(person, second) == 0
    listed = tools / installers.INSTALLED
    outside = person.wine.drive / "outside.txt"
    outside.touch()
    for wrong in ("..\\outside.txt", "C:\\outside.txt"):
        listed.write_bytes(listed.read_bytes() + f"{wrong}\r\n".encode("utf-16-le"))
    assert person.status_of(rf"C:\older.exe /S _?={FOLDER}") == 0
    assert snapshot(tools).keys() == set()
    assert outside.exists()


@pytest.mark.parametrize("lost", ["Linkage GUI.exe", "all but the uninstaller", "in linkage-gui-old"])
def test_a_second_folder_is_refused_though_the_first_is_not_whole(
    person: Machine, tools: Path, first: str, lost: str
) -> None:
    assert install(person, first) == 0
    if lost == "Linkage GUI.exe":
        (tools / lost).unlink()
    elif lost == "all but the uninstaller":
        for path in tools.iterdir():
            if path.name != "uninstall.exe":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    else:
        away = tools / "linkage-gui-old"
        parts = list(tools.iterdir())
        (away / "files").mkdir(parents=True)
        (away / MARK).touch()
        (away / "unfinished.txt").touch()
        for path in parts:
            path.rename(away / "files" / path.name)
    assert install(person, first, folder=r"C:\Second") == 2
    assert not (person.wine.drive / "Second").exists()
    assert install(person, first) == 0
    assert texts(tools) == FIRST


def test_a_script_removes_and_installs_at_once(person: Machine, tools: Path, first: str, second: str) -> None:
    for before, after in ((first, second), (second, first)):
        assert install(person, before) == 0
        assert person.status_of(f'"{FOLDER}\\uninstall.exe" /S\r\n@"{after}" /S /D={FOLDER}') == 0
        person.wine.wait()
        assert texts(tools) == (SECOND if after == second else FIRST)
        assert person.value(UNINSTALL, "DisplayVersion") == ("2" if after == second else "1")


def test_an_uninstaller_that_began_earlier_goes_first(person: Machine, tools: Path, first: str, second: str) -> None:
    """Though it has not taken its turn; and its last box, which nobody has read yet, keeps nobody waiting."""
    assert install(person, first) == 0
    begun = f'@echo begun>C:\\begun.txt\r\n@"{second}" /S /D={FOLDER}\r\n'
    (person.wine.drive / "two.bat").write_text(begun, newline="")
    uninstaller = person.start(FOLDER + r"\uninstall.exe")
    try:
        window = person.screen.window("Uninstall")
        later = person.start("cmd", "/c", r"C:\two.bat")
        until((person.wine.drive / "begun.txt").exists, "The setup program")
        assert person.run("cmd", "/c", "ver")  # another program's time from its start to its end
        assert later.poll() is None
        person.screen.do("xdotool", "windowactivate", "--sync", window)
        person.screen.keys("Return")
        until(lambda: len(person.screen.windows("Linkage GUI")) > 1, "The last box")
        assert later.wait(90) == 0
        assert texts(tools) == SECOND
    finally:
        person.wine.stop()
        uninstaller.wait(60)


def test_of_two_setup_programs_at_once_one_installs_all_of_its_own(
    person: Machine, tools: Path, first: str, second: str
) -> None:
    """The other comes after it, or, when both begin in one moment, may end with a status that says so."""
    both = [person.start(program, "/S", f"/D={FOLDER}") for program in (first, second)]
    ended = [program.wait(120) for program in both]
    assert 0 in ended
    whole = {"1": FIRST, "2": SECOND}
    version = person.value(UNINSTALL, "DisplayVersion")
    assert texts(tools) == whole[version]
    if ended.count(0) == 1:
        assert version == str(ended.index(0) + 1)


def test_who_cannot_have_a_turn_says_so(person: Machine, tools: Path, first: str, tmp_path: Path) -> None:
    """While another holds the mutex, in a program of its own that ends when it is told."""
    source = tmp_path / "holder.nsi"
    source.write_text(
        "Unicode true\nTarget amd64-unicode\nOutFile holder.exe\nRequestExecutionLevel user\nSilentInstall silent\n"
        "Section\nSystem::Call 'kernel32::CreateMutexW(p 0, i 1, w \"Local\\Linkage GUI setup\") p .r0'\n"
        'FileOpen $1 "C:\\holds.txt" w\nFileClose $1\nagain:\nSleep 100\n'
        'IfFileExists "C:\\holds.txt" again\nSectionEnd\n'
    )
    subprocess.run(["makensis", "-V1", str(source)], check=True, capture_output=True)
    assert install(person, first) == 0
    holds = person.wine.drive / "holds.txt"
    holder = person.start(windows_path(tmp_path / "holder.exe"))
    until(holds.exists, "The mutex")
    before = snapshot(tools)
    try:
        waiting = person.start("cmd", "/c", f"{FOLDER}\\uninstall.exe /S _?={FOLDER}")
        assert install(person, first) == 5
        assert waiting.wait(120) == 5
        assert snapshot(tools) == before
    finally:
        holds.unlink()
        holder.wait(60)
    assert install(person, first) == 0


def test_the_choice_about_the_path_is_kept(person: Machine, tools: Path, first: str, second: str) -> None:
    assert install(person, first) == 0
    assert person.value(ENVIRONMENT, "Path") == FOLDER
    assert install(person, first, "/NOPATH") == 0
    assert FOLDER not in person.value(ENVIRONMENT, "Path")
    assert install(person, second) == 0
    assert FOLDER not in person.value(ENVIRONMENT, "Path")
    assert install(person, second, "/PATH") == 0
    assert person.value(ENVIRONMENT, "Path") == FOLDER
    assert install(person, first) == 0
    assert person.value(ENVIRONMENT, "Path") == FOLDER
    assert remove(person) == 0
    assert FOLDER not in person.value(ENVIRONMENT, "Path")


@pytest.mark.parametrize("name", ["Linkage GUI.exe", "linkage-gui.exe"])
def test_neither_program_may_be_open(person: Machine, tools: Path, first: str, second: str, name: str) -> None:
    assert install(person, first) == 0
    (tools / "linkage-gui.exe").touch()
    before = snapshot(tools)
    with person.held(f"{FOLDER}\\{name}"):
        assert install(person, second) == 5
        assert remove(person) == 5
    assert snapshot(tools) == before
    assert person.value(UNINSTALL, "DisplayVersion") == "1"


def test_without_an_entry_in_the_start_menu_it_is_not_done(person: Machine, tools: Path, first: str) -> None:
    person.link.mkdir(parents=True)
    assert install(person, first) == 2
    assert texts(tools) == FIRST
    person.link.rmdir()
    assert install(person, first) == 0
    assert person.link.is_file()


@pytest.mark.parametrize(("windows", "status"), [("win7", 2), ("win81", 2), ("win10", 0)])
def test_a_windows_that_is_too_old_is_refused(
    person: Machine, tools: Path, first: str, windows: str, status: int
) -> None:
    person.run("winecfg", "-v", windows)
    try:
        assert install(person, first) == status
        assert tools.exists() == (status == 0)
    finally:
        person.run("winecfg", "-v", "win10")
