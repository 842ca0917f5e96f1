"""Eyes and hands of a user for the real window: clicks, keys, drops, and waiting for what is seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton, QScrollArea, QWidget

from embtrainer_gui.gui import app
from embtrainer_gui.gui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
LOOK_EVERY_MS = 30
ANSWER_EVERY_MS = 200
Kind = TypeVar("Kind", bound=QWidget)


class NeverSeenError(Exception):
    """What a user would have waited for did not come."""


def when_painted(act: Callable[[Hands], None]) -> None:
    """Call ``act`` on the loop of the window that ``app.run`` is about to show, once it is painted."""

    def begin() -> None:
        window = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow))
        QTimer.singleShot(0, window, lambda: act(Hands(window)))

    app.after_first_paint.append(begin)


class Hands:
    """Finds parts by their objectName, as far as they are visible."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    def all(self, name: str, kind: type[Kind] = QWidget) -> list[Kind]:
        return [part for part in self.window.findChildren(kind, name) if part.isVisible()]

    def find(self, name: str, kind: type[Kind] = QWidget) -> Kind:
        self.wait(f"{name} is shown", lambda: bool(self.all(name, kind)), seconds=30)
        return self.all(name, kind)[0]

    def sees(self, name: str) -> bool:
        return bool(self.all(name))

    def text(self, name: str) -> str:
        return str(self.find(name).property("text"))

    def click(self, name: str) -> None:
        part = self.find(name)
        self.wait(f"{name} can be clicked", part.isEnabled, seconds=30)
        self.click_at(part)

    def click_at(self, part: QWidget, at: QPoint | None = None) -> None:
        _scroll_to(part)
        QTest.mouseClick(part, LEFT, Qt.KeyboardModifier.NoModifier, at or part.rect().center())
        QTest.qWait(1)

    def type(self, name: str, text: str) -> None:
        """Type over what stands in a field."""
        field = self.find(name)
        self.click_at(field)
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, text)

    def key(self, key: Qt.Key) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window.focusWidget() or self.window, key)
        QTest.qWait(1)

    def drop(self, name: str, paths: Iterable[Path]) -> None:
        """Let files fall on a part, as the program that they are dragged from would."""
        part = self.find(name)
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        place, act, none = part.rect().center(), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        entering = QDragEnterEvent(place, act, mime, LEFT, none)
        QApplication.sendEvent(part, entering)
        if not entering.isAccepted():
            raise NeverSeenError(f"{name} takes no drop")
        QApplication.sendEvent(part, QDropEvent(QPointF(place), act, mime, LEFT, none))

    def name_in_dialog(self, click: str, path: Path) -> None:
        """Click what opens a file dialog, type a name into it and click its button."""
        timer = QTimer(self.window, interval=ANSWER_EVERY_MS)
        timer.timeout.connect(lambda: _answer_dialog(str(path)))
        timer.start()
        self.click(click)  # comes back when the dialog is gone
        timer.deleteLater()

    def wait(self, what: str, seen: Callable[[], bool], *, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not seen():
            if time.monotonic() > end:
                raise NeverSeenError(f"{what}: not within {seconds:.0f} s")
            QTest.qWait(LOOK_EVERY_MS)


def _answer_dialog(text: str) -> None:
    """One look at the dialog that is open. Before it has read its folder its button stays off: then type again."""
    dialog, popup = QApplication.activeModalWidget(), QApplication.activePopupWidget()
    if popup is not None:
        popup.close()  # the list of completions takes the clicks
    elif isinstance(dialog, QFileDialog) and dialog.isVisible():
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        save = next(each for each in dialog.findChildren(QPushButton) if each.isDefault())
        if field.text() == text and save.isEnabled():
            QTest.mouseClick(save, LEFT)
        else:
            field.clear()
            QTest.keyClicks(field, text)


def _scroll_to(part: QWidget) -> None:
    """Bring a part into view, as a user would with the wheel."""
    parent = part.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea) and parent.widget() is not None and parent.widget().isAncestorOf(part):
            parent.ensureWidgetVisible(part)
            QApplication.processEvents()
        parent = parent.parentWidget()
