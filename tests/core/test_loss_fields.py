"""Which settings count under which loss."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from embtrainer_gui.core.config import LOSSES, TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.loss_fields import (
    hard_negatives_of,
    idle_flags,
    loss_faults,
    refuse_untrainable,
    without_effect,
)
from embtrainer_gui.core.negatives_report import NegativesReport

RANKING, *LABELLED = LOSSES


def idle(**values: object) -> set[str]:
    return set(without_effect(TrainConfig.model_validate(values).model_dump()))


def test_that_the_default_loss_needs_no_hard_negatives_and_the_others_get_some() -> None:
    assert hard_negatives_of(TrainConfig()) == 0
    assert all(hard_negatives_of(TrainConfig(loss=loss)) == 2 for loss in LABELLED)
    assert all(hard_negatives_of(TrainConfig(loss=loss, hard_negatives=0)) == 0 for loss in LOSSES)
    assert hard_negatives_of(TrainConfig(hard_negatives=3)) == 3


def test_that_settings_without_effect_are_named_for_each_loss() -> None:
    assert idle() == {"negative_margin", "random_negatives", "contrastive_margin"}
    assert idle(hard_negatives=2) == {"random_negatives", "contrastive_margin"}
    assert idle(loss="ContrastiveLoss") == set()
    assert idle(loss="OnlineContrastiveLoss", hard_negatives=0) == {"negative_margin"}
    assert idle(loss="CosineSimilarityLoss", hard_negatives=0) == {"contrastive_margin"}  # its grades have the margin
    assert idle(loss="ContrastiveLoss", remember=0, lexical=0) == {"scale"}  # the teachers use it
    assert idle(loss="ContrastiveLoss", remember=0) == set()
    assert idle(loss="ContrastiveLoss", remember=0, lexical=0, answer_weight=1) == set()


def test_that_a_form_with_some_of_the_fields_is_enough() -> None:
    assert "scale" not in without_effect({"loss": "ContrastiveLoss", "hard_negatives": None})


def test_that_only_given_flags_are_told() -> None:
    assert idle_flags(TrainConfig(contrastive_margin=0.4), ["contrastive_margin", "epochs"]) == [
        "--contrastive-margin: No effect under this loss: only the contrastive ones have a margin."
    ]
    assert idle_flags(TrainConfig(), []) == []


@pytest.mark.parametrize("loss", LABELLED)
def test_that_right_pairs_alone_are_refused_with_the_cure(loss: str) -> None:
    alone = TrainConfig.model_validate({"loss": loss, "hard_negatives": 0, "random_negatives": 0})
    assert set(loss_faults(alone.model_dump())) == {"random_negatives"}
    with pytest.raises(UserError, match="alike") as refused:
        refuse_untrainable(alone)
    assert "--random-negatives 2" in refused.value.hint
    refuse_untrainable(alone.model_copy(update={"random_negatives": 1}))
    refuse_untrainable(alone.model_copy(update={"hard_negatives": None}))


def test_that_multiple_negatives_train_without_any() -> None:
    refuse_untrainable(TrainConfig(hard_negatives=0, random_negatives=0))


@pytest.mark.parametrize(
    ("field", "value"),
    [("hard_negatives", 11), ("negative_margin", 0.95), ("contrastive_margin", 0), ("loss", "Triplet")],
)
def test_that_a_value_out_of_bounds_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        TrainConfig.model_validate({field: value})


def test_that_the_report_says_how_many_survived_or_why_none() -> None:
    some = NegativesReport(40, 38, 300, 1200, 60, 540, 0.05)
    assert "300 for 38 of 40 questions; 540 candidates" in some.sentence()
    assert "all 700 candidates score more than 95%" in NegativesReport(40, 0, 0, 760, 60, 700, 0.05).sentence()
    assert "no passage besides" in NegativesReport(40, 0, 0, 60, 60, 0, 0.05).sentence()
