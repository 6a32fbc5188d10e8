"""What assistive technology is told things are, where Qt has no widget for them: headings, and a drawing.

Qt asks for it when a screen reader looks at a widget for the first time, and not at all where there is none. A widget
says in ``told_as`` which of ``QAccessible.Role`` it is.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget


def install() -> None:
    """Let headings and drawings be told as such from now on."""
    QAccessible.installFactory(_told)


def _told(_: str, widget: QObject) -> QAccessibleInterface | None:
    """What a widget is to assistive technology; None for Qt's own view of it."""
    if isinstance(widget, QWidget) and (role := getattr(widget, "told_as", None)) is not None:
        return QAccessibleWidget(widget, QAccessible.Role[role])
    return None
