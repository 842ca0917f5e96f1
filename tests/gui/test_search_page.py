"""The search page: Enter asks, each ranking shows when it is there, arrows and lines compare, a hit opens its page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from gui.fakes import FakeJobs, FakeService
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.messages import HitRow, Query, QueryHits, RenderPage
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.pages.search_page import SearchPage
from embtrainer_gui.gui.session import Session

ORDERS = {"base": [1, 2, 3, 4], "tuned": [3, 2, 9, 1], "bm25": [2, 7], "hybrid": [3, 2]}


def hit(rank: int, passage: int) -> HitRow:
    text = f"Something first. Passage {passage} answers this. Something last."
    return HitRow(
        rank=rank, score=1 / rank, passage=passage, document=1, file_name="paper0.pdf", title="On rice blast",
        page=passage % 2 + 1, section="Results", text=text, boxes=[(passage % 2 + 1, 72.0, 100.0, 300.0, 112.0)],
        sentence=(17, 17 + len(f"Passage {passage} answers this.")),
    )  # fmt: skip


def reply_to(query: Query) -> QueryHits:
    hits = {model: [hit(rank, passage) for rank, passage in enumerate(ORDERS[model], 1)] for model in query.models}
    return QueryHits(ticket=query.ticket, ms=dict.fromkeys(query.models, 21.0), hits=hits)


def train(session: Session) -> None:
    number = session.project.runs.begin("run-1", TrainConfig().model_dump(), "f", utc_now())
    session.project.runs.finish(number, "done", {}, utc_now())


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> SearchPage:
    page = SearchPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.resize(1030, 560)
    page.show()
    return page


def search(qtbot: QtBot, page: SearchPage, question: str = "What lowers the yield?") -> None:
    box = page.findChild(QLineEdit, "search.box")
    box.clear()
    qtbot.keyClicks(box, question)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def answering(jobs: FakeJobs) -> FakeService:
    service = jobs.fake_service("search")
    service.replies = reply_to
    return service


def changes(page: SearchPage, column: str) -> list[str]:
    return [
        label.text()
        for card in page._hits.columns[column].cards
        for label in card.findChildren(QLabel, "search.change")
    ]


def toggle(page: SearchPage, name: str) -> QPushButton:
    return page.findChild(QPushButton, f"search.toggle-{name}")


def test_that_an_untrained_project_is_searched_by_model_and_words(
    qtbot: QtBot, page: SearchPage, jobs: FakeJobs
) -> None:
    service = answering(jobs)
    page.enter()
    search(qtbot, page)
    assert {query.models for query in service.asked} == {("base",), ("bm25",)}
    assert list(page._hits.columns) == ["base", "bm25"]
    assert not toggle(page, "tuned").isEnabled()
    assert page.findChild(QLabel, "search.later").isVisible()


def test_that_the_line_about_training_leads_there(qtbot: QtBot, page: SearchPage) -> None:
    page.enter()
    with qtbot.waitSignal(page.go_to) as went:
        qtbot.mouseClick(page.findChild(QPushButton, "search.train"), Qt.MouseButton.LeftButton)
    assert went.args == [Step.TRAIN]


def test_that_a_trained_project_starts_with_untrained_and_tuned(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    train(page.session)
    answering(jobs)
    page.enter()
    search(qtbot, page)
    assert list(page._hits.columns) == ["base", "tuned"]
    assert not page.findChild(QLabel, "search.later").isVisible()
    assert "42 ms" in page.findChild(QLabel, "search.time").text()


def test_that_arrows_say_how_a_hit_moved(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    train(page.session)
    answering(jobs)
    page.enter()
    search(qtbot, page)
    assert changes(page, "base") == []
    assert changes(page, "tuned") == ["2", "same", "new", "3"]
    icons = [card.accessibleName() for card in page._hits.columns["tuned"].cards]
    assert icons[0] == "Hit 1: On rice blast, page 2"


def test_that_a_late_first_column_still_gives_the_arrows(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = jobs.fake_service("search")
    page.enter()
    search(qtbot, page)
    assert service.asked[-1].models == ("bm25",)
    service.answer(reply_to(service.asked[-1]))
    assert [card.hit.passage for card in page._hits.columns["bm25"].cards] == [2, 7]
    assert changes(page, "bm25") == []
    assert page.findChild(QWidget, "search.busy").isVisible()
    service.answer(reply_to(service.asked[-1]))
    assert changes(page, "bm25") == ["1", "new"]
    assert not page.findChild(QWidget, "search.busy").isVisible()


def test_that_further_columns_come_by_a_click(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    train(page.session)
    answering(jobs)
    page.enter()
    search(qtbot, page)
    for name in ("bm25", "hybrid"):
        qtbot.mouseClick(toggle(page, name), Qt.MouseButton.LeftButton)
    assert list(page._hits.columns) == ["base", "tuned", "bm25", "hybrid"]
    assert all(column.cards for column in page._hits.columns.values())


def test_that_training_brings_the_tuned_column(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    answering(jobs)
    page.enter()
    qtbot.mouseClick(toggle(page, "bm25"), Qt.MouseButton.LeftButton)
    search(qtbot, page)
    train(page.session)
    page.enter()
    assert list(page._hits.columns) == ["base", "tuned"]
    assert page._hits.columns["tuned"].cards


def test_that_pointing_at_a_hit_joins_it_in_all_columns(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    train(page.session)
    answering(jobs)
    page.enter()
    search(qtbot, page)
    cards = {card.hit.passage: card for card in page._hits.columns["base"].cards}
    middle = QPointF(cards[3].rect().center())
    QApplication.sendEvent(cards[3], QEnterEvent(middle, middle, middle))
    assert page._hits._lines.joined() == 2
    QApplication.sendEvent(cards[3], QEvent(QEvent.Type.Leave))
    assert page._hits._lines.joined() == 0
    QApplication.sendEvent(cards[4], QEnterEvent(middle, middle, middle))  # this one is in no other column
    assert page._hits._lines.joined() == 0


def test_that_the_best_sentence_is_bold(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    answering(jobs)
    page.enter()
    search(qtbot, page)
    assert page._hits.columns["base"].cards[0].excerpt.bold_text == "Passage 1 answers this."


def test_that_a_hit_opens_its_page_and_it_can_be_closed(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    answering(jobs)
    page.enter()
    search(qtbot, page)
    side = page.findChild(QWidget, "search.page")
    assert not side.isVisible()
    qtbot.mouseClick(page._hits.columns["base"].cards[0], Qt.MouseButton.LeftButton)
    assert side.isVisible()
    request = jobs.fake_service("pages").asked[0]
    assert isinstance(request, RenderPage)
    assert (request.document, request.page) == (1, 2)
    qtbot.mouseClick(page.findChild(QPushButton, "search.close-page"), Qt.MouseButton.LeftButton)
    assert not side.isVisible()


def test_that_a_hit_opens_with_the_keyboard(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    answering(jobs)
    page.enter()
    search(qtbot, page)
    qtbot.keyClick(page._hits.columns["bm25"].cards[1], Qt.Key.Key_Return)
    assert page.findChild(QWidget, "search.page").isVisible()


def test_that_an_answer_to_an_older_question_is_not_shown(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = jobs.fake_service("search")
    page.enter()
    search(qtbot, page, "First?")
    first = service.asked[-1]
    search(qtbot, page, "Second?")
    service._on_event(reply_to(first))
    assert not page._hits.columns["bm25"].cards
    assert service.asked[-1].text == "Second?"
    service.answer(reply_to(service.asked[-1]))
    assert page._hits.columns["bm25"].cards


def test_that_a_failure_is_told_in_its_column(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = jobs.fake_service("search")
    page.enter()
    search(qtbot, page)
    service.fail("The index is damaged.", "Search again.")
    assert page._hits.columns["bm25"].note.text() == "The index is damaged. Search again."
    service.answer(reply_to(service.asked[-1]))
    assert page._hits.columns["base"].cards
    assert not page.findChild(QWidget, "search.busy").isVisible()


def test_that_no_hit_is_said_in_words(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = jobs.fake_service("search")
    service.replies = lambda query: QueryHits(ticket=query.ticket, ms={}, hits={query.models[0]: []})
    page.enter()
    search(qtbot, page)
    assert page._hits.columns["bm25"].note.text() == "No passage matches."


def test_that_an_empty_question_asks_nothing(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    page.enter()
    search(qtbot, page, "   ")
    assert not jobs.fake_service("search").asked


def test_that_recent_questions_and_columns_are_kept(
    qtbot: QtBot, page: SearchPage, jobs: FakeJobs, feedback: Feedback
) -> None:
    answering(jobs)
    page.enter()
    for question in ("One?", "Two?", "One?"):
        search(qtbot, page, question)
    qtbot.mouseClick(toggle(page, "bm25"), Qt.MouseButton.LeftButton)
    again = SearchPage(page.session, jobs, feedback)
    qtbot.addWidget(again)
    again.enter()
    assert again._bar.recent == ["One?", "Two?"]
    assert not toggle(again, "bm25").isChecked()
    assert toggle(again, "base").isChecked()


@pytest.fixture
def real_page(qtbot: QtBot, paper_session: Session, feedback: Feedback) -> Iterator[tuple[SearchPage, JobManager]]:
    jobs = JobManager(paper_session, feedback)
    page = SearchPage(paper_session, jobs, feedback)
    qtbot.addWidget(page)
    page.resize(1030, 560)
    page.show()
    yield page, jobs
    jobs.shut_down()


def test_that_real_models_answer_and_the_first_hit_shows_its_page(qtbot: QtBot, real_page: Any) -> None:
    page, _ = real_page
    page.enter()
    search(qtbot, page, "Which essential oils act against bacteria?")
    qtbot.waitUntil(lambda: not page._tickets, timeout=120_000)
    cards = page._hits.columns["base"].cards
    assert len(cards) == 10
    assert "oil" in cards[0].hit.text.lower()
    assert cards[0].hit.boxes
    qtbot.mouseClick(cards[0], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(page._page_view.words_ready, timeout=60_000):
        pass
    assert page._page_view.words(cards[0].hit.document, cards[0].hit.page)
