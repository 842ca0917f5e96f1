"""What the model says before its run: vectors of its questions and passages, each made once, when first asked for.

A fresh run trains the very model that is asked here, so all are asked for before its first step. Of several processes
each encodes its share, so all of them ask, in the same order.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.report import Reporter
from embtrainer_gui.ml.device import training_precision
from embtrainer_gui.ml.encoder import encode_tokens
from embtrainer_gui.ml.part_reporter import PartReporter
from embtrainer_gui.ml.ranks import ALONE, Ranks
from embtrainer_gui.ml.tokens import Task, TokenisedTexts


class Untrained:
    """L2-normalised vectors (n, d), computed in bfloat16 where the run is. Cancellable."""

    def __init__(
        self,
        model: SentenceTransformer,
        questions: TokenisedTexts,
        passages: TokenisedTexts,
        reporter: Reporter,
        ranks: Ranks = ALONE,
    ) -> None:
        self._model, self._questions, self._passages, self._ranks = model, questions, passages, ranks
        self._quiet = PartReporter(reporter)

    def vectors(self, tokens: TokenisedTexts, task: Task) -> NDArray[np.float32]:
        rows = self._ranks.share(tokens.lengths)
        with self._ranks.together(), training_precision(self._model.device):
            part = encode_tokens(self._model, tokens, task, self._quiet, rows)
        gathered = self._ranks.gather(torch.from_numpy(part).to(self._model.device), tokens.lengths)
        return gathered.cpu().numpy()

    @cached_property
    def questions(self) -> NDArray[np.float32]:
        return self.vectors(self._questions, "query")

    @cached_property
    def passages(self) -> NDArray[np.float32]:
        """Of the pool of the training set."""
        return self.vectors(self._passages, "document")
