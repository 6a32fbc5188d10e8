"""One window for each data folder: on Windows, opening the program again brings the first window to the front.

A named event of Windows' own does both: whoever makes it is the first, and a later start sets it. Windows drops it
when the process ends, however it ends. It needs no socket, and no file that could outlive a process.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

_ALREADY_EXISTS = 183
_ANY_PROCESS = -1
_FOR_EVER = 0xFFFFFFFF
_SET = 0


class First:
    """Says that this is the first window on its data folder, for as long as it lives."""

    def __init__(self, handle: int | None) -> None:
        self._handle = handle
        self._caller: object = None

    def when_called(self, act: Callable[[], object]) -> None:
        """Call ``act``, on the window's thread, each time that somebody opens the program again."""
        if sys.platform == "win32" and self._handle is not None:
            from PySide6.QtCore import QObject, Qt, Signal  # noqa: PLC0415

            class Caller(QObject):
                called = Signal()

            # Qt's own QWinEventNotifier cannot hand the event to Python, so a thread waits for it.
            caller = Caller()
            caller.called.connect(act, Qt.ConnectionType.QueuedConnection)
            self._caller = caller
            threading.Thread(
                target=_wait, args=(self._handle, caller.called.emit), name="linkage-gui-first", daemon=True
            ).start()


def _wait(handle: int, call: Callable[[], object]) -> None:
    """Call each time that the event is set. It takes no time while it waits, and ends with the process."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  (Windows alone needs it)

        kernel32 = ctypes.WinDLL("kernel32")
        kernel32.WaitForSingleObject.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
        while kernel32.WaitForSingleObject(handle, _FOR_EVER) == _SET:
            call()


def first(data: Path) -> First | None:
    """Claim the data folder. None: a window has it already, and comes to the front now.

    Elsewhere than on Windows every window is a first one: desktops there bring windows to the front themselves.
    """
    handle: int | None = None
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  (Windows alone needs it)

        kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel32.CreateEventW.restype = ctypes.c_void_p
        kernel32.CreateEventW.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_wchar_p]
        kernel32.SetEvent.argtypes = [ctypes.c_void_p]
        handle = kernel32.CreateEventW(None, False, False, _name(data))
        if handle and ctypes.get_last_error() == _ALREADY_EXISTS:
            # Only who has the foreground may give it away, and that is this process, which a person has just started.
            ctypes.WinDLL("user32").AllowSetForegroundWindow(_ANY_PROCESS)
            kernel32.SetEvent(handle)
            return None
    return First(handle)


def _name(data: Path) -> str:
    """The same for every way to write one folder."""
    import hashlib  # noqa: PLC0415  (Windows alone needs it)

    folder = os.path.normcase(os.path.realpath(data))
    return "Local\\Linkage GUI " + hashlib.sha256(folder.encode("utf-8", "surrogatepass")).hexdigest()[:32]
