"""Question and answer beside question and passage: each question finds its answer among those of the batch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from torch import Tensor

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.labelled_batch import may_be_wrong
from embtrainer_gui.ml.losses import multiple_negatives_ranking_loss
from embtrainer_gui.ml.part import PartLoss
from embtrainer_gui.ml.tokens import TokenisedTexts
from embtrainer_gui.ml.training_set import Batch, TrainingSet


class Answers:
    """Answers are encoded as passages are: one is the shortest passage that answers. Equal ones are one text."""

    name = "answer_loss"

    def __init__(self, model: SentenceTransformer, data: TrainingSet, config: TrainConfig) -> None:
        self.weight, self._scale, self._data = config.answer_weight, config.scale, data
        places: dict[str, int] = {}
        texts: list[str] = []
        self._row = np.full(len(data.spans), -1, np.int64)  # of the texts, for each pair
        for pair, span in enumerate(data.spans):
            key = " ".join(span.casefold().split())
            if not key:
                continue
            if key not in places:
                places[key] = len(texts)
                texts.append(span.strip())
            self._row[pair] = places[key]
        self._keys = list(places)
        self._documents = TokenisedTexts(model, texts, "document")

    def of(self, batch: Batch) -> PartLoss | None:
        start = self._data.pair_start
        pairs = np.concatenate([np.arange(start[row], start[row + 1]) for row in batch.passages])
        given = np.flatnonzero(self._row[pairs] >= 0)
        if not len(given):
            return None
        rows, positive = np.unique(self._row[pairs][given], return_inverse=True)
        asked = batch.asked[given]
        out = self._no_negatives(batch, rows, positive, batch.positive[given])[asked]
        out |= self._overlapping(rows)[positive]
        out[np.arange(len(given)), positive] = False

        def loss(questions: Tensor, answers: Tensor) -> Tensor:
            pair, right, others = (torch.from_numpy(a).to(answers.device) for a in (asked, positive, out))
            return multiple_negatives_ranking_loss(questions, answers, pair, right, others, self._scale)

        return PartLoss(None, (self._documents, rows), loss)

    def _no_negatives(self, batch: Batch, rows: IntArray, answer: IntArray, passage: IntArray) -> NDArray[np.bool_]:
        """Whether (questions, rows) an answer was given on a passage that answers the question too, or on a
        near-duplicate of one: what such a passage says may be right."""
        given_on = np.zeros((len(rows), len(batch.passages)), bool)
        given_on[answer, passage] = True
        answering = ~may_be_wrong(self._data, batch.questions, batch.passages)
        return (answering.astype(np.int64) @ given_on.T.astype(np.int64)) > 0

    def _overlapping(self, rows: IntArray) -> NDArray[np.bool_]:
        """Whether (rows, rows) one answer stands in the other: "1998" and "in 1998"."""
        padded = [f" {self._keys[row]} " for row in rows]
        return np.array([[one in other or other in one for other in padded] for one in padded])
