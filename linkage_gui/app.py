"""Opens the window. Importing this needs no Qt, so that a machine without Qt's libraries gets a plain message."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path
from types import TracebackType

from linkage_gui import faults, instance, paths
from linkage_gui.faults import Trouble

DEBIAN_PACKAGES = (
    "libegl1 libgl1 libfontconfig1 libxkbcommon-x11-0 libdbus-1-3 libx11-xcb1 libxcb-cursor0 libxcb-icccm4 "
    "libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1"
)
"""What a window needs on Debian and Ubuntu, beside a screen."""

_NO_SCREEN = (
    "There is no screen to open a window on. Run this in a desktop session, "
    "or decide a case without one: linkage-gui assess CASE.json"
)


def run(data: Path) -> int:
    """Open the window on the log in a data folder; returns the exit status when it is closed.

    On Windows, where a window is open on that folder already, that one comes to the front instead.

    :raises Trouble: when there is no screen, or a library that a window needs is missing.
    """
    if sys.platform.startswith("linux"):
        check_screen()
    only = instance.first(data)
    if only is None:
        return 0
    try:
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415  (may fail, as said)
    except ImportError as error:
        raise _missing(str(error)) from error
    from linkage_gui.background import Fault, Worker  # noqa: PLC0415
    from linkage_gui.theme import theme  # noqa: PLC0415
    from linkage_gui.window import NAME, Window  # noqa: PLC0415

    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication([NAME])
    app.setApplicationName(NAME)
    app.setApplicationDisplayName("")
    app.setDesktopFileName("linkage-gui")
    theme.follow(app)
    worker = Worker(data)
    window = Window(worker)
    only.when_called(window.come_forward)
    telling = False

    def tell_fault(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
        """An exception that nobody expected: kept in a file, told to the person, and the window goes on."""
        nonlocal telling
        fault = Fault(faults.report(error, paths.reports_folder(data)))
        if not telling:
            telling = True
            try:
                kept = "Your answers are kept as a draft. " if window.all_kept else ""
                window.tell("Something went wrong", fault, f"{kept}You can go on.")
            finally:
                telling = False

    before, sys.excepthook = sys.excepthook, tell_fault
    try:
        window.show()
        return app.exec()
    finally:
        worker.stop()
        sys.excepthook = before


def check_screen() -> None:
    """See on Linux whether a window can be opened, since Qt ends the program when it cannot.

    :raises Trouble: that says what to do.
    """
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    display, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if platform not in ("", "xcb", "wayland"):
        return  # somebody chose it, such as offscreen for tests
    if wayland and platform != "xcb":
        return
    if not display:
        raise Trouble(_NO_SCREEN)
    qt = importlib.util.find_spec("PySide6")
    if qt is None or not qt.submodule_search_locations:
        raise Trouble("Qt is not installed. Install Linkage GUI again, with its dependencies.")
    try:
        # Loading the plug-in as Qt does names the first library that is missing.
        ctypes.CDLL(str(Path(qt.submodule_search_locations[0]) / "Qt" / "plugins" / "platforms" / "libqxcb.so"))
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        raise _missing(str(error)) from error
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    wrong = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if wrong:
        raise Trouble(f"The screen {display} (in DISPLAY) does not answer. {_NO_SCREEN}")


def _missing(said: str) -> Trouble:
    library = said.split(":", maxsplit=1)[0]
    return Trouble(
        f"A library that the window needs could not be loaded: {library}. On Debian or Ubuntu, install what it needs "
        f"with: sudo apt-get install {DEBIAN_PACKAGES}"
    )
