"""The model that a run leaves behind: the best evaluated one, or its mixture with the base where dev says so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer
from torch import Tensor

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.lineage import Lineage
from embtrainer_gui.core.prompts import prompts_of
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.checkpoint import Checkpoints
from embtrainer_gui.ml.dev_search import CHOICE_METRIC, DevSearch
from embtrainer_gui.ml.durable import fsync_file, fsync_folder
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.request import TrainingRequest

MERGES = (0.5,)


@dataclass(frozen=True, slots=True)
class Chosen:
    """``metrics`` is empty where the mixture was not the choice: the evaluation of its step holds them."""

    folder: Path
    merge: float
    metrics: dict[str, float]


def choose_and_save(
    request: TrainingRequest,
    best: int,
    score: float | None,
    checkpoints: Checkpoints,
    dev: DevSearch | None,
    reporter: Reporter,
) -> Chosen:
    """Save the model of step ``best`` (0: the untrained one) as ``final_model``, or a mixture that beats ``score``."""
    length, prompts = request.config.max_seq_length, prompts_of(request.config)
    model = load_model(checkpoints.path(best) if best else request.base_model_dir, length, prompts=prompts)
    merge, metrics = (1.0, {}) if best else (0.0, {})
    if best and dev is not None and score is not None:
        base = load_model(request.base_model_dir, length, prompts=prompts).state_dict()
        tuned = {name: value.clone() for name, value in model.state_dict().items()}
        for share in MERGES:
            model.load_state_dict(merged(base, tuned, share))
            found = dev.score(model, reporter)
            if found[CHOICE_METRIC] > score:
                merge, metrics, score = share, found, found[CHOICE_METRIC]
        model.load_state_dict(merged(base, tuned, merge))
    return Chosen(_save(model, request.out_dir / "final_model", request.lineage), merge, metrics)


def merged(base: Mapping[str, Tensor], tuned: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """Weights on the line from ``base`` to ``tuned`` (Xiao et al. 2023, LM-Cocktail); exact at 0 and 1."""
    if share in (0.0, 1.0):
        return dict(tuned if share else base)
    return {k: base[k].lerp(v, share) if v.is_floating_point() else v for k, v in tuned.items()}


def _save(model: SentenceTransformer, folder: Path, lineage: Lineage | None) -> Path:
    """Write beside ``folder`` and rename, so that a half-written model never bears its name."""
    temporary = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        model.save(str(temporary), create_model_card=False)
        if lineage is not None:
            lineage.write(temporary)
        for path in temporary.rglob("*"):
            if path.is_file():
                fsync_file(path)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(temporary, folder)
        fsync_folder(folder.parent)
    except (OSError, SafetensorError) as problem:
        raise EnvironmentProblem(
            mark("The trained model could not be saved: {reason}"),
            mark("Free some space, then resume: the checkpoints are kept."),
            reason=str(problem),
        ) from problem
    return folder
