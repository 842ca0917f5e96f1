"""A part of the loss beside question and passage: which texts it wants encoded for a batch, and the loss of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.tokens import TokenisedTexts
from embtrainer_gui.ml.training_set import Batch

Texts = tuple[TokenisedTexts, IntArray]
"""Some rows of tokenised texts."""


@dataclass(frozen=True, slots=True)
class PartLoss:
    """``asked`` are texts of the part's own, None for the questions of the batch; so are ``documents``, None for its
    passages. ``loss`` takes the unit vectors of both."""

    asked: Texts | None
    documents: Texts | None
    loss: Callable[[Tensor, Tensor], Tensor]


class Part(Protocol):
    """``name`` is that of its metric."""

    name: str
    weight: float

    def of(self, batch: Batch) -> PartLoss | None:
        """A function of the batch and the seed; None where the batch has nothing for it."""
        ...
