"""What a report of a comparison says, as sections that HTML and Markdown write alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from embtrainer_gui.core.comparison import (
    FEW_PAPERS,
    FEW_QUESTIONS,
    LABELLED_SET,
    OWN_SET,
    PROJECT_SET,
    Comparison,
    Group,
    Question,
)
from embtrainer_gui.core.general_report import GeneralReport

METRIC_NAMES = {
    "ndcg@10": "nDCG@10",
    "mrr@10": "MRR@10",
    "recall@1": "Recall@1",
    "recall@5": "Recall@5",
    "recall@10": "Recall@10",
    "spearman": "Spearman",
}
SHOWN_QUESTIONS = 10  # of each list
MOST_PAPERS = 500
VERDICTS = {"BETTER": ("good", "Better"), "WORSE": ("bad", "Worse")}


@dataclass(frozen=True, slots=True)
class Mark:
    """A value with its 95 % interval on the chart's axis."""

    name: str
    value: float
    bounds: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Chart:
    """``reference``: where the dashed line stands."""

    title: str
    marks: list[Mark]
    reference: float


@dataclass(frozen=True, slots=True)
class Table:
    """The first column is text, the others figures."""

    heads: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """``place``: paper and page, "" where no project holds the passage."""

    text: str
    place: str
    right: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: a line of figures, and what each of the two models found (title, where the right one is, hits)."""

    text: str
    figures: str
    found: list[tuple[str, str, list[FoundPassage]]]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    paragraphs: list[str] = field(default_factory=list)
    chart: Chart | None = None
    table: Table | None = None
    questions: list[Asked] = field(default_factory=list)
    long: bool = False  # folded where that can be


@dataclass(frozen=True, slots=True)
class Report:
    """``tone``: good, bad or warn."""

    title: str
    tone: str
    verdict: str
    facts: list[str]
    sections: list[Section]


Passages = Callable[[Sequence[int]], Mapping[int, FoundPassage]]
"""Texts and places of hits; ``right`` is filled in here."""


def comparison_content(
    comparison: Comparison,
    names: Mapping[str, str],
    pair: tuple[str, str],
    project: str,
    passages: Passages,
    papers: Mapping[str, str],
) -> Report:
    """``names`` of the models and ``papers`` by the name of their group, for people; ``pair``: the model held against,
    and the one that the verdict is about."""
    writer = _Writer(comparison, names, pair, passages, papers)
    tone, verdict = writer.verdict()
    title = f"{project}: {names[pair[1]]} against {names[pair[0]]}"
    return Report(title, tone, verdict, list(writer.facts()), list(writer.sections()))


@dataclass(frozen=True, slots=True)
class _Writer:
    compared: Comparison
    names: Mapping[str, str]
    pair: tuple[str, str]
    passages: Passages
    papers: Mapping[str, str]

    def verdict(self) -> tuple[str, str]:
        before, after = self.pair
        found = self.compared.difference(before, after)
        tone, word = VERDICTS.get(found.verdict, ("warn", "No clear difference"))
        interval = f", 95 % interval {_interval(found.bounds, sign=True)}" if found.bounds else ""
        measure = METRIC_NAMES[self.compared.measure]
        return tone, (
            f"{word}: {measure} {self.compared.value(before):.3f} ({self.names[before]}) →"
            f" {self.compared.value(after):.3f} ({self.names[after]}), {_change(found.delta)}{interval},"
            f" {self.compared.result['queries']:,} {'pairs' if self.compared.is_similarity else 'questions'}."
        )

    def facts(self) -> Iterator[str]:
        result = self.compared.result
        yield f"Compared on {_set_words(self.compared)}. {result['passages']:,} texts."
        if result.get("at"):
            yield f"Measured on {result['at'][:16].replace('T', ', ')} UTC."
        if self.compared.stale:
            yield "Outdated: a model or the questions have changed since."
        for model in self.compared.gone:
            yield f"The run of {self.names[model]} is no longer in the project; its figures are those of that day."
        if result["queries"] < FEW_QUESTIONS:
            asked = "pairs" if self.compared.is_similarity else "questions"
            yield f"These are few {asked}: a small gain cannot be told from chance."
        if not self.compared.is_similarity and self.compared.papers < FEW_PAPERS:
            yield "The intervals rest on very few papers."

    def sections(self) -> Iterator[Section]:
        yield self._scores()
        yield self._differences()
        yield from self._forgetting()
        yield from self._groups("by_kind", "By question kind", lambda name: name)
        yield from self._groups("by_paper", "By paper", lambda name: self.papers.get(name, name))
        yield from self._questions()
        yield Section("How it was measured", _METHODS_SIMILARITY if self.compared.is_similarity else _METHODS)

    def _scores(self) -> Section:
        rows = []
        for model in self.compared.models:
            row = [self.names[model]]
            for metric in self.compared.metrics:
                bounds = self.compared.bounds(model, metric)
                row.append(f"{self.compared.value(model, metric):.3f}" + (f" ({_interval(bounds)})" if bounds else ""))
            rows.append(row)
        heads = ["Model", *(METRIC_NAMES[metric] for metric in self.compared.metrics)]
        marks = [
            Mark(self.names[model], self.compared.value(model), self.compared.bounds(model))
            for model in self.compared.models
        ]
        chart = Chart(
            f"{METRIC_NAMES[self.compared.measure]} with 95 % intervals", marks, self.compared.value(self.pair[0])
        )
        return Section("Scores", [], chart, Table(heads, rows))

    def _differences(self) -> Section:
        rows, models = [], self.compared.models
        for place, before in enumerate(models):
            for after in models[place + 1 :]:
                found = self.compared.difference(before, after)
                cells = []
                for metric in self.compared.metrics:
                    each = self.compared.difference(before, after, metric)
                    bounds = f" ({_interval(each.bounds, sign=True)})" if each.bounds else ""
                    cells.append(f"{_change(each.delta)}{bounds}")
                word = VERDICTS.get(found.verdict, ("", "No clear difference" if found.bounds else "–"))[1]
                rows.append([f"{self.names[before]} → {self.names[after]}", word, *cells])
        heads = ["Models", "Verdict", *(METRIC_NAMES[metric] for metric in self.compared.metrics)]
        text = "Each change with the 95 % interval of a paired bootstrap; clear only where zero lies outside."
        return Section("Every two models", [text], None, Table(heads, rows))

    def _forgetting(self) -> Iterator[Section]:
        found: Mapping[str, Any] = self.compared.result.get("forgetting", {})
        if found:
            told = [f"{self.names[model]}: {GeneralReport(**report).sentence()}" for model, report in found.items()]
            yield Section("Outside the field", told)

    def _groups(self, sort: str, title: str, name_of: Callable[[str], str]) -> Iterator[Section]:
        groups = self.compared.groups(sort, *self.pair)
        if not groups:
            return
        before, after = (self.names[model] for model in self.pair)
        rows = [_group_row(group, name_of(group.name)) for group in groups[:MOST_PAPERS]]
        text = [] if len(groups) <= MOST_PAPERS else [f"The first {MOST_PAPERS} of {len(groups):,}."]
        table = Table([title.removeprefix("By ").capitalize(), "Questions", before, after, "Change", "95 %"], rows)
        chart = None
        marks = [Mark(f"{group.name} ({group.queries})", group.delta, group.bounds) for group in groups]
        if sort == "by_kind":
            chart = Chart(f"Change of {METRIC_NAMES[self.compared.measure]} by kind", marks, 0.0)
        yield Section(title, text, chart, table, long=sort == "by_paper")

    def _questions(self) -> Iterator[Section]:
        before, after = self.pair
        lists = [
            ("Improved most", self.compared.improved(before, after)),
            ("Got worse most", self.compared.worse(before, after)),
            (f"Best of {self.names[after]}", self.compared.best(after)),
            (f"Worst of {self.names[after]}", self.compared.worst(after)),
        ]
        for title, questions in lists:
            if questions:
                asked = [self._asked(question) for question in questions[:SHOWN_QUESTIONS]]
                count = f"{len(questions):,} questions" if title in ("Improved most", "Got worse most") else ""
                yield Section(title, [count] if count else [], questions=asked)

    def _asked(self, question: Question) -> Asked:
        before, after = self.pair
        figures = (
            f"{question.scores[before]:.3f} → {question.scores[after]:.3f} ({_change(question.change(before, after))})"
        )
        found = []
        for model in self.pair:
            hits = question.top.get(model, [])
            if not hits:
                continue
            texts = self.passages(hits)
            listed = [FoundPassage(texts[hit].text, texts[hit].place, hit in question.relevant) for hit in hits]
            found.append((self.names[model], _rank_words(question.rank.get(model, 0)), listed))
        return Asked(question.text, figures, found)


def _group_row(group: Group, name: str) -> list[str]:
    interval = _interval(group.bounds, sign=True) if group.bounds else "–"
    figures = [f"{group.before:.3f}", f"{group.after:.3f}", _change(group.delta)]
    return [name, f"{group.queries:,}", *figures, interval]


def _set_words(comparison: Comparison) -> str:
    count = f"{comparison.result['queries']:,}"
    name = comparison.result["set"]
    if comparison.is_similarity:
        return f"{count} pairs of sentences of {name}, each with a score by people"
    if comparison.name == PROJECT_SET:
        return f"{count} questions about {comparison.papers:,} papers that training never saw"
    if comparison.name.startswith(LABELLED_SET):
        return f"{count} questions of the labelled test set {name}"
    return f"{count} questions of the folder {name if comparison.name.startswith(OWN_SET) else comparison.name}"


def _rank_words(rank: int) -> str:
    if rank == 0:
        return "the right passage was not found"
    return "the right passage is the first hit" if rank == 1 else f"the right passage is hit {rank}"


def _change(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _interval(bounds: tuple[float, float] | None, *, sign: bool = False) -> str:
    if bounds is None:
        return "–"
    return " to ".join(_change(bound) if sign else f"{bound:.3f}" for bound in bounds)


_METHODS = [
    "nDCG@10 says how high the right passages stand among the first ten hits (linear gains, ideal ranking of all"
    " graded passages). MRR@10 is the mean of 1 / place of the first right passage. Recall@k is the share of a"
    " question's right passages among the first k.",
    "Intervals are 95 % percentile intervals of a bootstrap that draws whole papers, the same draws for every model:"
    " questions about one paper are not independent. A kind or a paper with fewer than ten questions has none.",
    "BM25 is lexical ranking with English stop words and stems. A hybrid merges the rankings of a model and of BM25 by"
    " reciprocal rank fusion.",
]
_METHODS_SIMILARITY = [
    "Spearman's rank correlation of the cosines with the scores that people gave; 95 % percentile intervals of a paired"
    " bootstrap over the pairs.",
    "The figure of a pair is 1 minus how far its place among all pairs is from the right one.",
]
