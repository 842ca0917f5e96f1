"""A set of questions over passages with the right ones marked: from the project's test papers, from one of its labelled
test sets, or from a folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.beir_in import QRELS, qrels_of
from embtrainer_gui.core.interchange.labelled import relevance_of
from embtrainer_gui.core.records import PairState, Split
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.judgements import judgements
from embtrainer_gui.stages.passage_table import searchable
from embtrainer_gui.stages.retrieval import Library

CURE = mark("The folder needs corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels.tsv.")


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """``relevant[i]``: row of ``texts`` -> grade; ``documents[i]``: the document that question i belongs to, which
    ``titles`` names where no project does; ``kinds[i]``: its kind, "" where that is not known, empty where no
    question's is. ``left_out``: questions that no passage in use answers."""

    name: str
    questions: list[str]
    texts: list[str]
    relevant: list[dict[int, int]]
    documents: list[int]
    kinds: list[str] = field(default_factory=list)
    titles: dict[int, str] = field(default_factory=dict)
    left_out: int = 0


def project_test_set(project: Project, library: Library) -> QuestionSet:
    """Accepted questions on test papers over all passages in use. A doubtful passage that was found right is relevant
    too, for each model alike.

    Raises:
        UserError: there are none.
    """
    relevant: dict[str, dict[int, int]] = {}
    documents: dict[str, int] = {}
    kinds: dict[str, str] = {}
    pairs = project.pairs.all(state=PairState.ACCEPTED, splits=(Split.TEST,))
    for pair in pairs:
        row = library.row_of.get(pair.passage_id)
        if row is not None:
            relevant.setdefault(pair.question, {})[row] = 1
            documents.setdefault(pair.question, library.passages[row].document_id)
            kinds.setdefault(pair.question, pair.kind.value)
    if not relevant:
        raise UserError(
            mark("There are no accepted questions on test papers to compare with."),
            mark("Make questions and accept them: embtrainer pairs {path} accept --checks clean"),
            path=project.folder,
        )
    for question, row in judgements(project, library, pairs, tuple(Split)).right:
        if question in relevant:
            relevant[question][row] = 1
    found = list(relevant.values()), list(documents.values()), list(kinds.values())
    return QuestionSet("test", list(relevant), library.texts, *found)


def test_set(project: Project, library: Library, name: str) -> QuestionSet:
    """The questions of a labelled test set of the project over all passages in use. What was judged wrong, and what
    nobody judged, counts as wrong.

    Raises:
        UserError: there is no such set, or no question in it has a right passage among those in use.
    """
    chosen = project.test_sets.named(name)
    found = QuestionSet(name, [], library.texts, [], [], [])
    asked = project.test_sets.questions(chosen.id)
    for question in asked:
        judged = {library.row_of[key]: grade for key, grade in question.judgements.items() if key in library.row_of}
        if any(grade > 0 for grade in judged.values()):
            best = max(judged, key=lambda row: judged[row])
            found.questions.append(question.question)
            found.relevant.append(judged)
            found.documents.append(library.passages[best].document_id)
            found.kinds.append(question.kind)
    if not found.questions:
        raise UserError(
            mark("No question of the test set {name} has a right passage among those that are searched."),
            mark("Mark right passages in Search, or import a set whose passages are in this project."),
            name=name,
        )
    return replace(found, left_out=len(asked) - len(found.questions))


def folder_set(folder: Path) -> QuestionSet:
    """A set in the BEIR layout. A document is what shares a title; a passage without one is its own.

    Raises:
        UserError: a file is missing or broken, or no question has a right passage.
    """
    corpus = list(_rows(folder / "corpus.jsonl"))
    row_of = {str(item["_id"]): row for row, item in enumerate(corpus)}
    titles: dict[str, int] = {}
    document = [
        titles.setdefault(title, len(titles)) if (title := str(item.get("title") or "")) else -row - 1
        for row, item in enumerate(corpus)
    ]
    grades = _grades(qrels_of(folder) or folder / QRELS)
    found = QuestionSet(
        folder.name, [], [searchable(str(i.get("title") or ""), str(i["text"])) for i in corpus], [], [], []
    )
    queries = list(_rows(folder / "queries.jsonl"))
    for query in queries:
        relevant = {row_of[key]: grade for key, grade in grades.get(str(query["_id"]), {}).items() if key in row_of}
        if any(grade > 0 for grade in relevant.values()):
            found.questions.append(str(query["text"]))
            found.relevant.append(relevant)
            found.documents.append(document[max(relevant, key=lambda row: relevant[row])])
            found.kinds.append(kind if isinstance(kind := query.get("kind"), str) else "")
    if not found.questions:
        raise UserError(mark("No question in {path} has a right passage in its corpus."), CURE, path=folder)
    about = set(found.documents)
    named = {number: title for title, number in titles.items() if number in about}
    return replace(found, titles=named, left_out=len(queries) - len(found.questions))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict) or "_id" not in row or not isinstance(row.get("text"), str):
                        raise UserError(mark("{path}, line {line}: no _id or no text."), CURE, path=path, line=number)
                    yield row
    except (OSError, ValueError, RecursionError) as problem:
        raise UserError(mark("{path} cannot be read: {detail}."), CURE, path=path, detail=problem) from problem


def _grades(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file, delimiter="\t"):
                grade = relevance_of(row[-1]) if len(row) >= 3 else None
                if grade is not None:  # else the header
                    grades.setdefault(row[0], {})[row[-2]] = grade
    except (OSError, ValueError, csv.Error) as problem:
        raise UserError(mark("{path} cannot be read: {detail}."), CURE, path=path, detail=problem) from problem
    return grades
