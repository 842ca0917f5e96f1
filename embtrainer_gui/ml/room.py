"""How much of a batch is worked on at once. Where memory runs out it becomes less, and the step is done again."""

from __future__ import annotations

import sys

import psutil
import torch
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.training_memory import ACTIVATIONS_ON_CPU, BYTES_PER_TOKEN_LAYER_WIDTH, TOKENS_ON_CPU
from embtrainer_gui.ml import encoder
from embtrainer_gui.ml.shortage import free_memory

LEAST_TOKENS = 128  # of a micro-batch: with less there is nothing left to give


class Room:
    """``halved`` counts how often memory ran out in this run; each time a micro-batch, and what is kept of them for
    the backward pass, became half as large. The batch and its loss stay as they are."""

    def __init__(self, model: SentenceTransformer, halved: int = 0) -> None:
        self._model, self.halved = model, halved

    def tokens(self) -> int:
        """Padded tokens of a micro-batch."""
        budget = encoder.token_budget(self._model)
        if self._model.device.type == "cpu":
            budget = min(budget, TOKENS_ON_CPU)
        return budget >> self.halved

    def kept(self) -> int:
        """Padded tokens whose activations may be kept for the backward pass; those of the rest are computed again."""
        config = self._model.config
        layers, width = getattr(config, "num_hidden_layers", None), getattr(config, "hidden_size", None)
        if not layers or not width:
            return sys.maxsize if not self.halved else 0
        device = self._model.device
        if device.type == "cuda":
            room = torch.cuda.mem_get_info(device)[0] / 2
        else:
            room = min(psutil.virtual_memory().available / 2, ACTIVATIONS_ON_CPU)
        return int(room / (layers * width * BYTES_PER_TOKEN_LAYER_WIDTH)) >> self.halved

    @property
    def is_least(self) -> bool:
        return self.tokens() // 2 < LEAST_TOKENS

    def halve(self) -> None:
        """Make do with half, and let go of what the failed step took."""
        self.halved += 1
        with torch.enable_grad():
            one = torch.zeros(1, requires_grad=True).sum()
            one.backward()  # type: ignore[no-untyped-call]  # autograd keeps what a failed pass left until the next
        free_memory(self._model.device)
