"""The mean of the weights over the later steps of a run."""

from __future__ import annotations

import torch
from torch import nn

from embtrainer_gui.ml.weight_average import WeightAverage


def layer(value: float) -> nn.Linear:
    made = nn.Linear(2, 1)
    nn.init.constant_(made.weight, value)
    nn.init.constant_(made.bias, value)
    return made


def test_that_the_mean_is_applied_for_a_while_and_taken_back() -> None:
    average, model = WeightAverage(), layer(0.0)
    for value in (1.0, 2.0, 6.0):
        nn.init.constant_(model.weight, value)
        average.add(model)
    with average.applied(model) as last:
        assert torch.allclose(model.weight, torch.tensor(3.0))
        assert torch.allclose(last["raw/weight"], torch.tensor(6.0))
    assert torch.allclose(model.weight, torch.tensor(6.0))


def test_that_a_restored_average_goes_on_as_if_nothing_had_happened() -> None:
    average, model = WeightAverage(), layer(1.0)
    average.add(model)
    nn.init.constant_(model.weight, 3.0)
    average.add(model)
    with average.applied(model) as last:
        saved = layer(0.0)
        saved.load_state_dict(model.state_dict())
    again = WeightAverage()
    again.restore(saved, dict(last), average.count)
    assert torch.allclose(saved.weight, torch.tensor(3.0))
    for one, weights in ((average, model), (again, saved)):
        nn.init.constant_(weights.weight, 8.0)
        one.add(weights)
        with one.applied(weights):
            assert torch.allclose(weights.weight, torch.tensor(4.0))
