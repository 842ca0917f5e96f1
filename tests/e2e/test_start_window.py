"""The window as a process: what it has loaded at its first paint, how it ends, and what it says without a display."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from commandline import CommandLine

from embtrainer_gui.cli import window
from embtrainer_gui.core.store import create_project

HEAVY = {"torch", "transformers", "sentence_transformers", "spacy", "pymupdf", "pyqtgraph", "pyarrow", "faiss", "numpy"}
CHILD = """
import sys
import tempfile
from embtrainer_gui import __main__ as program
import embtrainer_gui.gui.app as app

def painted():
    print("painted", *sys.modules, flush=True)
    {then}

app.after_first_paint.append(painted)
sys.argv = ["embtrainer", *sys.argv[1:]]
sys.exit(program.main())
"""
CLOSE = """
    from PySide6.QtWidgets import QApplication
    next(w for w in QApplication.topLevelWidgets() if isinstance(w, app.MainWindow)).close()
"""
SAY_AND_CLOSE = """
    from PySide6.QtWidgets import QApplication
    shown = next(w for w in QApplication.topLevelWidgets() if isinstance(w, app.MainWindow))
    print(shown.wizard.message.text)
    shown.close()
"""
FAIL_EVERYWHERE = """
    import asyncio, threading
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    from embtrainer_gui.core.errors import EnvironmentProblem
    from embtrainer_gui.gui.widgets.report_dialog import ReportDialog
    shown = next(w for w in QApplication.topLevelWidgets() if isinstance(w, app.MainWindow))
    shown.sometimes = QTimer(shown)

    def fail(error):
        raise error

    async def fail_later():
        raise ValueError("on the loop")

    def look():
        dialog = shown.findChild(ReportDialog)
        text = dialog._text.toPlainText() if dialog else ""
        if all(words in text for words in ("in a slot", "on a thread", "on the loop")) and shown.wizard.message:
            print(shown.wizard.message.text)
            shown.close()

    def begin():
        shown.task = asyncio.ensure_future(fail_later())
        shown.task.add_done_callback(lambda task: fail(task.exception()))
        QTimer.singleShot(0, lambda: fail(ValueError("in a slot")))
        QTimer.singleShot(0, lambda: fail(EnvironmentProblem("The disk is full.")))
        threading.Thread(target=fail, args=(ValueError("on a thread"),)).start()

    QTimer.singleShot(200, begin)
    shown.sometimes.timeout.connect(look)
    shown.sometimes.start(50)
"""
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture
def offscreen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DISPLAYS:
        monkeypatch.delenv(name, raising=False)


def child(*arguments: str | Path, then: str = CLOSE) -> subprocess.Popen[str]:
    code = CHILD.format(then=then.strip())
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    create_project(folder).close()
    return folder


@pytest.mark.usefixtures("offscreen")
@pytest.mark.parametrize("with_project", [False, True])
def test_that_nothing_heavy_is_loaded_at_the_first_paint(project: Path, with_project: bool) -> None:
    started = child(*([project] if with_project else []))
    out, err = started.communicate(timeout=60)
    word, *modules = out.split()
    assert word == "painted", err
    assert not HEAVY.intersection(modules)
    assert "embtrainer_gui.gui.main_window" in modules
    assert "Traceback" not in err
    assert started.returncode == 0


@pytest.mark.usefixtures("offscreen")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_that_a_signal_ends_the_window_in_order(project: Path, number: signal.Signals) -> None:
    started = child("open", project, then="pass")
    assert started.stdout is not None
    assert started.stdout.readline().startswith("painted")
    started.send_signal(number)
    _, err = started.communicate(timeout=60)
    assert (started.returncode, "Traceback" in err) == (130, False), err
    assert not (project / "project.lock.json").exists()


@pytest.mark.usefixtures("offscreen")
def test_that_faults_on_every_thread_are_reported_and_problems_are_a_banner() -> None:
    started = child(then=FAIL_EVERYWHERE)
    try:
        out, err = started.communicate(timeout=30)
    finally:
        started.kill()
    assert "The disk is full." in out, err
    assert started.returncode == 0


@pytest.mark.usefixtures("offscreen")
def test_that_a_broken_settings_file_is_set_aside_and_said(tmp_path: Path) -> None:
    settings = Path(os.environ["XDG_CONFIG_HOME"]) / "embtrainer" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text("{broken", encoding="utf-8")
    out, err = child(then=SAY_AND_CLOSE).communicate(timeout=60)
    assert "settings could not be read" in out, err
    assert settings.with_suffix(".broken.json").read_text(encoding="utf-8") == "{broken"


@pytest.mark.usefixtures("no_display")
@pytest.mark.parametrize("arguments", [[], ["open", "somewhere"], ["./somewhere"]])
def test_that_without_a_display_one_sentence_names_the_command(embtrainer: CommandLine, arguments: list[str]) -> None:
    ran = embtrainer(*arguments)
    assert ran.code == 3
    assert len(ran.err.strip().splitlines()) == 1
    assert "no display" in ran.err
    assert "embtrainer run" in ran.err


@pytest.mark.parametrize(
    ("environment", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_that_a_display_is_found_without_qt(environment: dict[str, str], platform: str, there: bool) -> None:
    assert window.has_display(environment, platform) is there


@pytest.mark.usefixtures("offscreen")
def test_that_the_sample_opens_the_window_only_where_a_person_looks() -> None:
    assert window.window_after(["sample"]) == window.SAMPLE_FOLDER
    assert window.window_after(["sample", "here"]) == Path("here")
    assert window.window_after(["sample", "here", "--no_open"]) is None
    assert window.window_after(["sample", "--json"]) is None
    assert window.window_after(["run", "p", "x"]) is None


@pytest.mark.usefixtures("no_display")
def test_that_the_sample_opens_no_window_without_a_display() -> None:
    assert window.window_after(["sample"]) is None


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], True),
        (["./p"], True),
        (["open", "p"], True),
        (["status", "p"], False),
        (["--help"], False),
        (["nonsense"], False),
    ],
)
def test_that_the_command_lines_of_the_window_are_told_apart(arguments: list[str], wanted: bool) -> None:
    assert window.wants_window(arguments) is wanted


def test_that_every_command_has_a_name_that_no_project_takes() -> None:
    from embtrainer_gui.cli.commands import COMMANDS
    from embtrainer_gui.cli.parser import COMMAND_NAMES

    assert set(COMMANDS) - {None} == set(COMMAND_NAMES)


# Root may write everywhere, and this Python may lie where only root can read: so everything is loaded first.
READ_ONLY = """
import os, sys, psutil
from pathlib import Path
from PySide6 import QtSvg
from PySide6.QtWidgets import QApplication
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.main_window import MainWindow
from embtrainer_gui.gui.session import Session

qt = QApplication([])
theme.set_up(qt)
session, feedback = Session(), Feedback()
window = MainWindow(session, JobManager(session, feedback), feedback)
for step in Step:
    window.wizard._class_of(step)
window.show()
window.wizard.start()
qt.processEvents()
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
window.start(Path(sys.argv[1]))
print(window.wizard.message.text, flush=True)
for step in Step:
    window.wizard.go(step)
    qt.processEvents()
print(window.wizard.current, window.status_line._project.text(), flush=True)
window.close()
"""


@pytest.mark.usefixtures("offscreen")
def test_that_a_read_only_project_is_shown_and_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(tempfile.mkdtemp(prefix="embtrainer-test-"))
    folder.chmod(0o777)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    project = folder / "project"
    create_project(project).close()
    try:
        subprocess.run(["chmod", "-R", "a+rX,a-w", str(project)], check=True)
        before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
        ran = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(project)], capture_output=True, text=True, check=False, timeout=60
        )
        assert "You may only read this project." in ran.stdout, ran.stderr
        assert "read only" in ran.stdout
        assert "Traceback" not in ran.stderr
        assert ran.returncode == 0, ran.stderr
        assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", str(folder)], check=True)
        shutil.rmtree(folder)
