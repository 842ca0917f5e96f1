"""The small parts that every page is made of, dressed by the style sheet."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from embtrainer_gui.gui import theme

_BREAKS = re.compile(r"[\r\n\t ]+")  # not the thin spaces inside of figures

Part = QWidget | QLayout | None
WIDEST_TEXT, NARROWEST_TEXT = 420, 200  # px, where nothing is yet
ICON_ROOM = 4  # px between an icon and its text, besides those of the style
_ICON_TOKENS = {"primary": "on-accent", "danger": "bad", "link": "accent"}


def repolish(widget: QWidget) -> None:
    """Let the style sheet look at the dynamic properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Change a property that the style sheet reads, after the widget was shown."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        repolish(widget)


def label(text: str, role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """Plain text, never HTML: much of it comes from papers."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    if wrap:
        policy = made.sizePolicy()  # which says that the height depends on the width: keep that
        policy.setVerticalPolicy(QSizePolicy.Policy.Minimum)
        made.setSizePolicy(policy)
    if selectable:
        made.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return made


def button(text: str, kind: str = "", icon: str = "", name: str = "") -> QPushButton:
    """``kind``: primary, plain, danger, link, key or "" (outlined); ``name`` is its objectName ``page.part``."""
    made = QPushButton(text)
    if kind:
        made.setProperty("kind", kind)
    if icon:
        room = 0 if kind == "icon" else ICON_ROOM
        made.setIcon(theme.icon(icon, _ICON_TOKENS.get(kind, "text-2"), room=room))
        made.setIconSize(QSize(theme.size("icon") + room, theme.size("icon")))
    if name:
        made.setObjectName(name)
    made.setAccessibleName(text.replace("&", ""))
    if kind in ("plain", "link"):
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def icon_button(icon: str, tip: str, name: str = "") -> QPushButton:
    """A square button that shows only an icon; ``tip`` is its tooltip and accessible name."""
    made = button("", "icon", icon, name)
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    return made


def row(*parts: Part, spacing: int = 8) -> QHBoxLayout:
    """Side by side; None is a stretch."""
    layout = QHBoxLayout()
    _fill(layout, parts, spacing)
    return layout


def column(*parts: Part, spacing: int = 8) -> QVBoxLayout:
    """One below the other; None is a stretch."""
    layout = QVBoxLayout()
    _fill(layout, parts, spacing)
    return layout


def _fill(layout: QBoxLayout, parts: tuple[Part, ...], spacing: int) -> None:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part)


def card(*parts: Part) -> QFrame:
    """A surface with 16 px inside; its parts one below the other."""
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = column(*parts)
    margin = theme.size("gap")
    layout.setContentsMargins(margin, margin, margin, margin)
    frame.setLayout(layout)
    return frame


def line() -> QFrame:
    """A hairline across."""
    frame = QFrame()
    frame.setProperty("role", "line")
    frame.setFixedHeight(1)
    return frame


def focus_first(area: QWidget) -> None:
    """Give the keyboard to ``area``, or to the first part of it that Tab would reach and that is no mere frame."""
    part: QWidget | None = area
    while part is not None:
        reachable = part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isVisible() and part.isEnabled()
        if reachable and not isinstance(part, QScrollArea) and (part is area or area.isAncestorOf(part)):
            part.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        following = part.nextInFocusChain()
        part = following if following is not area else None  # once around the window


def focus_after(area: QWidget, *parts: QWidget) -> None:
    """Let Tab reach ``parts`` only when it has been through ``area``, wherever what stands in it was made later."""
    last, reached = area, area.nextInFocusChain()
    while reached is not None and reached is not area:
        last = reached if area.isAncestorOf(reached) else last
        reached = reached.nextInFocusChain()
    for before, part in zip((last, *parts), parts, strict=False):
        QWidget.setTabOrder(before, part)


class Icon(QLabel):
    """An icon as a widget; it follows the theme."""

    def __init__(self, name: str, token: str = "text-2", size: int = 18) -> None:
        super().__init__()
        self._name, self._token, self._size = name, token, size
        self.setFixedSize(size, size)
        theme.changes().changed.connect(self.update)

    def set(self, name: str, token: str) -> None:
        if (name, token) != (self._name, self._token):
            self._name, self._token = name, token
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        picture = theme.pixmap(self._name, self._token, self._size, self.devicePixelRatioF())
        painter.drawPixmap(0, 0, picture)


class Chip(QLabel):
    """A word in a thin box. ``tone``: good, info, warn, bad or "" (neutral)."""

    def __init__(self, text: str, tone: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.setProperty("role", _chip_role(tone))

    def set(self, text: str, tone: str = "") -> None:
        self.setText(text)
        set_property(self, "role", _chip_role(tone))


def _chip_role(tone: str) -> str:
    return f"chip-{tone}" if tone else "chip"


class ElidedLabel(QLabel):
    """One line that is cut in the middle where it does not fit; the whole text is the tooltip."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if role:
            self.setProperty("role", role)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802
        super().setText(_BREAKS.sub(" ", text))
        self.setAccessibleName(self.text())
        self._tell_whole_text()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(40, super().minimumSizeHint().height())

    def resizeEvent(self, event: QEvent) -> None:  # noqa: N802
        self._tell_whole_text()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        area = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)

    def _tell_whole_text(self) -> None:
        fits = self.fontMetrics().horizontalAdvance(self.text()) <= self.contentsRect().width()
        self.setToolTip("" if fits else self.text())


class StatFigure(QWidget):
    """A figure with its caption under it."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self._figure = label("–", "section")
        self._caption = caption
        self.setLayout(column(self._figure, label(caption, "hint"), spacing=0))
        self.set("–")

    def set(self, text: str, tone: str = "") -> None:
        """``tone``: good, warn, bad or "" (neutral)."""
        self._figure.setText(text)
        set_property(self._figure, "tone", tone)
        self.setAccessibleName(f"{self._caption}: {text}")

    def text(self) -> str:
        return self._figure.text()


def inset(*boxes: QAbstractSpinBox) -> None:
    """Let the figures of ``boxes`` keep off the frame, as texts do: the style sheet does not reach them."""
    for box in boxes:
        box.lineEdit().setTextMargins(6, 0, 0, 0)


class EmptyState(QWidget):
    """What stands where nothing is yet: an icon, what goes here, and the button that brings it."""

    def __init__(self, icon: str, title: str, text: str, button: QPushButton | None = None) -> None:
        super().__init__()
        self.title = label(title, "section")
        self.text = label(text, "secondary", wrap=True)
        for part in (self.title, self.text):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setFixedWidth(WIDEST_TEXT)
        layout = column(None, row(None, Icon(icon, "text-3", 36), None), row(None, self.title, None), spacing=12)
        layout.addLayout(row(None, self.text, None))
        if button is not None:
            layout.addLayout(row(None, button, None))
        layout.addStretch(1)
        self.setLayout(layout)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """A narrow place breaks the text into more lines."""
        least = super().minimumSizeHint()
        return QSize(min(least.width(), NARROWEST_TEXT), least.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.text.setFixedWidth(max(NARROWEST_TEXT, min(WIDEST_TEXT, event.size().width())))
