"""An installed program that is run as on a machine without Python and without anything of this checkout."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
from install.screen import Screen

LONGEST_SAMPLE = 1200


class Program:
    """``home`` is its user's folder; nothing of this process's environment reaches it."""

    def __init__(self, executable: Path, home: Path) -> None:
        self.executable, self.home = executable, home
        home.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "PATH": "/nowhere",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "HF_HUB_OFFLINE": "1",
            "XDG_RUNTIME_DIR": str(home),
        }

    def json(self, *arguments: str | Path, seconds: float = LONGEST_SAMPLE) -> dict[str, Any]:
        """Run a command with ``--json``, expect exit 0, give its object."""
        command = [str(self.executable), *map(str, arguments), "--json"]
        ran = subprocess.run(
            command, env=self.environment, cwd=self.home, capture_output=True, text=True, check=False, timeout=seconds
        )
        assert ran.returncode == 0, ran.stderr[-3000:]
        found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return found

    def open(self, screen: Screen) -> subprocess.Popen[bytes]:
        environment = {**self.environment, "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"}
        errors = (self.home / "errors.txt").open("wb")
        return subprocess.Popen([str(self.executable)], env=environment, cwd=self.home, stderr=errors)

    def sample_by_hand(self, screen: Screen) -> dict[str, Any]:
        """Open the window, press the button of the sample, wait for its end, close the window.

        Gives seconds until the window was there and until the sample was done, the exit code, and its errors.
        """
        began = time.monotonic()
        process = self.open(screen)
        try:
            window = screen.window("Embedding Trainer", seconds=60, process=process)
            shown = time.monotonic() - began
            time.sleep(1)
            started = time.monotonic()
            screen.press(window, "space")
            folder = self._wait_for_project(process)
            self._wait_for_verdict(folder, process)
            done = time.monotonic() - started
            screen.picture(self.home / "end.png")
            screen.press(window, "ctrl+q")
            code = process.wait(60)
        finally:
            process.kill()
        errors = (self.home / "errors.txt").read_text(errors="replace")
        return {"window": shown, "sample": done, "code": code, "errors": errors, "project": folder}

    def _wait_for_project(self, process: subprocess.Popen[bytes]) -> Path:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            for found in (self.home / "Documents").glob("*/*/project.db"):
                return found.parent
            time.sleep(0.1)
        raise AssertionError("the sample did not begin")

    def _wait_for_verdict(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + LONGEST_SAMPLE
        while time.monotonic() < end and process.poll() is None:
            if self.json("status", folder)["steps"]["compare"] == "done" and _is_idle(process.pid):
                return
            time.sleep(3)
        raise AssertionError("the sample did not come to its verdict")


def _is_idle(pid: int) -> bool:
    """Whether the program's children compute nothing: its job writes the verdict before the last intervals."""
    before = _used_by_children(pid)
    time.sleep(3)
    return all(used - before.get(child, 0.0) < 0.3 for child, used in _used_by_children(pid).items())


def _used_by_children(pid: int) -> dict[int, float]:
    """Processor seconds of each."""
    used = {}
    for child in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            times = child.cpu_times()
            used[child.pid] = times.user + times.system
    return used
