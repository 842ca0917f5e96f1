"""Settings that cannot do what they say with this much data, each with what will really be done."""

from __future__ import annotations

import json
import math

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.training_plan import TrainingFacts, TrainingPlan
from embtrainer_gui.core.translate import mark

LATE = 0.7  # a mean of fewer steps than the rest is one step's luck, and no check of it can be chosen


def shortfalls(config: TrainConfig, facts: TrainingFacts, plan: TrainingPlan) -> dict[str, str]:
    """``{field: sentence}``; nothing where there is no data yet."""
    if not plan.passages:
        return {}
    longest = facts.tokens[-1] if facts.tokens else 0
    told = {
        "batch_size": _batch(config, plan),
        "evaluations": _evaluations(config, plan),
        "checkpoints": _checkpoints(config, plan),
        "warmup_ratio": _warmup(config, plan),
        "max_seq_length": _length(config, longest),
        "random_negatives": _random(plan),
        "average_from": _average(config),
    }
    return {field: text for field, text in told.items() if text}


def _batch(config: TrainConfig, plan: TrainingPlan) -> str:
    if config.batch_size <= plan.passages:
        return ""
    return mark("Only {passages} passages have questions: all of them make one batch.").format(passages=plan.passages)


def _evaluations(config: TrainConfig, plan: TrainingPlan) -> str:
    if plan.evaluations - 1 >= config.evaluations:
        return ""
    return mark("The run has {steps} steps: the dev questions are searched after each, {number} times.").format(
        steps=plan.steps, number=plan.evaluations - 1
    )


def _checkpoints(config: TrainConfig, plan: TrainingPlan) -> str:
    made = plan.evaluations - 1
    if config.checkpoints <= made:
        return ""
    return mark("The run makes a checkpoint at each of its {number} checks: no more can be kept.").format(number=made)


def _warmup(config: TrainConfig, plan: TrainingPlan) -> str:
    if not config.warmup_ratio or plan.warmup_steps > 1:
        return ""
    text = mark("{share:.0%} of {steps} steps is one step at most: the learning rate is at its peak from the start.")
    return text.format(share=config.warmup_ratio, steps=plan.steps)


def _length(config: TrainConfig, longest: int) -> str:
    positions = model_positions(config.base_model)
    if positions and config.max_seq_length > positions:
        return mark("This model reads no more than {positions} tokens.").format(positions=positions)
    if config.max_seq_length > TrainConfig().max_seq_length and 0 < longest < config.max_seq_length:
        text = mark("No passage to train on has more than {longest} tokens: the rest of the limit is not used.")
        return text.format(longest=longest)
    return ""


def _random(plan: TrainingPlan) -> str:
    others = plan.batch - 1
    if plan.random <= others:
        return ""
    return mark("A batch of {batch} passages has {others} others at most.").format(batch=plan.batch, others=others)


def _average(config: TrainConfig) -> str:
    if not LATE < config.average_from < 1:
        return ""
    return mark("So late that only the model of the last step can be chosen, besides the untrained one.")


def model_positions(base_model: str) -> int:
    """The most tokens that a model takes, 0 where its folder does not tell."""
    try:
        told = json.loads((model_folder(base_model, verify=False) / "config.json").read_text(encoding="utf-8"))
        positions = told.get("max_position_embeddings", 0)
        return int(positions) if math.isfinite(positions) else 0
    except (AppError, OSError, ValueError, TypeError, AttributeError):
        return 0
