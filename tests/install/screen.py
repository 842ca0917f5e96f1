"""A virtual screen with a window manager, and a person at it: keys, and looking whether a window is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

TOOLS = ("Xvfb", "openbox", "xdotool")


class Screen:
    def __init__(self, display: str) -> None:
        self.display = display

    def _do(self, *arguments: str) -> str:
        environment = {**os.environ, "DISPLAY": self.display}
        ran = subprocess.run(["xdotool", *arguments], env=environment, capture_output=True, text=True, check=False)
        return ran.stdout.strip()

    def window(self, title: str, *, seconds: float, process: subprocess.Popen[bytes]) -> str:
        """Wait for a window whose title holds ``title``; gives its id."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self._do("search", "--onlyvisible", "--name", title).splitlines()
            if found:
                return found[0]
            assert process.poll() is None, f"the program ended with {process.returncode}"
            time.sleep(0.02)
        raise AssertionError(f"no window with {title} within {seconds} s")

    def press(self, window: str, key: str) -> None:
        self._do("windowactivate", "--sync", window)
        self._do("key", "--window", "0", key)

    def picture(self, path: Path) -> None:
        if shutil.which("import"):
            subprocess.run(["import", "-display", self.display, "-window", "root", str(path)], check=False)


@contextmanager
def virtual_screen() -> Iterator[Screen]:
    """Skips the test where a tool for it is missing."""
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        display = f":{pipe.readline().strip()}"
    manager = subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": display}, stderr=subprocess.DEVNULL)
    try:
        yield Screen(display)
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()
