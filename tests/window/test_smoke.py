"""The real program in a real window: under a screen of its own, started as people start it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.machine import until

ROOT = Path(__file__).parent.parent.parent
TOOLS = ("Xvfb", "xdotool")

GRAB = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
picture = app.primaryScreen().grabWindow(0)
sys.exit(0 if picture.save(sys.argv[1]) else 1)
"""


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a virtual screen that nothing else uses."""
    if not all(map(shutil.which, TOOLS)) and not os.environ.get("CI"):
        pytest.skip(f"needs {' and '.join(TOOLS)} (Debian: xvfb, xdotool)")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1366x768x24", "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as said:
            number = said.readline().strip()  # written when the screen is ready
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "WAYLAND_"))}
        yield {**environment, "DISPLAY": f":{number}", "LINKAGE_GUI_DATA": str(tmp_path / "data")}
        server.terminate()


def test_the_window_opens_on_a_real_screen_and_closes_without_a_word(screen: dict[str, str], tmp_path: Path) -> None:
    picture = Path(os.environ.get("LINKAGE_GUI_SCREENSHOTS", tmp_path)) / "smoke.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-m", "linkage_gui"], cwd=ROOT, env=screen, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        find = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Linkage GUI"]
        found = subprocess.run(find, env=screen, capture_output=True, check=True, timeout=60, text=True)
        window = found.stdout.split()[-1]
        # The window answers its keys: Alt+N begins a new assessment, and its title says so.
        subprocess.run(
            ["xdotool", "windowfocus", "--sync", window, "key", "alt+n"], env=screen, check=True, timeout=60
        )
        titled = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "New assessment"]
        subprocess.run(titled, env=screen, capture_output=True, check=True, timeout=60)
        subprocess.run([sys.executable, "-c", GRAB, str(picture)], env=screen, check=True, timeout=60)
        until((tmp_path / "data" / "linkage-log.db").exists, "the log")  # another thread opens it, after the window
        program.send_signal(signal.SIGTERM)
        _, complaints = program.communicate(timeout=60)
    assert complaints.decode() == ""
    assert colours(picture) > 20, "the screen is blank"
    assert (tmp_path / "data" / "linkage-log.db").exists()


def still(path: Path) -> str:
    """What a descriptor is of; nothing when it was closed since it was listed, by a program that still begins."""
    try:
        return str(path.readlink())
    except FileNotFoundError:
        return ""


def colours(picture: Path) -> int:
    """How many colours a picture has."""
    from PySide6.QtGui import QImage

    image = QImage(str(picture))
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


def test_the_window_opens_no_socket(screen: dict[str, str]) -> None:
    """Nothing of Qt's or Python's network is loaded, and the process holds no internet socket."""
    with subprocess.Popen([sys.executable, "-m", "linkage_gui"], cwd=ROOT, env=screen) as program:
        find = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Linkage GUI"]
        subprocess.run(find, env=screen, capture_output=True, check=True, timeout=60)
        loaded = Path(f"/proc/{program.pid}/maps").read_text(encoding="utf-8")
        held = {still(path) for path in Path(f"/proc/{program.pid}/fd").iterdir()}
        sockets = {name[8:-1] for name in held if name.startswith("socket:[")}
        internet = {
            line.split()[9]
            for kind in ("tcp", "tcp6", "udp", "udp6")
            for line in Path(f"/proc/{program.pid}/net/{kind}").read_text(encoding="ascii").splitlines()[1:]
        }
        program.terminate()
    assert "Qt6Network" not in loaded
    assert not sockets & internet


def test_without_a_screen_the_window_says_what_to_do(tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("QT_") and name not in {"DISPLAY", "WAYLAND_DISPLAY"}
    }
    done = subprocess.run(
        [sys.executable, "-m", "linkage_gui"],
        cwd=ROOT,
        env={**environment, "LINKAGE_GUI_DATA": str(tmp_path)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 1
    assert "There is no screen to open a window on" in done.stderr
    assert "linkage-gui assess" in done.stderr


def test_qt_holds_on_to_none() -> None:
    """PySide6 6.12.0 on Python 3.11 loses a reference to None with each call, until the process dies."""
    code = (
        "import sys; from PySide6.QtCore import QObject\n"
        "it = QObject(); it.parent(); before = sys.getrefcount(None)\n"
        "for _ in range(1000): it.parent()\n"
        "print(abs(sys.getrefcount(None) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert int(done.stdout) < 100
