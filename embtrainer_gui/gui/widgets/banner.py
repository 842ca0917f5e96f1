"""The one message above a page: what happened, the cure, and at most one button for it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.gui.feedback import Feedback, Message, Tone
from embtrainer_gui.gui.widgets.basics import Icon, button, column, icon_button, label, row, set_property

ICONS = {Tone.GOOD: "check", Tone.INFO: "info", Tone.WARN: "warning", Tone.BAD: "cross"}
TOKENS = {Tone.GOOD: "good", Tone.INFO: "accent", Tone.WARN: "warn", Tone.BAD: "bad"}


class Banner(QWidget):
    """Shows what ``feedback.banner`` says until it is closed, cleared, or the next one comes.

    Signal ``left`` when it goes and had the keyboard, which then needs another place.
    """

    left = Signal()

    def __init__(self, feedback: Feedback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message: Message | None = None
        self._build()
        feedback.banner.connect(self.show_message)
        feedback.cleared.connect(self.close_message)

    def _build(self) -> None:
        self._frame = QFrame()
        self._frame.setProperty("role", "banner-info")
        self._icon = Icon("info", "accent")
        self._text = label("", wrap=True, selectable=True)
        self._hint = label("", "secondary", wrap=True, selectable=True)
        self._action = button("", name="banner.action")
        self._close = icon_button("close", self.tr("Close this message"), "banner.close")
        texts = column(self._text, self._hint, spacing=2)
        layout = row(self._icon, texts, self._action, self._close, spacing=12)
        layout.setStretch(1, 1)
        layout.setContentsMargins(12, 8, 8, 8)
        self._frame.setLayout(layout)
        for choice in (self._action, self._close):
            choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it was
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._frame)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._action.clicked.connect(self._on_action_clicked)
        self._close.clicked.connect(self.close_message)
        self.hide()

    @Slot(object)
    def show_message(self, message: Message) -> None:
        self.message = message
        set_property(self._frame, "role", f"banner-{message.tone}")
        self._icon.set(ICONS[message.tone], TOKENS[message.tone])
        self._text.setText(message.text)
        self._hint.setText(message.hint)
        self._hint.setVisible(bool(message.hint))
        self._action.setVisible(message.action is not None)
        if message.action:
            self._action.setText(message.action.text)
            self._action.setAccessibleName(message.action.text)
        self._frame.setAccessibleName(message.text)
        self._frame.setAccessibleDescription(message.hint)
        self.show()

    @Slot()
    def close_message(self) -> None:
        focus = QApplication.focusWidget()
        had_keyboard = focus is not None and self.isAncestorOf(focus)
        self.message = None
        self.hide()
        if had_keyboard:
            self.left.emit()

    @Slot()
    def _on_action_clicked(self) -> None:
        message = self.message
        self.close_message()
        if message and message.action:
            message.action.run()
