"""Import from Zotero in the window: collections to tick, what refuses and its cure, what came of it, and years."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qasync
from fake_zotero import FakeZotero, serve
from gui.fakes import FakeJobs
from gui.papers_help import Heard, drop, part, shown, titles
from gui.window_loop import run_until
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.reference import Reference
from embtrainer_gui.core.zotero import ZoteroCollection
from embtrainer_gui.gui.feedback import Feedback, Tone
from embtrainer_gui.gui.models.documents_table import TITLE, YEAR
from embtrainer_gui.gui.pages.papers_page import KEPT, PapersPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.collection_tree import CollectionTree
from embtrainer_gui.gui.widgets.zotero_dialog import ZoteroDialog

CHECKED = Qt.CheckState.Checked
KANT = Reference("", "Kant, Immanuel; Müller, Anna", 1790, "10.1234/rice", "zotero")


def filled(fake: FakeZotero) -> FakeZotero:
    fake.collection("COLTHES1", "Thesis")
    fake.collection("COLCHAP1", "<b>Chapter</b> 1", "COLTHES1")
    fake.collection("COLOTHER", "Other")
    for number, inside in ((1, "COLTHES1"), (2, "COLTHES1"), (3, "COLCHAP1"), (4, "")):
        fake.paper(f"PAPER00{number}", f"Paper {number}", *([inside] if inside else []))
    return fake


def dialog_of(qtbot: QtBot, address: str) -> ZoteroDialog:
    dialog = ZoteroDialog(address)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def row_named(tree: CollectionTree, name: str) -> QTreeWidgetItem:
    return tree.findItems(name, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)[0]


def click(dialog: Any, name: str) -> None:
    dialog.findChild(QPushButton, name).click()


def figure(dialog: ZoteroDialog) -> str:
    return dialog.findChild(QLabel, "zotero.figure").text()


def test_that_a_collection_is_ticked_with_what_lies_in_it_and_imported(qtbot: QtBot, loop: qasync.QEventLoop) -> None:
    with serve(FakeZotero()) as fake:
        dialog = dialog_of(qtbot, filled(fake).address)
        assert not dialog.findChild(QPushButton, "zotero.import").isEnabled()
        run_until(loop, lambda: dialog.tree.isVisible())
    chosen: list[tuple[str, Any]] = []
    dialog.chosen.connect(lambda *told: chosen.append(told))
    tree = dialog.tree
    assert [tree.topLevelItem(n).text(0) for n in range(3)] == ["Whole library", "Other", "Thesis"]
    assert [tree.topLevelItem(n).text(1) for n in range(3)] == ["4", "0", "2"]
    assert figure(dialog) == "0 items are chosen"
    row_named(tree, "Thesis").setCheckState(0, CHECKED)
    assert row_named(tree, "<b>Chapter</b> 1").checkState(0) == CHECKED
    assert figure(dialog) == "3 items are chosen"
    row_named(tree, "Whole library").setCheckState(0, CHECKED)
    assert tree.keys() is None
    assert figure(dialog) == "4 items are chosen"
    row_named(tree, "Thesis").setCheckState(0, CHECKED)
    assert sorted(tree.keys()) == ["COLCHAP1", "COLTHES1"]
    row_named(tree, "<b>Chapter</b> 1").setCheckState(0, Qt.CheckState.Unchecked)
    assert tree.keys() == ["COLTHES1"]  # its own items stay chosen
    row_named(tree, "Thesis").setCheckState(0, CHECKED)
    row_named(tree, "<b>Chapter</b> 1").setCheckState(0, CHECKED)
    click(dialog, "zotero.import")
    assert [(address, sorted(keys)) for address, keys in chosen] == [(fake.address, ["COLCHAP1", "COLTHES1"])]


def test_that_a_zotero_that_refuses_is_told_with_the_cure_and_asked_again(
    qtbot: QtBot, loop: qasync.QEventLoop
) -> None:
    with serve(filled(FakeZotero(act="off"))) as fake:
        dialog = dialog_of(qtbot, fake.address)
        problem = dialog.findChild(QLabel, "zotero.problem")
        run_until(loop, problem.isVisible)
        assert "Settings > Advanced" in problem.text()
        assert problem.textFormat() == Qt.TextFormat.PlainText
        fake.act = ""
        click(dialog, "zotero.again")
        run_until(loop, lambda: dialog.tree.isVisible())
        fake.act, fake.items = "", []
        dialog._ask()
        run_until(loop, problem.isVisible)
        assert "Add some there" in problem.text()


def test_that_closing_while_zotero_is_silent_waits_for_nothing(qtbot: QtBot, loop: qasync.QEventLoop) -> None:
    with serve(FakeZotero(act="hang")) as fake:
        dialog = dialog_of(qtbot, fake.address)
        run_until(loop, lambda: bool(fake.routes))
        asking = dialog._asking
        click(dialog, "zotero.cancel")
        assert asking is not None
        run_until(loop, asking.done)
        assert asking.cancelled()
        assert not dialog.isVisible()


def test_that_collections_in_a_ring_are_all_there(qtbot: QtBot) -> None:
    tree = CollectionTree()
    qtbot.addWidget(tree)
    ring = [("AAAAAAAA", "A", "BBBBBBBB"), ("BBBBBBBB", "B", "AAAAAAAA"), ("CCCCCCCC", "C", "CCCCCCCC")]
    tree.show_library([ZoteroCollection(key, name, parent, 1) for key, name, parent in ring], 3)
    for name in "ABC":
        row_named(tree, name).setCheckState(0, CHECKED)
    assert sorted(tree.keys() or []) == ["AAAAAAAA", "BBBBBBBB", "CCCCCCCC"]


def test_that_the_page_imports_what_was_chosen_and_tells_what_is_missing(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback, loop: qasync.QEventLoop
) -> None:
    heard = Heard(feedback)
    page = shown(qtbot, PapersPage(session, jobs, feedback))
    with serve(filled(FakeZotero())) as fake:
        session.keep(KEPT, zotero=fake.address)
        part(page, "zotero-slim").click()
        dialog = page.window().findChild(ZoteroDialog)
        run_until(loop, lambda: dialog.tree.isVisible())
        row_named(dialog.tree, "Other").setCheckState(0, CHECKED)
        dialog.chosen.emit(fake.address, ["COLOTHER"])
        dialog.reject()
    spec = jobs.specs[-1]
    assert (spec.stage, spec.options["zotero"]) == ("import", {"address": fake.address, "collections": ["COLOTHER"]})
    files = [{"file": f"{n}.pdf", "state": state} for n, state in enumerate(("done", "duplicate", "failed"))]
    gone = [f"Paper {n}: its PDF is not there ({n}.pdf)." for n in range(5)]
    about = {"items": 9, "pdfs": 3, "without_pdf": 1, "gone": gone, "left_out": []}
    jobs.finish({"files": files, "references": about})
    told = heard.banners[-1]
    assert told.text == (
        "1 papers read. 1 were in the project already and have their metadata. "
        "1 could not be read: they stand at the top of the table."
    )
    assert told.hint == f"1 items have no PDF. {gone[0]} {gone[1]} So are 3 more."
    assert told.tone is Tone.WARN


def test_that_exported_libraries_come_after_the_papers_that_were_dropped_with_them(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback, tmp_path: Path
) -> None:
    page = shown(qtbot, PapersPage(session, jobs, feedback))
    drop(page, tmp_path / "a.pdf", tmp_path / "one.bib", tmp_path / "two.rdf")
    assert jobs.specs[-1].options["sources"] == [str(tmp_path / "a.pdf")]
    jobs.finish({"files": []})
    for name in ("one.bib", "two.rdf"):
        assert jobs.specs[-1].options["bibliography"] == str(tmp_path / name)
        jobs.finish({"files": [], "references": {"without_pdf": 0, "gone": [], "left_out": []}})
    assert len(jobs.specs) == 3


def test_that_years_are_shown_and_papers_found_by_what_is_known_of_them(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback
) -> None:
    page = shown(qtbot, PapersPage(session, jobs, feedback))
    whole = titles(page)
    session.project.references.fill([1], KANT)
    session.table_changed.emit("documents")
    model, find = part(page, "table").model(), part(page, "find")
    assert [model.index(row, YEAR).data() for row in range(3)] == ["1790", "–", "–"]
    assert "Kant, Immanuel" in model.index(0, TITLE).data(Qt.ItemDataRole.ToolTipRole)
    assert part(page, "about").text() == "Kant & Müller · 1790 · doi:10.1234/rice"
    for words, expected in (
        ("MÜLLER 1790", whole[:1]),
        ("10.1234", whole[:1]),
        ("carbon", whole[1:2]),
        ("kant bee", []),
    ):
        find.setText(words)
        qtbot.waitUntil(lambda expected=expected: titles(page) == expected)
    assert not part(page, "table").isVisible()
    find.clear()
    qtbot.waitUntil(lambda: titles(page) == whole)


def test_that_what_could_not_be_read_stays_said_after_a_library_or_questions_that_were_dropped_with_it(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback, tmp_path: Path, pair_file: Path
) -> None:
    page, heard = shown(qtbot, PapersPage(session, jobs, feedback)), Heard(feedback)
    failed = {"files": [{"file": "a.pdf", "state": "failed"}]}
    fine = {"files": [], "references": {"without_pdf": 0, "gone": [], "left_out": []}}
    drop(page, tmp_path / "a.pdf", tmp_path / "one.bib", pair_file)
    jobs.finish(failed)
    jobs.finish(fine)
    last = heard.banners[-1]
    assert "1 could not be read: a.pdf" in last.text
    assert "0 papers read." in heard.banners[-2].hint
    assert f"{pair_file.name} holds questions" in last.hint
    assert last.action is not None
    assert last.action.text == "Import as questions"
    drop(page, tmp_path / "a.pdf", tmp_path / "one.bib")
    jobs.finish(failed)
    jobs.fail("None of its items has a PDF.")
    qtbot.waitUntil(lambda: "a.pdf" in heard.banners[-1].text)
    assert "None of its items has a PDF." in heard.banners[-1].hint
    drop(page, tmp_path / "one.bib")
    jobs.finish(fine)
    assert heard.toasts[-1].text == "0 papers read."  # the last drop is forgotten
