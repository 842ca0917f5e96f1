"""The further tabs of Search: similarity, many questions, near copies, the map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTabBar,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.found_file import CopyGroup, NearCopies, PassageMap, stamp_of, write_found
from embtrainer_gui.core.messages import CompareTexts, RenderPage, TextSimilarity
from embtrainer_gui.core.reference import Reference
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.search_page import SearchPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.heat_table import HeatTable

SIMILARITY, MANY, COPIES, MAP = range(1, 5)


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> SearchPage:
    page = SearchPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.resize(1030, 560)
    page.show()
    page.enter()
    return page


def show(page: SearchPage, tab: int) -> None:
    page.findChild(QTabBar, "search.tabs").setCurrentIndex(tab)


def click(qtbot: QtBot, page: SearchPage, name: str) -> None:
    qtbot.mouseClick(page.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def text(page: SearchPage, name: str) -> str:
    return page.findChild(QLabel, name).text()


def map_of(session: Session, **changes: Any) -> PassageMap:
    passages = [passage.id for passage in session.project.passages.in_use()]
    count = len(passages)
    axis = [2 * place / (count - 1) - 1 for place in range(count)]
    whole = {
        "stamp": stamp_of(session.project), "at": "now", "passages": passages, "total": count,
        "layouts": {"base": (axis, axis), "tuned": (axis, axis[::-1])},
        "clusters": [place % 2 for place in range(count)], "names": ["rice, blast", "soil"], "clustered_by": "tuned",
    }  # fmt: skip
    return PassageMap.model_validate({**whole, **changes})


def opened(jobs: FakeJobs) -> list[tuple[int, int]]:
    asked = jobs.fake_service("pages").asked
    return [(request.document, request.page) for request in asked if isinstance(request, RenderPage)]


def test_that_the_bar_of_questions_gives_its_room_to_the_other_tabs(page: SearchPage) -> None:
    show(page, SIMILARITY)
    assert not page._bar.isVisible()
    show(page, 0)
    assert page._bar.isVisible()


def test_that_texts_are_compared_and_the_matrix_is_copied(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    service = jobs.fake_service("search")
    show(page, SIMILARITY)
    page.findChild(QPlainTextEdit, "search.texts").setPlainText("rice blast\n\n=soil  carbon\n")
    click(qtbot, page, "search.compare-texts")
    asked = service.asked[-1]
    assert isinstance(asked, CompareTexts)
    assert asked.texts == ("rice blast", "=soil carbon")
    service._on_event(TextSimilarity(ticket=asked.ticket, cosines=[[1.0, 0.25], [0.25, 1.0]]))
    table = page.findChild(HeatTable, "search.matrix")
    qtbot.waitUntil(table.isVisible)
    assert table.model().index(0, 1).data() == "0.250"
    click(qtbot, page, "search.copy-matrix")
    assert (
        QGuiApplication.clipboard().text()
        == "\trice blast\t'=soil carbon\nrice blast\t1.0000\t0.2500\n'=soil carbon\t0.2500\t1.0000\n"
    )


def test_that_texts_are_typed_at_once_and_a_job_that_ends_takes_no_focus(page: SearchPage) -> None:
    show(page, SIMILARITY)
    box, start = page.findChild(QPlainTextEdit, "search.texts"), page.findChild(QPushButton, "search.compare-texts")
    assert page.focusWidget() is box
    start.setFocus()
    page.enter()
    assert page.focusWidget() is start
    page.leave()
    page.enter()
    assert page.focusWidget() is box


def test_that_a_comparison_shows_that_it_is_busy_and_can_be_stopped(
    qtbot: QtBot, page: SearchPage, jobs: FakeJobs
) -> None:
    service = jobs.fake_service("search")
    show(page, SIMILARITY)
    page.findChild(QPlainTextEdit, "search.texts").setPlainText("rice blast\nsoil carbon")
    stop = page.findChild(QPushButton, "search.stop-comparing")
    assert stop.isHidden()
    click(qtbot, page, "search.compare-texts")
    assert not stop.isHidden()
    click(qtbot, page, "search.stop-comparing")
    assert stop.isHidden()
    assert "Stopped" in text(page, "search.similarity-note")
    click(qtbot, page, "search.compare-texts")
    service._on_event(TextSimilarity(ticket=service.asked[-1].ticket, cosines=[[1.0, 0.25], [0.25, 1.0]]))
    assert stop.isHidden()


def test_that_one_text_alone_is_not_compared(qtbot: QtBot, page: SearchPage, jobs: FakeJobs) -> None:
    show(page, SIMILARITY)
    page.findChild(QPlainTextEdit, "search.texts").setPlainText("rice")
    click(qtbot, page, "search.compare-texts")
    assert not jobs.fake_service("search").asked
    assert "two texts" in text(page, "search.similarity-note")


def test_that_a_file_of_questions_is_searched_into_another_file(
    qtbot: QtBot, page: SearchPage, jobs: FakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(page, MANY)
    assert not page.findChild(QPushButton, "search.many-start").isEnabled()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "q.txt"), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "hits.csv"), ""))
    click(qtbot, page, "search.many-file")
    click(qtbot, page, "search.many-start")
    spec = jobs.specs[-1]
    assert (spec.stage, spec.config["model"], spec.options["out"]) == (
        "search-many",
        "base",
        str(tmp_path / "hits.csv"),
    )
    jobs.finish({"path": str(tmp_path / "hits.csv"), "questions": 3, "left_out": 1, "without_hits": 1, "hits": 20})
    assert text(page, "search.many-note").startswith("20 hits for 3 questions; 1 found nothing, 1 rows")


def test_that_many_questions_are_narrowed_as_one_is(
    qtbot: QtBot, page: SearchPage, session: Session, jobs: FakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for document, year in ((1, 2001), (2, 2009)):
        session.project.references.fill([document], Reference(year=year, by="zotero"))
    show(page, MANY)
    page.enter()
    papers, years = page.findChild(QComboBox, "search.many-paper"), page.findChild(QSpinBox, "search.many-year-from")
    qtbot.waitUntil(lambda: papers.count() == 4 and not years.isHidden())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "q.txt"), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "hits.csv"), ""))
    click(qtbot, page, "search.many-file")
    papers.setCurrentIndex(papers.findData(2))
    page.findChild(QComboBox, "search.many-section").setEditText("Results")
    years.setValue(2005)
    click(qtbot, page, "search.many-start")
    told = SearchFilters.model_validate(jobs.specs[-1].options["filters"])
    assert told == SearchFilters(papers=(2,), section="Results", year_from=2005)


def test_that_near_copies_are_listed_and_open_their_pages(
    qtbot: QtBot, page: SearchPage, session: Session, jobs: FakeJobs
) -> None:
    show(page, COPIES)
    click(qtbot, page, "search.copies-start")
    assert jobs.specs[-1].config == {"model": "base", "least": 0.95}
    ids = [passage.id for passage in session.project.passages.in_use()]
    group = CopyGroup(passages=[ids[0], ids[9]], size=2, highest=0.987, lowest=0.987)
    found = NearCopies(
        stamp=stamp_of(session.project), at="now", model="base", least=0.95, groups=[group], groups_found=1, passages=24
    )
    write_found(Path(jobs.specs[-1].options["out"]), found)
    jobs.finish()
    tree = page.findChild(QTreeWidget, "search.copies")
    assert tree.topLevelItem(0).text(0) == "0.987"
    assert [tree.topLevelItem(0).child(row).text(1) for row in range(2)] == [
        "On rice blast, page 1",
        "On soil carbon, page 1",
    ]
    area = tree.visualItemRect(tree.topLevelItem(0).child(1))
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert opened(jobs) == [(2, 1)]
    assert "1 group among 24 passages" in text(page, "search.copies-note")


def test_that_the_map_is_drawn_by_a_job_and_shown(
    qtbot: QtBot, page: SearchPage, session: Session, jobs: FakeJobs
) -> None:
    show(page, MAP)
    click(qtbot, page, "search.map-start")
    assert jobs.specs[-1].stage == "map"
    write_found(Path(jobs.specs[-1].options["out"]), map_of(session))
    jobs.finish()
    qtbot.waitUntil(lambda: page.findChild(QWidget, "search.map-tuned") is not None)
    tool = page._tools.tool(MAP - 1)
    assert [tool._legend.item(row).text() for row in range(3)] == [
        "On rice blast  8",
        "On soil carbon  8",
        "On bee decline  8",
    ]
    tool._by.setCurrentIndex(1)
    assert [tool._legend.item(row).text() for row in range(2)] == ["rice, blast  12", "soil  12"]
    assert not page.findChild(QLabel, "search.map-note").isVisible()


@pytest.fixture
def drawn(qtbot: QtBot, page: SearchPage, session: Session) -> Any:
    write_found(session.project.index / "map.json", map_of(session))
    show(page, MAP)
    tool = page._tools.tool(MAP - 1)
    qtbot.waitUntil(lambda: tool._points is not None)
    qtbot.waitExposed(page)
    return tool


def test_that_pointing_reads_a_passage_and_marks_it_on_both_drawings(qtbot: QtBot, drawn: Any) -> None:
    area = drawn._areas["base"]
    spot = area.position_of(5).toPoint()
    qtbot.mouseMove(area.viewport(), spot + QPoint(60, 60))
    qtbot.mouseMove(area.viewport(), spot)
    qtbot.waitUntil(lambda: "In field 5, rice blast" in drawn._told.text())
    assert all(len(other._mark.data) == 1 for other in drawn._areas.values())


def test_that_a_click_on_a_point_opens_its_page(qtbot: QtBot, drawn: Any, jobs: FakeJobs) -> None:
    area = drawn._areas["tuned"]
    qtbot.mouseClick(area.viewport(), Qt.MouseButton.LeftButton, pos=area.position_of(5).toPoint())
    assert opened(jobs) == [(1, 2)]


def test_that_words_are_found_on_the_map_and_listed(qtbot: QtBot, drawn: Any, jobs: FakeJobs) -> None:
    drawn._find_box.setText("SOIL field 3,")
    qtbot.waitUntil(lambda: drawn._listed.count() == 1)
    assert drawn._areas["base"]._found.tolist() == [11]
    drawn._listed.itemClicked.emit(drawn._listed.item(0))
    assert opened(jobs) == [(2, 1)]
    drawn._find_box.clear()
    qtbot.waitUntil(lambda: drawn._areas["base"]._found is None)


def test_that_a_paper_of_the_legend_is_shown_alone(qtbot: QtBot, drawn: Any) -> None:
    drawn._legend.item(1).setSelected(True)
    assert drawn._areas["base"]._found.tolist() == list(range(8, 16))
    assert drawn._listed.count() == 8


def test_that_zooming_one_drawing_zooms_the_other(qtbot: QtBot, drawn: Any) -> None:
    drawn._areas["base"].view.setRange(xRange=(-0.2, 0.2), yRange=(-0.2, 0.2), padding=0)
    qtbot.waitUntil(lambda: drawn._areas["tuned"].view.viewRange()[0][1] < 0.6)


def test_that_a_map_of_other_papers_says_so(qtbot: QtBot, page: SearchPage, session: Session) -> None:
    write_found(session.project.index / "map.json", map_of(session, stamp="older", total=1000))
    show(page, MAP)
    qtbot.waitUntil(page.findChild(QLabel, "search.map-note").isVisible)
    assert (
        text(page, "search.map-note")
        == "24 of 1\u202f000 passages, drawn by lot. Papers or the model have changed since: draw it again."
    )
