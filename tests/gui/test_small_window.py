"""The real window where room is scarce, and where the keyboard goes in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from gui.review_project import make_review_project
from gui.train_help import read, trained
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTabBar, QTableView, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.doubts import FoundDoubt
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.feedback import Action, Feedback
from embtrainer_gui.gui.main_window import MainWindow
from embtrainer_gui.gui.models.documents_table import TITLE, YEAR
from embtrainer_gui.gui.pages.review_page import ReviewPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.basics import ElidedLabel, EmptyState
from embtrainer_gui.gui.wizard import Place

DECISIONS = ("accept", "reject", "later", "edit")
LONG = "Reading all the papers of the folder and making questions from every passage of them"


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[Session]:
    make_review_project(tmp_path / "project")
    session = Session()
    session.open(tmp_path / "project")
    yield session
    session.close()


@pytest.fixture
def window(session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> Iterator[MainWindow]:
    window = MainWindow(session, jobs, feedback)
    window.setStyleSheet(theme.style_sheet("light"))  # as large as it really is
    window.start()
    window.show()
    qtbot.waitExposed(window)
    yield window
    if jobs.current is not None:
        jobs.finish()
    window.close()
    window.deleteLater()


def crowd(window: MainWindow, jobs: FakeJobs, feedback: Feedback, size: tuple[int, int], place: Step | Place) -> None:
    """A small window with a job and a banner, on a page."""
    window.resize(*size)
    jobs.start("generate", GenerateConfig())
    jobs.progress(1230, 4120, "a-paper-with-a-long-name-about-essential-oils-2019-final.pdf")
    window.wizard.go(place)
    feedback.show("The disk is full.", "Free some space.", action=Action("Retry", lambda: None))


def is_whole(widget: QWidget) -> bool:
    """Nothing of it is cut off or scrolled away."""
    return bool(widget.isVisible() and widget.visibleRegion().boundingRect() == widget.rect())


def settled(window: MainWindow, qtbot: QtBot, *names: str) -> None:
    parts = [window.findChild(QPushButton, name) for name in names]
    qtbot.waitUntil(lambda: all(part is not None and is_whole(part) for part in parts))


@pytest.mark.parametrize("size", [(1280, 720), (960, 600)])
def test_that_the_decisions_of_the_review_are_always_in_sight(
    window: MainWindow, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot, size: tuple[int, int]
) -> None:
    crowd(window, jobs, feedback, size, Step.REVIEW)
    settled(window, qtbot, *(f"review.{name}" for name in DECISIONS))
    page = window.wizard.page
    assert page is not None
    qtbot.keyClick(page, "E")
    settled(window, qtbot, "review.save-edit", "review.leave-edit")


@pytest.mark.parametrize("place", [Step.REVIEW, Step.COMPARE, Step.SEARCH, Place.SETTINGS, Place.PROJECT])
def test_that_no_page_is_wider_than_the_smallest_window(window: MainWindow, qtbot: QtBot, place: Step | Place) -> None:
    window.resize(960, 600)
    window.wizard.go(place)
    page = window.wizard.page
    assert page is not None
    room = window.findChild(QWidget, "shell.pages")
    qtbot.waitUntil(lambda: page.minimumSizeHint().width() <= room.width())
    if place is Step.SEARCH:
        tabs = page.findChild(QTabBar, "search.tabs")
        for number in range(tabs.count()):
            tabs.setCurrentIndex(number)
        page.findChild(QPushButton, "search.filters").setChecked(True)
        assert page.minimumSizeHint().width() <= room.width()
    if place is Step.REVIEW:
        for key in ("D", "D", "S"):
            qtbot.keyClick(page, key)
            assert page.minimumSizeHint().width() <= room.width()


def test_that_the_answers_about_doubtful_passages_are_in_sight_in_the_smallest_window(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    pair = session.project.pairs.get([4])[4]
    session.project.pairs.decide([4], PairState.ACCEPTED, "accept", utc_now())
    session.project.doubts.add([FoundDoubt(4, pair.question, 9, 1.2)], utc_now())
    window.resize(960, 600)
    window.wizard.go(Step.REVIEW)
    page = window.wizard.page
    assert page is not None
    qtbot.keyClick(page, "D")
    settled(window, qtbot, "doubts.right", "doubts.wrong", "doubts.unsure", "doubts.undo")


def test_that_the_history_of_decisions_gives_its_room_to_the_pair_on_a_low_page(
    session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    page = ReviewPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.resize(1000, 500)
    page.show()
    page.enter()
    undo = page.findChild(QPushButton, "review.undo")
    assert undo.isVisible()
    page.resize(1000, 300)
    qtbot.waitUntil(lambda: not undo.isVisible())
    page.resize(1000, 500)
    qtbot.waitUntil(undo.isVisible)


def test_that_a_long_title_of_a_job_is_shortened_and_its_figures_and_stop_are_not(
    window: MainWindow, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_title", lambda stage: LONG)
    crowd(window, jobs, feedback, (960, 600), Place.SETTINGS)
    panel = window.job_panel
    settled(window, qtbot, "job.stop", "job.details")
    figures = next(part for part in panel.findChildren(QLabel) if part.text().startswith("1\u202f230 of"))
    qtbot.waitUntil(lambda: is_whole(figures) and figures.width() >= figures.sizeHint().width())
    assert is_whole(panel._bar)
    title = next(part for part in panel.findChildren(ElidedLabel) if part.text() == LONG)
    assert title.width() < title.sizeHint().width()
    assert title.toolTip() == LONG


def test_that_settings_and_help_are_marked_in_the_sidebar_while_they_are_open(window: MainWindow) -> None:
    sidebar = window.wizard.sidebar

    def marked() -> list[str]:
        places: dict[str, QWidget] = {"settings": sidebar.settings, "help": sidebar.help, **sidebar.buttons}
        return [name for name, part in places.items() if part.isChecked()]  # type: ignore[attr-defined]

    sidebar.settings.click()
    sidebar.settings.click()
    assert marked() == ["settings"]
    sidebar.help.click()
    assert marked() == ["help"]
    window.wizard.go(Step.PAPERS)
    assert marked() == ["papers"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Step.REVIEW, lambda window: window.wizard.page),
        (Place.SETTINGS, lambda window: window.findChild(QWidget, "settings.theme")),
        (Step.COMPARE, lambda window: window.findChild(QWidget, "compare.own")),
    ],
)
@pytest.mark.parametrize("name", ["banner.action", "banner.close"])
def test_that_the_keyboard_goes_from_a_banner_to_the_page(
    window: MainWindow,
    feedback: Feedback,
    qtbot: QtBot,
    name: str,
    place: Step | Place,
    expected: Callable[[MainWindow], QWidget],
) -> None:
    window.wizard.go(place)
    feedback.show("The disk is full.", action=Action("Retry", lambda: None))
    pressed = window.findChild(QPushButton, name)
    pressed.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(pressed, Qt.Key.Key_Space)
    assert not pressed.isVisible()
    assert QApplication.focusWidget() is expected(window)


def test_that_a_click_on_a_banner_leaves_the_keyboard_where_it_was(
    window: MainWindow, feedback: Feedback, qtbot: QtBot
) -> None:
    window.wizard.go(Place.SETTINGS)
    folder = window.findChild(QWidget, "settings.projects_folder")
    folder.setFocus()
    feedback.show("The disk is full.")
    qtbot.mouseClick(window.findChild(QPushButton, "banner.close"), Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is folder


@pytest.mark.parametrize("language", ["short", "long"])
def test_that_all_doors_of_the_papers_and_their_titles_are_in_sight_in_a_small_window(
    window: MainWindow, qtbot: QtBot, language: str
) -> None:
    window.resize(960, 600)
    window.wizard.go(Step.PAPERS)
    if language == "long":  # as German is
        window.findChild(QPushButton, "papers.add-folder-slim").setText("Ordner mit Arbeiten hinzufügen...")
        window.wizard.page._drop._fit()
    settled(window, qtbot, *(f"papers.{name}-slim" for name in ("settings", "zotero", "add-files", "add-folder")))
    table = window.findChild(QTableView, "papers.table")
    assert table.columnWidth(TITLE) > 150
    window.resize(1500, 700)
    qtbot.waitUntil(lambda: not table.isColumnHidden(YEAR))
    assert window.findChild(QPushButton, "papers.settings-slim").text()
    window.resize(960, 600)
    qtbot.waitUntil(lambda: table.isColumnHidden(YEAR))
    assert not window.findChild(QPushButton, "papers.settings-slim").text()


def test_that_the_preview_is_scrolled_and_not_squashed_where_questions_are_made(
    window: MainWindow, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    crowd(window, jobs, feedback, (960, 600), Step.QUESTIONS)
    preview = window.wizard.page._preview
    empty = preview.findChild(EmptyState)
    qtbot.waitUntil(lambda: preview.height() >= 200)
    for part in (empty.title, empty.text):
        assert part.height() >= part.heightForWidth(part.width())
        assert empty.rect().contains(part.geometry())
    jobs.end_cancelled()


def test_that_training_and_its_runs_share_a_small_window_in_turns(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    trained(session, "run-1")
    window.resize(960, 600)
    window.wizard.go(Step.TRAIN)
    page = window.wizard.page
    read(page, qtbot)
    settled(window, qtbot, "train.start", "train.runs", "train.preset.recommended", "train.preset.large")
    recommended = window.findChild(QPushButton, "train.preset.recommended")
    assert recommended.width() >= recommended.sizeHint().width()
    assert not page.list.isVisible()
    window.findChild(QPushButton, "train.runs").click()
    qtbot.waitUntil(lambda: is_whole(page.list))
    page._on_list_chosen(page.list.table.runs[0])
    read(page, qtbot)
    qtbot.waitUntil(lambda: page.view.isVisible() and page.view.width() <= 720)
    assert not page.list.isVisible()
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: page.list.isVisible() and page.view.isVisible())
    assert not window.findChild(QPushButton, "train.runs").isVisible()
