"""What papers and models write is text: no markup of theirs is drawn, followed or fetched."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.pages.review_page import ReviewPage
from embtrainer_gui.gui.session import Session

HOSTILE = '<img src="file:///etc/hostname"><a href="http://127.0.0.1:9/">What</a> is <b>it</b>?'


def test_that_a_question_with_markup_is_shown_letter_by_letter(
    session: Session, jobs: JobManager, feedback: Feedback, qtbot: QtBot
) -> None:
    with session.project.database.transaction() as connection:
        connection.execute("UPDATE pairs SET question = ?, answer = ?", (HOSTILE, HOSTILE))
    page = ReviewPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.enter()
    page.show()
    qtbot.waitUntil(lambda: any(HOSTILE in text for text in drawn(page)))
    marked = [label for label in page.findChildren(QLabel) if "<" in label.text()]
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in marked)


def drawn(page: QWidget) -> list[str]:
    """What is written on the page, as a reader sees it."""
    labels = [label.text() for label in page.findChildren(QLabel)]
    return labels + [edit.toPlainText() for edit in page.findChildren(QTextEdit)]
