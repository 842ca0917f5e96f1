"""The page of papers: drops, the table, removing with undo, passwords, and passages that find their place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from gui.papers_help import Heard, add_failed, drop, part, shown, titles
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import ItemsChanged
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.models.documents_table import PASSAGES, STATE, TITLE, DocumentsTable
from embtrainer_gui.gui.pages.papers_page import PapersPage
from embtrainer_gui.gui.session import Session


@pytest.fixture
def heard(feedback: Feedback) -> Heard:
    return Heard(feedback)


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> PapersPage:
    return shown(qtbot, PapersPage(session, jobs, feedback))


def test_that_the_table_shows_failed_files_first_with_reason_icon_and_word(session: Session, page: PapersPage) -> None:
    add_failed(session)
    assert titles(page) == ["bad.pdf", "On rice blast", "On soil carbon", "On bee decline"]
    model = part(page, "table").model()
    assert "is damaged" in model.index(0, TITLE).data(Qt.ItemDataRole.ToolTipRole)
    assert [model.index(row, STATE).data() for row in range(4)] == ["Failed", "Read", "Read", "Read"]
    assert not model.index(0, STATE).data(Qt.ItemDataRole.DecorationRole).isNull()
    assert model.index(1, PASSAGES).data() == "8"


def test_that_the_model_keeps_the_rules_of_qt(session: Session, qtmodeltester: ModelTester) -> None:
    model = DocumentsTable()
    model.show_project(session.project)
    qtmodeltester.check(model)


def test_that_an_empty_project_shows_one_large_drop_zone(
    qtbot: QtBot, empty_session: Session, feedback: Feedback
) -> None:
    jobs = FakeJobs(empty_session, feedback)
    page = shown(qtbot, PapersPage(empty_session, jobs, feedback))
    qtbot.waitUntil(lambda: part(page, "drop").height() > 400)
    assert not part(page, "table").isVisible()
    jobs.shut_down()


def test_that_a_paper_that_was_read_is_shown_first(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback
) -> None:
    add_failed(session)
    page = shown(qtbot, PapersPage(session, jobs, feedback))
    assert page._view.shown() == page._list.model.row(1)


def test_that_a_dropped_project_is_left_to_the_window(session: Session, page: PapersPage) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(session.project.folder))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime, buttons, keys)
    page.dragEnterEvent(entered)
    assert not entered.isAccepted()


def test_that_files_dropped_anywhere_are_imported(page: PapersPage, jobs: FakeJobs, tmp_path: Path) -> None:
    paper, folder = tmp_path / "new.pdf", tmp_path / "folder"
    paper.write_bytes(b"%PDF-1.4")
    folder.mkdir()
    drop(page, paper, folder)
    assert jobs.specs[0].stage == "import"
    assert jobs.specs[0].options["sources"] == [str(paper), str(folder)]


def test_that_papers_appear_while_the_import_runs(
    qtbot: QtBot, session: Session, page: PapersPage, jobs: FakeJobs, tmp_path: Path
) -> None:
    drop(page, tmp_path / "new.pdf")
    source = session.project.documents.begin("h", "new.pdf", utc_now())
    session.project.documents.finish(source, FileState.EMPTY, "No text.", 1, "", "")
    jobs.say(ItemsChanged(table="documents", count=1))
    qtbot.waitUntil(lambda: "new.pdf" in titles(page))


def test_that_remove_takes_papers_out_at_once_and_undo_brings_them_back(
    session: Session, page: PapersPage, heard: Heard
) -> None:
    pairs = session.project.pairs.counts()
    page._list.select(1)
    part(page, "remove").click()
    assert titles(page) == ["On rice blast", "On bee decline"]
    assert session.project.pairs.counts() != pairs
    toast = heard.toasts[-1]
    assert "paper1.pdf" in toast.text
    assert toast.action is not None
    toast.action.run()
    assert titles(page) == ["On rice blast", "On soil carbon", "On bee decline"]
    assert session.project.pairs.counts() == pairs


def test_that_several_papers_are_removed_with_one_undo(session: Session, page: PapersPage, heard: Heard) -> None:
    part(page, "table").selectAll()
    part(page, "remove").click()
    assert not part(page, "table").isVisible()
    assert "3 files" in heard.toasts[-1].text
    action = heard.toasts[-1].action
    assert action is not None
    action.run()
    assert len(titles(page)) == 3


def test_that_retry_reads_the_stored_copies_of_the_failed_files(
    session: Session, page: PapersPage, jobs: FakeJobs
) -> None:
    add_failed(session, "one.pdf", stored="one-copy.pdf")
    add_failed(session, "two.pdf", stored="two-copy.pdf")
    papers = session.project.papers
    page._list.select(0)
    assert part(page, "retry").isVisible()
    part(page, "retry").click()
    assert jobs.specs[-1].options == {"sources": [str(papers / "one-copy.pdf")], "retry": True}
    jobs.finish({"files": []})
    assert part(page, "retry-all").text() == "Retry 2 failed"
    part(page, "retry-all").click()
    assert jobs.specs[-1].options["sources"] == [str(papers / name) for name in ("one-copy.pdf", "two-copy.pdf")]
    jobs.finish({"files": []})
    page._list.select(2)
    assert not part(page, "retry").isVisible()


def test_that_a_failed_file_without_a_copy_is_looked_for(
    session: Session, page: PapersPage, jobs: FakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_failed(session, "gone.pdf")
    found = tmp_path / "elsewhere.pdf"
    asked: list[str] = []

    def choose(parent: object, title: str, *_: object) -> tuple[list[str], str]:
        asked.append(title)
        return [str(found)], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", choose)
    page._list.select(0)
    part(page, "retry").click()
    assert "gone.pdf" in asked[0]
    assert jobs.specs[-1].options["sources"] == [str(found)]


def test_that_a_file_of_pairs_is_offered_the_right_door(
    page: PapersPage, jobs: FakeJobs, heard: Heard, pair_file: Path, tmp_path: Path
) -> None:
    paper = tmp_path / "new.pdf"
    drop(page, pair_file, paper)
    assert jobs.specs[-1].options["sources"] == [str(paper)]
    jobs.finish({"files": [{"file": "new.pdf", "state": "done"}]})
    offer = heard.banners[-1]
    assert pair_file.name in offer.text
    assert offer.action is not None
    offer.action.run()
    assert (jobs.specs[-1].stage, jobs.specs[-1].options) == ("question-table", {"file": str(pair_file)})
    guess = {"question": "question", "answer": "answer"}
    look = {"file": pair_file.name, "columns": ["question", "answer"], "rows": [], "guess": guess, "sheets": []}
    jobs.finish(look | {"fixed": False, "as": "pairs"})
    page.window().findChild(QPushButton, "mapping.import").click()
    assert (jobs.specs[-1].stage, jobs.specs[-1].options["columns"]) == ("pairs-import", guess)
    jobs.finish({"added": 58, "known": 0, "left_out": 1, "rejected": [{"line": 3, "reason": "no answer"}], "notes": []})
    assert "58 questions" in heard.banners[-1].text
    assert "line 3: no answer" in heard.banners[-1].hint


@pytest.mark.parametrize(
    ("name", "text", "pairs"),
    [
        ("a.csv", '"Question";"Answer"\nWhat?;That.\n', True),
        ("b.csv", "name,value\nx,1\n", True),  # a table is asked which column holds what
        ("c.json", json.dumps([{"question": "What?", "answer": "That."}]), True),
        ("corpus.jsonl", json.dumps({"_id": "1", "title": "", "text": 'He said "question": no.'}), False),
        ("d.txt", '"question": "What?"', False),
    ],
)
def test_that_only_pairs_are_taken_for_pairs(
    page: PapersPage, jobs: FakeJobs, heard: Heard, tmp_path: Path, name: str, text: str, pairs: bool
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    drop(page, path)
    assert bool(heard.banners) is pairs
    assert bool(jobs.specs) is not pairs


def test_that_failures_are_said_before_successes(
    page: PapersPage, jobs: FakeJobs, heard: Heard, tmp_path: Path
) -> None:
    drop(page, tmp_path / "x.pdf")
    jobs.finish({"files": [{"file": "a.pdf", "state": "done"}, {"file": "b.pdf", "state": "failed"}]})
    assert "1 read, 1 could not be read: b.pdf" in heard.banners[-1].text
    assert not heard.toasts


def test_that_passages_are_asked_with_all_boxes_and_each_finds_the_other(
    qtbot: QtBot, session: Session, page: PapersPage, jobs: FakeJobs
) -> None:
    page._list.select(1)
    view, passages = page._view.page, part(page, "passages")
    assert passages.model().rowCount() == 8
    passages.setCurrentIndex(passages.model().index(5, 0))
    document = session.project.documents.all()[1].id
    stored = session.project.passages.of_document(document)
    assert view._page == stored[5].page == 2
    assert view._strong == stored[5].boxes
    view.box_clicked.emit(4)  # two boxes a passage
    assert passages.currentIndex().row() == 2
    assert view._page == 1
    assert view._strong == stored[2].boxes


def test_that_a_text_file_says_that_it_has_no_pages_and_keeps_its_passages(session: Session, page: PapersPage) -> None:
    session.project.database.connection.execute("UPDATE sources SET extractor = 'txt'")
    session.table_changed.emit("documents")
    page._list.select(2)
    assert "no pages" in page.findChild(object, "pdf.notice").text()
    assert part(page, "passages").isVisible()


def test_that_left_out_parts_are_shown_on_demand_and_named(session: Session, page: PapersPage) -> None:
    document = session.project.documents.all()[2].id
    session.project.database.connection.execute(
        "UPDATE passages SET kind = 'caption' WHERE document_id = ? AND number = 1", (document,)
    )
    page._list.select(2)
    model = part(page, "passages").model()
    assert model.rowCount() == 7
    part(page, "everything").click()
    assert model.rowCount() == 8
    assert "not searched" in model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
