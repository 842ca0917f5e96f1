"""A short message at the bottom of the window that goes away by itself; its action is the undo."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QFrame, QWidget

from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.widgets.basics import button, label, row

SHOWN_MS = 4000
SHOWN_WITH_ACTION_MS = 8000
DISTANCE = 24  # from the lower edge


class Toast(QFrame):
    """Lies over ``parent``, in the middle of its lower edge; it stays while the mouse is on it."""

    def __init__(self, feedback: Feedback, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setProperty("role", "toast")
        self.setObjectName("toast")
        self._message: Message | None = None
        self._text = label("")
        self._action = button("", "link", name="toast.action")
        layout = row(self._text, self._action, spacing=12)
        layout.setContentsMargins(16, 6, 16, 6)
        self.setLayout(layout)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self._action.clicked.connect(self._on_action_clicked)
        feedback.toast.connect(self.show_message)
        parent.installEventFilter(self)
        self.hide()

    @Slot(object)
    def show_message(self, message: Message) -> None:
        self._message = message
        self._text.setText(message.text)
        self.setAccessibleName(message.text)
        self._action.setVisible(message.action is not None)
        self._action.setText(message.action.text if message.action else "")
        self._action.setAccessibleName(self._action.text())
        self.show()
        self._place()
        self.raise_()
        self._timer.start(SHOWN_WITH_ACTION_MS if message.action else SHOWN_MS)

    def enterEvent(self, event: QEvent) -> None:  # noqa: N802
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._timer.start(SHOWN_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        self.adjustSize()
        area = self._over.rect()
        self.move((area.width() - self.width()) // 2, area.height() - self.height() - DISTANCE)

    @Slot()
    def _on_action_clicked(self) -> None:
        message = self._message
        self.hide()
        if message and message.action:
            message.action.run()
