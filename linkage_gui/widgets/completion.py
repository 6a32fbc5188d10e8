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
        self._names = QStringListModel(self)
        self._offered = QCompleter(self._names, self)
        self._offered.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._offered.setMaxVisibleItems(6)
        # Not the line's own completer, which would put a name into the line as soon as an arrow key comes to it.
        self._offered.setWidget(line)
        self._offered.activated[str].connect(self._choose)  # type: ignore[index]
        self._popup = popup = QListView()
        self._offered.setPopup(popup)  # which owns it from now on
        popup.setFont(theme.font(theme.BODY))
        popup.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_WAIT_MILLISECONDS)
        self._soon.timeout.connect(self._ask)
        line.textEdited.connect(self._edited)

    @property
    def looking(self) -> bool:
        """Whether names are still to be looked for."""
        return self._soon.isActive()

    def _edited(self) -> None:
        self._popup.hide()
        self._soon.start()

    def _ask(self) -> None:
        if asked := self._line.text().strip():
            self._find(asked, lambda names: self._offer(asked, names))

    def _offer(self, asked: str, names: Sequence[str]) -> None:
        """Offer names, unless the person has gone on meanwhile."""
        if not shiboken6.isValid(self) or self._line.text().strip() != asked or not self._line.hasFocus():
            return
        if offered := [name for name in names if name != asked]:
            self._names.setStringList(offered)
            self._popup.setAccessibleName(f"Names used before for {self._line.accessibleName()}")
            self._offered.complete()
            self._popup.setCurrentIndex(self._offered.completionModel().index(-1, 0))
            count = "1 name" if len(offered) == 1 else f"{len(offered)} names"
            announce(self._line, f"{count} used before. Press Down to choose.")

    def _choose(self, name: str) -> None:
        self._line.replace(name)
        self.chosen.emit(name)
