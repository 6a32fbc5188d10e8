"""A Windows machine under Wine, as one who sits at it meets it: programs, files, registry, windows, keys."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from winbuild.common import BuildFailed, steady
from winbuild.wine import Wine

T = TypeVar("T")
_STEP_SECONDS = 0.1
_STAYS = 4
"""How many pictures in a row have to be the same before a window counts as painted."""
FAULTS_OF_WINE: list[str] = []
"""What Wine said of processes that crashed, where what was run ended well: told when tests end."""


def until(found: Callable[[], T], what: str, seconds: float = 60) -> T:
    """What ``found`` gives once it gives something: another process cannot be waited for otherwise."""
    end = time.monotonic() + seconds
    while not (got := found()):
        assert time.monotonic() < end, f"{what} did not come within {seconds:.0f} s"
        time.sleep(_STEP_SECONDS)
    return got


class Screen:
    """An X screen with a window manager, as xdotool sees it and ImageMagick pictures it."""

    def __init__(self, environment: dict[str, str], pictures: Path) -> None:
        self.environment = environment
        self.pictures = pictures

    def __enter__(self) -> Screen:
        self._manager = subprocess.Popen(
            ["openbox"],
            env={**steady(), **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._manager.terminate()
        self._manager.wait(30)

    def do(self, *command: str) -> str:
        """Run a program of X and give what it says; nothing when it fails."""
        done = subprocess.run(
            command, env={**steady(), **self.environment}, capture_output=True, encoding="utf-8", check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    def windows(self, title: str) -> list[str]:
        """The windows on show whose title has this in it."""
        return self.do("xdotool", "search", "--onlyvisible", "--name", title).split()

    def window(self, title: str, seconds: float = 90) -> str:
        """The window with this in its title, once it is there."""
        return until(lambda: self.windows(title), f"A window {title!r}", seconds)[0]

    def close(self, window: str) -> None:
        """Ask a window to close, as its close button does."""
        self.do("wmctrl", "-i", "-c", hex(int(window)))

    def title(self, window: str) -> str:
        """A window's title."""
        return self.do("xdotool", "getwindowname", window)

    def active(self) -> str:
        """The window in front."""
        return self.do("xdotool", "getactivewindow")

    def size(self, window: str) -> tuple[int, int]:
        """Its width and height in pixels."""
        said = dict(
            line.split("=") for line in self.do("xdotool", "getwindowgeometry", "--shell", window).splitlines()
        )
        return int(said["WIDTH"]), int(said["HEIGHT"])

    def keys(self, *names: str) -> None:
        """Press keys, as xdotool names them."""
        assert names
        self.do("xdotool", "key", "--delay", "30", *names)

    def type(self, text: str) -> None:
        """Type text."""
        self.do("xdotool", "type", "--delay", "15", text)

    def picture(self, name: str, window: str = "root") -> Path:
        """Keep a picture of a window, or of the whole screen, once it is painted: when it stays as it is."""
        path = self.pictures / f"{name}.png"
        last, same = "", 0

        def painted() -> bool:
            nonlocal last, same
            time.sleep(_STEP_SECONDS)
            self.do("import", "-window", window, str(path))
            now, colours = (self.do("identify", "-format", f"%{what}", str(path)) for what in "#k")
            same = same + 1 if now == last and int(colours or 0) > 50 else 0
            last = now
            return same == _STAYS

        until(painted, f"A picture of {name}")
        return path


class Machine:
    """One Windows machine."""

    def __init__(self, wine: Wine, screen: Screen) -> None:
        self.wine = wine
        self.screen = screen

    @property
    def home(self) -> Path:
        """The person's own folder."""
        return self.wine.drive / "users" / self.wine.user

    @property
    def program(self) -> Path:
        """Where the setup program puts the program."""
        return self.home / "AppData/Local/Programs/Linkage GUI"

    @property
    def at(self) -> str:
        """The same, as Windows names it."""
        return f"C:\\users\\{self.wine.user}\\AppData\\Local\\Programs\\Linkage GUI"

    @property
    def data(self) -> Path:
        """Where the program keeps its data."""
        return self.home / "AppData/Local/Linkage GUI"

    @property
    def link(self) -> Path:
        """The entry in the Start menu."""
        return self.home / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Linkage GUI.lnk"

    def run(self, *command: str | Path, settings: dict[str, str] | None = None, fine: bool = True) -> str:
        """Run a program to its end and give what it wrote, with line ends as on Linux."""
        said = self.wine.run(*command, settings={**self.screen.environment, **(settings or {})}, fine=fine)
        lines = said.replace("\r\n", "\n").splitlines(keepends=True)
        of_wine = [line for line in lines if line.startswith("wine: ")]
        FAULTS_OF_WINE.extend(f"{command}: {line}" for line in of_wine)
        return "".join(line for line in lines if line not in of_wine)

    def cli(self, *arguments: str | Path, settings: dict[str, str] | None = None, fine: bool = True) -> str:
        """Type ``linkage-gui`` and arguments on the command prompt."""
        return self.run("cmd", "/c", "linkage-gui", *arguments, settings=settings, fine=fine)

    def status(self, *command: str | Path) -> int:
        """The exit status of a program."""
        try:
            self.run(*command)
        except BuildFailed as failed:
            return int(str(failed).split("Failed with ")[1].split(":")[0])
        return 0

    def status_of(self, line: str) -> int:
        """The exit status of a line on the command prompt: what follows ``/D=`` has no quotation marks for NSIS.

        It is what Windows says: that of ``wine`` is also Wine's own, when it could not start.
        """
        ended = self.wine.drive / "ended.txt"
        ended.unlink(missing_ok=True)
        lines = f"@{line}\r\n@echo %errorlevel% >C:\\ended.txt\r\n"
        (self.wine.drive / "line.bat").write_text(lines, encoding="ascii", newline="")
        said = self.run("cmd", "/c", r"C:\line.bat", fine=False)
        assert ended.exists(), said
        return int(ended.read_text())

    @contextmanager
    def held(self, file: str) -> Iterator[None]:
        """While another program has a file open and lets nobody delete or move it. ``file`` as Windows names it."""
        (self.wine.drive / "hold.bat").write_text(f'@notepad < "{file}"\r\n', encoding="ascii", newline="")
        holder = self.start("cmd", "/c", r"C:\hold.bat")
        window = self.screen.window("Notepad")
        try:
            yield
        finally:
            self.screen.close(window)
            holder.wait(60)

    def open(self, scale: str = "") -> subprocess.Popen[bytes]:
        """Open the window as the Start menu does; with a scale, as on a screen with one."""
        if scale:  # Wine hands on no variables that begin with QT_
            return self.start("cmd", "/c", f"set QT_SCALE_FACTOR={scale}&& linkage-gui")
        return self.start(self.program / "Linkage GUI.exe")

    def start(self, *command: str | Path) -> subprocess.Popen[bytes]:
        """Start a program and let it run."""
        return subprocess.Popen(
            ["wine", *map(str, command)],
            env={**steady(), **self.wine.environment(), **self.screen.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self, program: subprocess.Popen[bytes]) -> None:
        """Close the window as its close button does, and see that the program ends well."""
        self.screen.close(self.screen.window("Linkage GUI"))
        assert program.wait(60) == 0
        self.wine.wait()

    def page(self, title: str, picture: str, *keys: str) -> None:
        """Keep a picture of what the setup program shows, and press keys there."""
        self.screen.do("xdotool", "windowactivate", "--sync", self.screen.window(title))
        self.screen.picture(picture)
        self.screen.keys(*keys)

    def remove_watched(self, folder: str, picture: str) -> None:
        """Remove the program as a person does, who reads the last box. ``folder`` as Windows names it."""
        uninstaller = self.start(folder + r"\uninstall.exe")
        screen = self.screen
        window = screen.window("Uninstall")
        screen.do("xdotool", "windowactivate", "--sync", window)
        screen.keys("Return")
        until(lambda: len(screen.windows("Linkage GUI")) > 1, "The box that says where the log is")
        screen.picture(picture)
        (box,) = set(screen.windows("Linkage GUI")) - {window}
        screen.close(box)
        until(lambda: screen.windows("Linkage GUI") == [window], "The end of the box")

        def left() -> bool:
            screen.do("xdotool", "windowactivate", "--sync", window)
            screen.keys("Return")  # Close, once the uninstaller has come to its end
            return not screen.windows("Linkage GUI")

        until(left, "The end of the uninstaller")
        uninstaller.wait(60)
        self.wine.wait()

    def running(self, name: str) -> bool:
        """Whether a program whose name begins so is running."""
        return any(
            line.lower().startswith(name.lower())
            for line in self.run("tasklist", "/fo", "csv").replace('"', "").splitlines()
        )

    def value(self, key: str, name: str) -> str:
        """A value of the registry, empty when there is none."""
        said = self.run("reg", "query", key, "/v", name, fine=False)
        found = [line.split("    ", 3) for line in said.splitlines() if line.strip().startswith(name)]
        return found[0][3].strip() if found else ""


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file of a folder, with its size and time."""
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def as_somebody_without_rights(command: list[str]) -> list[str]:
    """The command as a user whom file permissions bind, where this is root."""
    if os.getuid() == 0:
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    return command
