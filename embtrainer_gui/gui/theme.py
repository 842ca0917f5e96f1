"""Colours, sizes and icons of the window: one light and one dark theme, read from ``resources/qss``."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Literal

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from embtrainer_gui.core.settings import resource_path

Choice = Literal["system", "light", "dark"]

_TOKEN = re.compile(r"@([a-z]+(?:-[a-z0-9]+)*)")
_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}


class ThemeChanges(QObject):
    """``changed`` comes when the theme switched: widgets that paint themselves repaint."""

    changed = Signal()


_state: dict[str, str] = {"theme": "light"}


@cache
def changes() -> ThemeChanges:
    return ThemeChanges()


def is_dark() -> bool:
    return _state["theme"] == "dark"


def color(token: str) -> QColor:
    """The colour of a token of look.md in the current theme."""
    return QColor(tokens(_state["theme"])[token])


def size(token: str) -> int:
    """A size in px: body, small, section, title, margin, gap, space, row, radius, icon, sidebar."""
    return sizes()[token]


@cache
def tokens(theme: str) -> dict[str, str]:
    """``{token: #RRGGBB or #AARRGGBB}`` of ``"light"`` or ``"dark"``."""
    found: dict[str, str] = json.loads(resource_path("qss", f"{theme}.json").read_text(encoding="utf-8"))
    return found


@cache
def sizes() -> dict[str, int]:
    found: dict[str, int] = json.loads(resource_path("qss", "sizes.json").read_text(encoding="utf-8"))
    return found


def set_up(app: QApplication, choice: Choice = "system") -> None:
    """Dress the program, once, before the first widget is shown; it then follows the system by itself."""
    app.setStyle("Fusion")
    app.setFont(_body_font(app.font()))
    app.styleHints().colorSchemeChanged.connect(_on_system_scheme_changed)
    choose(choice)


def choose(choice: Choice) -> None:
    """Take the light or the dark theme, or that of the system."""
    QGuiApplication.styleHints().setColorScheme(_SCHEMES[choice])
    _dress("dark" if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light", choice)


def _on_system_scheme_changed(scheme: Qt.ColorScheme) -> None:
    if _state.get("choice") == "system":
        _dress("dark" if scheme == Qt.ColorScheme.Dark else "light", "system")


def _dress(theme: str, choice: Choice) -> None:
    theme = theme if choice == "system" else choice  # a platform may not let itself be told
    before = _state.get("dressed")
    _state.update(theme=theme, choice=choice, dressed=theme)
    app = QApplication.instance()
    if theme == before or not isinstance(app, QApplication):
        return
    app.setPalette(_palette())
    app.setStyleSheet(style_sheet(theme))
    changes().changed.emit()


def style_sheet(theme: str) -> str:
    """The template with the theme's colours and sizes in it."""
    folder = resource_path("qss", theme).as_posix().replace('"', '\\"')  # it may lie anywhere
    values = {**tokens(theme), "folder": folder}
    template = resource_path("qss", "window.qss").read_text(encoding="utf-8")
    for name, pixels in sizes().items():
        template = template.replace(f"@{name}px", f"{pixels}px")
    body = template.partition("*/\n")[2]
    return _TOKEN.sub(lambda found: values[found[1]], body)


def _palette() -> QPalette:
    """For what the style sheet does not reach: placeholders, links, dialogs of the system."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: "bg",
        QPalette.ColorRole.Base: "surface",
        QPalette.ColorRole.AlternateBase: "bg",
        QPalette.ColorRole.Button: "surface",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.PlaceholderText: "text-2",
        QPalette.ColorRole.Highlight: "accent",
        QPalette.ColorRole.HighlightedText: "on-accent",
        QPalette.ColorRole.Link: "accent",
        QPalette.ColorRole.LinkVisited: "accent",
        QPalette.ColorRole.Accent: "accent",
        QPalette.ColorRole.Mid: "line",
        QPalette.ColorRole.Light: "raised",
        QPalette.ColorRole.Dark: "line",
    }
    for role, token in roles.items():
        palette.setColor(role, color(token))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, color("text-3"))
    return palette


def _body_font(system: QFont) -> QFont:
    """The system's own font at 13 px, with figures of one width so that columns of numbers stand straight."""
    font = QFont(system)
    font.setPixelSize(size("body"))
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def icon(name: str, token: str = "text-2", size: int = 18, room: int = 0) -> QIcon:
    """One of ``resources/icons``; it takes the theme's colour when it is painted, so it survives a switch.

    ``room`` px are left free at its right, for a text that would come too near.
    """
    return QIcon(_ThemedIcon(name, token, size, room))


def pixmap(name: str, token: str = "text-2", size: int = 18, ratio: float = 1.0) -> QPixmap:
    """An icon as a picture in the current theme's colour, for widgets that paint themselves."""
    return _painted(name, color(token).name(), size, ratio)


class _ThemedIcon(QIconEngine):
    def __init__(self, name: str, token: str, size: int, room: int) -> None:
        super().__init__()
        self._name, self._token, self._size, self._room = name, token, size, room

    def clone(self) -> QIconEngine:
        return _ThemedIcon(self._name, self._token, self._size, self._room)

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:  # noqa: N802
        return QSize(self._size + self._room, self._size).boundedTo(size)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height(), self._size)
        width = side + self._room
        device = painter.device()
        picture = self._picture(side, device.devicePixelRatio() if device else 1.0, mode)
        painter.drawPixmap(
            rect.x() + (rect.width() - width) // 2, rect.y() + (rect.height() - side) // 2, width, side, picture
        )

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._picture(min(size.width(), size.height()), 1.0, mode)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:  # noqa: N802
        return self._picture(min(size.width(), size.height()), scale, mode)

    def _picture(self, side: int, ratio: float, mode: QIcon.Mode) -> QPixmap:
        token = "text-3" if mode == QIcon.Mode.Disabled else self._token
        return _painted(self._name, color(token).name(), side, ratio, self._room)


@cache
def _drawing(name: str) -> str:
    return resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")


@cache
def _painted(name: str, paint: str, side: int, ratio: float, room: int = 0) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    drawing = _drawing(name).replace("currentColor", paint)
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    picture = QPixmap(round((side + room) * ratio), round(side * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, picture.height(), picture.height()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
