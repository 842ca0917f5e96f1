"""The Review page over a real project: one key a decision, nothing typed is lost, everything can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from gui.fakes import FakeJobs
from gui.review_project import make_review_project
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPlainTextEdit, QTableView, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.records import PairState, Reason
from embtrainer_gui.core.store import row_sums
from embtrainer_gui.core.store.decisions import Act, DecisionStore, Why
from embtrainer_gui.core.store.review_queue import PairFilter
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.models import review_flow
from embtrainer_gui.gui.pages.review_page import ReviewPage
from embtrainer_gui.gui.review_keys import KEYS, Command
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.key_sheet import KeySheet

PENDING, ACCEPTED, REJECTED = PairState.PENDING, PairState.ACCEPTED, PairState.REJECTED
MakePage = Callable[[], ReviewPage]


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[Session]:
    """A session on a project of its own."""
    make_review_project(tmp_path / "project")
    session = Session()
    session.open(tmp_path / "project")
    yield session
    session.close()


@pytest.fixture
def make_page(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback, monkeypatch: pytest.MonkeyPatch
) -> MakePage:
    """Another page on the same project is what a restart of the window is."""
    monkeypatch.setattr(review_flow, "OPEN_SECONDS", 10.0)  # a list is whole at once, however busy the machine is

    def make() -> ReviewPage:
        page = ReviewPage(session, jobs, feedback)
        qtbot.addWidget(page)
        page.resize(1100, 640)
        page.show()
        page.enter()
        qtbot.waitUntil(lambda: page.flow.queue is not None and page.flow.queue.is_complete)
        return page

    return make


@pytest.fixture
def page(make_page: MakePage) -> ReviewPage:
    return make_page()


@pytest.fixture
def said(feedback: Feedback) -> list[Message]:
    found: list[Message] = []
    feedback.toast.connect(found.append)
    feedback.banner.connect(found.append)
    return found


def current(page: ReviewPage) -> int:
    assert page.flow.current is not None
    return page.flow.current.pair.id


def state(session: Session, pair_id: int) -> PairState:
    return session.project.pairs.get([pair_id])[pair_id].state


def part(page: ReviewPage, kind: type[Any], name: str) -> Any:
    found = page.findChild(kind, f"review.{name}")
    assert found is not None, name
    return found


def click(page: ReviewPage, name: str) -> None:
    part(page, QAbstractButton, name).click()


def text(page: ReviewPage, name: str) -> str:
    return str(part(page, QLabel, name).text())


def visible(page: ReviewPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def press(qtbot: QtBot, widget: QWidget, *keys: object) -> None:
    for key in keys:
        qtbot.keyClick(widget, key)


def test_that_the_worst_pair_stands_first_with_its_reason_in_words(page: ReviewPage) -> None:
    assert current(page) == 3
    assert text(page, "place") == "1 of 48"
    assert text(page, "question") == "What is said in sentence 0 of passage 2?"
    assert "Copied wording" in visible(page)


@pytest.mark.parametrize(
    ("key", "expected"), [("A", ACCEPTED), (Qt.Key.Key_Return, ACCEPTED), ("X", REJECTED), (Qt.Key.Key_Space, PENDING)]
)
def test_that_one_key_decides_and_the_next_pair_stands_there(
    page: ReviewPage, session: Session, qtbot: QtBot, key: object, expected: PairState
) -> None:
    press(qtbot, page, key)
    assert state(session, 3) is expected
    assert current(page) == 6
    assert text(page, "place") == "2 of 48"


def test_that_a_decision_is_on_the_disk_before_the_screen_says_so(
    page: ReviewPage, session: Session, qtbot: QtBot
) -> None:
    other = apsw.Connection(str(session.project.database.path))
    seen: list[str] = []
    page.flow.pair_changed.connect(
        lambda: seen.append(next(iter(other.execute("SELECT state FROM pairs WHERE id = 3")))[0])
    )
    press(qtbot, page, "A")
    other.close()
    assert seen[0] == "accepted"


def test_that_counts_and_pace_follow(page: ReviewPage, qtbot: QtBot) -> None:
    press(qtbot, page, *"AAXAAAA")
    assert text(page, "counts").startswith("6 accepted · 1 rejected · 41 left · ")
    assert text(page, "counts").endswith(" a minute")


def test_that_undo_names_its_act_and_goes_back_to_the_pair(
    page: ReviewPage, session: Session, qtbot: QtBot, said: list[Message]
) -> None:
    press(qtbot, page, "A", "X")
    assert part(page, QAbstractButton, "undo").text() == "Undo: reject #6"
    press(qtbot, page, Qt.Key.Key_Backspace)
    assert said[-1].text == "Undone: reject #6"
    assert (state(session, 6), current(page)) == (PENDING, 6)
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (state(session, 3), current(page)) == (PENDING, 3)
    qtbot.keyClick(page, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert state(session, 3) is ACCEPTED


def test_that_undo_survives_a_restart(page: ReviewPage, make_page: MakePage, session: Session, qtbot: QtBot) -> None:
    press(qtbot, page, "A", "X")
    page.leave()
    again = make_page()
    assert part(again, QAbstractButton, "undo").text() == "Undo: reject #6"
    press(qtbot, again, Qt.Key.Key_Backspace, Qt.Key.Key_Backspace)
    assert (state(session, 3), state(session, 6), current(again)) == (PENDING, PENDING, 3)


def test_that_keys_are_dead_while_text_is_typed(page: ReviewPage, session: Session, qtbot: QtBot) -> None:
    press(qtbot, page, "/")
    search = part(page, QLineEdit, "search")
    assert QApplication.focusWidget() is search
    press(qtbot, search, "a", "x", Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_Backspace)
    assert search.text() == "ax"
    assert session.project.pairs.counts()["pending"] == 48
    press(qtbot, search, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is page


def test_that_enter_on_a_focused_button_presses_that_button(page: ReviewPage, session: Session, qtbot: QtBot) -> None:
    reject = part(page, QAbstractButton, "reject")
    reject.setFocus()
    press(qtbot, reject, Qt.Key.Key_Return)
    assert state(session, 3) is REJECTED


def test_that_an_edit_is_saved_accepted_and_moves_on(page: ReviewPage, session: Session, qtbot: QtBot) -> None:
    press(qtbot, page, "E")
    question = part(page, QPlainTextEdit, "edit-question")
    assert QApplication.focusWidget() is question
    question.setPlainText("How often was it measured?")
    qtbot.keyClick(question, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pair = session.project.pairs.get([3])[3]
    assert (pair.question, pair.state) == ("How often was it measured?", ACCEPTED)
    assert current(page) == 6
    press(qtbot, page, Qt.Key.Key_Backspace)
    assert session.project.pairs.get([3])[3].question == "What is said in sentence 0 of passage 2?"
    assert text(page, "question") == "What is said in sentence 0 of passage 2?"


def test_that_what_was_typed_and_not_saved_is_there_again(
    page: ReviewPage, make_page: MakePage, session: Session, qtbot: QtBot
) -> None:
    press(qtbot, page, "E")
    question = part(page, QPlainTextEdit, "edit-question")
    press(qtbot, question, *"Half")
    press(qtbot, question, Qt.Key.Key_Escape)
    assert "Edit not saved" in visible(page)
    press(qtbot, page, "J", "K", "E")
    assert question.toPlainText() == "Half"
    page.leave()
    again = make_page()
    press(qtbot, again, "E")
    assert part(again, QPlainTextEdit, "edit-question").toPlainText() == "Half"
    assert state(session, 3) is PENDING


def test_that_a_pair_is_made_from_text_selected_on_the_page(
    page: ReviewPage, session: Session, qtbot: QtBot, said: list[Message]
) -> None:
    page._source._view.text_selected.emit("rice blast was\nmeasured 3 times")
    press(qtbot, page, "N")
    question = part(page, QPlainTextEdit, "edit-question")
    assert part(page, QPlainTextEdit, "edit-answer").toPlainText() == "rice blast was measured 3 times"
    question.setPlainText("How many measurements of rice blast?")
    qtbot.keyClick(question, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    made = session.project.pairs.get([49])[49]
    assert (made.source, made.state, made.passage_id) == ("hand", ACCEPTED, 2)
    assert said[-1].text == "New pair #49 accepted."
    assert current(page) == 3
    assert said[-1].action is not None
    said[-1].action.run()
    assert state(session, 49) is REJECTED


@pytest.mark.parametrize(("selected", "answer"), [("", "Select the answer"), ("no such words", "in no passage")])
def test_that_a_pair_by_hand_needs_words_of_a_passage(
    page: ReviewPage, qtbot: QtBot, said: list[Message], selected: str, answer: str
) -> None:
    page._source._view.text_selected.emit(selected)
    press(qtbot, page, "N")
    assert answer in said[-1].text
    assert not page._desk.is_editing


def test_that_filter_and_place_are_kept(page: ReviewPage, make_page: MakePage, qtbot: QtBot) -> None:
    box = page._filter._reason
    box.setCurrentIndex(box.findData(Reason.COPIED))
    assert text(page, "place") == "1 of 16"
    press(qtbot, page, "J", "J", "J")
    chosen = current(page)
    page.leave()
    again = make_page()
    assert again._filter.value() == PairFilter(reason=Reason.COPIED)
    assert (current(again), text(again, "place")) == (chosen, "4 of 16")


def test_that_search_finds_words_and_says_when_there_are_none(page: ReviewPage, qtbot: QtBot) -> None:
    search = part(page, QLineEdit, "search")
    search.setFocus()
    press(qtbot, search, *"bee 49 units")
    press(qtbot, search, Qt.Key.Key_Return)
    assert text(page, "place").endswith("of 1")
    search.selectAll()
    press(qtbot, search, *"zebra", Qt.Key.Key_Return)
    assert "No pair fits this filter" in visible(page)
    click(page, "show-all")
    qtbot.waitUntil(lambda: text(page, "place").endswith("of 48"))


def test_that_all_shown_are_accepted_and_undone_together(
    page: ReviewPage, session: Session, qtbot: QtBot, said: list[Message]
) -> None:
    press(qtbot, page, "X")
    box = page._filter._paper
    box.setCurrentIndex(box.findData(1))
    assert part(page, QAbstractButton, "accept-shown").text() == "Accept 15 shown"
    with qtbot.waitSignal(page.flow.bulk_ended):
        click(page, "accept-shown")
    assert session.project.pairs.counts() == {"pending": 32, "accepted": 15, "rejected": 1}
    assert said[-1].text == "15 pairs accepted."
    assert said[-1].action is not None
    said[-1].action.run()
    assert session.project.pairs.counts()["accepted"] == 0


def test_that_pairs_without_a_reason_are_accepted_at_once(page: ReviewPage, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.flow.bulk_ended):
        click(page, "accept-clean")
    assert session.project.pairs.counts() == {"pending": 16, "accepted": 32, "rejected": 0}
    assert all(pair.reasons for pair in session.project.pairs.all(state=PENDING))


def test_that_unchecked_pairs_are_checked_before_they_are_accepted(
    page: ReviewPage, session: Session, jobs: FakeJobs, qtbot: QtBot
) -> None:
    with session.project.database.transaction() as connection:
        connection.execute("UPDATE pairs SET checked = 0")
    click(page, "accept-clean")
    assert [spec.stage for spec in jobs.specs] == ["check"]
    assert session.project.pairs.counts()["accepted"] == 0
    session.project.pairs.set_reasons({pair.id: pair.reasons for pair in session.project.pairs.all()})
    with qtbot.waitSignal(page.flow.bulk_ended):
        jobs.finish()
    assert session.project.pairs.counts()["accepted"] == 32


def test_that_a_rejection_may_say_why(page: ReviewPage, session: Session, qtbot: QtBot) -> None:
    press(qtbot, page, "2", "X", "2")
    recent = DecisionStore(session.project.database).recent()
    assert [(batch.act, batch.why) for batch in recent] == [(Act.REJECT, Why.UNCLEAR)]
    press(qtbot, page, "A", "2")
    assert [batch.why for batch in DecisionStore(session.project.database).recent()] == ["", Why.UNCLEAR]


def test_that_a_mark_of_the_trail_goes_back_to_its_pair(page: ReviewPage, qtbot: QtBot) -> None:
    press(qtbot, page, "A", "X", "A")
    click(page, "trail-1")
    assert current(page) == 6
    assert "Rejected" in visible(page)
    press(qtbot, page, "A")
    assert current(page) == 12


def test_that_what_was_put_off_comes_again_at_the_end(page: ReviewPage, qtbot: QtBot, said: list[Message]) -> None:
    press(qtbot, page, Qt.Key.Key_Space, Qt.Key.Key_End, "A")
    assert current(page) == 3
    assert said[-1].text == "Back at the pairs that you put off."


def test_that_the_way_out_is_training_when_nothing_is_left(page: ReviewPage, session: Session, qtbot: QtBot) -> None:
    press(qtbot, page, *"A" * 48)
    assert session.project.pairs.counts()["accepted"] == 48
    with qtbot.waitSignal(page.go_to) as gone:
        assert "Nothing left to review" in visible(page)
        click(page, "go-train")
    assert gone.args == [Step.TRAIN]
    press(qtbot, page, Qt.Key.Key_Backspace)
    assert text(page, "place") == "48 of 48"


def test_that_a_project_without_pairs_leads_to_questions(
    qtbot: QtBot, empty_session: Session, feedback: Feedback
) -> None:
    jobs = FakeJobs(empty_session, feedback)
    page = ReviewPage(empty_session, jobs, feedback)
    qtbot.addWidget(page)
    page.enter()
    press(qtbot, page, "A", "E", "N")
    with qtbot.waitSignal(page.go_to) as gone:
        click(page, "go-questions")
    assert gone.args == [Step.QUESTIONS]
    jobs.shut_down()


def test_that_every_key_of_the_table_is_on_the_sheet(page: ReviewPage, qtbot: QtBot) -> None:
    press(qtbot, page, "?")
    sheet = part(page, KeySheet, "keys-sheet")
    shown = [label.text() for label in sheet.findChildren(QLabel)]
    assert sheet.isVisible()
    assert all(key.text in shown and any(line.startswith(key.printed) for line in shown) for key in KEYS)
    press(qtbot, page, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_that_every_command_outside_the_editor_does_something(page: ReviewPage) -> None:
    assert {key.command for key in KEYS if not key.in_text and not key.of_doubts} == set(page._commands)
    keys = [key for entry in KEYS for key in entry.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("command", [Command.ACCEPT, Command.REJECT, Command.LATER, Command.EDIT])
def test_that_each_button_prints_its_key(page: ReviewPage, command: Command) -> None:
    key = next(key for key in KEYS if key.command is command)
    assert part(page, QAbstractButton, command.value).text().split() == [key.text, key.printed]


def test_that_the_table_shows_all_pairs_and_takes_the_same_keys(
    page: ReviewPage, session: Session, qtbot: QtBot
) -> None:
    click(page, "table")
    table = part(page, QTableView, "pairs")
    assert table.isVisible()
    assert table.model().rowCount() == 48
    table.setCurrentIndex(table.model().index(5, 0))
    assert current(page) == 18
    press(qtbot, table, "X")
    assert state(session, 18) is REJECTED
    assert (current(page), table.currentIndex().row()) == (21, 6)
    click(page, "cards")
    assert text(page, "question") == "What is said in sentence 0 of passage 11?"


def test_that_pairs_of_another_writer_are_seen_on_the_next_visit(
    page: ReviewPage, session: Session, qtbot: QtBot
) -> None:
    other = apsw.Connection(str(session.project.database.path))
    row_sums.register(other)
    other.execute("UPDATE pairs SET state = 'rejected' WHERE id > 40")
    other.close()
    page.enter()
    qtbot.waitUntil(lambda: text(page, "place") == "1 of 40")
    assert "8 rejected" in text(page, "counts")


def test_that_a_decision_that_cannot_be_written_is_not_shown_as_made(
    page: ReviewPage, session: Session, qtbot: QtBot, said: list[Message]
) -> None:
    session.project.database.connection.pragma("query_only", True)
    press(qtbot, page, "A")
    session.project.database.connection.pragma("query_only", False)
    assert "cannot be written" in said[-1].text
    assert current(page) == 3
    assert text(page, "counts").startswith("0 accepted")


def test_that_others_are_told_once_the_hand_rests(page: ReviewPage, session: Session, qtbot: QtBot) -> None:
    told: list[str] = []
    session.table_changed.connect(told.append)
    with qtbot.waitSignal(session.table_changed):
        press(qtbot, page, "A", "A", "A")
        assert told == []
    assert told == ["pairs"]


def test_that_another_project_starts_afresh(page: ReviewPage, session: Session, tmp_path: Any) -> None:
    session.create(tmp_path / "other")
    page.enter()
    assert "No questions yet" in visible(page)


def test_that_leaving_the_project_ends_a_bulk_act_which_can_be_undone(
    page: ReviewPage, session: Session, qtbot: QtBot
) -> None:
    page.flow.start_bulk(page.flow.shown_ids(), ACCEPTED, Act.ACCEPT_SHOWN)
    assert page.has_unsaved_work()
    session.close()
    assert not page.has_unsaved_work()
    qtbot.wait(1)


def test_that_a_long_answer_does_not_make_the_page_taller(page: ReviewPage, session: Session, qtbot: QtBot) -> None:
    height = page.minimumSizeHint().height()
    with session.project.database.transaction() as connection:
        connection.execute("UPDATE pairs SET answer = ?, question = ?", ("long words " * 300, "why so " * 60))
    page.flow.reopen()
    assert page.minimumSizeHint().height() == height <= 520
