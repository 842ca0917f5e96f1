"""What a model descends from: the runs that made it, the oldest first, and the model that none of ours has changed.

A run's model carries it as ``lineage.json``, so that it is known wherever the folder goes and whatever is deleted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.errors import AppError, UserError
from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.records import Document
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.translate import mark

FILE = "lineage.json"
MODEL = "final_model"  # in the folder of a run
COLLECTION = ".jsonl"  # files of many papers
_RUN_NAME = re.compile(r"run-\d+")


@dataclass(frozen=True, slots=True)
class Ancestor:
    """One run: ``started_from`` is the fingerprint of the model that it began with, ``papers`` the keys of those that
    it learned from (None: an earlier program kept no record), ``matryoshka`` the dimensions that it trained."""

    run: str
    project: str
    started_from: str
    papers: tuple[str, ...] | None = None
    matryoshka: tuple[int, ...] = ()

    @property
    def called(self) -> str:
        return mark("{run} of {project}").format(run=self.run, project=self.project) if self.project else self.run


@dataclass(frozen=True, slots=True)
class Lineage:
    """``original`` is the name of the untrained model."""

    original: str
    runs: tuple[Ancestor, ...] = ()

    def then(self, ancestor: Ancestor) -> Lineage:
        return Lineage(self.original, (*self.runs, ancestor))

    def write(self, folder: Path) -> None:
        atomic_write_json(folder / FILE, asdict(self))

    def record(self) -> dict[str, Any]:
        """For a summary: names and fingerprints."""
        runs = [{"run": run.called, "started_from": run.started_from} for run in self.runs]
        return {"original": self.original, "runs": runs}


def read_lineage(folder: Path) -> Lineage | None:
    """What ``Lineage.write`` left in the folder of a model; None where there is none that can be read."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Lineage(str(told["original"]), tuple(map(_ancestor, told["runs"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def start_folder(name: str, runs: Sequence[Run], models: Path, *, verify: bool = True) -> Path:
    """The folder of the model that a run starts from: that of an earlier run by its name or title, else as
    ``model_folder`` finds it.

    Raises:
        UserError: there is no such model, or that run left none.
        EnvironmentProblem: the bundled model is damaged or missing.
    """
    run = run_named(name, runs)
    if run is None:
        if _RUN_NAME.fullmatch(name) and not Path(name).is_dir():
            raise UserError(
                mark("This project has no run {name}."),
                mark("Name a run that is in the list, or the model to start from."),
                name=name,
            )
        return model_folder(name, verify=verify)
    folder = models / run.name / MODEL
    if not folder.is_dir():
        raise UserError(
            mark("The run {name} left no model to go on from."),
            mark("Resume it, or name a run that is done."),
            name=run.called,
        )
    return folder


def untrained_folder(name: str, runs: Sequence[Run], models: Path) -> Path:
    """The folder of the untrained model behind ``name``; of ``name`` itself where that is not on this disk.

    Raises:
        UserError: neither is on this disk.
        EnvironmentProblem: the bundled model is damaged or missing.
    """
    return _untrained(lineage_of(name, runs, models), name, runs, models)


def untrained_of_run(run: Run, runs: Sequence[Run], models: Path) -> Path:
    """The untrained model of a run that is done, even where the runs before it are deleted. Raises as above."""
    name = str(run.config["base_model"])
    lineage = read_lineage(models / run.name / MODEL) or lineage_of(name, runs, models)
    return _untrained(lineage, name, runs, models)


def lineage_of(name: str, runs: Sequence[Run], models: Path) -> Lineage:
    """The lineage of the model that a run would start from, ``name`` itself where no run made it.

    A run of an earlier program kept no record: then the settings of the runs tell as much as they know.
    """
    run = run_named(name, runs)
    if run is None:
        folder = Path(name).expanduser()
        return (read_lineage(folder) if folder.is_dir() else None) or Lineage(name)
    kept = read_lineage(models / run.name / MODEL)
    if kept is not None:
        return kept
    earlier = [each for each in runs if each.id < run.id]
    before = lineage_of(str(run.config.get("base_model", "")), earlier, models)
    return before.then(Ancestor(run.name, "", ""))


def run_named(name: str, runs: Sequence[Run]) -> Run | None:
    """The run of that name, else the newest of that title."""
    titled = [run for run in runs if run.title == name and name]
    return next((run for run in runs if run.name == name), titled[-1] if titled else None)


def paper_key(document: Document) -> str:
    """The same wherever the paper is imported: its file's hash, with its title where a file holds many."""
    title = document.title if document.file_name.lower().endswith(COLLECTION) else ""
    return hashlib.blake2b(f"{document.hash} {title}".encode(), digest_size=8).hexdigest()


def descent_sentence(record: Mapping[str, Any]) -> str:
    """From what ``Lineage.record`` gave of the model that a run started from, which some run had made."""
    runs = [str(run["run"]) for run in record["runs"]]
    chain = " → ".join([_last_part(str(record["original"])), *runs])
    return mark("The run goes on from {run} ({chain}).").format(run=runs[-1], chain=chain)


def without_path(folder: Path) -> None:
    """Of an original that is a folder of this disk keep only the last part: the model in ``folder`` goes elsewhere."""
    lineage = read_lineage(folder)
    if lineage is not None and Path(lineage.original).expanduser().is_absolute():
        replace(lineage, original=_last_part(lineage.original)).write(folder)


def _last_part(name: str) -> str:
    return name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _untrained(lineage: Lineage, name: str, runs: Sequence[Run], models: Path) -> Path:
    try:
        return model_folder(lineage.original)
    except AppError:
        return start_folder(name, runs, models)


def _ancestor(told: dict[str, Any]) -> Ancestor:
    papers = told.get("papers")
    return Ancestor(
        run=str(told["run"]),
        project=str(told.get("project", "")),
        started_from=str(told["started_from"]),
        papers=None if papers is None else tuple(map(str, papers)),
        matryoshka=tuple(map(int, told.get("matryoshka", ()))),
    )
