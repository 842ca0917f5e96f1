"""A project folder that goes away or cannot be written, in the real window: a sentence, its cure, nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.driven import Open
from PySide6.QtTest import QTest

from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.wizard import Place


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
