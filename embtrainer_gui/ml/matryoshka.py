"""Matryoshka training: the loss of whole vectors and of their first dimensions together, so that they may be cut later.

Kusupati et al. 2022 (arXiv 2205.13147); the mean over the dimensions, each cut vector made unit again, as
MatryoshkaLoss of sentence-transformers does it with equal weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn.functional import normalize

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.objective import BatchLoss, Objective
from embtrainer_gui.ml.training_set import Batch

Loss = Callable[[Tensor, Tensor], Tensor]


def averaged(loss: Loss, dimensions: Sequence[int]) -> Loss:
    """``loss`` of two sets of unit vectors (n, d), as the mean over d and ``dimensions``; itself without any."""
    if not dimensions:
        return loss

    def over_dimensions(questions: Tensor, passages: Tensor) -> Tensor:
        losses = [loss(questions, passages)]
        losses += [loss(_cut(questions, size), _cut(passages, size)) for size in dimensions]
        return torch.stack(losses).mean()

    return over_dimensions


def over_dimensions(objective: Objective, dimensions: Sequence[int]) -> Objective:
    return _OverDimensions(objective, dimensions) if dimensions else objective


def refuse_wide(dimensions: Sequence[int], model: SentenceTransformer) -> None:
    """Raise UserError where the vectors of ``model`` are no wider than one of ``dimensions``."""
    width = int(model.get_embedding_dimension() or 0)
    if dimensions and max(dimensions) >= width:
        raise UserError(
            mark("The vectors of this model have {width} dimensions, so they cannot be cut to {wanted}."),
            mark("Name smaller Matryoshka dimensions, such as {half}."),
            width=width,
            wanted=max(dimensions),
            half=max(width // 2, 8),
        )


class _OverDimensions:
    def __init__(self, objective: Objective, dimensions: Sequence[int]) -> None:
        self._objective, self._dimensions = objective, dimensions

    def of(self, batch: Batch) -> BatchLoss:
        found = self._objective.of(batch)
        return replace(found, loss=averaged(found.loss, self._dimensions))


def _cut(vectors: Tensor, size: int) -> Tensor:
    return normalize(vectors[:, :size], p=2, dim=1)
