"""The search page: Enter asks, each ranking shows when it is there, arrows and lines compare, a hit opens its page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs, FakeService
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.messages import Explain, Explanation, HitRow, Query, QueryHits, RenderPage
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.pages.search_page import SearchPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.hit_card import HitCard

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


def test_that_a_narrow_card_cuts_no_word_of_its_change(qtbot: QtBot, qapp: QApplication) -> None:
    theme.set_up(qapp, "light")
    place = QWidget()
    qtbot.addWidget(place)
    place.show()
    for change in (0, None):
        card = HitCard(hit(9, 1), change, 1, place)
        card.show()
        card.resize(135, 100)  # four columns beside a page
        card.layout().activate()
        word = card.findChild(QLabel, "search.change")
        assert word.width() >= word.fontMetrics().horizontalAdvance(word.text())


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
    qtbot.waitUntil(lambda: not page._asking.tickets, timeout=120_000)
    cards = page._hits.columns["base"].cards
    assert len(cards) == 10
    assert "oil" in cards[0].hit.text.lower()
    assert cards[0].hit.boxes
    qtbot.mouseClick(cards[0], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(page._page_view.words_ready, timeout=60_000):
        pass
    assert page._page_view.words(cards[0].hit.document, cards[0].hit.page)


def typed(qtbot: QtBot, page: SearchPage, text: str) -> None:
    qtbot.keyClicks(page.findChild(QLineEdit, "search.box"), text)


def card_button(page: SearchPage, column: str, place: int, name: str) -> QPushButton:
    return page._hits.columns[column].cards[place].findChild(QPushButton, f"search.hit-{name}")


def test_that_typing_searches_once_when_the_keys_rest(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = answering(jobs)
    page.enter()
    typed(qtbot, page, "rice")
    assert not service.asked
    qtbot.waitUntil(lambda: len(service.asked) == 2)
    assert {query.text for query in service.asked} == {"rice"}
    assert page._hits.columns["bm25"].cards
    assert page._bar.recent == []


def test_that_hits_stay_while_one_types_on(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = answering(jobs)
    page.enter()
    search(qtbot, page, "rice")
    service.replies = None
    typed(qtbot, page, " blast")
    qtbot.waitUntil(lambda: service.asked[-1].text == "rice blast")
    assert page._hits.columns["base"].cards


def test_that_a_question_of_two_letters_waits_for_enter(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = answering(jobs)
    page.enter()
    typed(qtbot, page, "pH")
    qtbot.wait(300)
    assert not service.asked
    qtbot.keyClick(page._bar.box, Qt.Key.Key_Return)
    assert service.asked


def test_that_filters_go_with_the_question_and_are_counted(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = answering(jobs)
    page.enter()
    qtbot.waitUntil(lambda: page._filter._paper.count() == 4)
    search(qtbot, page)
    page._bar.filters.click()
    page._filter._paper.setCurrentIndex(2)
    assert service.asked[-1].filters.papers == (page._filter._paper.currentData(),)
    assert page._bar.filters.text() == "Filters (1)"
    page._filter._over.setCurrentIndex(1)
    assert service.asked[-1].over == "answers"
    qtbot.mouseClick(page.findChild(QPushButton, "search.filter-reset"), Qt.MouseButton.LeftButton)
    assert not service.asked[-1].filters
    assert service.asked[-1].over == "passages"


def test_that_a_job_that_ends_leaves_the_focus_where_it_is(qtbot: QtBot, page: SearchPage) -> None:
    page.enter()
    assert page.focusWidget() is page._bar.box
    page._bar.filters.setFocus()
    page.enter()
    assert page.focusWidget() is page._bar.filters
    page.leave()
    page.enter()
    assert page.focusWidget() is page._bar.box


def test_that_choices_that_are_read_again_search_nothing(qtbot: QtBot, page: SearchPage) -> None:
    page._filter.show_choices([], ["Results"], None)
    page._filter._section.setEditText("Results")
    with qtbot.waitSignal(page._filter.changed):
        pass
    with qtbot.assertNotEmitted(page._filter.changed, wait=350):
        page._filter.show_choices([], ["Results", "Methods"], None)


def test_that_years_are_asked_for_only_where_papers_tell_them(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = answering(jobs)
    page._bar.filters.click()
    page.enter()
    qtbot.waitUntil(lambda: page._filter._paper.count() == 4)
    assert not page._filter._from.isVisible()
    with page.session.project.database.transaction() as connection:
        connection.execute("UPDATE documents SET year = 2000 + id")
    page.enter()
    qtbot.waitUntil(page._filter._from.isVisible)
    assert not page._filter.filters()
    search(qtbot, page)
    page._filter._from.setValue(2002)
    assert (service.asked[-1].filters.year_from, service.asked[-1].filters.year_to) == (2002, None)


def test_that_a_mark_is_stored_shown_in_every_column_and_undone(
    qtbot: QtBot, page: SearchPage, jobs: FakeJobs, messages: list[Message]
) -> None:
    train(page.session)
    answering(jobs)
    page.enter()
    search(qtbot, page, "Which one?")
    marks = page.session.project.test_sets.marks
    qtbot.mouseClick(card_button(page, "base", 1, "right"), Qt.MouseButton.LeftButton)
    assert marks("Which one?") == {2: 1}
    assert card_button(page, "tuned", 1, "right").isChecked()
    qtbot.mouseClick(card_button(page, "tuned", 1, "wrong"), Qt.MouseButton.LeftButton)
    assert marks("Which one?") == {2: 0}
    assert not card_button(page, "base", 1, "right").isChecked()
    messages[-1].action.run()
    assert marks("Which one?") == {2: 1}
    qtbot.mouseClick(card_button(page, "base", 1, "right"), Qt.MouseButton.LeftButton)
    assert marks("Which one?") == {}


def test_that_a_marked_answer_is_marked_for_the_question_that_was_asked(
    qtbot: QtBot, page: SearchPage, jobs: FakeJobs
) -> None:
    service = jobs.fake_service("search")
    answer = hit(1, 4).model_copy(update={"question": "What was accepted?"})
    service.replies = lambda query: QueryHits(ticket=query.ticket, ms={}, hits={query.models[0]: [answer]})
    page.enter()
    search(qtbot, page, "What is asked?")
    card_button(page, "base", 0, "right").click()
    assert page.session.project.test_sets.marks("What is asked?") == {4: 1}
    assert card_button(page, "base", 0, "right").isChecked()


def test_that_marks_are_there_when_the_question_is_asked_again(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    page.session.project.test_sets.mark("Which one?", 2, 0)
    answering(jobs)
    page.enter()
    search(qtbot, page, "Which one?")
    assert card_button(page, "base", 1, "wrong").isChecked()
    search(qtbot, page, "Another one?")
    assert not card_button(page, "base", 1, "wrong").isChecked()


def test_that_a_hit_says_why_it_was_found(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = answering(jobs)
    page.enter()
    search(qtbot, page, "rice")
    reasons = Explanation(
        ticket=0, sentences=[(0, 16), (17, 42)], scores=[0.25, 0.75], words=[("rice", 2.5)], spans=[(0, 4)]
    )
    service.replies = lambda request: reasons.model_copy(update={"ticket": request.ticket})
    qtbot.mouseClick(card_button(page, "base", 0, "why"), Qt.MouseButton.LeftButton)
    asked = service.asked[-1]
    assert isinstance(asked, Explain)
    assert (asked.text, asked.model, asked.passage) == ("rice", "base", 1)
    why = page._hits.columns["base"].cards[0].why
    qtbot.waitUntil(lambda: why.findChild(QLabel, "search.why-words").isVisible())
    shown = [part.text() for part in why.findChildren(QLabel) if part.isVisible()]
    assert "0.750" in shown
    assert "Words (BM25): rice 2.5" in shown
    asked_so_far = len(service.asked)
    for _ in range(2):
        qtbot.mouseClick(card_button(page, "base", 0, "why"), Qt.MouseButton.LeftButton)
    assert len(service.asked) == asked_so_far


def reasons_for(request: Explain) -> Explanation:
    return Explanation(ticket=request.ticket, sentences=[(0, 16)], scores=[0.5], words=[], spans=[])


def delete_later_now() -> None:
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_that_reasons_for_a_card_that_is_gone_are_passed_over(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = answering(jobs)
    page.enter()
    search(qtbot, page, "rice")
    service.replies = None
    for place in (0, 1):
        card_button(page, "base", place, "why").click()
    page._hits.columns["base"].say("Searching...")
    delete_later_now()
    service._on_event(reasons_for(service.asked[-1]))
    service.fail()
    assert service._current is None


def test_that_marks_and_reasons_belong_to_the_question_of_their_card(
    qtbot: QtBot, page: SearchPage, jobs: FakeJobs
) -> None:
    service = answering(jobs)
    page.enter()
    search(qtbot, page, "rice")
    service.replies = None
    typed(qtbot, page, " blast")
    qtbot.waitUntil(lambda: service.asked[-1].text == "rice blast")
    card_button(page, "base", 1, "right").click()
    assert (page.session.project.test_sets.marks("rice"), page.session.project.test_sets.marks("rice blast")) == (
        {2: 1},
        {},
    )
    assert card_button(page, "bm25", 0, "right").isChecked()
    service.replies = lambda request: reasons_for(request) if isinstance(request, Explain) else reply_to(request)
    card_button(page, "base", 0, "why").click()
    service.answer(reply_to(service.asked[-1]))
    assert [request.text for request in service.asked if isinstance(request, Explain)] == ["rice"]


def test_that_a_former_question_comes_back_with_its_filters(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = answering(jobs)
    page.enter()
    qtbot.waitUntil(lambda: page._filter._paper.count() == 4)
    page._filter._section.setEditText("Results")
    search(qtbot, page, "First?")
    page._filter.reset()
    search(qtbot, page, "Second?")
    menu = page._bar.history_menu()
    assert [action.text() for action in menu.actions()][:2] == ["Second?", "First?"]
    menu.actions()[1].trigger()
    assert (service.asked[-1].text, service.asked[-1].filters.section) == ("First?", "Results")
    assert page._bar.recent[0] == "First?"


def test_that_a_cleared_history_can_be_undone(
    qtbot: QtBot, page: SearchPage, jobs: FakeJobs, messages: list[Message]
) -> None:
    answering(jobs)
    page.enter()
    search(qtbot, page, "First?")
    page._bar.clearing_asked.emit()
    assert page._bar.recent == page.session.project.searches.all() == []
    messages[-1].action.run()
    assert page._bar.recent == ["First?"]


def test_that_hits_are_saved_as_they_are_shown(
    qtbot: QtBot, page: SearchPage, jobs: FakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(jobs)
    page.enter()
    search(qtbot, page, "First?")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "hits"), "JSON lines (*.jsonl)"))
    qtbot.mouseClick(page._bar.save, Qt.MouseButton.LeftButton)
    rows = [json.loads(line) for line in (tmp_path / "hits.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["model"], row["rank"]) for row in rows if row["model"] == "bm25"] == [("bm25", 1), ("bm25", 2)]
    assert len(rows) == 6


def test_that_stopping_a_search_says_how_to_go_on(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    jobs.fake_service("search")
    page.enter()
    search(qtbot, page)
    qtbot.mouseClick(page.findChild(QPushButton, "search.stop"), Qt.MouseButton.LeftButton)
    assert "Ask again" in page._hits.columns["base"].note.text()
    assert not page.findChild(QWidget, "search.busy").isVisible()
    assert not page._asking.tickets


def test_that_stopping_a_search_is_told_where_reasons_are_awaited(
    qtbot: QtBot, page: SearchPage, jobs: FakeJobs
) -> None:
    service = answering(jobs)
    page.enter()
    search(qtbot, page)
    service.replies = None
    card_button(page, "base", 0, "why").click()
    page._asking.stop()
    why = page._hits.columns["base"].cards[0].why
    assert [part.text()[:8] for part in why.findChildren(QLabel) if not part.isHidden()] == ["Stopped."]
