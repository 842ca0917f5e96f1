"""What a user or a machine can get wrong, in the real window with real children: a sentence, its cure, nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pymupdf
import pytest
from gui.train_help import accept, fill
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.messages import Event, Metric
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Feedback, Message, Tone
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.main_window import MainWindow
from embtrainer_gui.gui.models.documents_table import REASON_ROLE, STATE, TITLE
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.left_out_dialog import LeftOutDialog
from embtrainer_gui.gui.wizard import Place

MINUTES = 240_000
TESTS = Path(__file__).resolve().parents[1]


class Driven:
    """The real window on a project, and what it said. A fault of the program fails the test at its end."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.qtbot, self.feedback = qtbot, Feedback()
        self.bugs: list[str] = []
        self.toasts: list[Message] = []
        self.feedback.bug.connect(self.bugs.append)
        self.feedback.toast.connect(self.toasts.append)
        self.session = Session()
        self.session.open(folder)
        self.jobs = JobManager(self.session, self.feedback)
        self.window = MainWindow(self.session, self.jobs, self.feedback)
        self.window.start()
        self.window.show()
        qtbot.waitExposed(self.window)

    @property
    def banner(self) -> Message:
        found = self.window.wizard.message
        assert found is not None, "no banner"
        return found

    def go(self, place: Step | Place) -> Any:
        self.window.wizard.go(place)
        return self.window.wizard.page

    def find(self, name: str, kind: type[Any] = QWidget) -> Any:
        found = [part for part in self.window.findChildren(kind, name) if part.isVisible()]
        assert found, name
        return found[0]

    def click(self, name: str) -> None:
        self.qtbot.mouseClick(self.find(name, QPushButton), Qt.MouseButton.LeftButton)

    def drop(self, *paths: Path) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        none = Qt.KeyboardModifier.NoModifier
        event = QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, none)
        self.window.dropEvent(event)

    def drop_and_wait(self, *paths: Path) -> None:
        with self.qtbot.waitSignal(self.jobs.job_ended, timeout=MINUTES):
            self.drop(*paths)

    def remarks(self) -> str:
        return "\n".join(part.text() for part in self.window.findChildren(QLabel, "train.remark") if part.isVisible())

    def start_text(self, words: str) -> None:
        """Wait until the Start button of the page of training says so."""
        self.qtbot.waitUntil(lambda: words in self.find("train.start", QPushButton).text(), timeout=20_000)

    def close(self) -> None:
        self.window.end_at_once()
        self.window.deleteLater()


Open = Callable[[Path], Driven]


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Open]:
    windows: list[Driven] = []

    def open_(folder: Path) -> Driven:
        windows.append(Driven(folder, qtbot))
        return windows[-1]

    yield open_
    for driven in windows:
        driven.close()
    assert not [bug for driven in windows for bug in driven.bugs]


@pytest.fixture
def folder(tmp_path: Path, small_project: Path) -> Path:
    shutil.copytree(small_project, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made in a process of its own: no torch beside Qt."""
    folder = tmp_path_factory.mktemp("model")
    code = "import sys; from pathlib import Path; from tiny_model import make_tiny_model as m; m(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, env=os.environ | {"PYTHONPATH": str(TESTS)})
    return folder / "tiny"


# Files


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
    with driven.qtbot.waitSignal(driven.jobs.job_ended, timeout=MINUTES):
        driven.click("banner.action")
    assert sum(driven.session.project.pairs.counts().values()) == before + 60
    assert "60 questions imported" in driven.banner.text
    assert "2 lines were left out" in driven.banner.text
    driven.click("banner.action")
    dialog = driven.window.findChild(LeftOutDialog)
    assert dialog is not None
    table = dialog.findChild(QTableView, "left-out.table").model()
    cells = [[table.index(row, column).data() for column in range(3)] for row in range(table.rowCount())]
    assert [line for line, _, _ in cells] == ["61", "62"]
    assert all(reason and text for _, reason, text in cells)
    dialog.findChild(QPushButton, "left-out.close").click()


def test_that_a_file_without_a_usable_question_says_so(open_window: Open, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": "no answer?", "answer": ""}\n', encoding="utf-8")
    driven = open_window(folder)
    driven.drop(path)
    driven.qtbot.waitUntil(lambda: driven.window.wizard.message is not None)
    with driven.qtbot.waitSignal(driven.jobs.job_ended, timeout=MINUTES):
        driven.click("banner.action")
    assert "no usable pair" in driven.banner.text
    assert "question and an answer" in driven.banner.hint
    assert driven.banner.tone == Tone.WARN


# Training


def test_that_start_names_what_is_missing(open_window: Open, folder: Path) -> None:
    driven = open_window(folder)
    driven.go(Step.TRAIN)
    driven.start_text("Accept 20 more questions")
    driven.click("train.start")
    assert driven.jobs.current is None
    assert driven.window.wizard.current == Step.REVIEW  # where it is done
    accept(driven.session, 19)
    driven.session.table_changed.emit("pairs")
    driven.go(Step.TRAIN)
    driven.start_text("Accept one more question")


def test_that_a_project_without_test_papers_says_how_to_get_some(open_window: Open, folder: Path) -> None:
    driven = open_window(folder)
    project = driven.session.project
    accept(driven.session, 10**6)
    project.documents.remove([source.id for source in project.documents.sources()][1:], utc_now())
    driven.session.table_changed.emit("documents")
    driven.go(Step.TRAIN)
    driven.start_text("Add 2 more papers")
    assert "unseen" in driven.find("train.why", QLabel).text() or "test" in driven.find("train.why", QLabel).text()
    driven.click("train.start")
    assert driven.window.wizard.current == Step.PAPERS


def settings(model: Path, **more: object) -> TrainConfig:
    """A run of a hundred quick steps, saved in the middle and at the end."""
    values = {"base_model": str(model), "epochs": 100, "batch_size": 8, "max_seq_length": 32, "evaluations": 2}
    return TrainConfig.model_validate(values | more)


def start(driven: Driven, config: TrainConfig, *, at_step: int, do: Callable[[Job], None]) -> Job:
    """Train until a step, then do something to it; returns when the job is over."""
    done: list[bool] = []

    def on_event(job: Job, event: Event) -> None:
        if isinstance(event, Metric) and event.step >= at_step and not done:
            done.append(True)
            do(job)

    driven.jobs.job_event.connect(on_event)
    with driven.qtbot.waitSignal(driven.jobs.job_ended, timeout=MINUTES):
        job = driven.jobs.start("train", config)
    driven.jobs.job_event.disconnect(on_event)
    assert job is not None
    assert done, (job.failure, job.log_tail())
    return job


def kill_child(job: Job) -> None:
    for child in psutil.Process().children():
        child.kill()


def click_and_wait(driven: Driven, name: str) -> Job:
    ended: list[Job] = []
    driven.jobs.job_ended.connect(ended.append)
    with driven.qtbot.waitSignal(driven.jobs.job_ended, timeout=MINUTES):
        driven.click(name)
    return ended[0]


@pytest.mark.slow
def test_that_a_training_child_that_is_killed_is_said_and_can_be_resumed(
    open_window: Open, folder: Path, tiny_model: Path
) -> None:
    driven = open_window(folder)
    fill(driven.session)
    driven.go(Step.TRAIN)
    accepted = driven.session.project.pairs.counts()["accepted"]
    job = start(driven, settings(tiny_model), at_step=52, do=kill_child)
    assert "probably out of memory" in driven.banner.text
    assert driven.banner.action is not None
    assert driven.banner.action.text == "Retry"
    assert Path(job.report).is_file()
    assert driven.session.project.pairs.counts()["accepted"] == accepted
    assert driven.find("train.resume", QPushButton).isEnabled()
    again = click_and_wait(driven, "train.resume")
    assert again.ended_well, again.failure
    assert again.metrics[0].step > 50
    assert [run.state for run in driven.session.project.runs.all()] == ["done"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("no permission to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_that_a_full_disk_at_a_checkpoint_offers_retry_which_goes_on(
    open_window: Open, folder: Path, tiny_model: Path, small_disk: Path
) -> None:
    shutil.copytree(folder, small_disk / "project")
    driven = open_window(small_disk / "project")
    fill(driven.session)
    driven.go(Step.TRAIN)
    filler = small_disk / "filler"

    def fill_disk(job: Job) -> None:
        filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - 3_000_000))

    start(driven, settings(tiny_model), at_step=52, do=fill_disk)
    assert "MB are free" in driven.banner.text
    assert "Free some space" in driven.banner.hint
    assert driven.banner.tone == Tone.BAD
    assert "could not be saved" in driven.remarks()
    filler.unlink()
    again = click_and_wait(driven, "banner.action")
    assert again.ended_well, again.failure
    assert again.metrics[0].step > 50
    assert driven.session.project.runs.latest() is not None
    assert driven.session.project.database.one("PRAGMA integrity_check") == "ok"


@pytest.mark.slow
def test_that_a_resume_on_other_data_is_refused_and_a_damaged_checkpoint_is_named(
    open_window: Open, folder: Path, tiny_model: Path
) -> None:
    driven = open_window(folder)
    fill(driven.session)
    driven.go(Step.TRAIN)
    job = start(driven, settings(tiny_model), at_step=52, do=driven.jobs.cancel)
    assert job.cancelled
    pairs = driven.session.project.pairs
    pair = pairs.all(state=PairState.ACCEPTED)[0]
    pairs.decide([pair.id], PairState.REJECTED, "reject", utc_now())
    driven.session.table_changed.emit("pairs")
    refused = click_and_wait(driven, "train.resume")
    assert refused.failure is not None
    assert "changed" in driven.banner.text
    assert driven.banner.hint
    pairs.decide([pair.id], PairState.ACCEPTED, "accept", utc_now())
    newest = max((folder / "models" / "run-1" / "checkpoints").iterdir(), key=lambda path: int(path.name.split("-")[1]))
    (newest / "model.safetensors").write_bytes(b"damaged")
    seen: list[str] = []
    driven.jobs.job_event.connect(lambda *_: seen.append(driven.remarks()))
    again = click_and_wait(driven, "train.resume")
    assert again.ended_well, again.failure
    assert any(newest.name in text and "skipped" in text for text in seen)


# Folders


def test_that_a_project_that_went_away_is_said_with_a_cure_and_the_window_works_on(
    open_window: Open, folder: Path
) -> None:
    driven = open_window(folder)
    for step in Step:
        driven.go(step)
    away = folder.with_name("away")
    folder.rename(away)
    driven.window.look_after_folder()
    assert str(folder) in driven.banner.text
    assert driven.banner.action is not None
    for place in (*Step, Place.SETTINGS, Place.HELP):
        driven.go(place)
        QTest.qWait(20)
    away.rename(folder)
    driven.window.look_after_folder()
    driven.window.look_after_folder()
    driven.go(Step.PAPERS)
    assert driven.window.wizard.message is None
    assert driven.window.close()


GONE = """
import shutil, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import embtrainer_gui.gui.app as app

folder = Path(sys.argv[1])

def painted():
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, app.MainWindow))
    QTimer.singleShot(0, window, lambda: go(window))

def go(window):
    shutil.rmtree(folder)
    window.look_after_folder()
    print(window.wizard.message.text, flush=True)
    from embtrainer_gui.core.workflow import Step
    for step in Step:
        window.wizard.go(step)
    window.close()

app.after_first_paint.append(painted)
sys.exit(app.run(folder))
"""


def test_that_a_window_over_a_deleted_project_closes_with_exit_code_0(folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", GONE, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    assert ran.returncode == 0, ran.stderr
    assert "is gone" in ran.stdout
    assert "Traceback" not in ran.stderr


# Root may write everywhere, and this Python may lie where only root can read: so everything is imported first.
READ_ONLY = """
import os, sys, importlib, pkgutil
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPushButton
import embtrainer_gui.gui.app as app
import embtrainer_gui.gui.pages, embtrainer_gui.gui.widgets, qasync, psutil
from embtrainer_gui.core.workflow import Step
for package in (embtrainer_gui.gui.pages, embtrainer_gui.gui.widgets):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
QApplication.setAttribute  # loads Qt
folder, home = Path(sys.argv[1]), Path(sys.argv[2])
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)

def painted():
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, app.MainWindow))
    QTimer.singleShot(0, window, lambda: go(window))

def go(window):
    for step in Step:
        window.wizard.go(step)
        message = window.wizard.message
        print(step, "|", message.text if message else "", flush=True)
    window.wizard.go(Step.TRAIN)
    QTimer.singleShot(1500, window, lambda: end(window))

def end(window):
    print("start |", window.findChild(QPushButton, "train.start").text())
    window.take_files([home / "paper.pdf"])
    print("drop |", window.wizard.message.text)
    print("title |", window.status_line._project.text())
    window.close()

app.after_first_paint.append(painted)
sys.exit(app.run(folder))
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach; pytest's own folders are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="embtrainer-test-"))
    folder.chmod(0o777)
    yield folder
    subprocess.run(["chmod", "-R", "u+rwX", str(folder)], check=True)
    shutil.rmtree(folder)


def test_that_a_read_only_project_is_shown_and_says_that_nothing_can_be_changed(
    small_project: Path, open_folder: Path
) -> None:
    project = open_folder / "project"
    shutil.copytree(small_project, project)
    subprocess.run(["chmod", "-R", "a+rX,a-w", str(project)], check=True)
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    homes = {name: str(open_folder / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "HOME")}
    ran = subprocess.run(
        [sys.executable, "-c", READ_ONLY, str(project), str(open_folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | homes | {"QT_QPA_PLATFORM": "offscreen"},
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    said = dict(line.split(" | ", 1) for line in ran.stdout.splitlines() if " | " in line)
    assert said["start"] == "This project can only be read"
    assert "only read this project" in said["drop"]
    assert "read only" in said["title"]
    assert not [step for step in Step if said.get(str(step))]  # no page complains when it is only looked at
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before


# Escape


def test_that_escape_closes_nothing_that_holds_work(open_window: Open, folder: Path) -> None:
    driven = open_window(folder)
    escape = Qt.Key.Key_Escape

    driven.go(Step.TRAIN)
    field = driven.find("form.epochs", QLineEdit)
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "7")
    QTest.keyClick(field, escape)
    assert (field.text(), field.isVisible()) == ("7", True)

    driven.go(Step.SEARCH)
    box = driven.find("search.box", QLineEdit)
    QTest.keyClicks(box, "half a question")
    QTest.keyClick(box, escape)
    assert box.text() == "half a question"

    page = driven.go(Step.REVIEW)
    QTest.keyClick(page, Qt.Key.Key_E)
    question = driven.find("review.edit-question", QPlainTextEdit)
    QTest.keyClick(question, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(question, "Half an edit")
    QTest.keyClick(question, escape)  # leaves the editor; what was typed is kept and marked
    QTest.keyClick(page, escape)
    QTest.keyClick(page, Qt.Key.Key_E)
    assert driven.find("review.edit-question", QPlainTextEdit).toPlainText() == "Half an edit"

    driven.go(Place.SETTINGS)
    server = driven.find("settings.server-name", QLineEdit)
    QTest.keyClicks(server, "lab")
    QTest.keyClick(server, escape)
    assert server.text() == "lab"

    driven.go(Step.TRAIN)
    assert driven.find("form.epochs", QLineEdit).text() == "7"
    assert driven.window.isVisible()
