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
NEIGHBOURS = 0.3  # weight of the neighbours of passages beside the general questions
NEVER = -1e4  # a logit whose probability is 0 and whose logarithm is still finite


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

    def divergence(self, asked: Tensor, passages: Tensor, drawn: IntArray, rows: IntArray, scale: float) -> Tensor:
        """How far the rankings of the tuned model are from the teacher's.

        ``asked`` (q, d) and ``passages`` (p, d) are its unit vectors of the general questions ``drawn`` and of the
        passages ``rows``; ``scale`` is the factor on its cosines.
        """
        ...


class UntrainedModel:
    """The model as it was before the run: its rankings for the questions, and of each passage's neighbours."""

    name = "divergence"

    def __init__(self, untrained: Untrained, general: GeneralQuestions) -> None:
        self._asked = torch.from_numpy(untrained.vectors(general.tokens, "query"))
        self._passages = torch.from_numpy(untrained.passages)

    def divergence(self, asked: Tensor, passages: Tensor, drawn: IntArray, rows: IntArray, scale: float) -> Tensor:
        asked_before, before = (t.to(passages.device) for t in (self._asked[drawn], self._passages[rows]))
        questions = divergence(asked @ passages.T * scale, asked_before @ before.T * scale)
        itself = torch.eye(len(rows), dtype=torch.bool, device=passages.device)
        now, then = ((t @ t.T * scale).masked_fill(itself, NEVER) for t in (passages, before))
        return questions + NEIGHBOURS * divergence(now, then)


class Lexical:
    """BM25 over the passages that the run trains on."""

    name = "lexical_divergence"

    def __init__(self, general: GeneralQuestions, passages: Sequence[str]) -> None:
        self._texts, self._index = general.texts, Bm25Index.build(passages)

    def divergence(self, asked: Tensor, passages: Tensor, drawn: IntArray, rows: IntArray, scale: float) -> Tensor:
        found = np.stack([self._index.scores(self._texts[row])[rows] for row in drawn])
        taught = torch.from_numpy(found).to(passages.device) / BM25_TEMPERATURE
        return divergence(asked @ passages.T * scale, taught)


def divergence(learned: Tensor, taught: Tensor) -> Tensor:
    """Kullback-Leibler divergence from the ranking ``taught`` to ``learned``, mean over the rows."""
    return kl_div(log_softmax(learned, 1), log_softmax(taught, 1), reduction="batchmean", log_target=True)
