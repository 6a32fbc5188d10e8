"""The door: ``linkage-gui`` and ``python -m linkage_gui``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line, which opens the window when it is given no command. Returns the exit status."""
    from linkage_gui.cli import run  # noqa: PLC0415  (so that importing this module costs nothing)

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
