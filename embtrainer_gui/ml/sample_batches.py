"""Some real batches of a run, short and long ones, and a small training set that holds no others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.training_memory import GENERAL_TOKENS, TOKENS_ON_CPU
from embtrainer_gui.ml.batching import IntArray, epoch_batches, micro_batches
from embtrainer_gui.ml.first_batch import whole_lengths
from embtrainer_gui.ml.request import DevSet, TrainingRequest
from embtrainer_gui.ml.tokens import Task
from embtrainer_gui.ml.training_set import FEWEST_PAIRS, TrainingSet

Item = TypeVar("Item")
LOOKED_AT = 2000  # passages whose length is looked at
PLACES = (0.5, 0.1, 0.9, 0.3, 0.7)  # of the batches that are timed, in order of size: their mean is that of all


@dataclass(frozen=True, slots=True)
class BatchSample:
    """Rows of the training set: the ``first`` batch of the run, the ``largest`` and those ``timed``, with their
    ``sizes`` in padded tokens. ``mean_size`` is that of all batches; ``cut`` and ``cut_questions`` are the shares of
    the texts looked at that are longer than the model reads."""

    first: IntArray
    largest: IntArray
    timed: list[IntArray]
    sizes: list[float]
    mean_size: float
    cut: float
    cut_questions: float


def sample_batches(model: SentenceTransformer, request: TrainingRequest, data: TrainingSet, size: int) -> BatchSample:
    """Of the first pass of a run with ``size`` passages in a batch."""
    batches = epoch_batches(data.groups, size, request.config.seed, 0, data.documents)
    looked_at = _spread(batches, max(len(PLACES) + 1, LOOKED_AT // size))
    rows = np.unique(np.concatenate(looked_at))
    questions = np.unique(np.concatenate([data.batch(batch).questions for batch in looked_at]))
    passage_lengths = dict(zip(rows.tolist(), _lengths(model, data.passages, rows, "document"), strict=True))
    question_lengths = dict(zip(questions.tolist(), _lengths(model, data.questions, questions, "query"), strict=True))
    limit = int(model.max_seq_length or 0) or max(passage_lengths.values())

    def size_of(batch: IntArray) -> float:
        asked = data.batch(batch).questions.tolist()
        texts = [passage_lengths[row] for row in batch.tolist()], [question_lengths[row] for row in asked]
        return sum(_padded([min(length, limit) for length in each]) for each in texts) + GENERAL_TOKENS * len(batch)

    sizes = [size_of(batch) for batch in looked_at]
    order = sorted(range(len(sizes)), key=lambda number: sizes[number])
    timed = [order[round(place * (len(order) - 1))] for place in PLACES]
    return BatchSample(
        first=batches[0],
        largest=looked_at[order[-1]],
        timed=[looked_at[number] for number in timed],
        sizes=[sizes[number] for number in timed],
        mean_size=sum(sizes) / len(sizes),
        cut=_share_over(passage_lengths.values(), limit),
        cut_questions=_share_over(question_lengths.values(), limit),
    )


def part_of(request: TrainingRequest, data: TrainingSet, rows: Sequence[int]) -> TrainingRequest:
    """A request for the passages ``rows`` of ``data`` alone, which stand there in that order, with their share of the
    passages without a question; more of them where those are too few to train on."""
    chosen = _enough(data, rows)
    place = {row: number for number, row in enumerate(chosen)}
    others = range(len(data.passages), len(data.pool.texts))
    kept = _spread(others, len(others) * len(chosen) // len(data.passages))
    pool = np.array([*chosen, *kept], dtype=np.int64)
    texts = {data.passages[row].strip(): number for row, number in place.items()}
    pairs = [(question, texts.get(request.passages[row].strip())) for question, row in request.pairs]
    return replace(
        request,
        passages=[data.pool.texts[row] for row in pool],
        passage_groups=data.pool.groups[pool].tolist(),
        documents=data.pool.documents[pool].tolist(),
        pairs=[(question, number) for question, number in pairs if number is not None],
        answers=[a for a, (_, number) in zip(request.answers, pairs, strict=False) if number is not None],
        general=[(question, place[row]) for question, row in data.general if row in place],
        dev=DevSet(),
        spared=(),
        cleared=(),
        resume=False,
    )


def _enough(data: TrainingSet, rows: Sequence[int]) -> list[int]:
    chosen = dict.fromkeys(int(row) for row in rows)
    pairs = sum(int(data.pair_start[row + 1] - data.pair_start[row]) for row in chosen)
    for row in range(len(data.passages)):
        if pairs >= FEWEST_PAIRS and len(chosen) >= 2:
            break
        if row not in chosen:
            chosen[row] = None
            pairs += int(data.pair_start[row + 1] - data.pair_start[row])
    return list(chosen)


def _lengths(model: SentenceTransformer, texts: Sequence[str], rows: IntArray, task: Task) -> list[int]:
    return whole_lengths(model, [texts[row] for row in rows], task)


def _padded(lengths: Sequence[int]) -> int:
    return sum(len(part) * max(lengths[row] for row in part) for part in micro_batches(lengths, TOKENS_ON_CPU))


def _share_over(lengths: Collection[int], limit: int) -> float:
    return sum(length > limit for length in lengths) / len(lengths) if lengths else 0.0


def _spread(items: Sequence[Item], count: int) -> Sequence[Item]:
    """``count`` of ``items``, evenly; all where there are fewer."""
    if count >= len(items):
        return items
    return [items[round(number * (len(items) - 1) / max(1, count - 1))] for number in range(count)]
