"""The pages of a paper as pictures: drawn in any thread, to be shown in that of the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter, QPicture

from linkage_gui.printing.layout import Stopped, lay_out
from linkage_gui.printing.painting import paint
from linkage_gui.printing.pdf import SIZES

if TYPE_CHECKING:
    from collections.abc import Callable

    from linkage_gui.summary.paper import Paper


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pages of a paper, all of one size, in units of 1/1440 inch. A picture draws in the same units."""

    width: float
    height: float
    pages: tuple[QPicture, ...]


def pictures(paper: Paper, size: str = "A4", cancelled: Callable[[], bool] = lambda: False) -> Pictures:
    """What the PDF of a paper shows, page by page. Needs :func:`.fonts.load` first.

    :param cancelled: asked as it goes on; once it says so, :class:`Stopped` is raised.
    """
    sheets = lay_out(paper, SIZES[size], cancelled)
    pages = []
    for sheet in sheets.sheets:
        if cancelled():
            raise Stopped
        page = QPicture()
        painter = QPainter(page)
        paint(painter, sheet, 1.0)
        painter.end()
        pages.append(page)
    return Pictures(sheets.width, sheets.height, tuple(pages))
