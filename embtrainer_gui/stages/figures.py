"""What a comparison keeps: each model's figures with their intervals, every two models held against each other, the
same for each kind and paper, and of each question its scores and first hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.config import CompareConfig
from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.ml.evaluate import PerQuery, resampled_means, verdict
from embtrainer_gui.stages.question_set import QuestionSet
from embtrainer_gui.stages.retrieval import Library

KEPT_HITS = 5
KEPT_CHARACTERS = 320  # of a passage that no project holds
DIGITS = 4
FEWEST_OF_GROUP = 10  # questions below which an interval of a paper or a kind says nothing

Rankings = Mapping[str, NDArray[np.int64]]
Bounds = list[float]


@dataclass(frozen=True)
class Measured:
    """``values``: ``{model: {metric: (n,)}}``, the first metric decides; ``documents`` (n,) is what is resampled."""

    values: Mapping[str, Mapping[str, NDArray[np.float64]]]
    documents: Sequence[int]
    config: CompareConfig

    @classmethod
    def of(cls, scores: Mapping[str, PerQuery], documents: Sequence[int], config: CompareConfig) -> Measured:
        return cls({name: score.columns() for name, score in scores.items()}, documents, config)

    @property
    def models(self) -> list[str]:
        return list(self.values)

    @property
    def metrics(self) -> list[str]:
        return list(next(iter(self.values.values())))

    def record(self) -> dict[str, Any]:
        """``models`` (means), ``bounds`` and ``intervals`` (of the first metric) by model, ``pairs`` of models, and
        ``delta``, ``ci95`` and ``verdict`` of the second model against the first."""
        pairs = [self._pair(*pair) for pair in combinations(self.models, 2)]
        first = self.metrics[0]
        bounds = {name: {metric: self._bounds(name, metric) for metric in self.metrics} for name in self.models}
        return {
            "models": {
                name: {metric: _rounded(values.mean()) for metric, values in columns.items()}
                for name, columns in self.values.items()
            },
            **pairs[0]["metrics"][first],
            "verdict": pairs[0]["verdict"],
            "intervals": {name: bounds[name][first] for name in self.models},
            "bounds": bounds,
            "pairs": pairs,
        }

    def groups(self, names: Sequence[str | int]) -> list[dict[str, Any]]:
        """The first metric over the questions of each of ``names`` (n,); ``ci95`` of each of ``pairs`` where there are
        enough questions."""
        found: list[dict[str, Any]] = []
        metric = self.metrics[0]
        values = np.stack([columns[metric] for columns in self.values.values()], axis=1)
        places = list(combinations(range(len(self.models)), 2))
        for name in dict.fromkeys(names):
            here = np.flatnonzero(np.array([each == name for each in names]))
            row: dict[str, Any] = {"name": name, "queries": len(here), "ci95": []}
            row["scores"] = {model: _rounded(values[here, place].mean()) for place, model in enumerate(self.models)}
            if len(here) >= FEWEST_OF_GROUP:
                means = self._resampled(values[here], [self.documents[place] for place in here.tolist()])
                row["ci95"] = [_percentiles(means[:, b] - means[:, a]) for a, b in places]
            found.append(row)
        return found

    @cached_property
    def _means(self) -> dict[tuple[str, str], NDArray[np.float64]]:
        """Resampled means (resamples,) by model and metric."""
        keys = [(model, metric) for model in self.models for metric in self.metrics]
        stacked = np.stack([self.values[model][metric] for model, metric in keys], axis=1)
        means = self._resampled(stacked, self.documents)
        return {key: means[:, place] for place, key in enumerate(keys)}

    def _resampled(self, values: NDArray[np.float64], documents: Sequence[int]) -> NDArray[np.float64]:
        return resampled_means(values, documents, self.config.resamples, self.config.seed)

    def _bounds(self, model: str, metric: str) -> Bounds:
        return _percentiles(self._means[model, metric])

    def _pair(self, reference: str, contender: str) -> dict[str, Any]:
        metrics: dict[str, dict[str, Any]] = {}
        for metric in self.metrics:
            delta = self.values[contender][metric].mean() - self.values[reference][metric].mean()
            bounds = _percentiles(self._means[contender, metric] - self._means[reference, metric])
            metrics[metric] = {"delta": _rounded(delta), "ci95": bounds}
        first = metrics[self.metrics[0]]
        said = verdict(first["delta"], *first["ci95"])
        return {"from": reference, "to": contender, "metrics": metrics, "verdict": said}


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
            "kind": questions.kinds[number] if questions.kinds else "",
            "ndcg@10": {name: columns[name][number] for name in columns},
            "relevant": [ids[row] for row in right],
            "top": {name: [ids[row] for row in hits] for name, hits in top.items()},
            "rank": {name: _first(ranked[number], right) for name, ranked in rankings.items()},
        }
        rows.append(row)
    return rows


def breakdown(questions: QuestionSet, measured: Measured) -> dict[str, Any]:
    """``by_kind`` and ``by_paper``; no kinds where no question has one."""
    kinds = [kind or QuestionKind.UNKNOWN.value for kind in questions.kinds]
    papers = measured.groups(questions.documents)
    for row in papers:
        row["name"] = str(row["name"])
    return {"by_kind": measured.groups(kinds) if any(questions.kinds) else [], "by_paper": papers}


def kept_texts(questions: QuestionSet, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The begin of each text that ``figures`` of a set from a folder name, by row: no project holds them."""
    shown = {hit for row in rows for hits in (row["relevant"], *row["top"].values()) for hit in hits}
    return {str(hit): questions.texts[hit][:KEPT_CHARACTERS] for hit in sorted(shown)}


def _first(ranked: NDArray[np.int64], right: Sequence[int]) -> int:
    places = np.flatnonzero(np.isin(ranked, right))
    return int(places[0]) + 1 if len(places) else 0


def _percentiles(values: NDArray[np.float64]) -> Bounds:
    low, high = np.percentile(values, [2.5, 97.5])
    return [_rounded(low), _rounded(high)]


def _rounded(value: float | np.floating[Any]) -> float:
    return round(float(value), DIGITS) + 0.0  # no -0.0
