"""A part of the loss beside question and passage: which texts it wants encoded for a batch, and the loss of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.tokens import TokenisedTexts
from embtrainer_gui.ml.training_set import Batch


@dataclass(frozen=True, slots=True)
class PartLoss:
    """``documents`` are rows of the part's own texts, ``queries`` rows of its own, None for the questions of the batch;
    ``loss`` takes the unit vectors of both."""

    queries: IntArray | None
    documents: IntArray
    loss: Callable[[Tensor, Tensor], Tensor]


class Part(Protocol):
    """``name`` is that of its metric; ``queries`` are None where the questions of the batch ask."""

    name: str
    weight: float
    documents: TokenisedTexts

    @property
    def queries(self) -> TokenisedTexts | None: ...

    def of(self, batch: Batch) -> PartLoss | None:
        """A function of the batch and the seed; None where the batch has nothing for it."""
        ...
