"""When a window has been painted, seen from outside: a point in the middle of the screen is no longer what it was."""

from __future__ import annotations

import ctypes
import ctypes.util
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

EVERY_SECONDS = 0.005
ALL_PLANES, Z_PIXMAP = ctypes.c_ulong(-1), 2
MIDDLE = (700, 450)  # of the virtual screen


class Point:
    """One pixel of an X display, by the X library itself: no process is started for a look."""

    def __init__(self, library: Any, display: int) -> None:
        self._x, self._display = library, ctypes.c_void_p(display)
        self._root = ctypes.c_ulong(library.XDefaultRootWindow(self._display))

    def colour(self) -> int:
        place = (*MIDDLE, 1, 1)
        image = ctypes.c_void_p(self._x.XGetImage(self._display, self._root, *place, ALL_PLANES, Z_PIXMAP))
        colour = int(self._x.XGetPixel(image, 0, 0))
        self._x.XDestroyImage(image)
        return colour

    def wait_for_paint(self, before: int, process: subprocess.Popen[bytes], seconds: float) -> None:
        end = time.monotonic() + seconds
        while self.colour() == before:
            assert process.poll() is None, f"the program ended with {process.returncode}"
            assert time.monotonic() < end, f"nothing was painted within {seconds} s"
            time.sleep(EVERY_SECONDS)

    def wait_for_empty_screen(self, before: int, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self.colour() != before:
            assert time.monotonic() < end, f"the window was still there after {seconds} s"
            time.sleep(EVERY_SECONDS)


@contextmanager
def middle_of(display: str) -> Iterator[Point]:
    library = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    for name in ("XOpenDisplay", "XGetImage"):
        getattr(library, name).restype = ctypes.c_void_p
    for name in ("XDefaultRootWindow", "XGetPixel"):
        getattr(library, name).restype = ctypes.c_ulong
    opened = library.XOpenDisplay(display.encode())
    assert opened, f"the display {display} cannot be opened"
    try:
        yield Point(library, opened)
    finally:
        library.XCloseDisplay(ctypes.c_void_p(opened))
