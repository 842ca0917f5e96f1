"""What the review has beside single decisions: orders, saved filters, figures, another question, evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs
from gui.review_project import make_review_project
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.pair_maker import SEVERAL, Maker
from embtrainer_gui.core.records import PairState, QuestionKind
from embtrainer_gui.core.store.decisions import Act, DecisionStore
from embtrainer_gui.core.store.review_order import Order
from embtrainer_gui.core.store.review_queue import PairFilter
from embtrainer_gui.core.store.saved_filters import SavedFilters
from embtrainer_gui.gui import key_choice, review_keys
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.pages.review_page import ReviewPage
from embtrainer_gui.gui.review_keys import Command
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.review_progress import ReviewProgress


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[Session]:
    make_review_project(tmp_path / "project")
    session = Session()
    session.open(tmp_path / "project")
    yield session
    session.close()


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> ReviewPage:
    page = ReviewPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.resize(1032, 600)
    page.show()
    page.enter()
    wait(page, qtbot)
    return page


@pytest.fixture
def standard_keys() -> Iterator[None]:
    yield
    review_keys.use({})


def wait(page: ReviewPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.flow.queue is not None and page.flow.queue.is_complete)


def current(page: ReviewPage) -> int:
    assert page.flow.current is not None
    return page.flow.current.pair.id


def part(page: ReviewPage, kind: type[Any], name: str) -> Any:
    found = page.findChild(kind, f"review.{name}")
    assert found is not None, name
    return found


def choose(page: ReviewPage, name: str, value: object) -> None:
    box = part(page, QComboBox, name)
    box.setCurrentIndex(box.findData(value))


def test_that_the_list_follows_the_order_and_the_kind_of_pair(page: ReviewPage, qtbot: QtBot) -> None:
    choose(page, "order", Order.PAPER)
    wait(page, qtbot)
    assert page.flow.queue is not None
    assert list(page.flow.queue.ids) == list(range(1, 49))
    choose(page, "reason", "clean")
    wait(page, qtbot)
    assert len(page.flow.queue) == 32
    assert page._filter.value() == PairFilter(clean=True, order=Order.PAPER)


def test_that_the_list_shows_the_pairs_of_one_maker(page: ReviewPage, qtbot: QtBot) -> None:
    assert page.flow.queue is not None
    assert not part(page, QComboBox, "maker").isVisible()
    page.session.project.meta.set(SEVERAL, True)
    page._fill_papers()  # as when questions were made
    assert part(page, QComboBox, "maker").isVisible()
    choose(page, "maker", Maker.BUILTIN)
    wait(page, qtbot)
    assert len(page.flow.queue) == 48
    choose(page, "maker", Maker.CAREFUL)
    wait(page, qtbot)
    assert len(page.flow.queue) == 0
    assert page._filter.value() == PairFilter(maker=Maker.CAREFUL)


def test_that_a_filter_is_saved_under_a_name_chosen_and_removed(
    page: ReviewPage, session: Session, qtbot: QtBot
) -> None:
    choose(page, "order", Order.KIND)
    choose(page, "paper", 2)
    menu = page._filter.saved.menu()
    name = menu.findChild(QLineEdit, "review.filter-name")
    qtbot.keyClicks(name, "Second paper")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    page._filter.show_filter(PairFilter())
    assert SavedFilters(session.project.meta).all() == {"Second paper": PairFilter(document=2, order=Order.KIND)}
    menu = page._filter.saved.menu()
    menu.actions()[0].trigger()
    assert page._filter.value() == PairFilter(document=2, order=Order.KIND)
    assert page.flow.queue is not None
    assert page.flow.queue.filter == page._filter.value()
    wait(page, qtbot)
    assert len(page.flow.queue) == 16
    removal = [action for action in menu.actions() if action.menu()]
    removal[0].menu().actions()[0].trigger()
    assert SavedFilters(session.project.meta).all() == {}


def test_that_the_figures_name_each_paper_and_take_no_decision(
    page: ReviewPage, session: Session, qtbot: QtBot
) -> None:
    for key in "AXA":
        qtbot.keyClick(page, key)
    qtbot.keyClick(page, "S")
    view = page.findChild(ReviewProgress)
    assert view.isVisible()
    qtbot.keyClick(page, "A")
    assert session.project.pairs.counts()["accepted"] == 2
    assert part(page, QLabel, "stop").text() == "Too early to say when to stop."
    model = view._model
    cells = [[model.index(row, column).data() for column in range(5)] for row in range(model.rowCount())]
    assert cells[0] == ["On rice blast", "13", "2", "1", "67%"]
    assert cells[1] == ["On soil carbon", "16", "0", "0", "–"]
    view._table.doubleClicked.emit(model.index(1, 0))
    wait(page, qtbot)
    assert not view.isVisible()
    assert page.flow.queue is not None
    assert list(page.flow.queue.ids) == list(range(17, 33))
    qtbot.keyClick(page, "S")
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not view.isVisible()


def test_that_it_says_when_to_stop_and_takes_pairs_by_chance_before(
    page: ReviewPage, session: Session, qtbot: QtBot
) -> None:
    for key in "X" * 16 + "A" * 14:
        qtbot.keyClick(page, key)
    qtbot.keyClick(page, "S")
    assert part(page, QLabel, "stop").text().startswith("Go on")
    assert "you kept 14 of 14 such pairs" in part(page, QLabel, "stop-why").text()
    part(page, QPushButton, "by-chance").click()
    wait(page, qtbot)
    assert page._filter.value() == PairFilter(clean=True, order=Order.CHANCE)
    assert page.flow.queue is not None
    assert sorted(page.flow.queue.ids) != list(page.flow.queue.ids)
    for key in "A" * 18:
        qtbot.keyClick(page, key)
    qtbot.keyClick(page, "S")
    assert part(page, QLabel, "stop").text() == "Everything is decided."


def test_that_another_question_is_proposed_in_the_editor_and_is_one_edit(
    page: ReviewPage, session: Session, jobs: FakeJobs, qtbot: QtBot
) -> None:
    session.keep("questions", config={"backend": "ollama", "base_url": "http://127.0.0.1:1", "model": "m"})
    qtbot.keyClick(page, "G")
    [spec] = jobs.specs
    assert (spec.stage, spec.options, spec.config["model"]) == ("regenerate", {"pair": 3}, "m")
    jobs.finish({"pair": 3, "question": "How high was it?", "answer": "In field 1", "kind": "fact", "reasons": []})
    question = part(page, QPlainTextEdit, "edit-question")
    assert question.isVisible()
    assert question.toPlainText() == "How high was it?"
    assert session.project.pairs.get([3])[3].question != "How high was it?"
    qtbot.keyClick(question, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pair = session.project.pairs.get([3])[3]
    assert (pair.question, pair.answer, pair.state) == ("How high was it?", "In field 1", PairState.ACCEPTED)
    assert [batch.act for batch in DecisionStore(session.project.database).recent()] == [Act.EDIT]


def test_that_a_late_proposal_waits_and_disturbs_nothing(
    page: ReviewPage, jobs: FakeJobs, qtbot: QtBot, messages: list[Message]
) -> None:
    qtbot.keyClick(page, "G")
    qtbot.keyClick(page, "J")
    jobs.finish({"pair": 3, "question": "How high was it?", "answer": "In field 1", "kind": "fact", "reasons": []})
    assert current(page) == 6
    assert not page._desk.is_editing
    assert messages[-1].text == "Another question for #3 is ready."
    assert messages[-1].action is not None
    messages[-1].action.run()
    assert (current(page), page._desk.is_editing) == (3, True)
    assert part(page, QPlainTextEdit, "edit-question").toPlainText() == "How high was it?"


def test_that_asking_again_meanwhile_loses_no_question_that_is_being_made(
    page: ReviewPage, jobs: FakeJobs, qtbot: QtBot, messages: list[Message]
) -> None:
    for key in "GJG":
        qtbot.keyClick(page, key)
    jobs.finish({"pair": 3, "question": "How high was it?", "answer": "In field 1", "kind": "fact", "reasons": []})
    assert messages[-1].text == "Another question for #3 is ready."


def test_that_a_proposal_takes_the_place_of_a_draft_only_when_it_is_taken(
    page: ReviewPage, jobs: FakeJobs, qtbot: QtBot, messages: list[Message]
) -> None:
    qtbot.keyClick(page, "G")
    qtbot.keyClick(page, "E")
    question = part(page, QPlainTextEdit, "edit-question")
    question.setPlainText("My own words?")
    jobs.finish({"pair": 3, "question": "How high was it?", "answer": "In field 1", "kind": "fact", "reasons": []})
    page.run_command(Command.NEXT)
    assert page._desk.drafts["3"]["question"] == "My own words?"
    assert "How high was it?" in messages[-1].text
    assert messages[-1].action is not None
    messages[-1].action.run()
    assert (current(page), question.toPlainText()) == (3, "How high was it?")


def test_that_look_alikes_are_listed_by_a_key(
    page: ReviewPage, session: Session, qtbot: QtBot, messages: list[Message]
) -> None:
    qtbot.keyClick(page, "L")
    assert messages[-1].text == "No other question asks nearly the same."
    session.project.pair_groups.set_groups({3: 3, 9: 3, 12: 3})
    qtbot.keyClick(page, "L")
    wait(page, qtbot)
    assert page.flow.queue is not None
    assert sorted(page.flow.queue.ids) == [3, 9, 12]


def test_that_evidence_is_copied_with_its_paper_and_page(page: ReviewPage, session: Session, qtbot: QtBot) -> None:
    answer = session.project.pairs.get([3])[3].answer
    qtbot.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == f"“{answer}” (On rice blast, 1)"
    page._source._view.text_selected.emit("rice blast")
    qtbot.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "rice blast"


def test_that_another_key_acts_is_printed_and_frees_the_old_one(
    page: ReviewPage, session: Session, qtbot: QtBot, standard_keys: None
) -> None:
    key_choice.follow(session)
    session.change_settings(review_keys={Command.ACCEPT: "F", Command.REJECT: "Ctrl+O", "no-such": "Z"})
    assert part(page, QPushButton, "accept").text() == "Accept  F"
    assert part(page, QPushButton, "reject").text() == "Reject  X"
    qtbot.keyClick(page, "A")
    assert current(page) == 3
    qtbot.keyClick(page, "F")
    assert session.project.pairs.get([3])[3].state is PairState.ACCEPTED
    assert json.loads(session.settings.model_dump_json())["review_keys"]["accept"] == "F"


def test_that_the_kind_of_the_list_is_kept_for_the_next_visit(page: ReviewPage, session: Session) -> None:
    choose(page, "order", Order.KIND)
    choose(page, "kind", QuestionKind.FACT)
    page.leave()
    assert PairFilter.from_json(session.kept("review")["filter"]) == PairFilter(
        kind=QuestionKind.FACT, order=Order.KIND
    )
