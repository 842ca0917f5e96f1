"""What this machine offers the program, and a cure for each thing that is missing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Any

import apsw
import psutil

from embtrainer_gui import __version__
from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.settings import data_folder
from embtrainer_gui.core.translate import mark

PACKAGES = (
    "torch",
    "sentence-transformers",
    "transformers",
    "pymupdf",
    "spacy",
    "bm25s",
    "faiss-cpu",
    "qdrant-client",
    "peft",
    "PySide6-Essentials",
)
LEAST_MEMORY_GB = 4
LEAST_DISK_GB = 5


def run() -> dict[str, Any]:
    """Gives ``{"versions", "device", "memory_gb", "disk_gb", "display", "findings": [{"what", "cure"}]}``."""
    versions = _versions()
    memory = round(psutil.virtual_memory().total / 2**30, 1)
    disk = round(shutil.disk_usage(_existing(data_folder())).free / 2**30, 1)
    display = _display()
    findings = [
        {"what": mark("{name} is not installed.").format(name=name), "cure": mark("Install the program again.")}
        for name, version in versions.items()
        if not version
    ]
    if memory < LEAST_MEMORY_GB:
        findings.append(_finding(mark("Only {number} GB of memory."), mark("Train with a smaller batch."), memory))
    if disk < LEAST_DISK_GB:
        findings.append(_finding(mark("Only {number} GB of disk are free."), mark("Free some space."), disk))
    if not display:
        cure = mark("Use the commands of 'embtrainer --help', or start it where there is a screen.")
        findings.append({"what": mark("There is no display, so the window cannot open."), "cure": cure})
    try:
        model_folder(BUNDLED_MODEL)
    except AppError as problem:
        findings.append({"what": problem.message, "cure": problem.hint})
    return {
        "versions": versions,
        "device": _device(),
        "memory_gb": memory,
        "disk_gb": disk,
        "display": display,
        "findings": findings,
    }


def _versions() -> dict[str, str]:
    found = {"embtrainer": __version__, "python": platform.python_version(), "sqlite": apsw.sqlite_lib_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
    return found


def _device() -> str:
    from embtrainer_gui.ml.device import describe_device

    return describe_device()


def _display() -> str:
    """The kind of display, empty where there is none."""
    if sys.platform in ("win32", "darwin"):
        return sys.platform
    return "wayland" if os.environ.get("WAYLAND_DISPLAY") else "x11" if os.environ.get("DISPLAY") else ""


def _existing(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _finding(what: str, cure: str, number: float) -> dict[str, str]:
    return {"what": what.format(number=number), "cure": cure}
