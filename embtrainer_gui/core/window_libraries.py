"""Libraries of the system that the window needs on a bare Linux. Where one is missing Qt ends the whole program."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping

from embtrainer_gui.core.child_process import is_frozen

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libdbus-1.so.3": "libdbus-1-3",
}
"""By the name that the linker asks for: Debian's package."""


def missing_libraries(environment: Mapping[str, str] | None = None) -> list[str]:
    """Packages of Debian and Ubuntu without which the window cannot open on this X display; [] where it can, where
    another kind of display is used, and in a frozen program, which carries them."""
    values = os.environ if environment is None else environment
    if sys.platform != "linux" or is_frozen() or values.get("WAYLAND_DISPLAY") or not values.get("DISPLAY"):
        return []
    if values.get("QT_QPA_PLATFORM", "xcb") != "xcb":
        return []
    return [package for name, package in PACKAGES.items() if not _loads(name)]


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
