"""The pairs of a batch with a label each: right passages, hard negatives, and random passages of other papers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.training_set import Batch, TrainingSet

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LabelledPairs:
    """Pair i joins question ``asked[i]`` of a batch with column ``column[i]``; ``right[i]`` tells what it is."""

    asked: IntArray
    column: IntArray
    right: BoolArray


def with_drawn(passages: IntArray, drawn: IntArray) -> IntArray:
    """The columns of a batch: its ``passages``, then those of ``drawn`` (-1 for none) that are not among them."""
    return np.concatenate([passages, np.setdiff1d(drawn[drawn >= 0], passages)])


def may_be_wrong(data: TrainingSet, questions: IntArray, columns: IntArray) -> BoolArray:
    """Whether (questions, columns) a passage is neither an answer of the question nor spared, nor a near-duplicate of
    such a one."""
    groups = data.pool.groups
    wrong = np.array([~np.isin(groups[columns], groups[data.answers[row]]) for row in questions])
    return wrong & ~data.judged.spares(questions, columns, groups)


def labelled_pairs(
    data: TrainingSet, batch: Batch, columns: IntArray, drawn: IntArray, random: int, rng: np.random.Generator
) -> LabelledPairs:
    """All right pairs of the batch; for each question its hard negatives ``drawn`` (u, h) and ``random`` others.

    The random ones are passages that the batch holds anyway, of papers without an answer to the question; where it
    holds none, of the same paper.
    """
    wrong = may_be_wrong(data, batch.questions, columns)
    place = {row: number for number, row in enumerate(columns.tolist())}
    hard = np.zeros_like(wrong)
    for question, found in enumerate(drawn.tolist()):
        hard[question, [place[row] for row in found if row >= 0]] = True
    elsewhere = _elsewhere(data, batch.questions, columns)
    open_ = wrong & ~hard
    outside = open_ & elsewhere
    eligible = np.where(outside.any(axis=1, keepdims=True), outside, open_)
    asked, column = np.nonzero(hard | _some(eligible, random, rng))
    return LabelledPairs(
        asked=np.r_[batch.asked, asked],
        column=np.r_[batch.positive, column],
        right=np.arange(len(batch.asked) + len(asked)) < len(batch.asked),
    )


def _elsewhere(data: TrainingSet, questions: IntArray, columns: IntArray) -> BoolArray:
    """Whether (questions, columns) a passage is of a paper that holds no answer to the question."""
    papers = data.pool.documents
    return np.array([~np.isin(papers[columns], papers[data.answers[row]]) for row in questions])


def _some(eligible: BoolArray, number: int, rng: np.random.Generator) -> BoolArray:
    """Up to ``number`` of each row, at random."""
    keys = np.where(eligible, rng.random(eligible.shape), 2.0)
    ranks = keys.argsort(axis=1).argsort(axis=1)
    return eligible & (ranks < number)
