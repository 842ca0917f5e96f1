"""What a loss needs of a batch: the passages to encode for it, and the loss of their vectors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.loss_fields import COSINE, LABELLED, WITH_MARGIN, hard_negatives_of
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.labelled_batch import LabelledPairs, labelled_pairs, may_be_wrong, with_drawn
from embtrainer_gui.ml.losses import (
    contrastive_loss,
    cosine_similarity_loss,
    multiple_negatives_ranking_loss,
    online_contrastive_loss,
)
from embtrainer_gui.ml.negatives import HardNegatives, score_limits
from embtrainer_gui.ml.training_set import Batch, TrainingSet
from embtrainer_gui.ml.untrained import Untrained

LEAST_MARGIN = 0.01  # a model that takes all texts for alike still has something to learn


@dataclass(frozen=True, slots=True)
class BatchLoss:
    """``rows`` of the pool are to be encoded, the passages of the batch first; ``loss`` takes the vectors of the
    batch's questions and of those rows. ``teaching`` is the factor that gives the teachers' part the loss's size."""

    rows: IntArray
    loss: Callable[[Tensor, Tensor], Tensor]
    teaching: float = 1.0


class Objective(Protocol):
    def of(self, batch: Batch) -> BatchLoss:
        """A function of the batch and of what the run began with: a resumed run has the same."""
        ...


def objective_of(
    config: TrainConfig, data: TrainingSet, hard: HardNegatives | None, untrained: Untrained, reporter: Reporter
) -> Objective:
    """The objective of ``config.loss``. Raises UserError where a loss that needs wrong passages has none."""
    if config.loss in LABELLED:
        return _Labelled(config, data, hard, untrained, reporter)
    return _Ranking(config, data, hard)


class _Ranking:
    """Every question against all passages of the batch and, as further columns, the hard negatives of all."""

    def __init__(self, config: TrainConfig, data: TrainingSet, hard: HardNegatives | None) -> None:
        self._data, self._hard = data, hard
        self._wanted, self._scale = hard_negatives_of(config), config.scale

    def of(self, batch: Batch) -> BatchLoss:
        rows, masked = batch.passages, batch.masked
        if self._hard is not None:
            rows = with_drawn(rows, self._hard.drawn(batch.questions, self._wanted, rows))
            masked = ~may_be_wrong(self._data, batch.questions, rows)[batch.asked]
            masked[np.arange(len(batch.asked)), batch.positive] = False

        def loss(questions: Tensor, passages: Tensor) -> Tensor:
            asked, positive, out = (
                torch.from_numpy(a).to(passages.device) for a in (batch.asked, batch.positive, masked)
            )
            return multiple_negatives_ranking_loss(questions, passages, asked, positive, out, self._scale)

        return BatchLoss(rows, loss)


class _Labelled:
    """Single pairs with a label each."""

    def __init__(
        self,
        config: TrainConfig,
        data: TrainingSet,
        hard: HardNegatives | None,
        untrained: Untrained,
        reporter: Reporter,
    ) -> None:
        self._config, self._data, self._hard = config, data, hard
        self._wanted = hard_negatives_of(config)
        self._refuse_right_pairs_alone()
        if config.random_negatives and len(set(data.documents.tolist())) == 1:
            reporter.warn(mark("All passages are of one paper, so the random negatives are of the same paper."))
        self._margin = 0.0
        if config.loss in WITH_MARGIN:
            self._margin = config.contrastive_margin or holding_distance(data, untrained)
        self._grades = _Grades(data, untrained, config.negative_margin) if config.loss == COSINE else None

    def of(self, batch: Batch) -> BatchLoss:
        drawn = np.empty((len(batch.questions), 0), np.int64)
        if self._hard is not None:
            drawn = self._hard.drawn(batch.questions, self._wanted, batch.passages)
        rows = with_drawn(batch.passages, drawn)
        rng = np.random.default_rng((self._config.seed, *batch.passages.tolist()))
        pairs = labelled_pairs(self._data, batch, rows, drawn, self._config.random_negatives, rng)
        labels = pairs.right.astype(np.float32) if self._grades is None else self._grades.of(batch, rows, pairs)

        def loss(questions: Tensor, passages: Tensor) -> Tensor:
            asked, column, label = (
                torch.from_numpy(a).to(passages.device) for a in (pairs.asked, pairs.column, labels)
            )
            return self._loss((questions @ passages.T)[asked, column], label)

        return BatchLoss(rows, loss, self._teaching(len(labels)))

    def _loss(self, cosines: Tensor, labels: Tensor) -> Tensor:
        match self._config.loss:
            case "ContrastiveLoss":
                return contrastive_loss(cosines, labels, self._margin)
            case "OnlineContrastiveLoss":
                return online_contrastive_loss(cosines, labels, self._margin)
            case _:
                return cosine_similarity_loss(cosines, labels)

    def _teaching(self, pairs: int) -> float:
        """The teachers' rankings are of ``scale`` times the cosines, as those of the ranking loss are. These losses
        take plain cosines, so that beside them the teachers would weigh ``scale`` times as much as the settings say;
        the online one is a sum over the pairs, not their mean."""
        return (pairs if self._config.loss == "OnlineContrastiveLoss" else 1) / self._config.scale

    def _refuse_right_pairs_alone(self) -> None:
        if self._config.random_negatives or (self._hard is not None and self._hard.report.kept):
            return
        raise UserError(
            mark(
                "{loss} needs wrong passages too, and there are none: with right pairs alone it makes all texts alike."
            ),
            mark("Give each question some random negatives (--random-negatives 2), or choose {default}."),
            loss=self._config.loss,
            default=str(TrainConfig.model_fields["loss"].default),
        )


def holding_distance(data: TrainingSet, untrained: Untrained) -> float:
    """A distance (1 - cosine) within which five of six passages that are no answers lie under the untrained model: its
    mean over all questions and those passages, and one standard deviation.

    As the margin of the contrastive losses it holds unlike texts where they are in any model, since most of them are
    pushed. With 0.5, the default of sentence-transformers, nothing keeps them apart until they are nearer than that: in
    a run of all-MiniLM-L6-v2 their mean cosine went from 0.12 to 0.43, with the mean distance alone to 0.16, with this
    one to 0.02 (tests/bench/RESULTS.md).
    """
    questions, passages = untrained.questions, untrained.passages
    right = np.concatenate([passages[rows] @ questions[row] for row, rows in enumerate(data.answers)])
    number = max(len(questions) * len(passages) - len(right), 1)
    mean = (float(questions.sum(axis=0) @ passages.sum(axis=0)) - float(right.sum())) / number
    squares = float(((questions.T @ questions) * (passages.T @ passages)).sum()) - float((right**2).sum())
    deviation = math.sqrt(max(squares / number - mean**2, 0.0))  # without the matrix of all cosines, which may not fit
    return max(1 - mean + deviation, LEAST_MARGIN)


class _Grades:
    """Labels for the cosine loss: 1 for a right passage, and for a wrong one the untrained model's own cosine, at most
    that of the right passage less the margin.

    A 0 for all wrong ones would tear apart what that model rightly put near each other, all the more in models whose
    cosines are all high; its own cosine keeps wrong passages where they are while the right one comes nearer, so that
    nothing collapses, and the limit lowers those that it took for better than the right one.
    """

    def __init__(self, data: TrainingSet, untrained: Untrained, margin: float) -> None:
        self._questions, self._passages = untrained.questions, untrained.passages
        self._limits = score_limits(data, self._questions, self._passages, margin)

    def of(self, batch: Batch, rows: IntArray, pairs: LabelledPairs) -> np.ndarray:
        questions = batch.questions[pairs.asked]
        cosines = (self._questions[questions] * self._passages[rows[pairs.column]]).sum(axis=1)
        return np.where(pairs.right, np.float32(1), np.minimum(cosines, self._limits[questions]))
