"""The seven steps at the left edge, each with its count and state, and the project below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QLayout, QSizePolicy, QWidget

from embtrainer_gui.core.workflow import Step, StepState
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import Icon, button, column, label, line, row

STATE_ICONS = {
    StepState.READY: ("circle", "text-2"),
    StepState.BLOCKED: ("lock", "text-2"),
    StepState.RUNNING: ("spinner", "accent"),
    StepState.DONE: ("check", "good"),
    StepState.STALE: ("clock", "warn"),
    StepState.FAILED: ("cross", "bad"),
}
ROW_HEIGHT = 48


@dataclass(frozen=True, slots=True)
class StepLook:
    """What a row of the sidebar shows; ``state_word`` and ``reason`` are the tooltip."""

    state: StepState
    state_word: str
    reason: str = ""
    count: str = ""


class StepButton(QAbstractButton):
    """Number, name, count and state of one step. It paints itself: four colours and two sizes in one button."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__()
        self.setText(name)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._number = number
        self.look: StepLook | None = None
        theme.changes().changed.connect(self.update)

    def set_look(self, look: StepLook | None) -> None:
        if look == self.look:
            return
        self.look = look
        state = f"{look.state_word}. {look.reason}".rstrip(" .") if look else ""
        self.setToolTip(state)
        self.setAccessibleName(f"{self._number} {self.text()}")
        self.setAccessibleDescription(", ".join(part for part in (look.count if look else "", state) if part))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(theme.size("sidebar"), ROW_HEIGHT)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(8, 2, -8, -2)
        self._paint_ground(painter, box)
        enabled = self.isEnabled()
        name_font, small = self.font(), self.font()
        small.setPixelSize(theme.size("small"))
        name_font.setBold(self.isChecked())
        count = self.look.count if self.look else ""
        upper = QRect(box.left() + 32, box.top(), box.width() - 64, box.height())
        lower = upper
        if count:
            upper = upper.adjusted(0, 4, 0, -box.height() // 2)
            lower = lower.adjusted(0, box.height() // 2 - 2, 0, -2)
        painter.setFont(small)
        painter.setPen(theme.color("text-2" if enabled else "text-3"))
        middle = Qt.AlignmentFlag.AlignVCenter
        number = QRect(box.left() + 12, upper.top(), 16, upper.height())
        painter.drawText(self._mirrored(number), middle, str(self._number))
        if count:
            cut = painter.fontMetrics().elidedText(count, Qt.TextElideMode.ElideRight, lower.width())
            painter.drawText(self._mirrored(lower), middle, cut)
        painter.setFont(name_font)
        painter.setPen(theme.color("text" if enabled else "text-3"))
        painter.drawText(self._mirrored(upper), middle, self.text())
        if self.look and enabled:
            name, token = STATE_ICONS[self.look.state]
            picture = theme.pixmap(name, token, 16, self.devicePixelRatioF())
            painter.drawPixmap(self._mirrored(QRect(box.right() - 26, box.center().y() - 8, 16, 16)), picture)

    def _mirrored(self, rect: QRect) -> QRect:
        """``rect`` where it belongs in the direction in which the language is written."""
        return self.style().visualRect(self.layoutDirection(), self.rect(), rect)

    def _paint_ground(self, painter: QPainter, box: QRect) -> None:
        radius = theme.size("radius")
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or (self.underMouse() and self.isEnabled()):
            painter.setBrush(theme.color("accent-soft"))
            painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius, radius)


class Sidebar(QFrame):
    """Signals: ``step_chosen``, ``project_menu_wanted``, ``settings_wanted``, ``help_wanted``."""

    step_chosen = Signal(object)  # Step
    project_menu_wanted = Signal()
    settings_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, names: Mapping[Step, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sidebar")
        self.setFixedWidth(theme.size("sidebar"))
        self.buttons: dict[Step, StepButton] = {}
        steps = column(spacing=0)
        for number, (step, name) in enumerate(names.items(), 1):
            self.buttons[step] = self._step_button(number, step, name)
            steps.addWidget(self.buttons[step])
        self.project = button("", "plain", "folder", "shell.project")
        self.project.setProperty("align", "left")
        brand = row(Icon("search", "accent", 28), label("Embedding\nTrainer", "brand"), None, spacing=12)
        brand.setContentsMargins(20, 20, 8, 16)
        layout = column(brand, steps, None, self._foot(), spacing=0)
        self.setLayout(layout)

    def _step_button(self, number: int, step: Step, name: str) -> StepButton:
        made = StepButton(number, name)
        made.setObjectName(f"shell.step-{step}")
        made.setAccessibleName(f"{number} {name}")
        made.clicked.connect(lambda: self.step_chosen.emit(step))
        return made

    def _foot(self) -> QFrame:
        self.settings = button(self.tr("Settings"), "plain", "settings", "shell.settings")
        self.help = button(self.tr("Help"), "plain", "help", "shell.help")
        for page in (self.settings, self.help):
            page.setCheckable(True)
        self.project.clicked.connect(self.project_menu_wanted)
        self.settings.clicked.connect(self.settings_wanted)
        self.help.clicked.connect(self.help_wanted)
        foot = QFrame()
        layout = column(line(), self.project, self._foot_pages(), spacing=4)
        layout.setContentsMargins(8, 8, 8, 8)
        foot.setLayout(layout)
        return foot

    def _foot_pages(self) -> QLayout:
        """Side by side, or one below the other where the words of a language are too long for that."""
        both = (self.settings, self.help)
        for page in both:
            page.ensurePolished()
        if sum(page.sizeHint().width() for page in both) <= theme.size("sidebar"):
            return row(*both, None, spacing=0)
        for page in both:
            page.setProperty("align", "left")
        return column(*both, spacing=0)

    def show_project(self, name: str, folder: str) -> None:
        """``name`` "" where none is open."""
        shown = name or self.tr("No project")
        fits = self.project.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideMiddle, theme.size("sidebar") - 70)
        self.project.setText(fits)
        self.project.setToolTip(folder)
        self.project.setAccessibleName(self.tr("Project: {name}").format(name=shown))
        for step_button in self.buttons.values():
            step_button.setEnabled(bool(name))

    def show_looks(self, looks: Mapping[Step, StepLook]) -> None:
        for step, step_button in self.buttons.items():
            step_button.set_look(looks.get(step))

    def show_current(self, place: str) -> None:
        """``place`` is a step, or the name of another page: "settings", "help"."""
        for each, step_button in self.buttons.items():
            step_button.setAutoExclusive(False)  # else the last one cannot be unchecked
            step_button.setChecked(each == place)
            step_button.setAutoExclusive(True)
        self.settings.setChecked(place == "settings")
        self.help.setChecked(place == "help")
