"""What a run learns from besides its pairs: how two teachers rank the passages of a batch for general questions.

The untrained model keeps the run from forgetting (learning without forgetting, Li and Hoiem 2016, arXiv 1606.09282,
with a ranking in the place of classes); BM25 teaches it the value of rare words (figures: tests/bench/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn.functional import kl_div, log_softmax

from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.tokens import TokenisedTexts
from embtrainer_gui.ml.untrained import Untrained
from embtrainer_gui.text.bm25 import Bm25Index

DRAWN_PER_PASSAGE = 4  # general questions for each passage of a batch
BM25_TEMPERATURE = 2.7


class GeneralQuestions:
    """General ``questions``, each with the row of its passage, tokenised, to be drawn for a batch."""

    def __init__(
        self, model: SentenceTransformer, questions: Sequence[tuple[str, int]], passages: int, seed: int
    ) -> None:
        ordered = sorted(questions, key=lambda question: question[1])
        self.texts = [question for question, _ in ordered]
        self.tokens = TokenisedTexts(model, self.texts, "query")
        rows = np.array([row for _, row in ordered], dtype=np.int64)
        self._start = np.searchsorted(rows, np.arange(passages + 1))
        self._seed = seed

    def draw(self, passages: IntArray) -> IntArray:
        """Rows of general questions for a batch, a function of the batch and the seed alone."""
        rng = np.random.default_rng((self._seed, *passages.tolist()))
        first, last = self._start[passages], self._start[passages + 1]
        having = np.repeat(np.flatnonzero(last > first), DRAWN_PER_PASSAGE)
        return rng.integers(first[having], last[having]) if len(having) else np.empty(0, np.int64)


class Teacher(Protocol):
    """``name`` is that of its metric."""

    name: str

    def scores(self, drawn: IntArray, rows: IntArray, scale: float) -> Tensor:
        """Logits (questions, passages) of the general questions ``drawn`` over the passages ``rows``."""
        ...


class UntrainedModel:
    """The model as it was before the run."""

    name = "divergence"

    def __init__(self, untrained: Untrained, general: GeneralQuestions) -> None:
        self._asked = torch.from_numpy(untrained.vectors(general.tokens, "query"))
        self._passages = torch.from_numpy(untrained.passages)

    def scores(self, drawn: IntArray, rows: IntArray, scale: float) -> Tensor:
        return self._asked[drawn] @ self._passages[rows].T * scale


class Lexical:
    """BM25 over the passages that the run trains on."""

    name = "lexical_divergence"

    def __init__(self, general: GeneralQuestions, passages: Sequence[str]) -> None:
        self._texts, self._index = general.texts, Bm25Index.build(passages)

    def scores(self, drawn: IntArray, rows: IntArray, scale: float) -> Tensor:
        """``scale`` is one of cosines; BM25 has its own."""
        found = [self._index.scores(self._texts[row])[rows] for row in drawn]
        return torch.from_numpy(np.stack(found)) / BM25_TEMPERATURE


def divergence(learned: Tensor, taught: Tensor) -> Tensor:
    """Kullback-Leibler divergence from the ranking ``taught`` to ``learned``, mean over the rows."""
    return kl_div(log_softmax(learned, 1), log_softmax(taught, 1), reduction="batchmean", log_target=True)
