"""The door: ``linkage-gui`` and ``python -m linkage_gui``."""

from __future__ import annotations

import gc
import sys

_NEW_OBJECTS = 20_000
"""How many new objects a command makes before Python looks for unused ones: what is imported stays in use."""


def main() -> int:
    """Open the window, or run the command line when there is something on it. Returns the exit status."""
    if sys.platform == "win32" and sys.stderr is None:
        import io  # noqa: PLC0415

        said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        sys.stdout = sys.stderr = said
        status = _run(sys.argv[1:])
        if text := said.buffer.getvalue().decode("utf-8", "replace").strip():  # type: ignore[attr-defined,unused-ignore]
            _tell(text, failed=bool(status))
        return status
    return _run(sys.argv[1:])


def _run(arguments: list[str]) -> int:
    """The window needs nothing of the command line, unless it does not open: it is imported only then."""
    if arguments:
        gc.set_threshold(_NEW_OBJECTS)
        from linkage_gui.cli import run  # noqa: PLC0415

        status = run(arguments)
        gc.freeze()  # the process ends: Python need not look through all that it has for what is unused
        return status
    gc.disable()  # until the window looks for what is unused itself, see linkage_gui.garbage
    try:
        from linkage_gui import app, paths  # noqa: PLC0415

        return app.run(paths.data_folder())
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  (the door: each is told in words)
        from linkage_gui.cli import told  # noqa: PLC0415

        return told(error)


def _tell(text: str, *, failed: bool) -> None:
    """Say in a box what there is no console for: why no window opened, say. No Qt, which may be what failed."""
    import ctypes  # noqa: PLC0415

    error, information = 0x10, 0x40
    user32 = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]
    user32.MessageBoxW(None, text[:4000], "Linkage GUI", error if failed else information)


if __name__ == "__main__":
    sys.exit(main())
