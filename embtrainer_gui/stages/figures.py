"""What a comparison keeps of each question: its scores, and the first hits of each model, to look at afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.config import CompareConfig
from embtrainer_gui.ml.evaluate import PerQuery, bootstrap
from embtrainer_gui.stages.question_set import QuestionSet
from embtrainer_gui.stages.retrieval import Library

KEPT_HITS = 5
KEPT_CHARACTERS = 320  # of a passage that no project holds
DIGITS = 4

Rankings = Mapping[str, NDArray[np.int64]]


def intervals(questions: QuestionSet, scores: Mapping[str, PerQuery], config: CompareConfig) -> dict[str, list[float]]:
    """``{model: [low, high]}``, the 95 % interval of its mean nDCG@10, by the bootstrap over papers."""
    found = {}
    for name, score in scores.items():
        bounds = bootstrap(score.ndcg10, questions.documents, config.resamples, config.seed)
        found[name] = [round(bound, DIGITS) for bound in bounds]
    return found


def figures(
    questions: QuestionSet, scores: Mapping[str, PerQuery], rankings: Rankings, library: Library | None
) -> list[dict[str, Any]]:
    """For each question: its document, each model's nDCG@10 (the verdict follows from these) and what was found.

    ``relevant`` and ``top`` hold passage ids of the project; of a set from a folder they hold rows (``kept_texts``).
    ``rank`` is the place of the first right passage, 0 where it is not among those ranked.
    """
    columns = {name: score.ndcg10.tolist() for name, score in scores.items()}
    ids = [passage.id for passage in library.passages] if library else list(range(len(questions.texts)))
    rows = []
    for number, question in enumerate(questions.questions):
        right = [row for row, grade in questions.relevant[number].items() if grade > 0]
        top = {
            name: [row for row in ranked[number, :KEPT_HITS].tolist() if row >= 0] for name, ranked in rankings.items()
        }
        row: dict[str, Any] = {
            "question": question,
            "document": questions.documents[number],
            "ndcg@10": {name: columns[name][number] for name in columns},
            "relevant": [ids[row] for row in right],
            "top": {name: [ids[row] for row in hits] for name, hits in top.items()},
            "rank": {name: _first(ranked[number], right) for name, ranked in rankings.items()},
        }
        rows.append(row)
    return rows


def kept_texts(questions: QuestionSet, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The begin of each text that ``figures`` of a set from a folder name, by row: no project holds them."""
    shown = {hit for row in rows for hits in (row["relevant"], *row["top"].values()) for hit in hits}
    return {str(hit): questions.texts[hit][:KEPT_CHARACTERS] for hit in sorted(shown)}


def _first(ranked: NDArray[np.int64], right: Sequence[int]) -> int:
    places = np.flatnonzero(np.isin(ranked, right))
    return int(places[0]) + 1 if len(places) else 0
