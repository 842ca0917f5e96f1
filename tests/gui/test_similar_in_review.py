"""Review shows which questions resemble the one at hand, keeps the first of them, and shows which passage collides."""

from __future__ import annotations

from gui.fakes import FakeJobs
from gui.test_review_page import click, current, make_page, page, press, session, state, text  # noqa: F401
from PySide6.QtWidgets import QAbstractButton, QLabel, QTextEdit
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import Failed
from embtrainer_gui.core.records import PairState, Reason
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.doubts import FoundDoubt
from embtrainer_gui.gui.pages.review_page import ReviewPage
from embtrainer_gui.gui.review_keys import Command
from embtrainer_gui.gui.session import Session

PENDING, REJECTED = PairState.PENDING, PairState.REJECTED


def link(page: ReviewPage, name: str) -> QAbstractButton | None:  # noqa: F811
    found = page.findChild(QAbstractButton, f"review.{name}")
    return found if isinstance(found, QAbstractButton) else None


def group(page: ReviewPage, session: Session, *pairs: int) -> None:  # noqa: F811
    session.project.pair_groups.set_groups(dict.fromkeys(pairs, pairs[0]))
    page.flow.show_pair(pairs[-1])


def test_that_the_card_counts_similar_questions_and_leads_to_them(page: ReviewPage, session: Session) -> None:  # noqa: F811
    assert link(page, "similar") is None
    group(page, session, 5, 8, 11)
    similar = link(page, "similar")
    assert similar is not None
    assert similar.text() == "Similar to this one (3)"
    similar.click()
    assert page.flow.queue is not None
    page.flow.queue.finish()
    assert sorted(page.flow.queue.ids) == [5, 8, 11]
    assert current(page) == 5


def test_that_keeping_the_first_rejects_the_others_and_can_be_undone(
    page: ReviewPage,  # noqa: F811
    session: Session,  # noqa: F811
    qtbot: QtBot,
) -> None:
    keep = link(page, "keep-first")
    assert keep is not None
    assert not keep.isVisible()
    group(page, session, 5, 8, 11)
    click(page, "similar")
    assert keep.isVisible()
    qtbot.waitUntil(keep.isEnabled)  # the list is whole
    with qtbot.waitSignal(page.flow.bulk_ended):
        keep.click()
    assert [state(session, pair) for pair in (5, 8, 11)] == [PENDING, REJECTED, REJECTED]
    page.run_command(Command.UNDO)
    assert [state(session, pair) for pair in (5, 8, 11)] == [PENDING, PENDING, PENDING]


def test_that_other_lists_have_no_first_to_keep(page: ReviewPage, session: Session, qtbot: QtBot) -> None:  # noqa: F811
    group(page, session, 5, 8)
    click(page, "similar")
    page._board.list_wanted.emit()
    keep, clean = link(page, "keep-first"), link(page, "accept-clean")
    assert keep is not None
    assert clean is not None
    assert (keep.isVisible(), clean.isVisible()) == (False, True)


def test_that_a_pair_with_a_rival_shows_which_passage_and_how_close(
    page: ReviewPage,  # noqa: F811
    session: Session,  # noqa: F811
    jobs: FakeJobs,
) -> None:
    pages = jobs.fake_service("pages")
    pages.replies = lambda request: Failed(kind="user", message="No file.", ticket=request.ticket)
    project = session.project
    question = project.pairs.get([4])[4].question
    project.pairs.set_reasons({4: [Reason.AMBIGUOUS]})
    project.doubts.add([FoundDoubt(4, question, 9, 0.97), FoundDoubt(4, question, 12, 1.04)], utc_now())
    page.flow.open(page.flow.queue.filter if page.flow.queue else None)  # type: ignore[arg-type]
    page.flow.show_pair(4)
    rival = link(page, "collision")
    assert rival is not None
    assert rival.text() == "See the other passage (scores higher)"
    rival.click()
    place, other = page.findChild(QLabel, "doubts.place"), page.findChild(QTextEdit, "doubts.other-text")
    assert place is not None
    assert other is not None
    assert place.text() == "1 of 2"
    assert other.toPlainText() == project.passages.get([12])[12].text
    page.run_command(Command.DOUBTS)
    assert current(page) == 4
    assert state(session, 4) is PENDING


def test_that_collisions_of_a_pair_to_review_wait_for_nobody(page: ReviewPage, session: Session) -> None:  # noqa: F811
    question = session.project.pairs.get([4])[4].question
    session.project.doubts.add([FoundDoubt(4, question, 9, 0.97)], utc_now())
    assert sum(session.project.doubts.counts().values()) == 0
