"""The machine stays awake while a job runs, and no longer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from embtrainer_gui.gui.power import Wakefulness, holder_command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd-inhibit")


@pytest.fixture
def inhibitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemd-inhibit that notes what it was asked and runs the command that it is to run."""
    program = tmp_path / "systemd-inhibit"
    note = tmp_path / "note"
    program.write_text(f'#!/bin/sh\necho "$@" >> {note}\nexec cat\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return note


@pytest.fixture
def awake() -> Iterator[Wakefulness]:
    wakefulness = Wakefulness()
    yield wakefulness
    wakefulness.release()


def test_that_the_system_is_asked_once_and_let_go(awake: Wakefulness, inhibitor: Path, qtbot: QtBot) -> None:
    awake.keep("Training")
    awake.keep("Training")
    assert awake.is_kept
    qtbot.waitUntil(inhibitor.is_file)
    awake.release()
    assert not awake.is_kept
    assert inhibitor.read_text(encoding="utf-8").count("--why=Training") == 1


def test_that_a_window_that_is_killed_lets_the_machine_sleep(inhibitor: Path) -> None:
    code = (
        "import sys, time; from embtrainer_gui.gui.power import Wakefulness; w = Wakefulness(); w.keep('x');"
        "print(w._holder.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout is not None
        holder = psutil.Process(int(window.stdout.readline()))
        window.kill()
        holder.wait(5)


def test_that_a_system_without_such_a_thing_is_no_problem(
    awake: Wakefulness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert holder_command("Training") is None
    awake.keep("Training")
    assert not awake.is_kept
