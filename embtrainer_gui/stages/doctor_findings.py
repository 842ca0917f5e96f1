"""What can be wrong with a machine, one function a subject: each gives what it found, with a cure."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.child_process import is_frozen
from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.core.environment import KEY_VARIABLE
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.extractors import is_installed
from embtrainer_gui.core.hardware import NVIDIA_CARD, graphics_card
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.window_libraries import missing_libraries

Finding = dict[str, str]
OPTIONAL = {"peft"}  # of an extra: no fault where it is not there
LEAST_MEMORY_GB = 4
LEAST_DISK_GB = 5
_AGAIN = mark("Install the program again.")


def finding(what: str, cure: str, **values: object) -> Finding:
    return {"what": what.format(**values), "cure": cure.format(**values)}


def versions(found: Mapping[str, str]) -> list[Finding]:
    missing = [name for name, version in found.items() if not version and name not in OPTIONAL]
    return [finding(mark("{name} is not installed."), _AGAIN, name=name) for name in missing]


def room(memory_gb: float, disk_gb: float) -> list[Finding]:
    found = []
    if memory_gb < LEAST_MEMORY_GB:
        cure = mark("Train with a smaller batch, and close other programs before.")
        found.append(finding(mark("Only {number} GB of memory."), cure, number=memory_gb))
    if disk_gb < LEAST_DISK_GB:
        cure = mark("Free some space, or choose a folder on another disk in the settings.")
        found.append(finding(mark("Only {number} GB are free where new projects go."), cure, number=disk_gb))
    return found


def device(wanted: str) -> tuple[str, list[Finding]]:
    """What computes, "" where PyTorch cannot be loaded."""
    try:
        from embtrainer_gui.ml.device import describe_device

        name = describe_device()
    except (ImportError, OSError) as problem:
        cure = mark("Install the program again. On Windows, install Microsoft's Visual C++ Redistributable before.")
        return "", [finding(mark("PyTorch cannot be loaded: {detail}."), cure, detail=str(problem).rstrip("."))]
    if name.startswith("cpu") and wanted == "auto" and graphics_card() == NVIDIA_CARD:
        return name, [finding(mark("There is a graphics card, but this PyTorch does not use it."), _card_cure())]
    return name, []


def _card_cure() -> str:
    if is_frozen():
        return mark("This form of the program computes on the processor; install it with pip to use the card.")
    return mark("Install PyTorch's build for your card (its start page names the command), and a driver that fits it.")


def display(kind: str) -> list[Finding]:
    if not kind:
        cure = mark("Use the commands of 'embtrainer --help', or start it where there is a screen.")
        return [finding(mark("There is no display, so the window cannot open."), cure)]
    missing = missing_libraries()
    if not missing:
        return []
    what = mark("Libraries that the window needs are missing.")
    return [finding(what, mark("Install them: apt-get install {names}"), names=" ".join(missing))]


def keyring(*, works: bool) -> list[Finding]:
    if works:
        return []
    cure = mark(
        "Nothing to do without servers. Else unlock or install one (GNOME Keyring, KWallet), or set {name}; until then"
        " a key is kept until the program ends."
    )
    return [finding(mark("The system has no keyring for keys of servers."), cure, name=KEY_VARIABLE)]


def folders(places: Mapping[str, Path], short: Callable[[Path], str]) -> list[Finding]:
    """Those that cannot be written."""
    cures = {
        "projects": mark("Choose another folder for new projects in the settings."),
        "settings": mark("Make the folder yours; until then the settings are not kept."),
        "data": mark("Make the folder yours; until then no model can be downloaded."),
        "logs": mark("Make the folder yours; until then nothing is logged."),
    }
    what = mark("{path} may not be written.")
    return [
        finding(what, cures[name], path=short(path))
        for name, path in places.items()
        if not os.access(existing(path), os.W_OK)
    ]


def models() -> list[Finding]:
    """Of what should have come with the program."""
    found = []
    try:
        model_folder(BUNDLED_MODEL)
    except AppError as problem:
        found.append({"what": problem.message, "cure": problem.hint})
    if not is_installed("ocr"):
        found.append(finding(mark("Text recognition is missing, so scans cannot be read."), _AGAIN))
    return found


def existing(folder: Path) -> Path:
    """``folder``, or the nearest one above that is there."""
    return next(parent for parent in (folder, *folder.parents) if parent.exists())
