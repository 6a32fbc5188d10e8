"""The door: ``linkage-gui`` and ``python -m linkage_gui``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line, which opens the window when it is given no command. Returns the exit status."""
    from linkage_gui.cli import run  # noqa: PLC0415  (so that importing this module costs nothing)

    if sys.platform == "win32" and sys.stderr is None:
        import io  # noqa: PLC0415

        said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        sys.stdout = sys.stderr = said
        status = run(sys.argv[1:])
        if text := said.buffer.getvalue().decode("utf-8", "replace").strip():  # type: ignore[attr-defined,unused-ignore]
            _tell(text, failed=bool(status))
        return status
    return run(sys.argv[1:])


def _tell(text: str, *, failed: bool) -> None:
    """Say in a box what there is no console for: why no window opened, say. No Qt, which may be what failed."""
    import ctypes  # noqa: PLC0415

    error, information = 0x10, 0x40
    user32 = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]
    user32.MessageBoxW(None, text[:4000], "Linkage GUI", error if failed else information)


if __name__ == "__main__":
    sys.exit(main())
