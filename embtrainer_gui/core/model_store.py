"""Where models lie on this disk: those that this program downloaded, and the cache that other programs share."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.core.model_catalogue import CatalogueModel, in_catalogue
from embtrainer_gui.core.settings import data_folder

HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
PARTIAL = ".partial"  # at the end of the folder of a download that is not over
Kind = Literal["bundled", "here", "download"]


@dataclass(frozen=True, slots=True)
class ModelState:
    """Whether a model is bundled, on this disk (then where), or needs a download; ``kept`` bytes of one that was
    broken off."""

    kind: Kind
    folder: Path | None = None
    kept: int = 0


def is_hub_name(name: str) -> bool:
    """Whether ``name`` has the form ``somebody/model``; the hub allows neither ``--`` nor ``..`` in it."""
    return HUB_NAME.fullmatch(name) is not None and "--" not in name and ".." not in name


def store_folder(name: str) -> Path:
    """The folder of all that this program downloads of the hub's model ``name``."""
    return data_folder() / "models" / name.replace("/", "--")


def model_state(model: CatalogueModel) -> ModelState:
    if model.name == BUNDLED_MODEL:
        return ModelState("bundled")
    folder = find_model(model.name)
    if folder is not None:
        return ModelState("here", folder)
    partial = store_folder(model.name) / f"{model.revision}{PARTIAL}"
    return ModelState("download", kept=sum(file.stat().st_size for file in partial.rglob("*") if file.is_file()))


def find_model(name: str) -> Path | None:
    """The folder of the hub's model ``name``: of this program first, then of the shared cache; None without one."""
    model = in_catalogue(name)
    wanted = model.revision if model is not None else ""
    name = model.name if model is not None else name
    if not is_hub_name(name):
        return None
    for place in (store_folder(name), hub_cache() / f"models--{name.replace('/', '--')}" / "snapshots"):
        found = [folder for folder in _folders(place) if _holds_model(folder)]
        if found:
            return next((folder for folder in found if folder.name == wanted), found[-1])
    return None


def hub_cache() -> Path:
    """The cache of the huggingface_hub library, by the same variables as there."""
    home = os.environ.get("HF_HOME")
    if not home:
        home = os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    found = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or os.path.join(home, "hub")
    return Path(os.path.expandvars(found)).expanduser()


def _folders(place: Path) -> list[Path]:
    """Complete ones in ``place``, the newest last."""
    try:
        found = [folder for folder in place.iterdir() if folder.is_dir() and folder.suffix != PARTIAL]
        return sorted(found, key=lambda folder: folder.stat().st_mtime)
    except OSError:
        return []


def _holds_model(folder: Path) -> bool:
    """Other programs leave snapshots with only some files."""
    told = any((folder / name).is_file() for name in ("modules.json", "config.json"))
    return told and any(file.is_file() for file in folder.glob("*.safetensors"))
