"""Checkpoints that are whole or do not count: files, then a manifest with their hashes, then the marker COMPLETE, which
holds the manifest's own.

A checkpoint folder is a sentence-transformers model with ``training_state-*.safetensors`` and ``state.json`` beside it.
"""

from __future__ import annotations

import json
import re
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from torch import Tensor

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.durable import fsync_file, fsync_folder
from embtrainer_gui.ml.model_files import file_digest

MANIFEST, MARKER, STATE = "manifest.json", "COMPLETE", "state.json"
TENSORS = "training_state-{part}.safetensors"
LIBRARIES = ("torch", "transformers", "sentence-transformers", "safetensors")


class Checkpoints:
    """The checkpoints below ``folder``, named ``checkpoint-<step>``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, step: int) -> Path:
        return self._folder / f"checkpoint-{step}"

    def steps(self) -> list[int]:
        """Steps of all checkpoint folders, whole or not, ascending."""
        found = (re.fullmatch(r"checkpoint-(\d+)", path.name) for path in self._folder.glob("checkpoint-*"))
        return sorted(int(match[1]) for match in found if match)

    def save(
        self,
        step: int,
        model: SentenceTransformer,
        tensors: dict[str, Tensor],
        state: dict[str, Any],
        fingerprint: dict[str, Any],
    ) -> Path:
        """Write the checkpoint of ``step``.

        Raises EnvironmentProblem where the disk has no room; what was written goes away again.
        """
        target = self.path(step)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._require_space(model, tensors)
        shutil.rmtree(target, ignore_errors=True)
        try:
            model.save(str(target), create_model_card=False)
            for part in sorted({_part(name) for name in tensors}):  # safetensors copies what it writes
                chosen = {name: value for name, value in tensors.items() if _part(name) == part}
                save_file(chosen, target / TENSORS.format(part=part))
            atomic_write_json(target / STATE, state)
            _seal(target, fingerprint)
        except EnvironmentProblem:
            shutil.rmtree(target, ignore_errors=True)
            raise
        except (OSError, SafetensorError) as problem:
            shutil.rmtree(target, ignore_errors=True)
            raise _no_room(self._folder, str(problem)) from problem
        return target

    def newest(self, reporter: Reporter) -> int | None:
        """The newest step whose checkpoint verifies; every newer one that does not is named in a warning."""
        for step in reversed(self.steps()):
            fault = self.fault(step)
            if fault is None:
                return step
            reporter.warn(
                mark("The checkpoint {name} is incomplete ({fault}) and is skipped.").format(
                    name=self.path(step).name, fault=fault
                )
            )
        return None

    def fault(self, step: int) -> str | None:
        """What is wrong with a checkpoint, or None: the marker is there and every file has its size and hash."""
        target = self.path(step)
        if not (target / MARKER).is_file():
            return mark("it was not finished")
        try:
            sealed = (target / MARKER).read_text(encoding="utf-8")
            if sealed and sealed != file_digest(target / MANIFEST):  # an older program's marker is empty
                return mark("{file} is damaged").format(file=MANIFEST)
            manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
            for name, entry in manifest["files"].items():
                path = target / name
                if not path.is_file():
                    return mark("{file} is missing").format(file=name)
                if path.stat().st_size != entry["bytes"] or file_digest(path) != entry["blake2b"]:
                    return mark("{file} is damaged").format(file=name)
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return mark("{file} is damaged").format(file=MANIFEST)
        return None

    def load(self, step: int) -> tuple[dict[str, Tensor], dict[str, Any], dict[str, Any]]:
        """Tensors, state and fingerprint of a verified checkpoint."""
        target = self.path(step)
        manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
        tensors: dict[str, Tensor] = {}
        for path in target.glob(TENSORS.format(part="*")):
            tensors |= load_file(path)
        return (
            tensors,
            json.loads((target / STATE).read_text(encoding="utf-8")),
            manifest["fingerprint"],
        )

    def prune(self, keep: int, best: int | None) -> None:
        """Delete all but the ``keep`` newest and the one of step ``best``."""
        for step in self.steps()[:-keep]:
            if step != best:
                (self.path(step) / MARKER).unlink(missing_ok=True)  # half-deleted must not look whole
                shutil.rmtree(self.path(step), ignore_errors=True)

    def _require_space(self, model: SentenceTransformer, tensors: dict[str, Tensor]) -> None:
        size = sum(t.numel() * t.element_size() for t in (*model.state_dict().values(), *tensors.values()))
        free = shutil.disk_usage(self._folder).free
        if free < 2 * size:
            raise _no_room(self._folder, mark("{need} MB are needed").format(need=2 * size // 1_000_000))


def _part(name: str) -> str:
    """The kind of a tensor: it stands before the parameter's name."""
    return name.partition("/")[0]


def _seal(target: Path, fingerprint: dict[str, Any]) -> None:
    files = sorted(path for path in target.rglob("*") if path.is_file())
    for path in files:
        fsync_file(path)
    entries = {p.relative_to(target).as_posix(): {"bytes": p.stat().st_size, "blake2b": file_digest(p)} for p in files}
    versions = {name: version(name) for name in LIBRARIES}
    atomic_write_json(target / MANIFEST, {"files": entries, "fingerprint": fingerprint, "versions": versions})
    for folder in {path.parent for path in files}:
        fsync_folder(folder)
    (target / MARKER).write_text(file_digest(target / MANIFEST), encoding="utf-8")
    fsync_file(target / MARKER)
    fsync_folder(target)
    fsync_folder(target.parent)


def _no_room(folder: Path, reason: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        mark("The checkpoint could not be saved: {reason}, {free} MB are free on the disk of this project."),
        mark("Free some space, then resume: the last complete checkpoint is kept."),
        reason=reason,
        free=shutil.disk_usage(folder).free // 1_000_000,
    )
