"""Hands and ears for tests of the page of papers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.models.documents_table import TITLE
from embtrainer_gui.gui.pages.papers_page import PapersPage
from embtrainer_gui.gui.session import Session


class Heard:
    """What the page said."""

    def __init__(self, feedback: Feedback) -> None:
        self.banners: list[Message] = []
        self.toasts: list[Message] = []
        feedback.banner.connect(self.banners.append)
        feedback.toast.connect(self.toasts.append)


def shown(qtbot: QtBot, page: PapersPage) -> PapersPage:
    qtbot.addWidget(page)
    page.resize(1032, 600)
    page.show()
    page.enter()
    return page


def part(page: PapersPage, name: str) -> Any:
    found = page.findChild(object, f"papers.{name}")
    assert found is not None, name
    return found


def add_failed(session: Session, name: str = "bad.pdf", state: FileState = FileState.FAILED, stored: str = "") -> None:
    documents = session.project.documents
    source = documents.begin(f"hash-{name}", name, utc_now())
    documents.finish(source, state, f"{name} is damaged.", 0, "", stored)
    session.table_changed.emit("documents")


def titles(page: PapersPage) -> list[str]:
    model = part(page, "table").model()
    return [model.index(row, TITLE).data() for row in range(model.rowCount())]


def drop(page: PapersPage, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(500, 500), Qt.DropAction.CopyAction, mime, buttons, keys)
    page.dragEnterEvent(entered)
    assert entered.isAccepted()
    page.dropEvent(QDropEvent(QPointF(500, 500), Qt.DropAction.CopyAction, mime, buttons, keys))
