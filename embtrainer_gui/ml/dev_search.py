"""The dev questions searched in the dev passages: the score by which a checkpoint is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.device import training_precision
from embtrainer_gui.ml.encoder import encode_tokens
from embtrainer_gui.ml.evaluate import DEPTH, PerQuery, evaluate_ranking
from embtrainer_gui.ml.part_reporter import PartReporter
from embtrainer_gui.ml.ranking import rank_passages
from embtrainer_gui.ml.request import DevSet
from embtrainer_gui.ml.tokens import TokenisedTexts

CHOICE_METRIC = "ndcg@10"
FEWEST_PASSAGES = 200
FEWEST_QUESTIONS = 400  # two models that differ by 0.02 in nDCG@10 are told apart by them
SHARE = 0.8  # passages encoded by all searches of a run, of those trained on: about a quarter of the time


def affordable(dev: DevSet, config: TrainConfig, passages: int, searches: int) -> DevSet:
    """``dev`` with fewer irrelevant passages where searching them all would take long beside training on ``passages``,
    and where that is not enough with fewer questions. One more search than ``searches`` may come at the end."""
    number = max(FEWEST_PASSAGES, int(SHARE * passages * config.epochs * config.soup / (searches + 1)))
    limited = dev.limited(number, config.seed)
    return limited if len(limited.passages) <= number else limited.sampled(number, FEWEST_QUESTIONS, config.seed)


class DevSearch:
    """A dev set tokenised once for ``model``'s tokenizer."""

    def __init__(self, model: SentenceTransformer, dev: DevSet) -> None:
        self._questions = TokenisedTexts(model, dev.questions, "query")
        self._passages = TokenisedTexts(model, dev.passages, "document")
        self._relevant = dev.relevant
        self.aside: dict[str, float] = {}

    def score(self, model: SentenceTransformer, reporter: Reporter) -> dict[str, float]:
        """Means of ``each``; all NaN where a vector is not finite.

        ``aside`` then tells what does not judge the model: the mean cosine of questions with wrong passages, which
        rises where all texts become alike.
        """
        found, finite = self.each(model, reporter)
        means = found.means()
        return means if finite else dict.fromkeys(means, float("nan"))

    def each(self, model: SentenceTransformer, reporter: Reporter) -> tuple[PerQuery, bool]:
        """``evaluate_ranking``, and whether all vectors are finite. Cancellable between micro-batches."""
        quiet = PartReporter(reporter)
        with training_precision(model.device):
            questions = encode_tokens(model, self._questions, "query", quiet)
            passages = encode_tokens(model, self._passages, "document", quiet)
        self.aside = {"unlike_cosine": self._unlike_cosine(questions, passages)}
        finite = bool(np.isfinite(questions).all() and np.isfinite(passages).all())
        return evaluate_ranking(rank_passages(questions, passages, DEPTH), self._relevant), finite

    def _unlike_cosine(self, questions: NDArray[np.float32], passages: NDArray[np.float32]) -> float:
        """Of all pairs but the right ones; the sum of all cosines is the product of the sums."""
        pairs = zip(questions, self._relevant, strict=True)
        right = sum(float((passages[list(rows)] @ asked).sum()) for asked, rows in pairs)
        every = float(questions.sum(axis=0) @ passages.sum(axis=0))
        wrong = len(questions) * len(passages) - sum(map(len, self._relevant))
        return (every - right) / wrong if wrong else 0.0

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


def search_within(
    model: SentenceTransformer, dev: DevSet, config: TrainConfig, passages: int, searches: int, reporter: Reporter
) -> DevSearch | None:
    """That of a run on ``passages``, as far as it is ``affordable``; says what is left out. None without questions."""
    if not dev.questions:
        reporter.warn(mark("There are no dev questions: the last checkpoint is taken, unchecked."))
        return None
    some = affordable(dev, config, passages, searches)
    if len(some.questions) < len(dev.questions):
        told = mark("{some} of the {all} dev questions are searched: all would take long beside the training.")
        reporter.status(told.format(some=len(some.questions), all=len(dev.questions)))
    return DevSearch(model, some)
