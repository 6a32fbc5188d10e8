"""What is going on, how far it is, and a button that stops it."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout

from linkage_gui import theme as style
from linkage_gui.progress import Progress
from linkage_gui.theme import theme
from linkage_gui.widgets.buttons import Button
from linkage_gui.widgets.text import Label

_SHOW_MILLISECONDS = 200
"""Work that ends sooner shows nothing, so that nothing flickers."""
_SHOW_BRIEF_MILLISECONDS = 1000
"""Work that has mostly ended by then."""
_LOOK_MILLISECONDS = 100
_PARTS = 1000


class Bar(QProgressBar):
    """How far work is; while that is not known, something that moves."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextVisible(False)
        self.setFixedHeight(12)
        self.setRange(0, 0)
        self._beat = 0

    def look(self, done: int, total: int) -> None:
        """Show that so much is done."""
        if total > 0:
            self.setRange(0, _PARTS)
            self.setValue(max(self.value(), min(done, total) * _PARTS // total))
        else:
            self._beat += 1
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours = theme.colours
        if colours is None:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.border))
        inside = self.rect().adjusted(2, 2, -2, -2)
        painter.fillRect(inside, QColor(colours.field))
        if self.maximum():
            inside.setWidth(inside.width() * self.value() // _PARTS)
        else:
            part = max(inside.width() // 5, 1)
            inside.setLeft(inside.left() + (inside.width() - part) * (self._beat % 20) // 20)
            inside.setWidth(part)
        painter.fillRect(inside, QColor(colours.link))


class Working(QFrame):
    """A strip that says what is going on. Esc stops it, also before it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("working")
        self._progress: Progress | None = None
        box = QHBoxLayout(self)
        box.setContentsMargins(style.L, style.S, style.L, style.S)
        box.setSpacing(style.M)
        told = QVBoxLayout()
        told.setSpacing(style.XS)
        self._words = Label("", bold=True)
        self.bar = Bar()
        told.addWidget(self._words)
        told.addWidget(self.bar)
        box.addLayout(told, 1)
        self.stop = Button("Cancel (Esc)", self._cancel)
        box.addWidget(self.stop)
        self._escape = QShortcut(QKeySequence("Esc"), self)
        self._escape.activated.connect(self._cancel)
        self._escape.setEnabled(False)
        self._shows = QTimer(self)
        self._shows.setSingleShot(True)
        self._shows.setInterval(_SHOW_MILLISECONDS)
        self._shows.timeout.connect(self._show)
        self._looks = QTimer(self)
        self._looks.setInterval(_LOOK_MILLISECONDS)
        self._looks.timeout.connect(self._look)
        self.hide()

    def begin(self, words: str, progress: Progress) -> None:
        """Show a piece of work until it ends."""
        self._progress = progress
        self._words.setText(words)
        self.bar.setAccessibleName(words)
        self.stop.setAccessibleDescription(words)
        self.stop.setEnabled(True)
        self.stop.setVisible(progress.can_stop)
        self.bar.setRange(0, 0)
        self.bar.reset()
        self._escape.setEnabled(progress.can_stop)
        self._shows.start(_SHOW_BRIEF_MILLISECONDS if progress.brief else _SHOW_MILLISECONDS)
        self._looks.start()

    def end(self) -> None:
        """Show it no longer."""
        self._progress = None
        self._escape.setEnabled(False)
        self._shows.stop()
        self._looks.stop()
        self.hide()

    def _show(self) -> None:
        self._look()
        self.show()
        window = self.window()
        if self.stop.isVisible() and window.focusWidget() in (None, window):  # else the person types on meanwhile
            self.stop.setFocus()

    def _look(self) -> None:
        if self._progress is not None:
            self.bar.look(*self._progress.at)
            if self._progress.cancelled():
                self._words.setText("Stopping. Please wait.")
                self.stop.setEnabled(False)

    def _cancel(self) -> None:
        if self._progress is not None:
            self._progress.cancel()
            self._look()
