"""Hard negatives: passages that look like the answer of a question to the untrained model or to BM25, and are not.

Without a margin many of them are answers that nobody has marked, and training on those harms (MRR@10 from 32.4 to 26.0
in RocketQA, arXiv 2010.08191); a margin relative to the right passage's score is what NV-Retriever found best
(arXiv 2407.15831, TopK-PercPos at 95 %).
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.files import atomic_write_text
from embtrainer_gui.core.negatives_report import NegativesReport
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.judged import NO_ROWS
from embtrainer_gui.ml.ranking import top_rows
from embtrainer_gui.ml.request import CloseCall
from embtrainer_gui.ml.training_set import TrainingSet
from embtrainer_gui.text.bm25 import Bm25Index

KEPT = 10  # for each question; a batch takes some of them
DOUBTFUL = 2  # for each question, of those that were passed over: the nearest are the likeliest to be right
FOUND = 10  # places within which a model finds a passage
LOOKED_AT = 50  # the best of each ranking
FILE = "hard_negatives.json"
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HardNegatives:
    """``rows`` (questions, KEPT) of the pool, the hardest first, -1 where there are no more; ``close`` are those
    that may be right for what the vectors say, at most ``DOUBTFUL`` a question."""

    rows: IntArray
    report: NegativesReport
    close: tuple[CloseCall, ...] = ()

    def drawn(self, questions: IntArray, wanted: int, present: IntArray) -> IntArray:
        """``wanted`` rows (len(questions), wanted) for the questions of a batch, -1 where there are fewer.

        Those that the batch holds anyway (``present``) come first, then those that most of its questions can use, so
        that few passages more are encoded; of equals the hardest.
        """
        kept = [[row for row in found if row >= 0] for found in self.rows[questions].tolist()]
        usable = Counter(row for found in kept for row in found)
        held = set(present.tolist())
        drawn = np.full((len(questions), wanted), -1, np.int64)
        for number, found in enumerate(kept):
            best = sorted(found, key=lambda row: (row not in held, -usable[row]))[:wanted]
            held.update(best)
            drawn[number, : len(best)] = best
        return drawn

    def save(self, folder: Path) -> None:
        """Write them into the folder of the run, so that a resumed one uses the same."""
        rows = [[row for row in found if row >= 0] for found in self.rows.tolist()]
        atomic_write_text(folder / FILE, json.dumps({"report": asdict(self.report), "rows": rows}) + "\n")


def load_negatives(folder: Path, data: TrainingSet) -> HardNegatives | None:
    """What ``save`` wrote for this data; None where there is none, or it is damaged, so that they are mined again."""
    try:
        written = json.loads((folder / FILE).read_text(encoding="utf-8"))
        report, rows = NegativesReport(**written["report"]), _padded(written["rows"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    fits = rows.shape[0] == len(data.questions) and rows.max(initial=-1) < len(data.pool.texts)
    return HardNegatives(rows, report) if fits else None


def score_limits(data: TrainingSet, questions: Vectors, passages: Vectors, margin: float) -> NDArray[np.float32]:
    """The highest cosine (questions,) with which a passage is surely wrong: by the share ``margin`` below the lowest
    of the right passages. ``questions`` (q, d) and ``passages`` (pool, d) are L2-normalised."""
    scores = [questions[row] @ passages[answers].T for row, answers in enumerate(data.answers)]
    return np.array([_limit(found, margin) for found in scores], np.float32)


def mine_negatives(
    data: TrainingSet, questions: Vectors, passages: Vectors, margin: float, reporter: Reporter
) -> HardNegatives:
    """Up to ``KEPT`` for each question from the pool, by the cosines of the untrained model's vectors and by BM25.

    Never a right passage of the question or a near-duplicate of one, and never one that scores above the margin, unless
    it was judged to be wrong; what BM25 found must be below it by BM25 too. Cancellable between questions.
    """
    lexical = Bm25Index.build(data.pool.texts)
    groups, every = data.pool.groups, np.arange(len(data.pool.texts))
    kept: list[list[int]] = []
    passed: list[CloseCall] = []
    candidates = alike = close = 0
    for number, (limit, answers) in enumerate(
        zip(score_limits(data, questions, passages, margin), data.answers, strict=True)
    ):
        reporter.raise_if_cancelled()
        cosines, words = questions[number] @ passages.T, lexical.scores(data.questions[number])
        near = np.isin(groups, groups[answers])
        cleared = np.isin(every, data.judged.cleared.get(number, NO_ROWS))
        spared = data.judged.spares(np.array([number]), every, groups)[0]
        wrong = ~near & ~spared & (cleared | (cosines <= limit))
        wrong_by_words = wrong & (cleared | (words <= _limit(words[answers], margin)))
        dense, found = top_rows(cosines, LOOKED_AT), top_rows(words, LOOKED_AT)
        found = found[words[found] > 0]
        survivors = _in_turn(dense[wrong[dense]], found[wrong_by_words[found]])
        looked_at = np.union1d(dense, found)
        candidates, alike = candidates + len(looked_at), alike + int(near[looked_at].sum())
        close += int((~near[looked_at]).sum()) - len(survivors)
        kept.append(survivors[:KEPT])
        passed += [
            CloseCall(data.questions[number], data.pool.texts[row], share)
            for row, share in close_to_right(dense, cosines[dense], answers, margin)
            if not near[row] and not cleared[row]
        ][:DOUBTFUL]
        reporter.progress(number + 1, len(data.questions))
    served, total = sum(map(bool, kept)), sum(map(len, kept))
    report = NegativesReport(len(data.questions), served, total, candidates, alike, close, margin)
    return HardNegatives(_padded(kept), report, tuple(passed))


def close_to_right(ranked: IntArray, cosines: Vectors, right: IntArray, margin: float) -> list[tuple[int, float]]:
    """Rows of ``ranked`` (n,), the best first, whose cosines (n,) are within the margin of the nearest ``right`` row
    or above it, each with its share of that one's.

    None where that is not among the first ``FOUND``: a model that does not find the right passage of a question is no
    witness of what else may be right.
    """
    place = np.flatnonzero(np.isin(ranked[:FOUND], right))
    best = float(cosines[place[0]]) if len(place) else 0.0
    if best <= 0:
        return []
    shares = (cosines / best).tolist()
    return [(row, share) for row, share in zip(ranked.tolist(), shares, strict=True) if share > 1 - margin]


def _in_turn(first: IntArray, second: IntArray) -> list[int]:
    """The rows of two rankings in turn, each once."""
    pairs = zip_longest(first.tolist(), second.tolist())
    return list(dict.fromkeys(row for pair in pairs for row in pair if row is not None))


def _limit(scores: NDArray[np.float32], margin: float) -> float:
    lowest = float(scores.min())
    return lowest - abs(lowest) * margin  # below it where it is negative too


def _padded(rows: list[list[int]]) -> IntArray:
    padded = np.full((len(rows), KEPT), -1, np.int64)
    for number, found in enumerate(rows):
        padded[number, : len(found)] = found
    return padded
