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
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.keys import has_keyring
from embtrainer_gui.core.settings import (
    Settings,
    data_folder,
    default_projects_folder,
    load_settings,
    log_folder,
    settings_path,
)
from embtrainer_gui.stages import doctor_findings as findings
from embtrainer_gui.stages.doctor_servers import look_at_servers

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


def run(*, ask_servers: bool = False) -> dict[str, Any]:
    """Look at this machine; no server is asked unless ``ask_servers``.

    Gives ``{"versions", "system", "device", "memory_gb", "disk_gb", "display", "keyring", "folders", "servers":
    [{"name", "state"}], "findings": [{"what", "cure"}]}``: paths with ``~`` for the home folder, and no secret.
    """
    settings, found = _settings()
    versions, folders = _versions(), _folders(settings)
    report: dict[str, Any] = {
        "versions": versions,
        "system": _system(),
        "device": "",
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "disk_gb": _free_gb(folders["projects"]),
        "display": _display(),
        "keyring": has_keyring(),
        "folders": {name: _short(folder) for name, folder in folders.items()},
        "servers": [],
    }
    report["device"], problems = findings.device(settings.device)
    found += problems
    found += findings.versions(versions) + findings.room(report["memory_gb"], report["disk_gb"])
    found += findings.display(report["display"]) + findings.keyring(works=report["keyring"])
    found += findings.folders(folders, _short) + findings.models()
    report["servers"], problems = look_at_servers(settings.servers, ask=ask_servers)
    return {**report, "findings": found + problems}


def _settings() -> tuple[Settings, list[findings.Finding]]:
    try:
        return load_settings(), []
    except UserError as problem:
        return Settings(), [{"what": problem.message, "cure": problem.hint}]


def _versions() -> dict[str, str]:
    found = {"embtrainer": __version__, "python": platform.python_version(), "sqlite": apsw.sqlite_lib_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
    return found


def _system() -> str:
    return f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count() or 1} processors"


def _folders(settings: Settings) -> dict[str, Path]:
    return {
        "projects": default_projects_folder(settings),
        "settings": settings_path().parent,
        "data": data_folder(),
        "logs": log_folder(),
    }


def _free_gb(folder: Path) -> float:
    return round(shutil.disk_usage(findings.existing(folder)).free / 2**30, 1)


def _display() -> str:
    """The kind of display, empty where there is none."""
    if sys.platform in ("win32", "darwin"):
        return sys.platform
    return "wayland" if os.environ.get("WAYLAND_DISPLAY") else "x11" if os.environ.get("DISPLAY") else ""


def _short(path: Path) -> str:
    """With ``~`` for the home folder: the report is made to be copied."""
    home = Path.home()
    return f"~{os.sep}{path.relative_to(home)}" if path != home and path.is_relative_to(home) else str(path)
