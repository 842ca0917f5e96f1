"""The dev questions searched in the dev passages: the score by which a checkpoint is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.report import Reporter
from embtrainer_gui.ml.device import training_precision
from embtrainer_gui.ml.encoder import encode_tokens
from embtrainer_gui.ml.evaluate import DEPTH, PerQuery, evaluate_ranking
from embtrainer_gui.ml.part_reporter import PartReporter
from embtrainer_gui.ml.ranking import rank_passages
from embtrainer_gui.ml.request import DevSet
from embtrainer_gui.ml.tokens import TokenisedTexts

CHOICE_METRIC = "ndcg@10"


class DevSearch:
    """A dev set tokenised once for ``model``'s tokenizer."""

    def __init__(self, model: SentenceTransformer, dev: DevSet) -> None:
        self._questions = TokenisedTexts(model, dev.questions, "query")
        self._passages = TokenisedTexts(model, dev.passages, "document")
        self._relevant = dev.relevant

    def score(self, model: SentenceTransformer, reporter: Reporter) -> dict[str, float]:
        """Means of ``each``; all NaN where a vector is not finite."""
        found, finite = self.each(model, reporter)
        means = found.means()
        return means if finite else dict.fromkeys(means, float("nan"))

    def each(self, model: SentenceTransformer, reporter: Reporter) -> tuple[PerQuery, bool]:
        """``evaluate_ranking``, and whether all vectors are finite. Cancellable between micro-batches."""
        quiet = PartReporter(reporter)
        with training_precision(model.device):
            questions = encode_tokens(model, self._questions, "query", quiet)
            passages = encode_tokens(model, self._passages, "document", quiet)
        finite = bool(np.isfinite(questions).all() and np.isfinite(passages).all())
        return evaluate_ranking(rank_passages(questions, passages, DEPTH), self._relevant), finite

    def score_cut(
        self, model: SentenceTransformer, sizes: Sequence[int], reporter: Reporter
    ) -> dict[str, dict[str, float]]:
        """``score`` with the vectors cut to each of ``sizes`` and made unit again, by the size; encoded once."""
        if not sizes:
            return {}
        quiet = PartReporter(reporter)
        with training_precision(model.device):
            questions = encode_tokens(model, self._questions, "query", quiet)
            passages = encode_tokens(model, self._passages, "document", quiet)
        found = {}
        for size in sizes:
            ranked = rank_passages(_cut(questions, size), _cut(passages, size), DEPTH)
            found[str(size)] = evaluate_ranking(ranked, self._relevant).means()
        return found


def _cut(vectors: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    part = vectors[:, :size]
    cut: NDArray[np.float32] = part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-12)
    return cut
