"""Cancelling real stages, again and again, and closing while something runs: nothing stays behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import Event
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.session import Session

MARK = "EMBTRAINER_TEST_WINDOW"


@pytest.fixture
def manager(session: Session, feedback: Feedback) -> Iterator[JobManager]:
    manager = JobManager(session, feedback)
    yield manager
    manager.shut_down()


def started(manager: JobManager, qtbot: QtBot, stage: str, **options: Any) -> Job:
    """A job whose child has said that it is there."""
    job = manager.start(stage, {}, **options)
    assert job is not None
    qtbot.waitUntil(lambda: job.state == "running", timeout=60_000)
    return job


def cancelled(manager: JobManager, qtbot: QtBot, job: Job) -> tuple[float, float]:
    """Seconds to the acknowledgement and to the end."""
    began = time.monotonic()
    told: list[float] = []

    def note(job: Job, event: Event) -> None:
        told.append(time.monotonic() - began)

    manager.job_event.connect(note)
    with qtbot.waitSignal(manager.job_ended, timeout=16_000):
        manager.cancel(job)
    manager.job_event.disconnect(note)
    return told[0], time.monotonic() - began


STAGES = (
    ("import", {"sources": "papers"}),
    ("generate", {}),
    ("check", {}),
    ("export", {"what": "faiss", "out": "folder"}),
    ("sample", {}),
)


@pytest.mark.parametrize(("stage", "options"), STAGES)
def test_that_any_stage_acknowledges_a_cancel_at_once_and_ends_in_time(
    manager: JobManager,
    qtbot: QtBot,
    stage: str,
    options: dict[str, Any],
    sample_papers: Path,
    tmp_path: Path,
) -> None:
    places = {"papers": [sample_papers], "folder": tmp_path / "faiss"}
    values = {name: places.get(value, value) for name, value in options.items()}
    job = started(manager, qtbot, stage, **values)
    acknowledged, ended = cancelled(manager, qtbot, job)
    assert acknowledged < 0.1
    assert ended < 15
    assert job.cancelled or job.ended_well  # it may have been done
    assert job.failure is None


def test_that_start_and_cancel_leave_nothing_behind(
    manager: JobManager, qtbot: QtBot, sample_papers: Path, request: pytest.FixtureRequest
) -> None:
    cycles = 50 if request.config.getoption("--soak") else 5
    cancelled(manager, qtbot, started(manager, qtbot, "import", sources=[sample_papers]))
    own = psutil.Process()
    children = own.children(recursive=True)  # the fork server of other tests may be there
    before = (threading.active_count(), own.num_threads(), own.num_fds(), own.memory_info().rss)
    for _ in range(cycles):
        job = started(manager, qtbot, "import", sources=[sample_papers])
        acknowledged, ended = cancelled(manager, qtbot, job)
        assert acknowledged < 0.1
        assert ended < 15
    qtbot.waitUntil(lambda: threading.active_count() <= before[0], timeout=5000)
    qtbot.waitUntil(lambda: own.num_threads() <= before[1], timeout=5000)
    assert own.num_fds() <= before[2]
    assert own.children(recursive=True) == children
    assert own.memory_info().rss < before[3] * 1.05 + 2e6


CLOSING = """
import os
import signal
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from embtrainer_gui.core.messages import RenderPage
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.session import Session

folder, papers, state = sys.argv[1:]
app = QApplication([])
session = Session()
session.open(Path(folder))
jobs = JobManager(session, Feedback())

def close():
    jobs.shut_down()
    session.close()
    app.quit()

def on_event(job, event):
    if state == "running":
        QTimer.singleShot(0, close)
    if state == "killed" and event.type == "items-changed":
        os.kill(os.getpid(), signal.SIGKILL)
    if state == "stopping" and job.state != "stopping":
        jobs.cancel(job)
        QTimer.singleShot(0, close)

jobs.job_event.connect(on_event)
if state == "serving":
    jobs.service("pages").ask(RenderPage(document=1, page=1, dpi=72), print, lambda failure: close())
else:
    jobs.start("import", {}, sources=[papers])
if state == "starting":
    QTimer.singleShot(0, close)
if state == "forgotten":
    jobs.job_event.connect(lambda job, event: app.quit())
code = app.exec()
if state == "forgotten":
    jobs.shut_down()
sys.exit(code)
"""


@pytest.mark.parametrize("state", ["starting", "running", "stopping", "serving", "forgotten"])
def test_that_closing_in_any_state_ends_well(
    small_project: Path, sample_papers: Path, tmp_path: Path, state: str, request: pytest.FixtureRequest
) -> None:
    for number in range(10 if request.config.getoption("--soak") else 1):
        folder = tmp_path / f"p{number}"
        shutil.copytree(small_project, folder)
        result = window(folder, sample_papers, state)
        assert (result.returncode, "Destroyed while thread" in result.stderr) == (0, False), result.stderr
        assert not workers()


def window(folder: Path, papers: Path, state: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CLOSING, str(folder), str(papers), state],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", MARK: "yes"},
    )


def workers() -> list[psutil.Process]:
    """The living children of any window that these tests started."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if MARK in process.environ() and process.status() != "zombie":
                found.append(process)
    return found


def test_that_a_window_that_is_killed_leaves_no_child_and_a_project_that_opens(
    small_project: Path, sample_papers: Path, tmp_path: Path, qtbot: QtBot, request: pytest.FixtureRequest
) -> None:
    for number in range(20 if request.config.getoption("--soak") else 2):
        folder = tmp_path / f"p{number}"
        shutil.copytree(small_project, folder)
        assert window(folder, sample_papers, "killed").returncode == -signal.SIGKILL
        qtbot.waitUntil(lambda: not workers(), timeout=5000)
        session = Session()
        session.open(folder)
        assert session.project.database.one("PRAGMA integrity_check") == "ok"
        session.close()
