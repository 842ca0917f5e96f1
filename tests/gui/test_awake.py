"""What keeps the window awake beside its own work: other threads, and the collection of garbage."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from embtrainer_gui.core.store import create_project
from embtrainer_gui.gui.session import Session

LOOK = """
import gc, json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import embtrainer_gui.gui.app as app
from embtrainer_gui.core.workflow import Step

def painted():
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, app.MainWindow))
    QTimer.singleShot(0, window, lambda: go(window))

def go(window):
    for step in Step:
        window.wizard.go(step)
        getattr(window.wizard.page, "view", None)  # of a run: made when there is one
    print(json.dumps({"turn": sys.getswitchinterval(), "objects": len(gc.get_objects())}))
    window.close()

app.after_first_paint.append(painted)
sys.exit(app.run(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Of a window that has shown every page."""
    folder = tmp_path_factory.mktemp("awake") / "project"
    create_project(folder).close()
    ran = subprocess.run(
        [sys.executable, "-c", LOOK, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def test_that_a_thread_that_computes_gives_way_to_the_window_within_a_millisecond(seen: dict[str, float]) -> None:
    assert seen["turn"] <= 0.001


def test_that_a_whole_collection_of_garbage_has_few_objects_to_walk_over(seen: dict[str, float]) -> None:
    """100,000 take 20 ms: a big module that is imported while the window is open would bring as many."""
    assert seen["objects"] < 40_000


def test_that_the_state_of_a_page_is_kept_without_waiting_for_the_disk(empty_session: Session) -> None:
    """To wait took up to 80 ms at a change of the page."""
    connection = empty_session.project.database.connection
    told: list[str] = []
    connection.exec_trace = lambda cursor, statement, bindings: told.append(statement) or True
    empty_session.keep("papers", sizes=[1, 2])
    connection.exec_trace = None
    quick, slow = (next(n for n, each in enumerate(told) if words in each) for words in ("normal", "full"))
    assert quick < told.index("COMMIT") < slow
    assert empty_session.kept("papers") == {"sizes": [1, 2]}
