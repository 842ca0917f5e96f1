"""User settings and the program's folders (platformdirs); projects never depend on them."""

from __future__ import annotations

import json
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import atomic_write_text
from embtrainer_gui.core.translate import mark

APP_NAME = "embtrainer"
SETTINGS_VERSION = 1


class Settings(BaseModel):
    """What a person chooses once for all projects; unknown keys of a newer program are kept."""

    model_config = ConfigDict(frozen=True, extra="allow")

    version: int = SETTINGS_VERSION
    recent: tuple[str, ...] = ()


def settings_path() -> Path:
    return platformdirs.user_config_path(APP_NAME) / "settings.json"


def log_folder() -> Path:
    return platformdirs.user_log_path(APP_NAME)


def data_folder() -> Path:
    return platformdirs.user_data_path(APP_NAME)


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; a missing file gives the defaults.

    Raises:
        UserError: the file cannot be understood (it is left as it is).
    """
    path = path or settings_path()
    try:
        return Settings.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Settings()
    except (ValueError, ValidationError, OSError) as problem:
        raise UserError(
            mark("The settings file {path} cannot be read."),
            mark("Correct or delete it; the program then starts with its defaults."),
            path=path,
        ) from problem


def save_settings(settings: Settings, path: Path | None = None) -> None:
    path = path or settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write_text(path, settings.model_dump_json(indent=2) + "\n")


def resource_path(*parts: str) -> Path:
    """A file of ``resources/``: inside the package when installed, at the top of a checkout otherwise."""
    package = Path(__file__).resolve().parents[1]
    for root in (package / "resources", package.parent / "resources"):
        candidate = root.joinpath(*parts)
        if candidate.exists():
            return candidate
    raise UserError(
        mark("A file of the program is missing: {name}."),
        mark("Install the program again."),
        name="/".join(parts),
    )
