"""Encrypted papers: the password is asked for, opens the file and its pages, and is stored nowhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest
from gui.papers_help import Heard, drop, shown
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.pages.papers_page import PapersPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.password_dialog import PasswordDialog
from embtrainer_gui.gui.widgets.password_prompt import PasswordPrompt
from embtrainer_gui.gui.widgets.pdf_view import PdfView

PASSWORD = "sesame-4711"
SECONDS = 60_000


@pytest.fixture
def heard(feedback: Feedback) -> Heard:
    return Heard(feedback)


@pytest.fixture
def page(qtbot: QtBot, empty_session: Session, real_jobs: JobManager, feedback: Feedback) -> PapersPage:
    return shown(qtbot, PapersPage(empty_session, real_jobs, feedback))


def encrypt(source: Path, target: Path) -> Path:
    with pymupdf.open(source) as document:
        document.save(target, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=PASSWORD, owner_pw="owner")
    return target


def dialog_of(page: PapersPage) -> PasswordDialog | None:
    return next((found for found in page.findChildren(PasswordDialog) if found.isVisible()), None)


def enter(qtbot: QtBot, asking: QWidget | None, text: str) -> None:
    """Type a password where it is asked for, and press Return."""
    assert asking is not None
    field = asking.findChild(QLineEdit, "password.field")
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def is_wrong(asking: QWidget) -> bool:
    return asking.findChild(QLabel, "password.wrong").isVisible()


def import_with_password(qtbot: QtBot, page: PapersPage, jobs: JobManager, heard: Heard, path: Path) -> None:
    with qtbot.waitSignal(jobs.job_ended, timeout=SECONDS):
        drop(page, path)
    action = heard.banners[-1].action
    assert action is not None
    action.run()
    with qtbot.waitSignal(jobs.job_ended, timeout=SECONDS):
        enter(qtbot, dialog_of(page), PASSWORD)


def test_that_an_encrypted_paper_asks_until_the_password_is_right(
    qtbot: QtBot, page: PapersPage, empty_session: Session, real_jobs: JobManager, heard: Heard,
    three_papers: list[Path], tmp_path: Path,
) -> None:  # fmt: skip
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(three_papers[0], folder / "open.pdf")
    for name, source in (("locked.pdf", three_papers[1]), ("other.pdf", three_papers[2])):
        encrypt(source, folder / name)
    with qtbot.waitSignal(real_jobs.job_ended, timeout=60_000):
        drop(page, folder)
    action = heard.banners[-1].action
    assert action is not None
    action.run()
    dialog = dialog_of(page)
    assert dialog is not None
    assert not is_wrong(dialog)
    with qtbot.waitSignal(real_jobs.job_ended, timeout=60_000):
        enter(qtbot, dialog, "wrong")
        skipped = dialog_of(page)
        assert skipped is not None
        skipped.findChild(QPushButton, "password.skip").click()
    again = dialog_of(page)
    assert again is not None
    assert is_wrong(again)
    with qtbot.waitSignal(real_jobs.job_ended, timeout=60_000):
        enter(qtbot, again, PASSWORD)
    assert dialog_of(page) is None
    assert empty_session.project.documents.count() == 2
    assert [source.state for source in empty_session.project.documents.sources()].count("encrypted") == 1
    logs = "".join(path.read_text(encoding="utf-8") for path in empty_session.project.folder.glob("logs/*"))
    assert PASSWORD not in logs


def asks(view: PdfView) -> bool:
    return view.findChild(QLineEdit, "password.field").isVisible()


def has_picture(view: PdfView) -> bool:
    return view.findChild(QWidget, "pdf.scroll").isVisible() and bool(view.words(view._document, 1))


def test_that_the_pages_of_an_encrypted_paper_are_shown_after_its_import(
    qtbot: QtBot, page: PapersPage, real_jobs: JobManager, heard: Heard, three_papers: list[Path], tmp_path: Path
) -> None:
    import_with_password(qtbot, page, real_jobs, heard, encrypt(three_papers[0], tmp_path / "locked.pdf"))
    qtbot.waitUntil(lambda: has_picture(page._view.page), timeout=SECONDS)
    assert not asks(page._view.page)


@pytest.fixture
def new_window(empty_session: Session, feedback: Feedback) -> Iterator[Callable[[], JobManager]]:
    """Makes the manager of another window, which knows no password."""
    made: list[JobManager] = []

    def make() -> JobManager:
        made.append(JobManager(empty_session, feedback))
        return made[-1]

    yield make
    for jobs in made:
        jobs.shut_down()


@pytest.fixture
def document(
    qtbot: QtBot, page: PapersPage, empty_session: Session, real_jobs: JobManager, heard: Heard,
    three_papers: list[Path], tmp_path: Path,
) -> int:  # fmt: skip
    """An encrypted paper that was imported with its password."""
    import_with_password(qtbot, page, real_jobs, heard, encrypt(three_papers[0], tmp_path / "locked.pdf"))
    return empty_session.project.documents.all()[0].id


def view_of(qtbot: QtBot, jobs: JobManager) -> PdfView:
    view = PdfView(jobs)
    qtbot.addWidget(view)
    view.resize(500, 600)
    view.show()
    return view


def test_that_a_window_without_the_password_asks_for_it_in_the_place_of_the_page(
    qtbot: QtBot, document: int, new_window: Callable[[], JobManager]
) -> None:
    view = view_of(qtbot, new_window())
    view.show_page(document, 1)
    qtbot.waitUntil(lambda: asks(view), timeout=SECONDS)
    assert any(found.text() == "locked.pdf" and found.isVisible() for found in view.findChildren(QLabel))
    assert not is_wrong(view)
    enter(qtbot, view, "open it")
    qtbot.waitUntil(lambda: is_wrong(view), timeout=SECONDS)
    assert not has_picture(view)
    enter(qtbot, view, PASSWORD)
    qtbot.waitUntil(lambda: has_picture(view), timeout=SECONDS)
    view.show_page(document, 2)
    qtbot.waitUntil(lambda: bool(view.words(document, 2)), timeout=SECONDS)  # asked once for the whole paper


def test_that_a_password_typed_on_one_page_of_the_window_opens_the_paper_on_another(
    qtbot: QtBot, document: int, new_window: Callable[[], JobManager]
) -> None:
    jobs = new_window()
    papers, review = view_of(qtbot, jobs), view_of(qtbot, jobs)
    for view in (papers, review):
        view.show_page(document, 1)
        qtbot.waitUntil(lambda shown=view: asks(shown), timeout=SECONDS)
    review.hide()
    enter(qtbot, papers, PASSWORD)
    qtbot.waitUntil(lambda: has_picture(papers), timeout=SECONDS)
    review.show()
    qtbot.waitUntil(lambda: has_picture(review), timeout=SECONDS)


def test_that_keys_in_the_prompt_are_not_those_of_the_page_around_it(qtbot: QtBot) -> None:
    heard: list[int] = []

    class Around(QWidget):
        def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
            heard.append(event.key())

    around = Around()
    qtbot.addWidget(around)
    prompt = PasswordPrompt(parent=around)
    entered: list[str] = []
    prompt.entered.connect(entered.append)
    around.show()
    enter(qtbot, prompt, "word")
    qtbot.keyClick(prompt.findChild(QLineEdit, "password.field"), Qt.Key.Key_Down)
    assert (entered, heard) == (["word"], [])
    qtbot.keyClick(prompt.findChild(QLineEdit, "password.field"), Qt.Key.Key_Escape)
    assert heard == [Qt.Key.Key_Escape]


def test_that_a_typed_password_is_on_no_disk(
    qtbot: QtBot, empty_session: Session, document: int, new_window: Callable[[], JobManager]
) -> None:
    view = view_of(qtbot, new_window())
    view.show_page(document, 1)
    qtbot.waitUntil(lambda: asks(view), timeout=SECONDS)
    enter(qtbot, view, PASSWORD)
    qtbot.waitUntil(lambda: has_picture(view), timeout=SECONDS)
    assert not view.findChild(QLineEdit, "password.field").text()
    homes = [Path(os.environ[name]) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")]
    files = [path for folder in (empty_session.project.folder, *homes) for path in folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if PASSWORD.encode() in path.read_bytes()]
