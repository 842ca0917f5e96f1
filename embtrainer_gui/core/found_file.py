"""What a job found about all passages and left in a file of the project: the map, and near copies. The window reads it;
each is made anew at the press of a button, so one that cannot be read counts as not there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from embtrainer_gui.core.files import atomic_write_text
from embtrainer_gui.core.store import Project

MAP_FILE, COPIES_FILE = "map.json", "copies.json"
TABLE_FILE = "passages.npz"  # what ``stages.passage_table`` keeps
BY_PASSAGE_ID = (MAP_FILE, COPIES_FILE, TABLE_FILE)
"""In ``index/``. A restored state gives ids to other passages than these files mean, and may have the same stamp."""

MOST_BYTES = 64 * 2**20
MOST_POINTS = 100_000

Points = Annotated[list[float], Field(max_length=MOST_POINTS)]


class Found(BaseModel):
    """``stamp`` is that of ``stamp_of`` when it was made: another one now means that it is out of date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stamp: str
    at: str


class PassageMap(Found):
    """Point n is passage ``passages[n]`` of ``total``; ``layouts[model]`` is its x and its y for each model, -1 to 1
    for the untrained one and on the same basis for the tuned one. ``clusters[n]`` is an index of ``names``."""

    passages: Annotated[list[int], Field(max_length=MOST_POINTS)]
    total: int
    layouts: dict[str, tuple[Points, Points]]
    clusters: Annotated[list[int], Field(max_length=MOST_POINTS)]
    names: Annotated[list[str], Field(max_length=100)]
    clustered_by: str

    @model_validator(mode="after")
    def _fits(self) -> PassageMap:
        count = len(self.passages)
        if not self.layouts or any(len(axis) != count for layout in self.layouts.values() for axis in layout):
            raise ValueError("a layout of another length")
        if len(self.clusters) != count or any(not 0 <= cluster < len(self.names) for cluster in self.clusters):
            raise ValueError("clusters of another length")
        return self


class CopyGroup(BaseModel):
    """Passages that are near copies of one another, directly or over others; ``size`` counts those not named too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passages: Annotated[list[int], Field(min_length=2, max_length=1000)]
    size: int
    highest: float  # cosine
    lowest: float  # of the pairs that hold it together


class NearCopies(Found):
    """The strongest groups first; ``groups_found`` counts those not named too."""

    model: str
    least: float
    groups: Annotated[list[CopyGroup], Field(max_length=10_000)]
    groups_found: int
    passages: int  # that were looked at


FoundType = TypeVar("FoundType", bound=Found)


def stamp_of(project: Project) -> str:
    """Changes when the passages in use or the newest finished run do."""
    newest = project.runs.latest()
    return f"{project.passages.fingerprint()}/{newest.name if newest else ''}"


def write_found(path: Path, found: Found) -> None:
    """Raises EnvironmentProblem where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write_text(path, found.model_dump_json())


def read_found(path: Path, kind: type[FoundType]) -> FoundType | None:
    """None where there is none, or what is there is damaged, too large or of another version."""
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
