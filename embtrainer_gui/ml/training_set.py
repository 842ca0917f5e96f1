"""The usable pairs of a request, checked before training, and the batches made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.loss_fields import hard_negatives_of
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.judged import Judged, judged_rows, question_key
from embtrainer_gui.ml.request import TrainingRequest

FEWEST_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of the distinct passages (p,) and questions (u,) of a batch.

    Pair i joins question ``asked[i]`` and passage ``positive[i]``, counted within the batch.
    ``masked`` (pairs, p) marks other passages of the batch that answer the same question, or may: they are no
    negatives.
    """

    passages: IntArray
    questions: IntArray
    asked: IntArray
    positive: IntArray
    masked: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pool:
    """Passages that may stand as wrong answers: all those with a question, in the rows of the training set, then
    others; with the near-duplicate group and the document of each."""

    texts: list[str]
    groups: IntArray
    documents: IntArray


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Distinct passages with a question, their near-duplicate groups and documents, distinct questions with the rows
    of all passages that answer each, and pairs ordered by passage. ``general`` holds further questions with the row
    of their passage, which make no pairs; ``judged`` is what was said of further passages; ``spans`` the answer of each
    pair, "" for none, or nothing; ``titles`` those of the request."""

    passages: list[str]
    groups: IntArray
    documents: IntArray
    questions: list[str]
    pair_question: IntArray
    pair_start: IntArray  # (passages + 1,): pairs of passage r are pair_start[r] to pair_start[r + 1]
    general: list[tuple[str, int]]
    answers: list[IntArray]
    pool: Pool
    judged: Judged
    spans: list[str]
    titles: list[tuple[str, str, int]]

    @property
    def pairs(self) -> int:
        return len(self.pair_question)

    def batch(self, rows: IntArray) -> Batch:
        """The passages ``rows`` (p,) with all their questions."""
        spans = [self.pair_question[self.pair_start[row] : self.pair_start[row + 1]] for row in rows]
        positive = np.repeat(np.arange(len(rows)), [len(span) for span in spans])
        questions, asked = np.unique(np.concatenate(spans), return_inverse=True)
        answers = np.zeros((len(questions), len(rows)), bool)
        answers[asked, positive] = True
        masked = (answers | self.judged.spares(questions, rows, self.pool.groups))[asked]
        masked[np.arange(len(asked)), positive] = False
        return Batch(rows, questions, asked, positive, masked)


def training_set(request: TrainingRequest) -> TrainingSet:
    """Drop empty and repeated pairs and merge passages of equal text.

    Raises UserError where what is left cannot train: fewer than 20 pairs, or one passage only.
    """
    first_row: dict[str, int] = {}
    question_row: dict[str, int] = {}
    spelling: list[str] = []
    pairs: dict[tuple[int, int], str] = {}
    for (question, row), span in zip(request.pairs, request.answers or [""] * len(request.pairs), strict=True):
        text = request.passages[row].strip()
        key = question_key(question)
        if not text or not key:
            continue
        if key not in question_row:
            question_row[key] = len(spelling)
            spelling.append(question.strip())
        pairs.setdefault((first_row.setdefault(text, row), question_row[key]), span)
    _refuse_unusable(len(pairs), len(first_row), len(request.pairs))
    ordered = np.array(sorted(pairs), dtype=np.int64)
    rows, start, place_of = np.unique(ordered[:, 0], return_index=True, return_inverse=True)
    others = _others(request, set(first_row)) if hard_negatives_of(request.config) else rows[:0]
    groups = np.asarray(request.passage_groups, dtype=np.int64)
    documents = np.asarray(request.documents or range(len(request.passages)), dtype=np.int64)
    pool = np.r_[rows, others]
    place = {request.passages[row].strip(): number for number, row in enumerate(rows)}
    texts = [request.passages[row] for row in pool]
    judged = (judged_rows(given, request.passages, question_row, texts) for given in (request.spared, request.cleared))
    general = [(question, place.get(request.passages[row].strip())) for question, row in request.general]
    return TrainingSet(
        passages=[request.passages[row] for row in rows],
        groups=groups[rows],
        documents=documents[rows],
        questions=spelling,
        pair_question=ordered[:, 1],
        pair_start=np.r_[start, len(ordered)].astype(np.int64),
        general=[(question, row) for question, row in general if row is not None],
        answers=_answers(ordered[:, 1], place_of.astype(np.int64), len(spelling)),
        pool=Pool(texts, groups[pool], documents[pool]),
        judged=Judged(*judged),
        spans=[pairs[row, question] for row, question in ordered.tolist()],
        titles=list(request.titles),
    )


def _answers(asked: IntArray, passages: IntArray, questions: int) -> list[IntArray]:
    """The passages of each question, from pairs."""
    order = np.argsort(asked, kind="stable")
    return np.split(passages[order], np.searchsorted(asked[order], np.arange(1, questions)))


def _others(request: TrainingRequest, known: set[str]) -> IntArray:
    """Rows of the passages without a question; of equal texts the first."""
    found: dict[str, int] = {}
    for row, passage in enumerate(request.passages):
        text = passage.strip()
        if text and text not in known:
            found.setdefault(text, row)
    return np.array(list(found.values()), dtype=np.int64)


def _refuse_unusable(pairs: int, passages: int, given: int) -> None:
    if pairs < FEWEST_PAIRS:
        raise UserError(
            mark("Training needs at least {fewest} different pairs; there are {pairs} usable ones among {given}."),
            mark("Accept more pairs in Review, or generate more questions."),
            fewest=FEWEST_PAIRS,
            pairs=pairs,
            given=given,
        )
    if passages < 2:
        raise UserError(
            mark("All {pairs} pairs have the same passage, so there is nothing to tell it from."),
            mark("Accept pairs of other passages, or import more papers."),
            pairs=pairs,
        )


def usable_batch_size(wanted: int, passages: int, reporter: Reporter) -> int:
    """``wanted``, or all ``passages`` with a warning where there are fewer."""
    if wanted <= passages:
        return wanted
    reporter.warn(
        mark(
            "The batch size {wanted} is larger than the {passages} passages that have questions: {passages} is used."
        ).format(wanted=wanted, passages=passages)
    )
    return passages
