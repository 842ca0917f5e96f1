"""User settings and the program's folders (platformdirs); projects never depend on them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from embtrainer_gui.core.cluster_address import checked_cluster
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import atomic_write_text, write_problem
from embtrainer_gui.core.translate import mark

APP_NAME = "embtrainer"
SETTINGS_VERSION = 1
DEVICE_VARIABLE = "EMBTRAINER_DEVICE"  # "cpu": models use only the processor, on every system


class Server(BaseModel):
    """A server that a person knows by name. It holds no key, and nothing contacts it by itself."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: Annotated[str, Field(min_length=1, max_length=80)]
    address: Annotated[str, Field(max_length=500, pattern=r"^https?://[^\s/@]+(/\S*)?$")]
    protocol: Annotated[
        Literal["auto", "ollama", "openai"],
        Field(
            description=mark(
                "What the server speaks. OpenAI's protocol is also that of vLLM, LM Studio, llama.cpp and most clouds."
            )
        ),
    ] = "auto"


class ProjectNote(BaseModel):
    """What the list of recent projects shows without opening them."""

    model_config = ConfigDict(frozen=True, extra="allow")

    papers: Annotated[int, Field(ge=0)] = 0
    pairs: Annotated[int, Field(ge=0)] = 0
    best: float | None = None  # nDCG@10 of the tuned model on unseen papers
    at: str = ""  # ISO-8601, when it was last open


class Settings(BaseModel):
    """What a person chooses once for all projects; unknown keys of a newer program are kept."""

    model_config = ConfigDict(frozen=True, extra="allow")

    version: int = SETTINGS_VERSION
    recent: tuple[str, ...] = ()
    notes: dict[str, ProjectNote] = {}  # by the folder of a recent project
    theme: Annotated[
        Literal["system", "light", "dark"],
        Field(description=mark("Colours of the window; the system's, or your own choice.")),
    ] = "system"
    language: Annotated[
        Literal["en", "de"],
        Field(description=mark("Language of the window, from its next start on. The command line speaks English.")),
    ] = "en"
    device: Annotated[
        Literal["auto", "cpu"],
        Field(description=mark("What computes: a graphics card where there is one, or only the processor.")),
    ] = "auto"
    threads: Annotated[
        int,
        Field(
            ge=0,
            le=1024,
            description=mark("Processors that a job may use at once; automatic (0) is all but one, for the window."),
        ),
    ] = 0
    cluster: Annotated[
        str,
        Field(
            max_length=300,
            description=mark(
                "A Ray cluster that reads papers and makes questions, such as ray://HOST:10001, or ray to try it on"
                " this computer. Left empty, this computer works alone. See the manual: Several machines."
            ),
        ),
        AfterValidator(checked_cluster),
    ] = ""
    projects_folder: Annotated[
        str, Field(max_length=4096, description=mark("Where new projects go when you name no other place."))
    ] = ""
    servers: Annotated[
        tuple[Server, ...],
        Field(max_length=50, description=mark("Servers by name and address. One is contacted only when you test it.")),
    ] = ()
    review_keys: Annotated[
        dict[str, Annotated[str, Field(max_length=40)]],
        Field(max_length=100, description=mark("Other keys for the review than those that the program comes with.")),
    ] = {}
    window: Annotated[str, Field(max_length=10_000)] = ""  # its place and size, as Qt packs them, in base64


def default_projects_folder(settings: Settings) -> Path:
    """The folder that the user chose, else one in the documents folder."""
    if settings.projects_folder:
        return Path(settings.projects_folder).expanduser()
    return platformdirs.user_documents_path() / "Embedding Trainer"


def device_wanted() -> Literal["auto", "cpu"]:
    """What this process was told to compute on."""
    return "cpu" if os.environ.get(DEVICE_VARIABLE) == "cpu" else "auto"


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
    """Store them.

    Raises:
        EnvironmentProblem: the disk is full, or the folder or file cannot be written.
    """
    path = path or settings_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise write_problem(path, problem) from problem
    written = {"version": settings.version, **settings.model_dump(mode="json", exclude_unset=True)}
    atomic_write_text(path, json.dumps(written, indent=2, ensure_ascii=False) + "\n")


def set_broken_settings_aside() -> Path:
    """Give the settings file another name, so that the program starts with its defaults; gives that name, or the
    old one where it may not be renamed."""
    path = settings_path()
    aside = path.with_suffix(".broken.json")
    try:
        path.replace(aside)
    except OSError:
        return path
    return aside


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
