"""Colours, type and spacing, in light, dark and high contrast.

The style sheet is a template in ``resources``, filled with the colours of the
system's scheme. In high contrast there is no sheet and no colour of ours:
widgets fall back to the system's style and palette, sizes stay.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from string import Template
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

import resources

SMALL, BODY, HEADING, TITLE = 14, 16, 22, 26
"""Sizes of type, in pixels at 100%."""
XS, S, M, L, XL = 4, 8, 16, 24, 32
"""Spacing, in pixels at 100%."""
PAGE_WIDTH, COLUMN_WIDTH, TEXT_WIDTH = 960, 704, 640
"""The widest that a page, what is read on it, and a place to type may be."""

_RESOURCES = Path(resources.__path__[0])
_FAMILIES = ["Segoe UI", "Arial", "Liberation Sans", "Noto Sans", "DejaVu Sans"]


class Colours(NamedTuple):
    """The colours of a scheme. Contrast of each text on its background is at least 4.5, of edges 3."""

    background: str
    text: str
    secondary: str
    link: str
    error: str
    field: str
    border: str
    rule: str
    shade: str
    button: str
    button_hover: str
    button_edge: str
    quiet: str
    quiet_hover: str
    quiet_edge: str
    panel: str
    header: str
    green_text: str
    green: str
    blue_text: str
    blue: str
    orange_text: str
    orange: str
    grey_text: str
    grey: str
    focus: str = "#ffeb3b"
    focus_text: str = "#212b32"


LIGHT = Colours(
    background="#ffffff", text="#212b32", secondary="#4c6272", link="#005eb8", error="#d5281b",
    field="#ffffff", border="#4c6272", rule="#d8dde0", shade="#f0f4f5",
    button="#007f3b", button_hover="#00662f", button_edge="#003317",
    quiet="#e8edee", quiet_hover="#d8dde0", quiet_edge="#768692",
    panel="#005eb8", header="#005eb8",
    green_text="#004c23", green="#cce5d8", blue_text="#004281", blue="#ccdff1",
    orange_text="#4c3708", orange="#ffdc8e", grey_text="#354550", grey="#dbe0e3",
)  # fmt: skip
DARK = Colours(
    background="#15202b", text="#f0f4f5", secondary="#b3c0c9", link="#6cb4ff", error="#ff8f85",
    field="#0e1720", border="#a3b2bd", rule="#3a4a58", shade="#1d2b38",
    button="#007f3b", button_hover="#00913f", button_edge="#00381a",
    quiet="#2f404f", quiet_hover="#3a4d5e", quiet_edge="#0b1218",
    panel="#004b93", header="#0b2b4f",
    green_text="#cce5d8", green="#0f4a2a", blue_text="#ccdff1", blue="#123f70",
    orange_text="#ffdc8e", orange="#573f0b", grey_text="#dbe0e3", grey="#3a4a58",
)  # fmt: skip


class Theme(QObject):
    """The scheme in use. ``colours`` is None in high contrast.

    ``wanted`` is Unknown to follow the system, and so is ``contrast`` when it is None.
    ``times`` is how many times its size the type is: what the system asks for, from 1 to 2.25. It holds for what is
    made from then on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.times = text_scale()
        self.colours: Colours | None = LIGHT
        self.wanted = Qt.ColorScheme.Unknown
        self.contrast: bool | None = None
        self._style_name = ""
        self._system_is_dark = False

    def follow(self, app: QApplication) -> None:
        """Dress the application, now and whenever the system's scheme changes."""
        app.setFont(font(BODY))
        self._style_name = app.style().name()
        self._system_is_dark = app.palette().window().color().lightness() < 128
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(lambda *_: self.apply(app))
        if hasattr(hints, "accessibility"):
            hints.accessibility().contrastPreferenceChanged.connect(lambda *_: self.apply(app))
        self.apply(app)

    def apply(self, app: QApplication) -> None:
        """Dress the application for the scheme that the system has now."""
        if high_contrast() if self.contrast is None else self.contrast:
            self.colours = None
            app.setStyleSheet("")
            app.setStyle(self._style_name)
            app.setPalette(QPalette())  # the system's
            return
        scheme = self.wanted
        if scheme == Qt.ColorScheme.Unknown:
            scheme = app.styleHints().colorScheme()
        if scheme == Qt.ColorScheme.Unknown:  # a platform that does not say: its palette does
            scheme = Qt.ColorScheme.Dark if self._system_is_dark else Qt.ColorScheme.Light
        self.colours = DARK if scheme == Qt.ColorScheme.Dark else LIGHT
        app.setStyle("Fusion")
        app.setPalette(_palette(self.colours))
        app.setStyleSheet(style_sheet(self.colours))


def text_scale() -> float:
    """How many times its size the system asks for text to be (Windows: Accessibility, Text size), from 1 to 2.25."""
    percent = 100
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415  (on Windows only)

        with suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, r"Software\Microsoft\Accessibility") as key:
            percent = int(winreg.QueryValueEx(key, "TextScaleFactor")[0])  # not there until somebody changes it
    return min(max(percent, 100), 225) / 100


theme = Theme()
"""The one theme: widgets that paint themselves ask it for colours as they paint."""


def inks(palette: QPalette) -> Colours:
    """The colours for what a widget paints itself: those of the scheme, or in high contrast the palette's alone."""
    if theme.colours is not None:
        return theme.colours
    role = QPalette.ColorRole
    back, front = palette.color(role.Window).name(), palette.color(role.WindowText).name()
    field, link = palette.color(role.Base).name(), palette.color(role.Link).name()
    return Colours(
        background=back, text=front, secondary=front, link=link, error=front, field=field, border=front, rule=front,
        shade=back, button=back, button_hover=back, button_edge=front, quiet=back, quiet_hover=back, quiet_edge=front,
        panel=back, header=back, green_text=front, green=back, blue_text=front, blue=back, orange_text=front,
        orange=back, grey_text=front, grey=back, focus=palette.color(role.Highlight).name(), focus_text=front,
    )  # fmt: skip


def style_sheet(colours: Colours) -> str:
    """The style sheet in those colours."""
    template = (_RESOURCES / "style.qss").read_text(encoding="utf-8")
    return Template(template).substitute(colours._asdict())


def font(pixels: int, *, bold: bool = False, fixed: bool = False) -> QFont:
    """The program's type at a size in pixels (at 100%), so many times larger as the system asks for text to be."""
    made = QFont()
    if fixed:
        made.setFamilies(["Consolas", "Cascadia Mono", "Liberation Mono", "DejaVu Sans Mono"])
        made.setStyleHint(QFont.StyleHint.Monospace)
    else:
        made.setFamilies(_FAMILIES)
        made.setStyleHint(QFont.StyleHint.SansSerif)
    made.setPixelSize(round(pixels * theme.times))
    made.setBold(bold)
    return made


def icon() -> QIcon:
    """The program's icon."""
    # By its name Qt knows what kind of picture it is: of bytes alone it asks every plug-in for pictures.
    return QIcon(str(_RESOURCES / "icon.png"))


def high_contrast() -> bool:
    """Whether the system asks for high contrast."""
    hints = QGuiApplication.styleHints()
    if hasattr(hints, "accessibility"):
        return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast
    return sys.platform == "win32" and _windows_high_contrast()


def _windows_high_contrast() -> bool:
    """Asked of Windows itself, for a Qt before 6.10."""
    import ctypes  # noqa: PLC0415  (hardly ever needed)

    class HighContrast(ctypes.Structure):
        _fields_ = (("size", ctypes.c_uint), ("flags", ctypes.c_uint), ("scheme", ctypes.c_void_p))

    asked = HighContrast(ctypes.sizeof(HighContrast), 0, None)
    get, on = 0x0042, 0x1
    user32 = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]
    done = user32.SystemParametersInfoW(get, asked.size, ctypes.byref(asked), 0)
    return bool(done and asked.flags & on)


def _palette(colours: Colours) -> QPalette:
    role = QPalette.ColorRole
    made = QPalette()
    for which, colour in (
        (role.Window, colours.background), (role.WindowText, colours.text), (role.Base, colours.field),
        (role.AlternateBase, colours.shade), (role.Text, colours.text), (role.Button, colours.quiet),
        (role.ButtonText, colours.text), (role.Link, colours.link), (role.LinkVisited, colours.link),
        (role.Highlight, colours.link), (role.HighlightedText, colours.background),
        (role.PlaceholderText, colours.secondary), (role.ToolTipBase, colours.shade),
        (role.ToolTipText, colours.text),
    ):  # fmt: skip
        made.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.secondary))
    return made
