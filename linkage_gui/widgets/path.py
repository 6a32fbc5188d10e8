"""How facts led through rules to the outcome, drawn: boxes in columns with lines between them, or below one another.

The boxes are widgets, so that what stands in them can be read, reached by
keyboard and made larger like everything else; only the lines are painted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from linkage_gui.theme import BODY, L, M, S, font, theme
from linkage_gui.widgets.buttons import Link
from linkage_gui.widgets.text import Label, no_mnemonic, shown, small

_ARROW = 7.0
_NARROW = 44
"""How many letters wide the drawing is at least for four columns."""


@dataclass(frozen=True, slots=True)
class _Step:
    facts: QFrame
    rules: QFrame
    concluded: QFrame


class PathDrawing(QWidget):
    """The drawing. ``opened`` carries the id of a rule that the person wants to read."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[_Step] = []
        self._outcome: QFrame | None = None
        self._columns: bool | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.setAccessibleName("Drawing of how the outcome came about")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def add_step(
        self, facts: Sequence[str], rules: Sequence[tuple[str, str, bool]], conclusions: Sequence[str]
    ) -> None:
        """Facts, the rules that they went through, and what these concluded.

        A rule is given by its id, its name, and whether the rule book has it.
        """
        step = f", step {len(self._steps) + 1}"
        self._steps.append(
            _Step(
                self._box("Facts", facts or ["Nothing that was given: something is not there"]),
                self._box("Rules", [], rules, step=step),
                self._box("Conclusion", conclusions),
            )
        )

    def finish(self, rules: Sequence[tuple[str, str, bool]], outcome: str) -> None:
        """The outcome, and the rules that drew it from the conclusions. Nothing is added after it."""
        self._outcome = self._box("Outcome", [outcome], rules, bold=True)
        self._arrange(columns=True)

    def _box(
        self, name: str, texts: Sequence[str], rules: Sequence[tuple[str, str, bool]] = (), *, bold: bool = False,
        step: str = "",
    ) -> QFrame:  # fmt: skip
        made = QFrame(self)
        made.setProperty("kind", "step")
        made.setFrameShape(QFrame.Shape.Box)  # where there is no style sheet
        made.setAccessibleName(name)
        box = QVBoxLayout(made)
        box.setContentsMargins(S, S, S, S)
        box.setSpacing(S)
        box.addWidget(small(name))
        for text in texts:
            box.addWidget(Label(shown(text), bold=bold))
        for rule_id, rule_name, known in rules:
            if known:
                box.addWidget(Link(no_mnemonic(rule_name), self._opener(rule_id), name=f"Rule: {rule_name}{step}"))
            else:
                box.addWidget(Label(shown(rule_name)))
        box.addStretch()
        return made

    def _opener(self, rule_id: str) -> Callable[[], object]:
        return lambda: self.opened.emit(rule_id)

    # Arranging

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        letter = QFontMetrics(font(BODY)).horizontalAdvance("x")
        self._arrange(columns=self.width() >= 2 * _NARROW * letter)

    def _arrange(self, *, columns: bool) -> None:
        """Put the boxes in columns, or below one another where there is no room for columns."""
        if columns == self._columns or self._outcome is None:
            return
        self._columns = columns
        grid = self._grid
        while grid.takeAt(0) is not None:
            pass
        grid.setHorizontalSpacing(L + S if columns else 0)
        grid.setVerticalSpacing(M if columns else L)
        for column in range(4):
            grid.setColumnStretch(column, (5, 4, 5, 4)[column] if columns else int(column == 0))
        for row, step in enumerate(self._steps):
            for place, box in enumerate((step.facts, step.rules, step.concluded)):
                middle = Qt.AlignmentFlag.AlignVCenter
                if columns:
                    grid.addWidget(box, row, place, middle)
                else:
                    grid.addWidget(box, 3 * row + place, 0)
        if columns:
            grid.addWidget(self._outcome, 0, 3, max(len(self._steps), 1), 1, Qt.AlignmentFlag.AlignVCenter)
            grid.setContentsMargins(0, 0, 0, 0)
        else:
            grid.addWidget(self._outcome, 3 * len(self._steps), 0)
            grid.setContentsMargins(L, 0, 0, 0)
        self.updateGeometry()
        self.update()

    # The lines

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        if self._outcome is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours
        ink = self.palette().color(QPalette.ColorRole.WindowText) if colours is None else QColor(colours.border)
        painter.setPen(QPen(ink, 2))
        painter.setBrush(ink)
        for step in self._steps:
            for one, other in ((step.facts, step.rules), (step.rules, step.concluded)):
                if self._columns:
                    self._across(painter, one.geometry(), other.geometry())
                else:
                    self._down(painter, one.geometry(), other.geometry())
        self._to_outcome(painter, [step.concluded.geometry() for step in self._steps], self._outcome.geometry())

    def _across(self, painter: QPainter, one: QRect, other: QRect) -> None:
        level = float(max(one.top(), other.top()) + min(one.bottom(), other.bottom())) / 2
        self._arrow(painter, [QPointF(one.right() + 2, level), QPointF(other.left() - 1, level)])

    def _down(self, painter: QPainter, one: QRect, other: QRect) -> None:
        at = float(one.left() + M)
        self._arrow(painter, [QPointF(at, one.bottom() + 2), QPointF(at, other.top() - 1)])

    def _to_outcome(self, painter: QPainter, conclusions: list[QRect], outcome: QRect) -> None:
        """From every conclusion along one line to the outcome."""
        if not conclusions:
            return
        if self._columns:
            trunk = float(outcome.left() - (L + S) // 2)
            end = QPointF(outcome.left() - 1, outcome.center().y())
            for box in conclusions:
                level = float(box.center().y())
                painter.drawLine(QPointF(box.right() + 2, level), QPointF(trunk, level))
            levels = [float(box.center().y()) for box in conclusions] + [end.y()]
            painter.drawLine(QPointF(trunk, min(levels)), QPointF(trunk, max(levels)))
            self._arrow(painter, [QPointF(trunk, end.y()), end])
            return
        trunk = float(L) / 2
        for box in conclusions:
            level = float(box.center().y())
            painter.drawLine(QPointF(box.left() - 1, level), QPointF(trunk, level))
        level = float(outcome.center().y())
        painter.drawLine(QPointF(trunk, float(conclusions[0].center().y())), QPointF(trunk, level))
        self._arrow(painter, [QPointF(trunk, level), QPointF(outcome.left() - 1, level)])

    def _arrow(self, painter: QPainter, way: list[QPointF]) -> None:
        """A line with a head at its end."""
        start, end = way
        painter.drawLine(start, end)
        along = end - start
        long = max((along.x() ** 2 + along.y() ** 2) ** 0.5, 0.001)
        ahead = along / long * _ARROW
        aside = QPointF(-ahead.y(), ahead.x()) * 0.6
        painter.drawPolygon(QPolygonF([end, end - ahead + aside, end - ahead - aside]))
