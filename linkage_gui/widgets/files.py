"""Asking for a file to read, or where to write one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

T = TypeVar("T")


def ask_for_file(parent: QWidget, title: str, kinds: Sequence[str], chosen: Callable[[Path], object]) -> None:
    """Ask for a file that is there. ``kinds`` are like ``PDF (*.pdf)``."""
    dialog = _dialog(parent, title, kinds, chosen)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.open()


def ask_where(parent: QWidget, title: str, name: str, kinds: Sequence[str], chosen: Callable[[Path], object]) -> None:
    """Ask where to write a file, with a name to begin with. A file that is there is asked about."""
    ask_where_and_how(parent, title, name, dict.fromkeys(kinds), lambda to, _: chosen(to))


def ask_for_new(
    parent: QWidget, title: str, name: str, kinds: Sequence[str], chosen: Callable[[Path], object]
) -> None:
    """Ask where to write a file that replaces none: what writes it says so, and nobody is asked first in vain."""
    dialog = _to_save(parent, title, name, kinds, chosen)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.open()


def ask_where_and_how(
    parent: QWidget, title: str, name: str, kinds: Mapping[str, T], chosen: Callable[[Path, T], object]
) -> None:
    """Ask where to write a file and as which of some kinds, as :func:`ask_where` does."""

    def choose(to: Path) -> None:
        first = next(iter(kinds.values()))
        chosen(to, kinds.get(dialog.selectedNameFilter(), first))

    dialog = _to_save(parent, title, name, list(kinds), choose)
    dialog.open()


def ask_for_folder(parent: QWidget, title: str, chosen: Callable[[Path], object]) -> None:
    """Ask for a folder that is there."""
    dialog = _dialog(parent, title, [], chosen)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.open()


def _to_save(
    parent: QWidget, title: str, name: str, kinds: Sequence[str], chosen: Callable[[Path], object]
) -> QFileDialog:
    dialog = _dialog(parent, title, kinds, chosen)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    if suffix := Path(name).suffix:
        dialog.setDefaultSuffix(suffix[1:])
    dialog.selectFile(name)
    return dialog


def _dialog(parent: QWidget, title: str, kinds: Sequence[str], chosen: Callable[[Path], object]) -> QFileDialog:
    dialog = QFileDialog(parent.window(), title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setNameFilters(list(kinds))
    dialog.fileSelected.connect(lambda file: chosen(Path(file)))
    return dialog
