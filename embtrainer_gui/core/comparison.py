"""A stored comparison as the window and the reports show it: the figures of the models and of each question."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embtrainer_gui.core.compared_models import BASE, TUNED, USUAL, called, dense_part, run_of
from embtrainer_gui.core.lineage import run_named
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.test_sets import EVALUATED_AS, RESERVED
from embtrainer_gui.core.workflow import comparison_fingerprint, data_fingerprint

PROJECT_SET = RESERVED
OWN_SET = "folder/"  # before the name of a folder of the user's own
LABELLED_SET = EVALUATED_AS  # before the name of a labelled test set of the project
PAIR_SET = "pairs/"  # before the name of a file of sentence pairs with scores
METRICS = ("ndcg@10", "mrr@10", "recall@1", "recall@5", "recall@10")
FEW_QUESTIONS = 50  # below it nothing can be said about a small gain
FEW_PAPERS = 5  # the interval comes from resampling papers
LEAKED = 0.995  # nDCG@10 of an untrained model that has nothing left to learn


@dataclass(frozen=True, slots=True)
class Question:
    """One question, or one pair of sentences. ``scores``: nDCG@10 of each model (of a pair of sentences: how near its
    place among all pairs is to the right one, 1 at it). ``relevant`` and ``top`` hold passage ids, or keys of the
    comparison's ``texts``."""

    text: str
    scores: dict[str, float]
    relevant: tuple[int, ...]
    top: dict[str, list[int]]
    rank: dict[str, int]
    kind: str = ""
    document: int = 0

    def change(self, reference: str, contender: str) -> float:
        return self.scores[contender] - self.scores[reference]


@dataclass(frozen=True, slots=True)
class Difference:
    """Of a metric, contender minus reference; ``bounds`` is its 95 % interval where it was worked out."""

    delta: float
    bounds: tuple[float, float] | None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one kind or of one paper; ``bounds`` are those of the difference, None where it has few."""

    name: str
    queries: int
    before: float
    after: float
    bounds: tuple[float, float] | None

    @property
    def delta(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """``gone``: models whose run is no longer in the project; their figures are those of the day they were made."""

    name: str
    result: dict[str, Any]
    questions: list[Question]
    stale: bool
    gone: tuple[str, ...] = ()

    @property
    def papers(self) -> int:
        return int(self.result.get("papers", 0))

    @property
    def models(self) -> list[str]:
        """The first is the one that the others are held against."""
        return list(self.result["models"])

    @property
    def metrics(self) -> list[str]:
        """The first is the one that the verdict goes by."""
        return list(next(iter(self.result["models"].values())))

    @property
    def measure(self) -> str:
        return self.metrics[0]

    @property
    def is_similarity(self) -> bool:
        return self.measure == "spearman"

    @property
    def in_project(self) -> bool:
        """Whether hits are passages of the project, not texts of a file."""
        return self.name == PROJECT_SET or self.name.startswith(LABELLED_SET)

    def text(self, hit: int) -> str | None:
        """The begin of a text of a set from a folder; None for a passage of the project."""
        found: str | None = self.result.get("texts", {}).get(str(hit))
        return found

    def value(self, model: str, metric: str = "") -> float:
        return float(self.result["models"][model][metric or self.measure])

    def bounds(self, model: str, metric: str = "") -> tuple[float, float] | None:
        """The 95 % interval of a value; an earlier version kept that of nDCG@10 alone, or none."""
        metric = metric or self.measure
        found = self.result.get("bounds", {}).get(model, {}).get(metric)
        if found is None and metric == self.measure:
            found = self.result.get("intervals", {}).get(model)
        return (float(found[0]), float(found[1])) if found else None

    def difference(self, reference: str, contender: str, metric: str = "") -> Difference:
        metric = metric or self.measure
        delta = self.value(contender, metric) - self.value(reference, metric)
        for pair in self._pairs():
            low, high = pair["metrics"].get(metric, {}).get("ci95", (None, None))
            if low is None:
                continue
            exact = pair["metrics"][metric]["delta"]
            if (pair["from"], pair["to"]) == (reference, contender):
                return Difference(exact, (low, high), pair["verdict"])
            if (pair["to"], pair["from"]) == (reference, contender):
                return Difference(-exact, (-high, -low), _OPPOSITE.get(pair["verdict"], pair["verdict"]))
        return Difference(delta, None)

    def groups(self, sort: str, reference: str, contender: str) -> list[Group]:
        """``sort``: ``by_kind`` or ``by_paper``; those with most questions first. Empty where they were not kept."""
        places = {(pair["from"], pair["to"]): number for number, pair in enumerate(self._pairs())}
        found = []
        for row in self.result.get(sort, ()):
            bounds: tuple[float, float] | None = None
            scores = row["scores"]
            if row["ci95"] and (reference, contender) in places:
                low, high = row["ci95"][places[reference, contender]]
                bounds = (low, high)
            elif row["ci95"] and (contender, reference) in places:
                low, high = row["ci95"][places[contender, reference]]
                bounds = (-high, -low)
            found.append(Group(str(row["name"]), row["queries"], scores[reference], scores[contender], bounds))
        return sorted(found, key=lambda group: (-group.queries, group.name))

    @property
    def has_rankings(self) -> bool:
        """Whether the hits of each question were kept; the first version did not."""
        return any(question.top for question in self.questions)

    def improved(self, reference: str, contender: str) -> list[Question]:
        """Most improved first."""
        changed = [q for q in self.questions if q.change(reference, contender) > 0]
        return sorted(changed, key=lambda q: -q.change(reference, contender))

    def worse(self, reference: str, contender: str) -> list[Question]:
        """Got worse most first."""
        changed = [q for q in self.questions if q.change(reference, contender) < 0]
        return sorted(changed, key=lambda q: q.change(reference, contender))

    def best(self, model: str) -> list[Question]:
        """Highest score first."""
        return sorted(self.questions, key=lambda q: -q.scores[model])

    def worst(self, model: str) -> list[Question]:
        """Lowest score first, and of equal ones that whose right passage stands lowest."""
        return sorted(self.questions, key=lambda q: (q.scores[model], -(q.rank.get(model) or 10_000)))

    def _pairs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] | None = self.result.get("pairs")
        if found is None:  # of an earlier version
            told = {key: self.result[key] for key in ("delta", "ci95")}
            found = [{"from": BASE, "to": TUNED, "verdict": self.result["verdict"], "metrics": {self.measure: told}}]
        return found


_OPPOSITE = {"BETTER": "WORSE", "WORSE": "BETTER"}


def selection(models: tuple[str, ...]) -> str:
    """What a comparison of these models is stored under beside its set; "" for the usual four."""
    return "" if models == USUAL else ",".join(models)


def read_comparison(project: Project, name: str = PROJECT_SET, models: tuple[str, ...] = USUAL) -> Comparison | None:
    """The newest comparison of ``models`` on a set, or None."""
    found = project.runs.latest_evaluation(name, selection(models))
    if found is None:
        return None
    fingerprint, result, figures = found
    papers = {"papers": len({row["document"] for row in figures}), **result}
    questions = [_question(row) for row in figures]
    runs = project.runs.all()
    gone = tuple(model for model in result["models"] if run_of(model) and run_named(run_of(model), runs) is None)
    stale = fingerprint != evaluation_fingerprint(project, name, models)
    return Comparison(name, papers, questions, stale, gone)


def evaluation_fingerprint(project: Project, name: str, models: tuple[str, ...]) -> str:
    """Changes when one of the models does, or the questions of a set that the project holds."""
    if name == PROJECT_SET and models == USUAL:
        return comparison_fingerprint(project)
    runs, latest = project.runs.all(), project.runs.latest()
    newest = latest.name if latest else "-"
    parts = []
    for model in models:
        run = run_named(run_of(model), runs) if run_of(model) else None
        state = f"{run.name} {run.finished_at}" if run else "gone" if run_of(model) else newest
        parts.append(f"{model}={state}" if dense_part(model) else model)
    return "/".join([*parts, _questions_print(project, name)])


def titles_of(project: Project) -> dict[str, str]:
    """What the user calls the runs, by their names."""
    return {run.name: run.called for run in project.runs.all()}


def model_titles(comparison: Comparison, project: Project) -> dict[str, str]:
    """What each model is called for people."""
    titles = titles_of(project)
    return {model: called(model, titles) for model in comparison.models}


def _questions_print(project: Project, name: str) -> str:
    if name == PROJECT_SET:
        return data_fingerprint(project)
    if name.startswith(LABELLED_SET):
        return f"{project.passages.fingerprint()}/{labelled_print(project, name.removeprefix(LABELLED_SET))}"
    return ""  # files that no project holds


def labelled_print(project: Project, name: str) -> str:
    """Changes when a question or a judgement of a labelled test set does; "-" where there is none of that name."""
    found = project.database.rows(
        "SELECT q.question, q.kind, j.passage_id, j.relevance FROM test_sets s"
        " JOIN test_questions q ON q.set_id = s.id"
        " LEFT JOIN test_judgements j ON j.question_id = q.id WHERE s.name = ? ORDER BY q.question, j.passage_id",
        (name,),
    )
    return hashlib.blake2b(json.dumps(found).encode(), digest_size=16).hexdigest() if found else "-"


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        text=row["question"],
        scores=row["agreement"] if "agreement" in row else row["ndcg@10"],
        relevant=tuple(row.get("relevant", ())),
        top=row.get("top", {}),
        rank=row.get("rank", {}),
        kind=row.get("kind", ""),
        document=row["document"],
    )
