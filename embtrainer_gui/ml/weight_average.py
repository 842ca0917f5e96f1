"""The mean of the weights over the later steps of each round of a run.

Izmailov et al. 2018 (arXiv 1803.05407). It allows a higher learning rate, and the mean lies nearer to the untrained
model than any single step does: more is learned for what is forgotten. Rounds from one start add to that what they do
not share (model soups, Wortsman et al. 2022, arXiv 2203.05482; figures: tests/bench/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

RAW = "raw/"  # in a checkpoint: the weights that training goes on with; its model is the mean


class WeightAverage:
    """Running mean of the floating-point weights; empty until ``add`` was called."""

    def __init__(self) -> None:
        self.count = 0
        self._mean: dict[str, Tensor] = {}

    @torch.no_grad()
    def add(self, model: nn.Module) -> None:
        """Take the weights of one more step in."""
        self.count += 1
        for name, value in _weights(model).items():
            if name in self._mean:
                self._mean[name].lerp_(value, 1 / self.count)
            else:
                self._mean[name] = value.clone()

    @contextmanager
    def applied(self, model: nn.Module) -> Iterator[dict[str, Tensor]]:
        """Put the mean into ``model`` for a while; gives the weights of the last step, empty where none was added."""
        if not self.count:
            yield {}
            return
        weights = _weights(model)
        last = {name: value.clone() for name, value in weights.items()}
        _fill(weights, self._mean)
        try:
            yield {RAW + name: value for name, value in last.items()}
        finally:
            _fill(weights, last)

    def restore(self, model: nn.Module, tensors: dict[str, Tensor], count: int) -> None:
        """Take the mean from ``model``, a checkpoint's, and put the last step's weights from ``tensors`` into it."""
        self.count = count
        if not count:
            return
        weights = _weights(model)
        self._mean = {name: value.clone() for name, value in weights.items()}
        _fill(weights, {name: tensors.pop(RAW + name) for name in weights})


def take_weights(model: nn.Module, other: nn.Module) -> None:
    """Those of ``other``, a model of the same kind, where they are trained."""
    _fill(_weights(model), _weights(other))


def _weights(model: nn.Module) -> dict[str, Tensor]:
    frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
    return {name: v for name, v in model.state_dict().items() if v.is_floating_point() and name not in frozen}


@torch.no_grad()
def _fill(weights: dict[str, Tensor], values: dict[str, Tensor]) -> None:
    for name, value in weights.items():
        value.copy_(values[name])
