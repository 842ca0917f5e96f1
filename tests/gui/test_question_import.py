"""Questions of the user's own in the window: the dialog that maps columns, the import, and the list of test sets."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.interchange.columns import Target
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.pages.questions_page import QuestionsPage
from embtrainer_gui.gui.question_import import QuestionImport
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.left_out_dialog import LeftOutDialog
from embtrainer_gui.gui.widgets.mapping_dialog import MappingDialog
from embtrainer_gui.gui.widgets.test_sets_dialog import NAME, TestSetsDialog

LOOK: dict[str, Any] = {
    "file": "fragen.xlsx",
    "sheets": ["Eins", "Zwei"],
    "fixed": False,
    "columns": ["Frage", "Text", "Note"],
    "rows": [["Was?", "Der lange Text.", "1"], ["Wo?", "Ein anderer\nText.", "0"]],
    "guess": {"question": "Frage", "passage": "Text", "relevance": "Note"},
    "as": "pairs",
}


@pytest.fixture
def dialog(qtbot: QtBot) -> MappingDialog:
    dialog = MappingDialog(LOOK)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def box(dialog: MappingDialog, name: str) -> QComboBox:
    return dialog.findChild(QComboBox, f"mapping.{name}")


def press(place: QWidget, name: str) -> None:
    place.findChild(QPushButton, name).click()


def test_that_the_guess_is_chosen_and_stands_over_the_first_rows(dialog: MappingDialog) -> None:
    assert dialog.columns() == {"question": "Frage", "passage": "Text", "relevance": "Note"}
    table = dialog.findChild(QTableWidget, "mapping.rows")
    heads = [table.horizontalHeaderItem(place).text() for place in range(3)]
    assert heads == ["Frage\nQuestion", "Text\nPassage", "Note\nRelevance"]
    assert table.item(1, 1).text() == "Ein anderer Text."
    assert "sentence that fits" in dialog.findChild(QLabel, "mapping.hint").text()


def test_that_a_missing_column_and_one_chosen_twice_are_said_and_import_waits(dialog: MappingDialog) -> None:
    button, error = dialog.findChild(QPushButton, "mapping.import"), dialog.findChild(QLabel, "mapping.error")
    box(dialog, "question").setCurrentIndex(0)
    assert not button.isEnabled()
    assert "Question" in error.text()
    box(dialog, "question").setCurrentText("Text")
    assert "twice" in error.text()
    box(dialog, "question").setCurrentText("Frage")
    assert button.isEnabled()
    assert not error.isVisible()
    box(dialog, "passage").setCurrentIndex(0)
    assert "Answer or Passage" in error.text()


def test_that_a_test_set_has_a_name_and_no_answers(qtbot: QtBot, dialog: MappingDialog) -> None:
    box(dialog, "answer").setCurrentText("Note")
    box(dialog, "relevance").setCurrentIndex(0)
    box(dialog, "target").setCurrentIndex(1)
    assert not box(dialog, "answer").isVisible()
    name = dialog.findChild(QLineEdit, "mapping.name")
    assert name.text() == "fragen"
    name.setText(" ")
    assert not dialog.findChild(QPushButton, "mapping.import").isEnabled()
    name.setText("Ours ")
    with qtbot.waitSignal(dialog.import_wanted) as asked:
        press(dialog, "mapping.import")
    assert asked.args[0] == {
        "columns": {"question": "Frage", "passage": "Text"},
        "as": "test-set",
        "name": "Ours",
        "sheet": "Eins",
    }


def test_that_a_layout_that_is_known_has_nothing_to_choose(qtbot: QtBot) -> None:
    dialog = MappingDialog(LOOK | {"fixed": True, "guess": {}, "sheets": [], "as": "test-set"})
    qtbot.addWidget(dialog)
    dialog.show()
    assert not box(dialog, "question").isVisible()
    assert not box(dialog, "sheet").isVisible()
    with qtbot.waitSignal(dialog.import_wanted) as asked:
        press(dialog, "mapping.import")
    assert asked.args[0] == {"columns": {}, "as": "test-set", "name": "fragen"}


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    page = QWidget()
    qtbot.addWidget(page)
    page.show()
    return page


@pytest.fixture
def own(session: Session, jobs: FakeJobs, feedback: Feedback, page: QWidget) -> QuestionImport:
    return QuestionImport(session, jobs, feedback, page)


def asked(page: QWidget) -> MappingDialog:
    return page.findChild(MappingDialog)


def test_that_a_file_is_looked_at_mapped_and_imported(
    own: QuestionImport, page: QWidget, jobs: FakeJobs, messages: list[Message], tmp_path: Path
) -> None:
    own.open(tmp_path / "fragen.xlsx", Target.TEST_SET)
    assert (jobs.specs[-1].stage, jobs.specs[-1].options) == ("question-table", {"file": str(tmp_path / "fragen.xlsx")})
    jobs.finish(LOOK)
    assert asked(page).target() is Target.TEST_SET
    box(asked(page), "sheet").setCurrentText("Zwei")
    assert jobs.specs[-1].options["sheet"] == "Zwei"
    jobs.finish(LOOK | {"sheet": "Zwei", "guess": {"question": "Text", "passage": "Frage"}})
    press(asked(page), "mapping.import")
    options = jobs.specs[-1].options
    assert (jobs.specs[-1].stage, options["sheet"], options["as"]) == ("pairs-import", "Zwei", "test-set")
    assert options["columns"] == {"question": "Text", "passage": "Frage"}
    rejected = [{"line": 3, "reason": "the passage is empty", "text": ""}]
    told = {"set": "fragen", "questions": 8, "passages": 9, "unanswered": 1, "rejected": rejected, "left_out": 1}
    told["held_back"] = 4
    jobs.finish(told)
    assert "8 questions over 9 passages" in messages[-1].text
    assert "line 3: the passage is empty. 4 accepted questions stay out of training" in messages[-1].hint
    assert messages[-1].action is not None
    messages[-1].action.run()
    assert page.findChild(LeftOutDialog).isVisible()
    page.findChild(LeftOutDialog).close()


def test_that_a_file_of_a_beir_folder_stands_for_the_folder(
    own: QuestionImport, jobs: FakeJobs, tmp_path: Path
) -> None:
    for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"):
        (tmp_path / name).touch()
    own.open(tmp_path / "queries.jsonl", Target.TEST_SET)
    assert jobs.specs[-1].options == {"file": str(tmp_path)}


def test_that_a_real_table_becomes_a_test_set_of_the_project(
    qtbot: QtBot,
    empty_session: Session,
    real_jobs: JobManager,
    feedback: Feedback,
    page: QWidget,
    messages: list[Message],
    tmp_path: Path,
) -> None:
    rows = [f"What is in row {n}?;This is the long text that tells what row {n} holds.;{n % 2}" for n in range(6)]
    (tmp_path / "own.csv").write_text("\n".join(["Frage;Textstelle;Bewertung", *rows, "broken row"]))
    own = QuestionImport(empty_session, real_jobs, feedback, page)
    with qtbot.waitSignal(real_jobs.job_ended, timeout=60_000):
        own.open(tmp_path / "own.csv")
    assert asked(page).target() is Target.TEST_SET
    with qtbot.waitSignal(own.ended, timeout=60_000):
        press(asked(page), "mapping.import")
    (one,) = empty_session.project.test_sets.all()
    assert (one.name, one.source, one.questions) == ("own", "own.csv", 3)
    assert "3 questions have no right passage" in messages[-1].text
    assert "line 8" in messages[-1].hint


def test_that_a_second_file_during_an_import_leaves_the_first_one_its_outcome(
    own: QuestionImport, page: QWidget, jobs: FakeJobs, messages: list[Message], tmp_path: Path
) -> None:
    own.open(tmp_path / "fragen.xlsx")
    own.open(tmp_path / "other.csv")
    jobs.finish(LOOK)
    press(asked(page), "mapping.import")
    assert jobs.specs[-1].options["file"] == str(tmp_path / "fragen.xlsx")
    own.open(tmp_path / "other.csv")
    jobs.finish({"added": 2, "known": 0, "rejected": [], "left_out": 0})
    assert messages[-1].text == "2 questions imported, 0 were known."


def test_that_nothing_is_imported_while_another_sheet_is_read(
    own: QuestionImport, page: QWidget, jobs: FakeJobs, tmp_path: Path
) -> None:
    own.open(tmp_path / "fragen.xlsx")
    jobs.finish(LOOK)
    sheet, button = box(asked(page), "sheet"), asked(page).findChild(QPushButton, "mapping.import")
    sheet.setCurrentText("Zwei")
    box(asked(page), "target").setCurrentIndex(1)
    assert (sheet.isEnabled(), button.isEnabled()) == (False, False)
    jobs.finish(LOOK | {"sheet": "Zwei"})
    assert (sheet.isEnabled(), button.isEnabled()) == (True, True)
    jobs.start("doctor", {})
    sheet.setCurrentText("Eins")
    assert (sheet.currentText(), sheet.isEnabled(), button.isEnabled()) == ("Zwei", True, True)
    jobs.finish()
    press(asked(page), "mapping.cancel")


def test_that_giving_up_while_another_sheet_is_read_opens_no_second_dialog(
    qtbot: QtBot, own: QuestionImport, page: QWidget, jobs: FakeJobs, tmp_path: Path
) -> None:
    own.open(tmp_path / "fragen.xlsx")
    jobs.finish(LOOK)
    box(asked(page), "sheet").setCurrentText("Zwei")
    with qtbot.waitSignal(own.ended):
        press(asked(page), "mapping.cancel")
    jobs.finish(LOOK)
    assert not [dialog for dialog in page.findChildren(MappingDialog) if dialog.isVisible()]


def test_that_questions_are_imported_and_marks_are_used_from_the_page_of_questions(
    qtbot: QtBot,
    session: Session,
    jobs: FakeJobs,
    feedback: Feedback,
    messages: list[Message],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = QuestionsPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.show()
    page.enter()
    marks = page.findChild(QPushButton, "questions.marks")
    assert not marks.isVisible()
    session.project.test_sets.mark("What is it?", 1, 1)
    session.project.test_sets.mark("What is it?", 2, 0)
    session.table_changed.emit("test_sets")
    assert "one mark" in marks.text()
    marks.click()
    assert jobs.specs[-1].stage == "marks-to-pairs"
    jobs.finish({"pairs": 1, "questions": 1, "wrong": 1, "left": 0})
    assert "1 pairs of 1 marked questions" in messages[-1].text
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/x/own.csv", ""))
    press(page, "questions.import")
    assert jobs.specs[-1].options == {"file": "/x/own.csv"}
    jobs.fail()
    press(page, "questions.test-sets")
    press(page.findChild(TestSetsDialog), "test-sets.import")
    assert (len(jobs.specs), jobs.specs[-1].stage) == (3, "question-table")
    jobs.finish(LOOK)
    assert asked(page).target() is Target.TEST_SET
    press(asked(page), "mapping.cancel")


def test_that_the_rows_left_out_are_saved(
    qtbot: QtBot, page: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = LeftOutDialog([{"line": 2, "reason": "no answer", "text": "=1"}], page)
    qtbot.addWidget(dialog)
    dialog.show()
    for folder, saved in ((tmp_path / "nowhere", False), (tmp_path, True)):
        path = folder / "left.csv"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        press(dialog, "left-out.save")
        assert path.exists() == saved
        assert dialog._error.isVisible() != saved
    with (tmp_path / "left.csv").open(newline="") as file:
        assert list(csv.reader(file))[1] == ["2", "no answer", "'=1"]


@pytest.fixture
def sets(qtbot: QtBot, session: Session, page: QWidget) -> TestSetsDialog:
    store = session.project.test_sets
    store.add(store.create("Own", "own.csv"), "Q?", "fact", {1: 1, 2: 0})
    store.mark("Marked?", 3, 1)
    dialog = TestSetsDialog(store, page)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def names(dialog: TestSetsDialog) -> list[str]:
    table = dialog.findChild(QTableWidget, "test-sets.table")
    return [table.item(number, NAME).text() for number in range(table.rowCount())]


def test_that_a_set_is_renamed_in_place_and_a_taken_name_is_refused(sets: TestSetsDialog, session: Session) -> None:
    table = sets.findChild(QTableWidget, "test-sets.table")
    table.item(0, NAME).setText("Ours")
    assert [one.name for one in session.project.test_sets.all()] == ["Ours", "search"]
    table.item(1, NAME).setText("Ours")
    assert names(sets) == ["Ours", "search"]
    assert "called Ours" in sets.findChild(QLabel, "test-sets.error").text()
    assert not table.item(0, 1).flags() & Qt.ItemFlag.ItemIsEditable


def test_that_a_removed_set_comes_back_whole(qtbot: QtBot, sets: TestSetsDialog, session: Session) -> None:
    store = session.project.test_sets
    with qtbot.waitSignal(sets.changed):
        press(sets, "test-sets.remove")
    assert names(sets) == ["search"]
    assert sets.findChild(QPushButton, "test-sets.marks").isVisible()
    press(sets, "test-sets.remove")
    assert sets._empty.isVisible()
    assert not sets.findChild(QPushButton, "test-sets.rename").isEnabled()
    press(sets, "test-sets.undo")
    press(sets, "test-sets.undo")
    assert store.marks("Marked?") == {3: 1}
    (question,) = store.questions(store.named("Own").id)
    assert (question.kind, question.judgements) == ("fact", {1: 1, 2: 0})
    assert not sets.findChild(QPushButton, "test-sets.undo").isVisible()


def test_that_the_list_leads_to_import_and_closes(qtbot: QtBot, sets: TestSetsDialog) -> None:
    with qtbot.waitSignal(sets.import_wanted):
        press(sets, "test-sets.import")
    assert not sets.isVisible()
