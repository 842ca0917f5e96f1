"""The learning rate of each layer."""

from __future__ import annotations

import pytest
from torch import nn

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.optimizer import adamw, set_learning_rate


def rates(model: nn.Module, **settings: float) -> dict[str, float]:
    """The learning rate of each parameter, by its name, at a rate of 1."""
    optimizer = adamw(model, TrainConfig(**settings))
    set_learning_rate(optimizer, 1.0)
    rate_of = {parameter: group["lr"] for group in optimizer.param_groups for parameter in group["params"]}
    return {name: rate_of[parameter] for name, parameter in model.named_parameters()}


def test_that_lower_layers_learn_more_slowly() -> None:
    found = rates(load_model(bundled_folder(), 64, "cpu"), layer_decay=0.5)
    by_part = {
        part: {rate for name, rate in found.items() if part in name}
        for part in ("embeddings.", "layer.0.", "layer.5.", "pooler.")
    }
    assert by_part == {"embeddings.": {0.5**7}, "layer.0.": {0.5**6}, "layer.5.": {0.5}, "pooler.": {1.0}}


def test_that_a_decay_of_one_treats_all_layers_alike() -> None:
    assert set(rates(load_model(bundled_folder(), 64, "cpu"), layer_decay=1).values()) == {1.0}


def test_that_a_model_without_layers_learns_at_one_rate() -> None:
    assert set(rates(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1)), layer_decay=0.5).values()) == {1.0}


def test_that_biases_and_norms_do_not_decay() -> None:
    optimizer = adamw(load_model(bundled_folder(), 64, "cpu"), TrainConfig(weight_decay=0.1))
    decay = {
        (parameter.ndim > 1, group["weight_decay"]) for group in optimizer.param_groups for parameter in group["params"]
    }
    assert decay == {(True, 0.1), (False, 0.0)}


def test_that_a_decay_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="layer_decay"):
        TrainConfig(layer_decay=0)
