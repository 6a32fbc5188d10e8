"""Names offered below a line as it is typed in. What is typed stays unless one of them is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import shiboken6
from PySide6.QtCore import QObject, QStringListModel, Qt, QTimer, Signal
from PySide6.QtWidgets import QCompleter, QListView

from linkage_gui import theme
from linkage_gui.widgets.announce import announce
from linkage_gui.widgets.inputs import Line

Find = Callable[[str, Callable[[Sequence[str]], object]], object]
"""Looks for names with a word that begins like a text, and tells them later."""

_WAIT_MILLISECONDS = 150


class Completion(QObject):
    """Offers names for a line. Down goes into them, Enter chooses, Esc closes them. ``chosen`` carries a name."""

    chosen = Signal(str)

    def __init__(self, line: Line, find: Find) -> None:
        super().__init__(line)
        self._line = line
        self._find = find
        self._offered: tuple[QStringListModel, QCompleter, QListView] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_WAIT_MILLISECONDS)
        self._soon.timeout.connect(self._ask)
        line.textEdited.connect(self._edited)

    def _make(self) -> tuple[QStringListModel, QCompleter, QListView]:
        """What offers names, which takes longer to make than the line itself."""
        names = QStringListModel(self)
        completer = QCompleter(names, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setMaxVisibleItems(6)
        # Not the line's own completer, which would put a name into the line as soon as an arrow key comes to it.
        completer.setWidget(self._line)
        completer.activated[str].connect(self._choose)  # type: ignore[index]
        popup = QListView()
        completer.setPopup(popup)  # which owns it from now on
        popup.setFont(theme.font(theme.BODY))
        popup.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        return names, completer, popup

    @property
    def looking(self) -> bool:
        """Whether names are still to be looked for."""
        return self._soon.isActive()

    def _edited(self) -> None:
        if self._offered is not None:
            self._offered[2].hide()
        self._soon.start()

    def _ask(self) -> None:
        if asked := self._line.text().strip():
            self._find(asked, lambda names: self._offer(asked, names))

    def _offer(self, asked: str, names: Sequence[str]) -> None:
        """Offer names, unless the person has gone on meanwhile."""
        if not shiboken6.isValid(self) or self._line.text().strip() != asked or not self._line.hasFocus():
            return
        if offered := [name for name in names if name != asked]:
            if self._offered is None:
                self._offered = self._make()
            known, completer, popup = self._offered
            known.setStringList(offered)
            popup.setAccessibleName(f"Names used before for {self._line.accessibleName()}")
            completer.complete()
            popup.setCurrentIndex(completer.completionModel().index(-1, 0))
            count = "1 name" if len(offered) == 1 else f"{len(offered)} names"
            announce(self._line, f"{count} used before. Press Down to choose.")

    def _choose(self, name: str) -> None:
        self._line.replace(name)
        self.chosen.emit(name)
