"""What all pages share: a column of widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from linkage_gui import theme
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.drop import files_in
from linkage_gui.widgets.layout import in_order
from linkage_gui.widgets.text import Label, body, title, without_mnemonic

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPaintEvent

    from linkage_gui.early import Early

_KEYS = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)


class Page(QWidget):
    """A page. ``go`` asks for another page by name; the window decides. ``came`` says that the last part is there."""

    go = Signal(str)
    came = Signal()
    name: ClassVar[str] = ""
    of_assessment: ClassVar[bool] = False
    """Whether what is on it belongs to the assessment that is being filled in."""
    says_busy: ClassVar[bool] = True
    """Whether a note at its end says what is going on, which lays the whole page out anew."""

    def __init__(self, heading: str) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.heading = heading
        self.sample = False
        outer = QHBoxLayout(self)
        outer.setContentsMargins(theme.L, theme.M, theme.L, theme.XL)
        column = QWidget()
        column.setMaximumWidth(theme.PAGE_WIDTH)
        self.column = QVBoxLayout(column)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.M)
        outer.addStretch(1)
        outer.addWidget(column, 1000)
        outer.addStretch(1)
        self._busy = Label("", kind="hint")
        self._busy.hide()
        self._is_busy = False
        self._disabled: list[QPushButton] = []
        self._dropped: Callable[[list[Path]], object] = lambda _: None
        self._parts: Iterator[None] | None = None
        self._begun = self._painted = False
        self._watches = False
        self._watched: QWidget | None = None

    @property
    def window_title(self) -> str:
        """What the window's title says of the page."""
        return self.heading

    @property
    def would_lose(self) -> str:
        """What would be lost if the person left the page now, in a sentence; nothing when that is kept."""
        return ""

    def back_link(self, text: str = "&Back", to: str = "") -> None:
        """A link at the top to where the person came from. Without ``to`` it asks for the page before."""
        self.back = link = Link(f"‹ {text}", lambda: self.go.emit(to or "back"), name=without_mnemonic(text))
        row = QHBoxLayout()
        row.addWidget(link)
        row.addStretch()
        self.column.addLayout(row)

    def add(self, *parts: QWidget | QLayout, gap: int = 0, wide: bool = False) -> None:
        """Put widgets and layouts below one another, the first after a further gap.

        Widgets are as wide as text is good to read, or with ``wide`` as the page.
        """
        if gap:
            self.column.addSpacing(gap)
        for part in parts:
            if isinstance(part, QLayout):
                self.column.addLayout(part)
            elif wide:
                self.column.addWidget(part)
            else:
                # Only a horizontal box looks at a greatest width when it works out heights.
                if part.sizePolicy().horizontalPolicy() != QSizePolicy.Policy.Maximum:
                    part.setMaximumWidth(min(part.maximumWidth(), theme.COLUMN_WIDTH))
                row = QHBoxLayout()
                row.addWidget(part, 1000)
                row.addStretch(1)
                self.column.addLayout(row)

    def add_title(self, *texts: str) -> None:
        """The page's heading, and what to know first."""
        self.add(title(self.heading))
        for text in texts:
            self.add(body(text))

    def finish(self) -> None:
        """Say that nothing more is added."""
        self.add(self._busy)
        self.column.addStretch(1)
        in_order(self)

    def build(self, parts: Iterator[None], *, ahead_of_keys: bool = False) -> None:
        """Add the first part of a long page now, and once that is painted each other one in a turn of its own.

        So the page comes up at once, and keys are answered. ``parts`` adds one each time that it is asked. When it
        has no more, all of them are on show. With ``ahead_of_keys`` the rest comes before a key that is pressed
        meanwhile: that may be meant for any of it.
        """
        self._parts = parts
        app = QCoreApplication.instance()
        if ahead_of_keys and isinstance(app, QApplication):
            self._watches = True
            app.focusChanged.connect(self._watch)
        self.add_part()
        QTimer.singleShot(0, self, self._go_on_unseen)  # by then it is on its window

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self._go_on()

    def _watch(self, _: QWidget | None, now: QWidget | None) -> None:
        """Look at the keys that are pressed: what has the focus gets them, or the window when nothing has.

        A watch over the application would see every event of every widget that is being made.
        """
        self._look_away()
        self._watched = now or self.window()
        self._watched.installEventFilter(self)

    def _look_away(self) -> None:
        if self._watched is not None and shiboken6.isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = None

    def _watch_no_longer(self) -> None:
        app = QCoreApplication.instance()
        if self._watches and isinstance(app, QApplication):
            self._watches = False
            app.focusChanged.disconnect(self._watch)
            self._look_away()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() in _KEYS and self.isVisible() and not self._is_busy:
            self.complete()
            for part in self.findChildren(QWidget):  # each is shown in a turn to come, which would be too late
                QCoreApplication.sendPostedEvents(part, QEvent.Type.MetaCall.value)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # for a key that scrolls
        return super().eventFilter(watched, event)

    @property
    def whole(self) -> bool:
        """Whether everything that the page has is on it."""
        return self.built

    @property
    def built(self) -> bool:
        """Whether all the parts are on the page."""
        return self._parts is None

    def complete(self) -> None:
        """Add all the parts that are still to come."""
        while not self.built:
            self.add_part()

    def _go_on_unseen(self) -> None:
        """Go on with a page that is not painted, such as in a window that was closed meanwhile."""
        if not self.isVisible():
            self._go_on()

    def _go_on(self) -> None:
        """Add the other parts, each in its turn."""
        if not self.built:
            QTimer.singleShot(0, self, self._take_turn)

    def _take_turn(self) -> None:
        if not self._is_busy:  # what comes now could be pressed: it goes on when the work has ended
            self.add_part()
            self._go_on()

    def add_part(self) -> None:
        """Add the next part of a long page, if there is one."""
        if self._parts is None:
            return
        if self._begun:
            self.column.takeAt(self.column.count() - 1)  # what kept the rest of the window empty
        self._begun = True
        try:
            next(self._parts)
        except StopIteration:
            self._parts = None
            self.finish()
            QTimer.singleShot(0, self, self._watch_no_longer)  # once this part is shown
            self.came.emit()
        else:
            self.column.addStretch(1)
            in_order(self)
        if self._is_busy:
            self._disable()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """No height: the scroll area asks how high the page is at its width."""
        return QSize(320, 0)

    def first_focus(self) -> QWidget | None:
        """The widget that the page begins on."""
        return None

    def keep(self) -> None:
        """Write what is on the page into the answers."""

    def show_early(self, early: Early) -> None:
        """Say what is settled already."""

    def take_drops(self, dropped: Callable[[list[Path]], object]) -> None:
        """Take files that are dropped anywhere on the page where no row takes them."""
        self._dropped = dropped
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if files_in(event.mimeData()) and not self.busy:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        event.acceptProposedAction()
        self._dropped(files_in(event.mimeData()))

    @property
    def busy(self) -> bool:
        """Whether work is going on that the page waits for."""
        return self._is_busy

    def set_busy(self, note: str) -> None:
        """Say that work is going on, and let no button be pressed until it is done; an empty note ends that."""
        self._is_busy = bool(note)
        if self.says_busy:
            self._busy.setText(note)
            self._busy.setVisible(bool(note))
        if note:
            self._disable()
            return
        for button in self._disabled:
            if shiboken6.isValid(button):  # one that was taken away meanwhile is gone
                button.setEnabled(True)
        self._disabled = []
        self._go_on()

    def _disable(self) -> None:
        """Let no button be pressed until the work is done."""
        can_be_pressed = [button for button in self.findChildren(QPushButton) if button.isEnabled()]
        for button in can_be_pressed:
            button.setEnabled(False)
        self._disabled += can_be_pressed
