"""Which settings count under which loss: what has no effect is told, and what cannot train is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from embtrainer_gui.core.config import LOSSES, TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark

RANKING = "MultipleNegativesRankingLoss"
COSINE = "CosineSimilarityLoss"
WITH_MARGIN = ("ContrastiveLoss", "OnlineContrastiveLoss")
LABELLED = tuple(loss for loss in LOSSES if loss != RANKING)
"""Losses of pairs with a label each: given right pairs alone they make all texts alike, so they get wrong ones."""
HARD_UNDER_LABELLED = 2

_IN_BATCH = mark("No effect under this loss: all other passages of the batch are wrong answers already.")
_NO_MARGIN = mark("No effect under this loss: only the contrastive ones have a margin.")
_NO_HARD = mark("No effect: no hard negatives are looked for.")
_NO_SCALE = mark("No effect under this loss, which takes the cosine as it is.")
_POSITIVES_ONLY = mark(
    "With right pairs alone this loss makes all texts alike: give each question at least one hard or random negative."
)


def hard_negatives(values: Mapping[str, Any]) -> int:
    """Hard negatives for each question under a config's ``values``, whose None means "as suits the loss"."""
    wanted = values["hard_negatives"]
    if isinstance(wanted, int):
        return wanted
    return HARD_UNDER_LABELLED if values["loss"] in LABELLED else 0


def hard_negatives_of(config: TrainConfig) -> int:
    return hard_negatives({"loss": config.loss, "hard_negatives": config.hard_negatives})


def random_negatives_of(config: TrainConfig) -> int:
    return config.random_negatives if config.loss in LABELLED else 0


def without_effect(values: Mapping[str, Any]) -> dict[str, str]:
    """``{field: why}`` of the settings that change nothing in a run with these values, the others at their defaults."""
    values = {name: field.default for name, field in TrainConfig.model_fields.items()} | dict(values)
    loss = values["loss"]
    found = {}
    if loss not in LABELLED:
        found["random_negatives"] = _IN_BATCH
    if loss not in WITH_MARGIN:
        found["contrastive_margin"] = _NO_MARGIN
    if not hard_negatives(values) and loss != COSINE:  # whose grades end at the margin
        found["negative_margin"] = _NO_HARD
    ranked = (
        "remember",
        "lexical",
        "answer_weight",
        "title_weight",
        "excerpt_weight",
    )  # all of them rank by scaled cosines
    if loss in LABELLED and not any(values[name] for name in ranked):
        found["scale"] = _NO_SCALE
    return found


def idle_flags(config: TrainConfig, given: Collection[str]) -> list[str]:
    """A sentence for each of the fields ``given`` on the command line that changes nothing."""
    idle = without_effect(config.model_dump())
    return [f"--{name.replace('_', '-')}: {why}" for name, why in idle.items() if name in given]


def refuse_untrainable(config: TrainConfig) -> None:
    """Raise UserError where ``loss_faults`` finds one."""
    for field, fault in loss_faults(config.model_dump()).items():
        raise UserError(
            fault,
            mark("Try --{flag} {default}, or --loss {loss}."),
            flag=field.replace("_", "-"),
            default=TrainConfig.model_fields[field].default,
            loss=RANKING,
        )


def loss_faults(values: Mapping[str, Any]) -> dict[str, str]:
    """``{field: sentence}`` where the loss cannot train with these values, each of which is within its bounds."""
    if values["loss"] in LABELLED and not hard_negatives(values) and not values["random_negatives"]:
        return {"random_negatives": _POSITIVES_ONLY}
    return {}
