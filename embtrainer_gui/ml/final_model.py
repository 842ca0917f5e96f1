"""The model that a run leaves behind: the best evaluated one, or its mixture with the base where dev says so."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Mapping
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

Scored = tuple[float, dict[str, float]]
USUAL_SEARCHES = 2  # of the dev questions, to choose a mixture; one to three


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model of step ``step`` (0: the untrained one), or its mixture with the untrained one where ``merge`` is
    between 0 and 1. ``metrics`` is empty where no mixture was the choice: the evaluation of its step holds them."""

    folder: Path
    step: int
    merge: float
    metrics: dict[str, float]


def choose_and_save(
    request: TrainingRequest,
    best: int,
    scores: Mapping[int, float],
    checkpoints: Checkpoints,
    dev: DevSearch | None,
    reporter: Reporter,
) -> Chosen:
    """Save the best on dev as ``final_model``: the model of step ``best`` (0: the untrained one), or a mixture of it
    with the untrained one. Where that is the best, the best trained one is mixed that is still on the disk.

    ``scores`` are those of the steps by the choice metric; nothing is mixed where one of the two has none.
    """
    length, prompts = request.config.max_seq_length, prompts_of(request.config)
    step = best or _best_trained(scores, checkpoints)
    model = load_model(checkpoints.path(step) if step else request.base_model_dir, length, prompts=prompts)
    share = 1.0 if best else 0.0
    metrics: dict[str, float] = {}
    if step and dev is not None and {0, step} <= scores.keys():
        base = load_model(request.base_model_dir, length, prompts=prompts).state_dict()
        share, metrics = _mix(model, base, dev, (scores[0], scores[step]), reporter)
    return Chosen(_save(model, request.out_dir / "final_model", request.lineage), step if share else 0, share, metrics)


def _mix(
    model: SentenceTransformer,
    base: Mapping[str, Tensor],
    dev: DevSearch,
    ends: tuple[float, float],
    reporter: Reporter,
) -> tuple[float, dict[str, float]]:
    """Leave the best mixture of ``base`` and ``model`` in ``model``; ``ends`` are the scores of these two."""
    tuned = {name: value.clone() for name, value in model.state_dict().items()}

    def score(share: float) -> Scored:
        reporter.status(mark("Searching the dev questions with {share:.0%} of the training...").format(share=share))
        model.load_state_dict(merged(base, tuned, share))
        found = dev.score(model, reporter)
        return found[CHOICE_METRIC], found

    share, metrics = best_share(score, *ends)
    model.load_state_dict(merged(base, tuned, share))
    return share, metrics


def best_share(score: Callable[[float], Scored], base: float, tuned: float) -> tuple[float, dict[str, float]]:
    """The share of the tuned weights with the highest score, and what ``score`` said of it; nothing at 0 and 1, whose
    scores ``base`` and ``tuned`` are known and which come first of equals.

    Along the line between two such models the score rises to one top and falls from there (Wortsman et al. 2022,
    WiSE-FT). So half is looked at, then a quarter only where the top can lie: one to three searches.
    """
    known: dict[float, Scored] = {0.0: (base, {}), 1.0: (tuned, {}), 0.5: score(0.5)}
    half, best = known[0.5][0], max(base, tuned)
    near, far = (0.75, 0.25) if tuned >= base else (0.25, 0.75)
    if half + (half - min(base, tuned)) / 2 > best:  # as high as a curve without a second bend can get there
        known[near] = score(near)
        if half > max(best, known[near][0]):
            known[far] = score(far)
    share = max(known, key=lambda share: -math.inf if math.isnan(known[share][0]) else known[share][0])
    return share, known[share][1]


def _best_trained(scores: Mapping[int, float], checkpoints: Checkpoints) -> int:
    """The step with the highest score among the whole checkpoints; 0 where there is none."""
    whole = [step for step in checkpoints.steps() if step in scores and checkpoints.fault(step) is None]
    return max(whole, key=lambda step: (scores[step], -step), default=0)


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
