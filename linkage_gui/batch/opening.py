"""Opening a list of cases: what its file must be, and which of the two forms reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linkage_gui.batch.trouble import BatchRefused

if TYPE_CHECKING:
    from pathlib import Path

    from linkage_gui.batch.columns import Columns
    from linkage_gui.batch.tables import Table

LIMIT_BYTES = 100 * 1024**2
"""The most bytes that a list of cases may have as a file: 100 MiB."""


def open_table(path: Path, columns: Columns) -> Table:
    """A list of cases to read, by its file's ending.

    :raises BatchRefused: when it cannot be used; every problem with its headings at once.
    """
    check_file(path)
    if path.suffix.lower() == ".csv":
        from linkage_gui.batch.csvfile import CsvTable  # noqa: PLC0415

        return CsvTable(path, columns)
    from linkage_gui.batch.workbook import WorkbookTable  # noqa: PLC0415  (openpyxl is slow to import)

    return WorkbookTable(path, columns)


def check_file(path: Path) -> None:
    """Refuse a file that cannot be read, or that is larger than any list of cases."""
    try:
        if path.is_dir():
            raise BatchRefused(f"{path} is a folder. Name the list in it.")
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise BatchRefused(f"{path} cannot be read: {error.strerror}.") from error
    if size > LIMIT_BYTES:
        raise BatchRefused(
            f"{path} has {size // 1024**2:,} MiB, and {LIMIT_BYTES // 1024**2} MiB is the most. Split the list."
        )
    if not size:
        raise BatchRefused(f"{path} is empty. Fill in a list of cases that “linkage-gui template” made.")
