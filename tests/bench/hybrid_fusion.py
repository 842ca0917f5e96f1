"""The tuned model merged with BM25 against each alone on human questions; one JSON line a model.

python tests/bench/hybrid_fusion.py PROJECT [SET] [--model DIR ...]

PROJECT: a project with a tuned model, as ``human_questions.py --work DIR`` leaves it; SET: a folder in the BEIR layout;
DIR: models that were trained on that project, instead of its newest one.
What is merged how is fixed before SET is looked at: as the program does it, by the constant of the paper that proposed
it, and by a convex mixture of normalised scores whose weight the project's own dev questions choose.
"""

from __future__ import annotations

import argparse
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.records import PairState, Split
from embtrainer_gui.core.store import Project, open_project
from embtrainer_gui.ml.evaluate import bootstrap, evaluate_ranking, reciprocal_rank_fusion
from embtrainer_gui.ml.ranking import top_rows
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.question_set import QuestionSet, folder_set
from embtrainer_gui.stages.retrieval import Library, ModelChoice, tuned_choice
from embtrainer_gui.text.bm25 import Bm25Index

SET = Path(__file__).resolve().parents[3] / "shared" / "data" / "qa" / "covidqa"
WEIGHTS = [step / 20 for step in range(21)]  # of the dense scores
DEPTH = 100
Scores = NDArray[np.float64]


def dev_set(project: Project, library: Library) -> QuestionSet:
    """Accepted questions on dev papers: training chose its checkpoint by them, and never saw ``SET``."""
    relevant: dict[str, dict[int, int]] = {}
    documents: dict[str, int] = {}
    for pair in project.pairs.all(state=PairState.ACCEPTED, splits=(Split.DEV,)):
        row = library.row_of.get(pair.passage_id)
        if row is not None:
            relevant.setdefault(pair.question, {})[row] = 1
            documents.setdefault(pair.question, library.passages[row].document_id)
    return QuestionSet("dev", list(relevant), library.texts, list(relevant.values()), list(documents.values()))


class Scorer:
    """Cosines and BM25 scores; each text is encoded once for all sets."""

    def __init__(self, project: Project, choice: ModelChoice) -> None:
        self._ctx = Context(project, lambda event: None, threading.Event())
        self._encoder = choice.encoder()
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def scores(self, questions: QuestionSet) -> tuple[Scores, Scores]:
        """Both (n_questions, n_passages)."""
        new = [text for text in dict.fromkeys(questions.texts) if text not in self._vectors]
        self._vectors |= dict(zip(new, self._encoder.encode_passages(new, self._ctx), strict=True)) if new else {}
        asked = self._encoder.encode_queries(questions.questions, self._ctx)
        index = Bm25Index.build(questions.texts)
        lexical = np.stack([index.scores(question) for question in questions.questions])
        return asked @ np.stack([self._vectors[text] for text in questions.texts]).T, lexical


def unit(scores: Scores) -> Scores:
    """Each row between 0 and 1."""
    low, high = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
    return (scores - low) / np.where(high > low, high - low, 1)


def ranked(scores: Scores, k: int = DEPTH) -> NDArray[np.int64]:
    return np.stack([top_rows(row, k) for row in scores])


def merged(dense: NDArray[np.int64], lexical: NDArray[np.int64], weight: float, constant: int) -> NDArray[np.int64]:
    rows = [
        reciprocal_rank_fusion(a.tolist(), b.tolist(), weight, constant) for a, b in zip(dense, lexical, strict=True)
    ]
    return np.array([[row for row, _ in each[:10]] for each in rows])


def ndcg(rows: NDArray[np.int64], questions: QuestionSet) -> Scores:
    return evaluate_ranking(rows, questions.relevant).ndcg10


def chosen_weight(dense: Scores, lexical: Scores, questions: QuestionSet) -> tuple[float, float]:
    """The weight with the highest nDCG@10, and that."""
    found = {
        weight: float(ndcg(ranked(weight * unit(dense) + (1 - weight) * unit(lexical), 10), questions).mean())
        for weight in WEIGHTS
    }
    best = max(found, key=lambda weight: found[weight])
    return best, found[best]


def against(each: Scores, other: Scores, questions: QuestionSet) -> dict[str, Any]:
    """The change and its 95 % interval by questions (as the shared tool has it) and by documents."""
    delta = each - other
    drawn = delta[np.random.default_rng(0).integers(0, len(delta), (10_000, len(delta)))].mean(axis=1)
    return {
        "delta": round(float(delta.mean()), 4),
        "by_questions": [round(float(value), 4) for value in np.percentile(drawn, [2.5, 97.5])],
        "by_documents": [round(value, 4) for value in bootstrap(delta, questions.documents)],
    }


def measured(scorer: Scorer, dev: QuestionSet, questions: QuestionSet) -> dict[str, Any]:
    """Of one model; the weight is chosen on ``dev``, and nothing on ``questions``."""
    weight, on_dev = chosen_weight(*scorer.scores(dev), dev)
    dense, lexical = scorer.scores(questions)
    rows = {"tuned": ranked(dense), "bm25": ranked(lexical)}
    rows["rrf_as_it_stands"] = merged(rows["tuned"], rows["bm25"], 0.3, 10)
    rows["rrf_60"] = merged(rows["tuned"], rows["bm25"], 0.5, 60)
    rows["convex"] = ranked(weight * unit(dense) + (1 - weight) * unit(lexical), 10)
    each = {name: ndcg(found, questions) for name, found in rows.items()}
    better = max(("tuned", "bm25"), key=lambda name: float(each[name].mean()))
    return {
        "dev": {"questions": len(dev.questions), "weight": weight, "ndcg@10": round(on_dev, 4)},
        "ndcg@10": {name: round(float(values.mean()), 4) for name, values in each.items()},
        "better_one": better,
        "against_the_better_one": {name: against(each[name], each[better], questions) for name in list(rows)[2:]},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("project", type=Path)
    parser.add_argument("set", nargs="?", type=Path, default=SET)
    parser.add_argument("--model", type=Path, nargs="+", default=[])
    options = parser.parse_args()
    questions = folder_set(options.set)
    with open_project(options.project) as project:
        dev = dev_set(project, Library(project))
        choices = [ModelChoice(folder, TrainConfig().max_seq_length) for folder in options.model]
        for choice in choices or [tuned_choice(project)]:
            found = measured(Scorer(project, choice), dev, questions)
            about = {"model": str(choice.folder), "set": questions.name, "questions": len(questions.questions)}
            print(json.dumps(about | found), flush=True)


if __name__ == "__main__":
    main()
