"""Excerpts beside questions: a few words cut out of a passage find it among the passages of the batch.

The inverse cloze task (Lee, Chang and Toutanova 2019, arXiv 1906.00300) without taking the words out, as in Contriever
(Izacard et al. 2022, arXiv 2112.09118): it teaches the words of each paper, of which questions touch a few only.
Figures: tests/bench/RESULTS.md.
"""

from __future__ import annotations

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn.functional import cross_entropy

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.training_memory import EXCERPTS_PER_PASSAGE
from embtrainer_gui.ml.part import PartLoss
from embtrainer_gui.ml.tokens import TokenisedTexts
from embtrainer_gui.ml.training_set import Batch, TrainingSet
from embtrainer_gui.text.excerpt import excerpt


class Excerpts:
    """Drawn anew for each batch, which holds no two passages that are nearly the same."""

    name = "excerpt_loss"

    def __init__(self, model: SentenceTransformer, data: TrainingSet, config: TrainConfig) -> None:
        self._model, self._passages = model, data.passages
        self.weight, self._scale, self._seed = config.excerpt_weight, config.scale, config.seed

    def of(self, batch: Batch) -> PartLoss:
        rng = np.random.default_rng((self._seed, *batch.passages.tolist()))
        texts = [
            excerpt(self._passages[row], rng) for row in batch.passages.tolist() for _ in range(EXCERPTS_PER_PASSAGE)
        ]
        own = np.repeat(np.arange(len(batch.passages)), EXCERPTS_PER_PASSAGE)

        def loss(excerpts: Tensor, passages: Tensor) -> Tensor:
            return cross_entropy(excerpts @ passages.T * self._scale, torch.from_numpy(own).to(passages.device))

        return PartLoss((TokenisedTexts(self._model, texts, "query"), np.arange(len(texts))), None, loss)
