"""The window as a process: what it has loaded at its first paint, how it ends, and what it says without a display."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import CommandLine

from embtrainer_gui.cli import window
from embtrainer_gui.core.store import create_project

HEAVY = {"torch", "transformers", "sentence_transformers", "spacy", "pymupdf", "pyqtgraph", "pyarrow", "faiss", "numpy"}
CHILD = """
import sys
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
