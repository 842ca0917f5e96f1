"""The dev questions searched in the dev passages: the score by which a checkpoint is chosen."""

from __future__ import annotations

import numpy as np
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.ml.device import training_precision
from embtrainer_gui.ml.encoder import encode_tokens
from embtrainer_gui.ml.evaluate import DEPTH, evaluate_ranking
from embtrainer_gui.ml.part_reporter import PartReporter
from embtrainer_gui.ml.ranking import rank_passages
from embtrainer_gui.ml.request import DevSet
from embtrainer_gui.ml.tokens import TokenisedTexts

CHOICE_METRIC = "ndcg@10"
FEWEST_PASSAGES = 200
SHARE = 0.8  # passages encoded by all searches of a run, of those trained on: about a quarter of the time


def affordable(dev: DevSet, config: TrainConfig, passages: int, searches: int) -> DevSet:
    """``dev`` with fewer irrelevant passages where searching them all would take long beside training on ``passages``.
    One more search than ``searches`` may come at the end."""
    number = SHARE * passages * config.epochs / (searches + 1)
    return dev.limited(max(FEWEST_PASSAGES, int(number)), config.seed)


class DevSearch:
    """A dev set tokenised once for ``model``'s tokenizer."""

    def __init__(self, model: SentenceTransformer, dev: DevSet) -> None:
        self._questions = TokenisedTexts(model, dev.questions, "query")
        self._passages = TokenisedTexts(model, dev.passages, "document")
        self._relevant = dev.relevant

    def score(self, model: SentenceTransformer, reporter: Reporter) -> dict[str, float]:
        """Means of ``evaluate_ranking``; all NaN where a vector is not finite. Cancellable between micro-batches."""
        quiet = PartReporter(reporter)
        with training_precision(model.device):
            questions = encode_tokens(model, self._questions, "query", quiet)
            passages = encode_tokens(model, self._passages, "document", quiet)
        finite = np.isfinite(questions).all() and np.isfinite(passages).all()
        means = evaluate_ranking(rank_passages(questions, passages, DEPTH), self._relevant).means()
        return means if finite else dict.fromkeys(means, float("nan"))
