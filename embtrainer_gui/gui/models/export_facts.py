"""How much an export will hold and take, and a name that is still free. Sizes before writing are estimates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import Project

PASSAGE_BYTES = 1500  # text, title and place of a passage as JSON
PAIR_BYTES = {"jsonl": 1700, "json": 1900, "csv": 1500, "parquet": 400}
DIMENSIONS = 384  # where the model does not say
FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """``model_bytes`` is 0 while there is no tuned model."""

    run: str
    model: Path | None
    model_bytes: int
    accepted: int
    passages: int
    dimensions: int

    def pair_bytes(self, format_: str) -> int:
        if format_ == "beir":
            return self.passages * PASSAGE_BYTES + self.accepted * 200
        return self.accepted * PAIR_BYTES[format_]

    @property
    def index_bytes(self) -> int:
        return self.passages * (self.dimensions * FLOAT_BYTES + PASSAGE_BYTES)


def export_facts(project: Project) -> ExportFacts:
    run = project.runs.latest()
    model = project.models / run.name / "final_model" if run else None
    if model is not None and not model.is_dir():
        model = None
    return ExportFacts(
        run=run.name if run else "",
        model=model,
        model_bytes=size_of(model) if model else 0,
        accepted=project.pairs.counts()[PairState.ACCEPTED.value],
        passages=project.passages.count_in_use(),
        dimensions=_dimensions(model),
    )


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def free_path(folder: Path, name: str) -> Path:
    """``name`` in ``folder``, with a number before its ending where it is taken: an export never replaces anything."""
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return path


def _dimensions(model: Path | None) -> int:
    if model is None:
        return DIMENSIONS
    try:
        config = json.loads((model / "config.json").read_text(encoding="utf-8"))
        return int(config.get("hidden_size", DIMENSIONS))
    except (OSError, ValueError, AttributeError):
        return DIMENSIONS
