"""What assistive technology is told things are, where Qt has no widget for them: headings, and a drawing.

Qt asks for it when a screen reader looks at a widget for the first time, and not at all where there is none.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from linkage_gui.widgets.text import Heading
from linkage_gui.widgets.timeline import TimelineDrawing


def install() -> None:
    """Let headings and drawings be told as such from now on."""
    QAccessible.installFactory(_told)


def _told(_: str, widget: QObject) -> QAccessibleInterface | None:
    """What a widget is to assistive technology; None for Qt's own view of it."""
    if isinstance(widget, Heading):
        return QAccessibleWidget(widget, QAccessible.Role.Heading)
    if isinstance(widget, TimelineDrawing):
        return QAccessibleWidget(widget, QAccessible.Role.Graphic)
    return None
