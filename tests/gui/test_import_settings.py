"""How papers are read is set in the window: in a dialog on Papers, kept in the project, used by every import."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs
from gui.papers_help import Heard, add_failed, drop, part, shown
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import FileState
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.import_settings import KEPT, import_config
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.pages.papers_page import PapersPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.import_dialog import ImportDialog

OTHER: dict[str, Any] = {
    "passage_tokens": 64,
    "max_tokens": 300,
    "include": ["caption", "reference"],
    "workers": 3,
    "file_seconds": 60.0,
    "page_seconds": 20.0,
    "memory_mb": 4096,
    "pages": "2-",
    "max_pages": 10,
    "max_characters": 5000,
    "max_file_mb": 400,
    "extractor": "vision",
    "recognition_seconds": 60.0,
    "grobid_url": "http://localhost:9999",
    "vision_url": "http://localhost:9998",
    "vision_model": "some-vision-model",
    "vision_dpi": 150,
    "vision_quality": 0.8,
    "vision_retries": 1,
}
"""A value of each field that is not its default."""


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> PapersPage:
    return shown(qtbot, PapersPage(session, jobs, feedback))


def opened(page: PapersPage) -> ImportDialog:
    part(page, "settings-slim").click()
    found = [dialog for dialog in page.window().findChildren(ImportDialog) if dialog.isVisible()]
    assert len(found) == 1
    return found[0]


def save(dialog: ImportDialog) -> None:
    dialog.findChild(QPushButton, "import.save").click()


def test_that_every_field_of_the_config_can_be_set() -> None:
    assert set(OTHER) == set(ImportConfig.model_fields)


@pytest.mark.parametrize("field", OTHER)
def test_that_what_is_set_goes_to_the_next_import_and_to_a_retry(
    session: Session, page: PapersPage, jobs: FakeJobs, tmp_path: Path, field: str
) -> None:
    dialog = opened(page)
    dialog.form.set_values({field: OTHER[field]})
    save(dialog)
    drop(page, tmp_path / "new.pdf")
    assert jobs.specs[-1].config == ImportConfig().model_dump(mode="json") | {field: OTHER[field]}
    jobs.finish({"files": []})
    add_failed(session, stored="copy.pdf")
    page._list.select(0)
    part(page, "retry").click()
    assert jobs.specs[-1].options["retry"]
    assert jobs.specs[-1].config[field] == OTHER[field]


def test_that_settings_are_kept_in_the_project_and_shown_again(session: Session, page: PapersPage) -> None:
    dialog = opened(page)
    dialog.form.set_values(OTHER)
    save(dialog)
    folder = session.project.folder
    session.close()
    again = Session()
    again.open(folder)
    assert import_config(again).model_dump(mode="json") == OTHER
    again.close()
    session.open(folder)
    assert opened(page).form.values()["max_pages"] == OTHER["max_pages"]


def test_that_another_project_has_the_defaults(page: PapersPage, session: Session, empty_session: Session) -> None:
    dialog = opened(page)
    dialog.form.set_values(OTHER)
    save(dialog)
    assert import_config(session) != ImportConfig()
    assert import_config(empty_session) == ImportConfig()


def test_that_cancel_changes_nothing_and_defaults_come_back(page: PapersPage, session: Session) -> None:
    dialog = opened(page)
    dialog.form.set_values(OTHER)
    dialog.findChild(QPushButton, "import.cancel").click()
    assert import_config(session) == ImportConfig()
    dialog = opened(page)
    dialog.form.set_values(OTHER)
    dialog.findChild(QPushButton, "import.defaults").click()
    save(dialog)
    assert import_config(session) == ImportConfig()


def test_that_further_parts_are_searched_at_once_and_left_out_again(page: PapersPage, session: Session) -> None:
    session.project.database.connection.execute("UPDATE passages SET kind = 'caption' WHERE number = 1")
    session.table_changed.emit("documents")
    assert "21" in part(page, "summary").text()
    for expected in ("24", "21"):
        dialog = opened(page)
        dialog.findChild(QCheckBox, "choice.caption").click()
        save(dialog)
        assert expected in part(page, "summary").text()


@pytest.mark.parametrize(("field", "text"), [("max_pages", "0"), ("workers", "many"), ("max_tokens", "100")])
def test_that_a_fault_is_said_at_its_field_and_cannot_be_saved(page: PapersPage, field: str, text: str) -> None:
    dialog = opened(page)
    dialog.findChild(QLineEdit, f"form.{field}").setText(text)
    assert dialog.form.errors()
    assert not dialog.findChild(QPushButton, "import.save").isEnabled()
    dialog.accept()
    assert dialog.isVisible()
    dialog.reject()


@pytest.mark.parametrize("kept", [{"max_pages": -1}, {"no_such_field": 1}])
def test_that_settings_of_another_version_do_not_stop_an_import(session: Session, kept: dict[str, int]) -> None:
    session.keep(KEPT, config=kept)
    session.project.passages.include(["caption", "body"])
    assert import_config(session) == ImportConfig(include=("caption",))


def test_that_a_project_that_can_only_be_read_says_so(
    page: PapersPage, session: Session, feedback: Feedback, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard(feedback)
    monkeypatch.setattr(session.project, "read_only", True)
    part(page, "settings-slim").click()
    assert "only read" in heard.banners[-1].text
    assert not page.window().findChildren(ImportDialog)


def test_that_a_file_over_the_limit_is_read_by_a_retry_once_the_limit_is_raised(
    qtbot: QtBot, empty_session: Session, real_jobs: JobManager, feedback: Feedback, three_papers: list[Path],
    tmp_path: Path,
) -> None:  # fmt: skip
    page = shown(qtbot, PapersPage(empty_session, real_jobs, feedback))
    large = tmp_path / "large.pdf"
    shutil.copy(three_papers[0], large)
    with large.open("ab") as file:
        file.write(b"\n%" + b" " * 1_200_000)
    for limit, state in ((1, FileState.STOPPED), (2, FileState.DONE)):
        part(page, "settings" if limit == 1 else "settings-slim").click()
        dialog = next(found for found in page.window().findChildren(ImportDialog) if found.isVisible())
        dialog.form.set_values({"max_file_mb": limit})
        save(dialog)
        with qtbot.waitSignal(real_jobs.job_ended, timeout=60_000):
            if limit == 1:
                drop(page, large)
            else:
                part(page, "retry").click()
        assert [source.state for source in empty_session.project.documents.sources()] == [state]
