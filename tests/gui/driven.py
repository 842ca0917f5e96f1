"""The real window on a project with real children, driven by mouse, keys and drops."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.main_window import MainWindow
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.wizard import Place

MINUTES = 240_000


class Driven:
    """The real window on a project, and what it said. A fault of the program fails the test at its end."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.qtbot, self.feedback = qtbot, Feedback()
        self.bugs: list[str] = []
        self.toasts: list[Message] = []
        self.feedback.bug.connect(self.bugs.append)
        self.feedback.toast.connect(self.toasts.append)
        self.session = Session()
        self.session.open(folder)
        self.jobs = JobManager(self.session, self.feedback)
        self.window = MainWindow(self.session, self.jobs, self.feedback)
        self.window.start()
        self.window.show()
        qtbot.waitExposed(self.window)

    @property
    def banner(self) -> Message:
        found = self.window.wizard.message
        assert found is not None, "no banner"
        return found

    def go(self, place: Step | Place) -> Any:
        self.window.wizard.go(place)
        return self.window.wizard.page

    def find(self, name: str, kind: type[Any] = QWidget) -> Any:
        found = [part for part in self.window.findChildren(kind, name) if part.isVisible()]
        assert found, name
        return found[0]

    def click(self, name: str) -> None:
        self.qtbot.mouseClick(self.find(name, QPushButton), Qt.MouseButton.LeftButton)

    def drop(self, *paths: Path) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        none = Qt.KeyboardModifier.NoModifier
        event = QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, none)
        self.window.dropEvent(event)

    def drop_and_wait(self, *paths: Path) -> None:
        with self.qtbot.waitSignal(self.jobs.job_ended, timeout=MINUTES):
            self.drop(*paths)

    def remarks(self) -> str:
        return "\n".join(part.text() for part in self.window.findChildren(QLabel, "train.remark") if part.isVisible())

    def start_text(self, words: str) -> None:
        """Wait until the Start button of the page of training says so."""
        self.qtbot.waitUntil(lambda: words in self.find("train.start", QPushButton).text(), timeout=20_000)

    def close(self) -> None:
        self.window.end_at_once()
        self.window.deleteLater()


Open = Callable[[Path], Driven]
