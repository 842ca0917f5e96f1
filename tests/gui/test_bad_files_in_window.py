"""Files that give no paper or no question, in the real window: each is named with its reason, and nothing is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pymupdf
from gui.driven import MINUTES, Driven, Open
from PySide6.QtWidgets import QAbstractItemView, QPushButton, QTableView

from embtrainer_gui.gui.feedback import Tone
from embtrainer_gui.gui.models.documents_table import REASON_ROLE, STATE, TITLE
from embtrainer_gui.gui.widgets.left_out_dialog import LeftOutDialog
from embtrainer_gui.gui.widgets.mapping_dialog import MappingDialog


def bad_files(folder: Path, paper: Path) -> dict[str, str]:
    """Files that give no paper, and a word of the reason of each."""
    folder.mkdir()
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "paywall.pdf").write_text("<html><body>Please log in to read</body></html>", encoding="utf-8")
    (folder / "cut.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog")
    with pymupdf.open(paper) as document:
        document.save(folder / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="sesame", owner_pw="o")
    with pymupdf.open() as blank:
        blank.new_page()
        blank.save(folder / "blank.pdf")
    return {"empty": "empty", "paywall": "web page", "cut": "", "locked": "password", "blank": "text"}


def test_that_each_bad_file_is_named_in_the_table_with_its_reason(
    open_window: Open, folder: Path, tmp_path: Path, three_papers: list[Path]
) -> None:
    reasons = bad_files(tmp_path / "in", three_papers[0])
    shutil.copy(three_papers[1], tmp_path / "in" / "good.pdf")
    shutil.copy(three_papers[1], tmp_path / "in" / "same.pdf")
    driven = open_window(folder)
    driven.drop_and_wait(tmp_path / "in")
    model = driven.find("papers.table", QAbstractItemView).model()
    rows = {model.index(row, TITLE).data(): row for row in range(model.rowCount())}
    for name, word in reasons.items():
        row = rows[f"{name}.pdf"]
        reason = model.index(row, TITLE).data(REASON_ROLE)
        assert reason, name
        assert word.lower() in reason.lower()
        assert model.index(row, STATE).data() != "Read"
    assert "1 read, 5 could not be read" in driven.banner.text
    assert driven.banner.action is not None
    assert driven.banner.action.text == "Enter passwords"
    assert driven.session.project.documents.count() == 4
    driven.drop_and_wait(tmp_path / "in" / "same.pdf")
    assert "in the project already" in driven.toasts[-1].text


def mapping(driven: Driven) -> MappingDialog:
    """The dialog that asks which column is what, once the file was looked at."""
    driven.qtbot.waitUntil(lambda: driven.window.findChild(MappingDialog) is not None, timeout=MINUTES)
    found = driven.window.findChild(MappingDialog)
    assert found is not None
    return found


def test_that_rows_left_out_of_a_file_of_questions_are_listed_with_line_and_reason(
    open_window: Open, folder: Path, pair_file: Path
) -> None:
    rows = pair_file.read_text(encoding="utf-8")
    pair_file.write_text(rows + '{"question": "no answer?"}\n{broken\n', encoding="utf-8")
    driven = open_window(folder)
    before = sum(driven.session.project.pairs.counts().values())
    driven.drop(pair_file)
    driven.qtbot.waitUntil(lambda: driven.window.wizard.message is not None)
    assert pair_file.name in driven.banner.text
    driven.click("banner.action")
    dialog = mapping(driven)
    with driven.qtbot.waitSignal(driven.jobs.job_ended, timeout=MINUTES):
        dialog.findChild(QPushButton, "mapping.import").click()
    assert sum(driven.session.project.pairs.counts().values()) == before + 60
    assert "60 questions imported" in driven.banner.text
    assert "2 lines were left out" in driven.banner.text
    driven.click("banner.action")
    left_out = driven.window.findChild(LeftOutDialog)
    assert left_out is not None
    table = left_out.findChild(QTableView, "left-out.table").model()
    cells = [[table.index(row, column).data() for column in range(3)] for row in range(table.rowCount())]
    assert [line for line, _, _ in cells] == ["61", "62"]
    assert all(reason and text for _, reason, text in cells)
    left_out.findChild(QPushButton, "left-out.close").click()


def test_that_a_file_without_a_usable_question_says_so(open_window: Open, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": "no answer?", "answer": ""}\n', encoding="utf-8")
    driven = open_window(folder)
    driven.drop(path)
    driven.qtbot.waitUntil(lambda: driven.window.wizard.message is not None)
    driven.click("banner.action")
    dialog = mapping(driven)
    with driven.qtbot.waitSignal(driven.jobs.job_ended, timeout=MINUTES):
        dialog.findChild(QPushButton, "mapping.import").click()
    assert "no usable pair" in driven.banner.text
    assert "question and an answer" in driven.banner.hint
    assert driven.banner.tone == Tone.WARN
