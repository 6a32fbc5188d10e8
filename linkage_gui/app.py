"""Opens the window. Importing this needs no Qt, so that a machine without Qt's libraries gets a plain message."""

from __future__ import annotations

import builtins
import math
import os
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from linkage_gui import instance, paths
from linkage_gui.faults import Trouble, details

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, TracebackType

    from PySide6.QtWidgets import QApplication

    from linkage_gui.background import Worker
    from linkage_gui.settings import Settings
    from linkage_gui.window import Window

    _Fault = tuple[type[BaseException], tuple[tuple[CodeType, int], ...]]
    """What kind of exception it is, and the way to where it was raised: each code, and the line of its file."""

_PATIENCE_SECONDS = 2.0
"""How long the window waits for its settings, which on a disk that answers takes milliseconds."""

_BY_ITSELF_SECONDS = 1.0
"""A fault that comes again sooner than this after it was told came by itself, from a clock."""

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

    :raises Trouble: when there is no screen, a library that a window needs is missing, or an edition is damaged.
    """
    if sys.platform.startswith("linux"):
        check_screen()
    only = instance.first(data)
    if only is None:
        return 0
    plain = builtins.__import__
    try:
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415  (may fail, as said)
    except ImportError as error:
        raise _missing(str(error)) from error
    # PySide's own reads the source of every module imported from then on, for "from __feature__ import snake_case",
    # and heeds "from PySide6.QtCore import *". Nothing here has either.
    builtins.__import__ = plain
    from linkage_gui.background import Worker  # noqa: PLC0415
    from linkage_gui.garbage import Garbage  # noqa: PLC0415
    from linkage_gui.theme import theme  # noqa: PLC0415
    from linkage_gui.widgets import roles  # noqa: PLC0415
    from linkage_gui.window import NAME, SCHEMES, Window  # noqa: PLC0415

    reading = _Reading(data)
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication([NAME])
    app.setApplicationName(NAME)
    app.setApplicationDisplayName("")
    app.setDesktopFileName("linkage-gui")
    read = reading.wait()
    theme.wanted = SCHEMES[read[0].scheme]
    theme.follow(app)
    roles.install()
    garbage = Garbage()
    worker = Worker(data)
    window = _made(lambda: Window(worker, settings=read), data)
    refusal = _Refusal(window, app, data)
    reports = Worker(data)  # of its own: what is told of a fault waits for no job that the log has
    only.when_called(window.come_forward)
    before, sys.excepthook = sys.excepthook, _Telling(window, reports)
    try:
        window.show()
        status = app.exec()
        if refusal.trouble is not None:
            raise refusal.trouble
        return status
    finally:
        worker.stop()
        reports.stop()
        garbage.end()
        sys.excepthook = before


class _Telling:
    """What is done with an exception that nobody expected: kept in a file, told to the person, and gone on from.

    Not again while it is told, nor right after. A part that fails to paint itself fails at each repaint, which to
    tell of it asks for: that is told once.
    """

    def __init__(self, window: Window, reports: Worker) -> None:
        self._window, self._reports = window, reports
        self._on_show: set[_Fault] = set()
        self._quiet: dict[_Fault, float] = {}

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):  # Ctrl+C where it was started from
            self._window.close()
            return
        fault = kind, tuple((each.tb_frame.f_code, each.tb_lineno) for each in _way(trace))
        if fault in self._on_show or time.monotonic() < self._quiet.get(fault, 0):
            return
        self._on_show.add(fault)
        try:
            self._keep(error, partial(self._tell, fault))
        except RuntimeError as failed:  # the computer has no thread left to keep it with
            self._closed(fault)
            self._write(Trouble(f"{type(error).__name__}. It could not be kept ({failed}): close other programs."))

    def _keep(self, error: BaseException, tell: Callable[[Trouble], object]) -> None:
        from linkage_gui.background import OURS, Fault  # noqa: PLC0415

        text = details(error)
        self._reports.start()
        self._reports.run_apart(lambda: Fault(OURS, text, paths.reports_folder(self._reports.data)), tell, tell)

    def _tell(self, fault: _Fault, told: Trouble) -> None:
        try:
            kept = "Your answers are kept as a draft. " if self._window.all_kept else ""
            dialog = self._window.tell("Something went wrong", told, f"{kept}You can go on.")
            dialog.destroyed.connect(lambda: self._closed(fault))
        except Exception as error:  # noqa: BLE001  (what cannot be told in the window is told without it)
            self._closed(fault)
            self._write(told)
            self._keep(error, self._write)

    def _write(self, told: Trouble) -> None:
        if sys.stderr is not None:
            sys.stderr.write(f"Something went wrong. {told}\n")

    def _closed(self, fault: _Fault) -> None:
        self._on_show.discard(fault)
        _, way = fault
        paints = any(code.co_name == "paintEvent" for code, _ in way)
        self._quiet[fault] = math.inf if paints else time.monotonic() + _BY_ITSELF_SECONDS


def _way(trace: TracebackType | None) -> Iterator[TracebackType]:
    """The way to where an exception was raised, from call to call."""
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _made(make: Callable[[], Window], data: Path) -> Window:
    """The window. When it cannot be made the person is told on the screen: there may be no console.

    :raises Trouble: as told.
    """
    from linkage_gui.background import Fault  # noqa: PLC0415

    try:
        return make()
    except Exception as error:  # noqa: BLE001  (a fault of ours: kept, and told to the person)
        trouble = Fault.of(error, paths.reports_folder(data))
    _does_not_open(trouble)
    raise trouble


class _Refusal:
    """Ends the program when the window finds, once it is painted, that what it decides by cannot be read."""

    def __init__(self, window: Window, app: QApplication, data: Path) -> None:
        self.trouble: Trouble | None = None
        self._app, self._data = app, data
        window.refused.connect(self._tell)

    def _tell(self, error: Exception) -> None:
        from linkage_gui.background import Fault  # noqa: PLC0415
        from rules.edition import EditionRefused  # noqa: PLC0415

        if isinstance(error, EditionRefused | UnicodeDecodeError | OSError):
            self.trouble = Trouble(
                f"The edition of the guidance that Linkage GUI decides by is damaged ({error}), so it does not open. "
                "Nothing was decided or recorded, and your log is as it was. Install Linkage GUI again."
            )
            self.trouble.__cause__ = error
        else:
            self.trouble = Fault.of(error, paths.reports_folder(self._data))
        _does_not_open(self.trouble)
        self._app.exit()


def _does_not_open(trouble: Trouble) -> None:
    from linkage_gui.widgets.dialogs import Dialog  # noqa: PLC0415

    Dialog(None, "Linkage GUI does not open", [str(trouble)]).exec()


class _Reading:
    """Reads the settings while Qt begins. A disk that does not answer delays the window for a moment only.

    All that it needs is imported before: two threads that import at once may each find a module that the other has
    only begun, and PySide changes, as it is imported, the list of what finds modules while the other goes through it.
    """

    def __init__(self, data: Path) -> None:
        from linkage_gui import settings  # noqa: PLC0415  (which needs msgspec)

        self._settings = settings
        self._data = data
        self._found: tuple[Settings, Trouble | None] | None = None
        self._thread = threading.Thread(target=self._read, name="linkage-gui-settings", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        self._found = self._settings.read(self._data)

    def wait(self) -> tuple[Settings, Trouble | None]:
        """The settings, and what to tell when they could not be read."""
        self._thread.join(_PATIENCE_SECONDS)
        if self._found is None:
            file = self._settings.settings_file(self._data)
            return self._settings.Settings(), Trouble(
                f"The disk with the settings {file} does not answer, so those of a new installation are used. "
                "Check the drive, then close Linkage GUI and open it again."
            )
        return self._found


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
    import ctypes  # noqa: PLC0415  (a window may never be asked for)
    import importlib.util  # noqa: PLC0415

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
