"""How a frozen program starts its children: itself, never a Python of the machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from embtrainer_gui.__main__ import give_back_environment
from embtrainer_gui.core import child_process, window_libraries


def test_that_a_frozen_program_is_its_own_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/somewhere/else/embtrainer")
    assert child_process.worker_command("job") == ["/somewhere/else/embtrainer", "worker", "job"]


def test_that_on_windows_the_one_with_streams_is_the_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "embtrainer-window.exe"))
    monkeypatch.setattr(child_process, "Path", lambda text: tmp_path / "embtrainer-window.exe")
    monkeypatch.setattr(child_process.os, "name", "nt")
    command = child_process.worker_command("job")
    monkeypatch.undo()
    assert command == [str(tmp_path / "embtrainer.exe"), "worker", "job"]


@pytest.mark.parametrize("before", ["", "/opt/lib"])
def test_that_programs_that_it_opens_find_their_own_libraries(monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/_internal:/opt/lib")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    monkeypatch.setenv("PYINSTALLER_RESET_ENVIRONMENT", "")
    give_back_environment()
    assert os.environ.get("LD_LIBRARY_PATH", "") == before
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
    assert os.environ["PYINSTALLER_RESET_ENVIRONMENT"] == "1", "children would take the system's libraries as well"


def test_that_missing_libraries_of_the_window_are_named_by_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_libraries, "PACKAGES", {"libc.so.6": "libc6", "libnowhere.so.9": "libnowhere9"})
    assert window_libraries.missing_libraries({"DISPLAY": ":0"}) == ["libnowhere9"]
    for elsewhere in ({}, {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}):
        assert window_libraries.missing_libraries(elsewhere) == []
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert window_libraries.missing_libraries({"DISPLAY": ":0"}) == []
