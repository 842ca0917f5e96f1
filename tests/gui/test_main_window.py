"""The window around the pages: moving, states, messages, jobs, drops and closing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton, QTextBrowser, QVBoxLayout
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import GenerateConfig, TrainConfig
from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.messages import ItemsChanged, Metric, Status
from embtrainer_gui.core.workflow import Step, StepState
from embtrainer_gui.gui.feedback import Action, Feedback, Tone
from embtrainer_gui.gui.main_window import MainWindow
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.basics import Chip
from embtrainer_gui.gui.widgets.job_panel import JobPanel
from embtrainer_gui.gui.widgets.question import Question
from embtrainer_gui.gui.widgets.report_dialog import ReportDialog
from embtrainer_gui.gui.wizard import PAGES, Place


class PlainPage(Page):
    """Counts its visits and keeps a typed text, as real pages do."""

    made = 0

    def _build(self) -> None:
        type(self).made += 1
        self.visits = self.left = 0
        self.files: list[Path] = []
        self.field = QLineEdit()
        QVBoxLayout(self).addWidget(self.field)

    def enter(self) -> None:
        self.visits += 1

    def leave(self) -> None:
        self.left += 1
        self.session.keep("plain", text=self.field.text())

    def add_files(self, paths: list[Path]) -> None:
        self.files += paths


def plain(step: Step, **more: object) -> type[Page]:
    name = f"{step.capitalize()}Page"
    return type(name, (PlainPage,), {"step": step, "title": step.capitalize(), "icon": str(step), "made": 0, **more})


@pytest.fixture
def window(
    session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr("embtrainer_gui.gui.step_states.QUICK_MS", 10_000)  # the states are there at once
    pages = {**PAGES, **{step: plain(step) for step in Step}}
    window = MainWindow(session, jobs, feedback, pages)
    window.start()
    window.show()
    qtbot.waitExposed(window)
    yield window
    if jobs.current is not None:
        jobs.finish()
    window.close()
    window.deleteLater()


def part(window: MainWindow, name: str) -> QPushButton:
    found = window.findChild(QPushButton, name)
    assert found is not None, name
    return found


def click(qtbot: QtBot, window: MainWindow, name: str) -> None:
    qtbot.mouseClick(part(window, name), Qt.MouseButton.LeftButton)


def answering(window: MainWindow, act: Callable[[Question], None]) -> None:
    """Answer the next question of the window as soon as it stands there."""

    def find() -> None:
        question = window.findChild(Question)
        if question is None or not question.isVisible():
            QTimer.singleShot(10, find)
        else:
            act(question)

    QTimer.singleShot(10, find)


def press(key: str) -> Callable[[Question], None]:
    def act(question: Question) -> None:
        button = question.findChild(QPushButton, f"question.{key}")
        assert button is not None
        button.click()

    return act


def test_that_the_window_starts_at_the_first_step_that_is_open(window: MainWindow) -> None:
    assert window.wizard.current == Step.REVIEW
    assert "project" in window.windowTitle()


def test_that_a_page_is_built_on_its_first_visit_and_entered_on_each(window: MainWindow, qtbot: QtBot) -> None:
    window.wizard.go(Step.PAPERS)
    first = window.wizard.page
    window.wizard.go(Step.QUESTIONS)
    window.wizard.go(Step.PAPERS)
    assert window.wizard.page is first
    assert isinstance(first, PlainPage)
    assert (type(first).made, first.visits, first.left) == (1, 2, 1)
    assert len(window.wizard._built) == 3


def test_that_back_and_next_say_where_they_go(window: MainWindow, qtbot: QtBot) -> None:
    window.wizard.go(Step.PAPERS)
    assert not part(window, "shell.back").isVisible()
    assert part(window, "shell.next").text() == "Next: Questions"
    click(qtbot, window, "shell.next")
    assert window.wizard.current == Step.QUESTIONS
    click(qtbot, window, "shell.back")
    assert window.wizard.current == Step.PAPERS
    window.wizard.go(Step.EXPORT)
    assert not part(window, "shell.next").isVisible()


def test_that_going_back_keeps_what_was_typed(window: MainWindow, qtbot: QtBot) -> None:
    window.wizard.go(Step.QUESTIONS)
    page = window.wizard.page
    assert isinstance(page, PlainPage)
    qtbot.keyClicks(page.field, "half a question")
    window.wizard.go_back()
    window.wizard.go_next()
    assert page.field.text() == "half a question"


@pytest.mark.parametrize("number", range(1, 8))
def test_that_control_and_a_digit_goes_to_a_step(window: MainWindow, qtbot: QtBot, number: int) -> None:
    window.activateWindow()
    qtbot.keyClick(window, str(number), Qt.KeyboardModifier.ControlModifier)
    assert window.wizard.current == list(Step)[number - 1]


def test_that_alt_and_the_arrows_walk_and_f1_helps(window: MainWindow, qtbot: QtBot) -> None:
    window.wizard.go(Step.QUESTIONS)
    qtbot.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert window.wizard.current == Step.REVIEW
    qtbot.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.wizard.current == Step.QUESTIONS
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert window.wizard.current == Place.HELP
    text = window.findChild(QTextBrowser, "help.text")
    assert text is not None
    assert text.toPlainText().startswith("Questions")


def test_that_every_step_can_be_reached_by_tab_and_space(window: MainWindow, qtbot: QtBot) -> None:
    for step, button in window.wizard.sidebar.buttons.items():
        button.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(button, Qt.Key.Key_Space)
        assert window.wizard.current == step
        assert button.accessibleName()


@pytest.mark.parametrize("steps", [(Step.QUESTIONS,), (Step.QUESTIONS, Step.REVIEW, Step.QUESTIONS)])
def test_that_tab_goes_through_the_page_before_it_reaches_back_and_next(
    window: MainWindow, qtbot: QtBot, steps: tuple[Step, ...]
) -> None:
    for step in steps:
        window.wizard.go(step)
    page = window.wizard.page
    assert isinstance(page, PlainPage)
    page.field.setFocus()
    reached = []
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_Tab)
        focus = QGuiApplication.focusObject()
        reached.append(focus.objectName() if focus else "")
    assert reached == ["shell.back", "shell.next"]


def test_that_escape_closes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.isVisible()


def test_that_the_sidebar_shows_counts_and_states(window: MainWindow, session: Session) -> None:
    looks = window.wizard.states.looks()
    assert looks[Step.PAPERS].count == "3 papers"
    total = sum(session.project.pairs.counts().values())
    assert looks[Step.QUESTIONS].count == f"{total} pairs"
    assert looks[Step.REVIEW].count == f"0 of {total}"
    assert looks[Step.PAPERS].state == StepState.DONE
    assert looks[Step.COMPARE].state == StepState.BLOCKED


def test_that_the_sidebar_follows_a_change(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    first = session.project.pairs.all()[0]
    session.project.pairs.decide([first.id], first.state.ACCEPTED, "accept", "2026-01-01T00:00:00Z")
    session.table_changed.emit("pairs")
    qtbot.waitUntil(lambda: window.wizard.states.looks()[Step.REVIEW].count.startswith("1 of "))


def test_that_a_large_project_is_read_beside_the_window(
    window: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embtrainer_gui.gui.step_states.QUICK_MS", -1)
    monkeypatch.setattr(session, "steps", lambda: pytest.fail("on the GUI thread"))
    first = session.project.pairs.all()[0]
    session.project.pairs.decide([first.id], first.state.REJECTED, "reject", "2026-01-01T00:00:00Z")
    for _ in range(3):
        session.table_changed.emit("pairs")
    qtbot.waitUntil(lambda: window.wizard.states.looks()[Step.REVIEW].count.startswith("1 of "))


def test_that_a_blocked_page_says_why_and_leads_to_the_cure(window: MainWindow, qtbot: QtBot) -> None:
    window.wizard.go(Step.COMPARE)
    assert window.wizard.page is None
    texts = [label.text() for label in window.findChildren(QLabel)]
    assert "Train a model first." in texts
    click(qtbot, window, "shell.cure")
    assert window.wizard.current == Step.REVIEW  # training is blocked too: its cure comes first
    assert Step.COMPARE not in window.wizard._built


def test_that_a_page_may_show_its_own_blocked_state(
    session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    pages = {**PAGES, **{step: plain(step, handles_blocked=True) for step in Step}}
    window = MainWindow(session, jobs, feedback, pages)
    window.start()
    window.wizard.go(Step.COMPARE)
    assert isinstance(window.wizard.page, PlainPage)
    window.close()
    window.deleteLater()


def test_that_the_badge_and_the_sidebar_say_running_while_a_job_works_there(window: MainWindow, jobs: FakeJobs) -> None:
    window.wizard.go(Step.QUESTIONS)
    badge = window.findChild(Chip, "shell.state")
    assert badge is not None
    jobs.start("generate", GenerateConfig())
    assert badge.text() == "Running"
    jobs.finish()
    assert badge.text() != "Running"


def test_that_a_whole_job_walks_through_the_steps(window: MainWindow, jobs: FakeJobs) -> None:
    jobs.start("sample", {})
    seen = []
    for event in (
        ItemsChanged(table="documents", count=1),
        ItemsChanged(table="pairs", count=1),
        Metric(step=1, epoch=0.1, values={"loss": 1.0}),
        ItemsChanged(table="evaluations", count=1),
    ):
        jobs.say(event)
        running = [step for step, look in window.wizard.states.looks().items() if look.state == StepState.RUNNING]
        seen.append(running)
    assert seen == [[Step.PAPERS], [Step.QUESTIONS], [Step.TRAIN], [Step.COMPARE]]


def test_that_a_banner_stays_and_its_button_acts(window: MainWindow, feedback: Feedback, qtbot: QtBot) -> None:
    acted: list[int] = []
    feedback.show(
        "The disk is full.", "Free some space.", tone=Tone.BAD, action=Action("Retry", lambda: acted.append(1))
    )
    assert part(window, "banner.action").isVisible()
    click(qtbot, window, "banner.action")
    assert acted == [1]
    assert not part(window, "banner.action").isVisible()


def test_that_a_project_that_cannot_be_read_is_a_banner_with_retry(window: MainWindow, qtbot: QtBot) -> None:
    window.wizard.go(Step.PAPERS)
    page = window.wizard.built(Step.QUESTIONS)
    tries = []

    def fail() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise EnvironmentProblem("The disk is full.", "Free some space.")

    page.enter = fail  # type: ignore[method-assign]
    window.wizard.go(Step.QUESTIONS)
    assert window.wizard.message is not None
    assert window.wizard.message.text == "The disk is full."
    click(qtbot, window, "banner.action")
    assert len(tries) == 2
    assert window.wizard.message is None


def test_that_a_toast_goes_by_itself_and_undoes(window: MainWindow, feedback: Feedback, qtbot: QtBot) -> None:
    undone: list[int] = []
    feedback.say("12 papers removed", action=Action("Undo", lambda: undone.append(1)))
    assert window.toast.isVisible()
    click(qtbot, window, "toast.action")
    assert undone == [1]
    assert not window.toast.isVisible()


def test_that_the_job_panel_shows_progress_and_the_outcome(window: MainWindow, jobs: FakeJobs, qtbot: QtBot) -> None:
    panel = window.job_panel
    assert not panel.isVisible()
    jobs.start("generate", GenerateConfig())
    jobs.say(Status(text="Making questions..."))
    jobs.progress(30, 120, "paper.pdf")
    assert panel.isVisible()
    assert "30 of 120" in shown(panel)
    assert "paper.pdf" in shown(panel)
    jobs.finish()
    assert "Done" in shown(panel)
    assert not part(window, "job.stop").isVisible()
    click(qtbot, window, "job.close")
    assert not panel.isVisible()


@pytest.mark.parametrize(("how", "stays"), [("well", False), ("read", True), ("failed", True)])
def test_that_the_job_panel_goes_with_the_next_page_and_not_under_the_pointer(
    window: MainWindow, jobs: FakeJobs, how: str, stays: bool
) -> None:
    window.wizard.go(Step.QUESTIONS)
    jobs.start("generate", GenerateConfig())
    window.wizard.go(Step.PAPERS)
    assert window.job_panel.isVisible()  # it runs
    if how == "failed":
        jobs.fail()
    else:
        jobs.finish()
    if how == "read":
        part(window, "job.details").click()
    assert window.job_panel.isVisible()
    window.wizard.go(Step.QUESTIONS)
    assert window.job_panel.isVisible() is stays


def shown(panel: JobPanel) -> str:
    return " ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_that_stop_is_acknowledged_at_once_and_kill_is_offered(
    window: MainWindow, jobs: FakeJobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embtrainer_gui.gui.widgets.job_panel.KILL_OFFERED_AFTER", 0.1)
    job = jobs.start("train", TrainConfig())
    click(qtbot, window, "job.stop")
    stop = part(window, "job.stop")
    assert (stop.text(), stop.isEnabled(), jobs.stopped) == ("Stopping...", False, [job])
    qtbot.waitUntil(lambda: stop.text() == "Kill now" and stop.isEnabled())
    click(qtbot, window, "job.stop")
    assert jobs.killed == [job]
    assert "Stopped" in shown(window.job_panel)


def test_that_details_show_warnings_and_the_log(window: MainWindow, jobs: FakeJobs, qtbot: QtBot) -> None:
    job = jobs.start("train", TrainConfig())
    assert job is not None
    job.warnings.append("careful")
    job.read_log = lambda: "a line of the log"
    click(qtbot, window, "job.details")
    log = window.job_panel._log
    assert log.isVisible()
    assert log.toPlainText() == "careful\na line of the log"


def test_that_the_report_of_a_crash_is_copied_without_keys(
    window: MainWindow, jobs: FakeJobs, qtbot: QtBot, tmp_path: Path
) -> None:
    job = jobs.start("train", TrainConfig())
    assert job is not None
    report = tmp_path / "job.json"
    report.write_text('{"exit": -11, "api_key": "sk-abcdefghijklmnop"}', encoding="utf-8")
    job.report = str(report)
    assert not part(window, "job.report").isVisible()
    jobs.fail("The training ended without a word.")
    click(qtbot, window, "job.report")
    copied = QGuiApplication.clipboard().text()
    assert '"exit": -11' in copied
    assert "sk-abc" not in copied


def test_that_another_project_is_not_opened_while_a_job_runs(
    window: MainWindow, jobs: FakeJobs, tmp_path: Path, session: Session
) -> None:
    jobs.start("generate", GenerateConfig())
    before = session.project.folder
    assert not window.door.open(tmp_path)
    assert session.project.folder == before
    assert window.wizard.message is not None
    assert "still running" in window.wizard.message.text


def test_that_opening_another_project_makes_new_pages(window: MainWindow, session: Session, tmp_path: Path) -> None:
    window.wizard.go(Step.PAPERS)
    first = window.wizard.page
    assert window.door.create(tmp_path / "other")
    assert session.project.folder.name == "other"
    assert window.wizard.current == Step.PAPERS
    assert window.wizard.page is not first
    assert session.settings.notes  # what the list of recent projects shows of the first one


def test_that_the_page_of_a_project_is_kept(window: MainWindow, session: Session, tmp_path: Path) -> None:
    window.wizard.go(Step.QUESTIONS)
    folder = session.project.folder
    window.door.create(tmp_path / "other")
    window.door.open(folder)
    assert window.wizard.current == Step.QUESTIONS


def test_that_a_missing_project_is_a_banner_on_the_welcome_page(
    qtbot: QtBot, tmp_path: Path, feedback: Feedback
) -> None:
    session = Session()
    jobs = FakeJobs(session, feedback)
    window = MainWindow(session, jobs, feedback)
    window.start(tmp_path / "nowhere")
    assert window.wizard.current == Place.WELCOME
    assert window.wizard.message is not None
    assert "no project" in window.wizard.message.text
    window.close()
    window.deleteLater()


def test_that_a_folder_that_goes_away_is_told_once_and_its_return_too(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    folder = session.project.folder
    away = folder.with_name("away")
    folder.rename(away)
    window.look_after_folder()
    assert window.wizard.message is not None
    assert str(folder) in window.wizard.message.text
    click(qtbot, window, "banner.close")
    window.look_after_folder()
    assert window.wizard.message is None
    away.rename(folder)
    window.look_after_folder()
    shutil.move(folder, away)
    window.look_after_folder()
    assert window.wizard.message is not None
    away.rename(folder)


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    where = window.rect().center()
    event = QDropEvent(
        QPointF(QPoint(where)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def test_that_papers_dropped_on_any_page_go_to_the_papers(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.wizard.go(Step.EXPORT)
    drop(window, tmp_path / "a.pdf", tmp_path / "b.pdf")
    qtbot.waitUntil(lambda: window.wizard.current == Step.PAPERS)
    page = window.wizard.page
    assert isinstance(page, PlainPage)
    assert [path.name for path in page.files] == ["a.pdf", "b.pdf"]


def test_that_a_dropped_project_is_opened(
    window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path, small_project: Path
) -> None:
    other = tmp_path / "dropped"
    shutil.copytree(small_project, other)
    drop(window, other)
    qtbot.waitUntil(lambda: session.project.folder == other)


def test_that_papers_dropped_without_a_project_ask_for_one_first(
    window: MainWindow, session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "new one"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(new), ""))
    assert window.door.close()
    assert window.wizard.current == Place.WELCOME
    drop(window, tmp_path / "a.pdf")
    qtbot.waitUntil(lambda: session.is_open)
    assert session.project.folder == new
    assert [path.name for path in window.wizard.built(Step.PAPERS).files] == ["a.pdf"]  # type: ignore[attr-defined]


def test_that_a_fault_is_a_report_without_secrets(
    window: MainWindow, feedback: Feedback, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBTRAINER_API_KEY", "topsecretvalue")
    feedback.bug.emit(f"ValueError: topsecretvalue sk-abcdef123456 in {Path.home()}/papers")
    feedback.bug.emit("a second fault")
    dialog = window.findChild(ReportDialog)
    assert dialog is not None
    copy = dialog.findChild(QPushButton, "report.copy")
    assert copy is not None
    copy.click()
    from PySide6.QtGui import QGuiApplication

    text = QGuiApplication.clipboard().text()
    assert "ValueError: *** *** in ~/papers" in text
    assert "a second fault" in text
    assert "embtrainer" in text
    assert len(window.findChildren(ReportDialog)) == 1
    dialog.close()


def test_that_closing_while_nothing_runs_asks_nothing(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closed):
        window.close()
    assert not session.is_open
    assert session.settings.window


@pytest.mark.parametrize("stage", ["generate", "train"])
def test_that_closing_can_be_cancelled(window: MainWindow, jobs: FakeJobs, stage: str) -> None:
    jobs.start(stage, {})
    answering(window, press("cancel"))
    assert not window.close()
    answering(window, lambda question: question.reject())  # Escape
    assert not window.close()
    assert jobs.stopped == []
    assert window.isVisible()


def test_that_stop_and_close_closes_when_the_job_has_ended(window: MainWindow, jobs: FakeJobs, qtbot: QtBot) -> None:
    job = jobs.start("generate", {})
    answering(window, press("stop"))
    assert not window.close()
    assert jobs.stopped == [job]
    assert not window.close()  # a second attempt asks nothing and waits
    with qtbot.waitSignal(window.closed):
        jobs.end_cancelled()
    assert not window.isVisible()


def test_that_only_training_can_be_left_running(window: MainWindow, jobs: FakeJobs, qtbot: QtBot) -> None:
    seen: list[bool] = []

    def look(question: Question) -> None:
        seen.append(question.findChild(QPushButton, "question.leave") is not None)
        question.reject()

    jobs.start("generate", {})
    answering(window, look)
    window.close()
    jobs.finish()
    job = jobs.start("train", TrainConfig())
    assert job is not None
    answering(window, look)
    window.close()
    assert seen == [False, True]
    answering(window, press("leave"))
    with qtbot.waitSignal(window.closed):
        window.close()
    assert job.detached


def test_that_a_job_that_ends_under_the_question_lets_the_window_close(
    window: MainWindow, jobs: FakeJobs, qtbot: QtBot
) -> None:
    jobs.start("generate", {})

    def end_first(question: Question) -> None:
        jobs.finish()
        press("stop")(question)

    answering(window, end_first)
    with qtbot.waitSignal(window.closed):
        window.close()


def test_that_a_job_that_ends_unseen_is_told(window: MainWindow, jobs: FakeJobs, qtbot: QtBot) -> None:
    job = jobs.start("train", TrainConfig())
    assert job is not None
    job.started -= 60
    window.hide()
    jobs.finish()
    assert window._notice.last == "Training: Done"
    window.show()


def test_that_the_end_of_the_sample_leads_to_the_verdict(window: MainWindow, jobs: FakeJobs, qtbot: QtBot) -> None:
    jobs.start("sample", {})
    jobs.finish({"verdict": "better"})
    click(qtbot, window, "banner.action")
    assert window.wizard.current == Step.COMPARE


def test_that_the_window_fits_a_small_screen_with_a_job_and_a_banner(
    session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    def build(page: PlainPage) -> None:
        PlainPage._build(page)
        page.field.setMinimumSize(900, 640)

    pages = {**PAGES, **{step: plain(step, _build=build) for step in Step}}
    window = MainWindow(session, jobs, feedback, pages)
    window.start()
    window.resize(1280, 720)
    window.show()
    jobs.start("generate", GenerateConfig())
    feedback.show("The disk is full.", "Free some space.")
    qtbot.waitUntil(lambda: window.job_panel.isVisible() and window.findChild(QPushButton, "banner.close").isVisible())
    qtbot.wait(1)  # one turn of the loop, for the layout
    assert (window.width(), window.height()) == (1280, 720)
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 720
    jobs.finish()
    window.close()
    window.deleteLater()
