"""Which command lines want the window, and whether there is a display; without Qt."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from embtrainer_gui.cli.parser import COMMAND_NAMES, build_parser, normalised
from embtrainer_gui.core.window_libraries import missing_libraries

SAMPLE_FOLDER = Path("embtrainer-sample")


def has_display(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> bool:
    """Whether a window can open; macOS and Windows always have one."""
    values = os.environ if environment is None else environment
    if platform in ("win32", "darwin"):
        return True
    return any(values.get(name) for name in ("WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM"))


def lacks_libraries() -> bool:
    """Whether the window cannot open for want of libraries of the system, which the command then says."""
    return bool(missing_libraries())


def with_command(arguments: Sequence[str]) -> list[str]:
    """``embtrainer PROJECT`` is ``embtrainer open PROJECT``; everything else is left as it is."""
    given = list(arguments)
    if len(given) == 1 and not given[0].startswith("-") and given[0] not in COMMAND_NAMES:
        looks_like_path = Path(given[0]).is_dir() or any(mark in given[0] for mark in ("/", "\\", "."))
        return ["open", *given] if looks_like_path else given
    return given


def wants_window(arguments: Sequence[str]) -> bool:
    """Whether this command line opens the window at once."""
    given = with_command(arguments)
    return not given or (given[0] == "open" and len(given) == 2 and not given[1].startswith("-"))


def project_of(arguments: Sequence[str]) -> Path | None:
    """The project that the window opens first."""
    given = with_command(arguments)
    return Path(given[1]) if len(given) == 2 else None


def window_after(arguments: Sequence[str]) -> Path | None:
    """The project that ``sample`` leaves the user in; None where no window follows."""
    if list(arguments[:1]) != ["sample"] or not has_display() or lacks_libraries():
        return None
    options = build_parser().parse_args(normalised(arguments))
    return None if options.json or options.no_open else options.folder or SAMPLE_FOLDER
