"""Search offers to build the index of a large library, and asks again when it is built."""

from __future__ import annotations

import pytest
from gui.fakes import FakeJobs, FakeService
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import Query, QueryHits
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.search_page import SearchPage
from embtrainer_gui.gui.session import Session


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> SearchPage:
    page = SearchPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.show()
    page.enter()
    return page


def test_that_the_index_is_offered_built_and_used(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = jobs.service("search")
    assert isinstance(service, FakeService)
    built = False

    def reply(query: Query) -> QueryHits:
        return QueryHits(ticket=query.ticket, ms=dict.fromkeys(query.models, 9.0), hits={}, due=not built)

    service.replies = reply
    build = page.findChild(QPushButton, "search.build-index")
    assert not build.isVisible()
    box = page.findChild(QLineEdit, "search.box")
    qtbot.keyClicks(box, "What lowers the yield?")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert build.isVisible()
    qtbot.mouseClick(build, Qt.MouseButton.LeftButton)
    assert jobs.specs[-1].stage == "index"
    assert not build.isVisible()
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert not build.isVisible()  # it is being built
    built, asked = True, len(service.asked)
    jobs.finish({})
    assert len(service.asked) > asked
    assert not build.isVisible()
