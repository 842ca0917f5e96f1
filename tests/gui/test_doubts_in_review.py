"""Doubtful passages on the Review page: both passages side by side, one key an answer, nothing given is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs
from gui.review_project import make_review_project
from gui.test_review_page import make_page, page, press, said  # noqa: F401
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import Failed, ItemsChanged, RenderPage
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.doubts import DoubtAnswer, FoundDoubt
from embtrainer_gui.gui.feedback import Message
from embtrainer_gui.gui.pages.review_page import ReviewPage
from embtrainer_gui.gui.review_keys import KEYS, Command
from embtrainer_gui.gui.session import Session

OPEN, RIGHT, WRONG, UNSURE = DoubtAnswer


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[Session]:
    """All pairs accepted; three doubts, of the questions of the passages 1 and 2."""
    make_review_project(tmp_path / "project")
    session = Session()
    session.open(tmp_path / "project")
    pairs = session.project.pairs
    pairs.decide([pair.id for pair in pairs.all()], PairState.ACCEPTED, "accept all", utc_now())
    find(session, (1, 9, 1.1), (1, 5, 0.97), (3, 12, 1.0))
    yield session
    session.close()


def find(session: Session, *doubts: tuple[int, int, float]) -> None:
    pairs = session.project.pairs.get([pair for pair, _, _ in doubts])
    found = [FoundDoubt(pair, pairs[pair].question, passage, share) for pair, passage, share in doubts]
    session.project.doubts.add(found, utc_now())


def part(page: ReviewPage, kind: type[Any], name: str) -> Any:  # noqa: F811
    found = page.findChild(kind, name)
    assert found is not None, name
    return found


def text(page: ReviewPage, name: str) -> str:  # noqa: F811
    return str(part(page, QLabel, f"doubts.{name}").text())


def answers(session: Session) -> dict[int, DoubtAnswer]:
    return {doubt.passage_id: doubt.answer for doubt in session.project.doubts.all()}


def shown(page: ReviewPage) -> bool:  # noqa: F811
    found = page.findChild(QWidget, "doubts.place")
    return found is not None and found.isVisible()


def test_that_the_switch_tells_how_many_wait_and_leads_to_both_passages(
    page: ReviewPage,  # noqa: F811
    session: Session,
    jobs: FakeJobs,
) -> None:
    pages = jobs.fake_service("pages")
    pages.replies = lambda request: Failed(kind="user", message="No file.", ticket=request.ticket)
    switch = part(page, QAbstractButton, "review.doubts")
    assert switch.text() == "Doubtful passages (3)"
    switch.click()
    assert text(page, "place") == "1 of 3"
    assert text(page, "question") == session.project.pairs.get([1])[1].question
    passages = session.project.passages.get([1, 9])
    assert part(page, QTextEdit, "doubts.right-text").toPlainText() == passages[1].text
    assert part(page, QTextEdit, "doubts.other-text").toPlainText() == passages[9].text
    assert "On soil carbon" in text(page, "other-origin")
    assert text(page, "other-chip") == "Scores higher than the right one"
    asked = {(request.document, request.page) for request in pages.asked if isinstance(request, RenderPage)}
    assert {(1, passages[1].page), (2, passages[9].page)} <= asked


def test_that_each_key_answers_on_the_disk_and_goes_on(
    page: ReviewPage,  # noqa: F811
    session: Session,
    qtbot: QtBot,
) -> None:
    press(qtbot, page, "D", "R")
    with qtbot.waitSignal(session.table_changed, check_params_cb=lambda table: table == "doubts"):
        assert answers(session) == {9: RIGHT, 12: OPEN, 5: OPEN}
        assert text(page, "place") == "2 of 3"
    press(qtbot, page, "W", "U")
    assert answers(session) == {9: RIGHT, 12: WRONG, 5: UNSURE}
    assert text(page, "counts") == "1 right · 1 wrong · 1 unsure · 0 left"
    assert not shown(page)
    assert "No doubtful passage left" in [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    assert part(page, QAbstractButton, "doubts.find").isVisible()


def test_that_backspace_takes_answers_back_one_by_one_also_those_of_an_earlier_visit(
    page: ReviewPage,  # noqa: F811
    session: Session,
    qtbot: QtBot,
    said: list[Message],  # noqa: F811
) -> None:
    press(qtbot, page, "D", "R", "D", "D")
    assert text(page, "place") == "1 of 2"
    press(qtbot, page, "W", Qt.Key.Key_Backspace)
    assert text(page, "other-chip") == "Scores the same as the right one"
    press(qtbot, page, Qt.Key.Key_Backspace)
    assert answers(session) == {9: OPEN, 12: OPEN, 5: OPEN}
    assert text(page, "question") == session.project.pairs.get([1])[1].question
    assert said
    qtbot.keyClick(page, "Y", Qt.KeyboardModifier.ControlModifier)
    assert answers(session)[9] is RIGHT
    assert text(page, "other-chip") == "Right as well"
    assert session.project.pairs.counts()["accepted"] == 48  # the journal of the pairs is another one


def test_that_undo_and_redo_say_what_they_would_do_also_after_a_restart(
    page: ReviewPage,  # noqa: F811
    session: Session,
    qtbot: QtBot,
) -> None:
    press(qtbot, page, "D", "R", "W", "U")
    undo, redo = part(page, QAbstractButton, "doubts.undo"), part(page, QAbstractButton, "doubts.redo")
    last = session.project.doubts.next_undo()
    assert last is not None
    assert undo.text() == f"Undo: unsure #{last.pair_id}"
    assert undo.isVisible()  # though no doubt is left
    undo.click()
    assert redo.text() == f"Redo: unsure #{last.pair_id}"
    folder = session.project.folder
    session.close()
    session.open(folder)
    assert session.project.doubts.next_redo() == last
    assert session.project.doubts.redo() == last


def test_that_neither_view_takes_the_keys_of_the_other(
    page: ReviewPage,  # noqa: F811
    session: Session,
    qtbot: QtBot,
) -> None:
    press(qtbot, page, "R", "W", "U")
    assert set(answers(session).values()) == {OPEN}
    before = session.project.pairs.counts()
    press(qtbot, page, "D", "X", "A", "E", "N", Qt.Key.Key_Space)
    assert session.project.pairs.counts() == before
    assert text(page, "place") == "1 of 3"
    press(qtbot, page, "J", "J", "J", "K")
    assert text(page, "place") == "2 of 3"
    press(qtbot, page, Qt.Key.Key_Escape)
    assert not shown(page)
    assert part(page, QLineEdit, "review.search").isVisible()


def test_that_the_sheet_shows_the_keys_of_doubtful_passages(page: ReviewPage, qtbot: QtBot) -> None:  # noqa: F811
    press(qtbot, page, "D")
    qtbot.keyClick(page, "?")
    words = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    assert [key.command for key in KEYS if key.of_doubts] == [Command.RIGHT_TOO, Command.WRONG, Command.UNSURE]
    for key in KEYS:
        assert key.text in words
    assert "Beside doubtful passages" in words


def test_that_the_buttons_do_what_the_keys_do(page: ReviewPage, session: Session) -> None:  # noqa: F811
    part(page, QAbstractButton, "review.doubts").click()
    for name in ("doubts.unsure", "doubts.wrong", "doubts.undo", "doubts.right"):
        part(page, QAbstractButton, name).click()
    assert answers(session) == {9: UNSURE, 12: RIGHT, 5: OPEN}
    part(page, QAbstractButton, "doubts.back").click()
    assert part(page, QAbstractButton, "review.doubts").text() == "Doubtful passages (1)"


def test_that_the_empty_state_looks_for_them_and_shows_what_was_found(
    page: ReviewPage,  # noqa: F811
    session: Session,
    jobs: FakeJobs,
    qtbot: QtBot,
) -> None:
    session.project.database.connection.execute("DELETE FROM doubts")
    press(qtbot, page, "D")
    look = part(page, QAbstractButton, "doubts.find")
    assert look.isVisible()
    assert look.isEnabled()
    look.click()
    assert jobs.specs[-1].stage == "doubts"
    assert not look.isEnabled()
    find(session, (2, 7, 0.99))
    jobs.say(ItemsChanged(table="doubts", count=1))
    jobs.finish({})
    assert text(page, "place") == "1 of 1"
    assert part(page, QAbstractButton, "doubts.find-more").isEnabled()


def test_that_another_project_shows_its_pairs(
    page: ReviewPage,  # noqa: F811
    session: Session,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    press(qtbot, page, "D")
    make_review_project(tmp_path / "other")
    session.open(tmp_path / "other")
    page.enter()
    assert not shown(page)
    assert part(page, QAbstractButton, "review.doubts").text() == "Doubtful passages"
