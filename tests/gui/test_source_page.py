"""The page beside a pair: its passage outlined, the words of its answer marked, the neighbours made ready."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.fakes import FakeJobs, FakeService
from gui.review_project import make_review_project
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import PageImage, RenderPage
from embtrainer_gui.core.records import Passage
from embtrainer_gui.core.store.review_queue import QueueRow, read_rows
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.source_page import SourcePage


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[Session]:
    make_review_project(tmp_path / "project")
    session = Session()
    session.open(tmp_path / "project")
    yield session
    session.close()


@pytest.fixture
def service(jobs: FakeJobs, tmp_path: Path) -> FakeService:
    """Answers with a white page on which the third passage of its document stands, on page 1 only."""

    def reply(request: RenderPage) -> PageImage:
        picture = tmp_path / "page.ppm"
        image = QImage(612, 792, QImage.Format.Format_RGB32)
        image.fill(0xFFFFFF)
        image.save(str(picture))
        line = "In field 2, rice blast was measured 4 times.".split()
        words = [(80.0 + 40 * n, 220.0, 115.0 + 40 * n, 231.0, word) for n, word in enumerate(line)]  # 9 words
        return PageImage(
            ticket=request.ticket,
            path=str(picture),
            width=612,
            height=792,
            page_width=612,
            page_height=792,
            pages=2,
            words=words if request.page == 1 else [],
        )

    service = jobs.fake_service("pages")
    service.replies = reply
    return service


@pytest.fixture
def source(qtbot: QtBot, jobs: FakeJobs, service: FakeService) -> SourcePage:
    source = SourcePage(jobs)
    qtbot.addWidget(source)
    source.resize(620, 500)
    source.show()
    return source


def pair(session: Session, number: int) -> tuple[QueueRow, Passage]:
    row = read_rows(session.project.database, [number])[0]
    return row, session.project.passages.get([row.pair.passage_id])[row.pair.passage_id]


def test_that_the_words_of_the_answer_are_marked_on_the_page(source: SourcePage, session: Session) -> None:
    row, passage = pair(session, 5)
    assert row.pair.answer == "In field 2, rice blast was measured 4 times"
    source.show_pair(row, passage)
    assert source._view._boxes == passage.boxes
    assert source._view._strong == ((1, 80.0, 220.0, 435.0, 231.0),)


def test_that_nothing_is_marked_without_an_exact_match(source: SourcePage, session: Session) -> None:
    source.show_pair(*pair(session, 6))
    assert source._view._strong == ()


def test_that_the_quote_stands_in_for_an_answer_in_other_words(source: SourcePage, session: Session) -> None:
    row, passage = pair(session, 6)
    source.show_pair(row, passage, "field 2, rice blast was")
    assert source._view._strong == ()
    assert source._view._quoted == ((1, 120.0, 220.0, 315.0, 231.0),)
    assert source._view._canvas.marked_text() == "field 2, rice blast was"
    source.show_pair(*pair(session, 5))
    assert source._view._quoted == ()


def test_that_the_answer_and_what_it_rests_on_are_both_marked(source: SourcePage, session: Session) -> None:
    row, passage = pair(session, 5)
    source.show_pair(row, passage, "rice blast was measured")
    assert source._view._strong == ((1, 80.0, 220.0, 435.0, 231.0),)
    assert source._view._quoted == ((1, 200.0, 220.0, 355.0, 231.0),)


def test_that_the_answer_is_looked_for_on_each_page_of_its_passage(source: SourcePage, session: Session) -> None:
    row, passage = pair(session, 5)
    boxes = ((2, 72.0, 50.0, 300.0, 60.0), *passage.boxes)
    on_two = Passage(
        passage.id, passage.key, 1, 3, passage.kind, passage.section, 1, passage.text, tuple(sorted(boxes)), 9
    )
    source.show_pair(row, on_two)
    assert source._page == 1
    source.show_pair(*pair(session, 6))
    elsewhere = Passage(passage.id, passage.key, 1, 3, passage.kind, passage.section, 1, passage.text, boxes[:1], 9)
    source.show_pair(row, elsewhere)
    assert (source._page, source._view._strong) == (1, ())


def test_that_the_next_pages_are_asked_for_once_the_reviewer_stays(
    source: SourcePage, session: Session, service: FakeService, qtbot: QtBot
) -> None:
    source.show_pair(*pair(session, 5))
    source.prefetch([pair(session, 17)[0], pair(session, 40)[0]])
    assert [request.document for request in service.asked] == [1]
    qtbot.waitUntil(lambda: len(service.asked) == 3)
    assert [(request.document, request.page) for request in service.asked[1:]] == [(2, 1), (3, 1)]


def test_that_a_selection_belongs_to_the_page_on_which_it_was_made(source: SourcePage, session: Session) -> None:
    source.show_pair(*pair(session, 5))
    assert source.selection() is None
    source._view.text_selected.emit("rice blast")
    chosen = source.selection()
    assert chosen is not None
    assert (chosen.document, chosen.page, chosen.text) == (1, 1, "rice blast")
    source.show_pair(*pair(session, 7))
    assert source.selection() is None
