"""A folder in the BEIR layout: corpus.jsonl, queries.jsonl and qrels.tsv (or qrels/*.tsv), as a labelled set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.interchange.csv_rows import table_rows
from embtrainer_gui.core.interchange.json_rows import RowReader
from embtrainer_gui.core.interchange.labelled import LabelledPassage, LabelledQuestion, LabelledSet, relevance_of
from embtrainer_gui.core.interchange.records_in import RejectedRow
from embtrainer_gui.core.translate import mark

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels.tsv"
SPLITS = ("test.tsv", "dev.tsv", "train.tsv")  # of the folder qrels: the first that is there counts
MAX_QRELS = 256 * 2**20


def is_beir(path: Path) -> bool:
    """Whether ``path`` is such a folder."""
    return (path / CORPUS).is_file() and (path / QUERIES).is_file() and qrels_of(path) is not None


def whole_set(path: Path) -> Path:
    """The folder where ``path`` is a file of one in this layout, which says nothing alone; else ``path`` itself."""
    for folder in path.parents[:2]:
        if is_beir(folder) and path in (folder / CORPUS, folder / QUERIES, qrels_of(folder)):
            return folder
    return path


def qrels_of(folder: Path) -> Path | None:
    """The file that says what is right."""
    places = (folder / QRELS, *(folder / "qrels" / name for name in SPLITS))
    return next((place for place in places if place.is_file()), None)


def read_beir(folder: Path) -> LabelledSet:
    """Every passage, and every question that is judged; lines that cannot be used are listed.

    Raises:
        UserError: a file is missing.
        EnvironmentProblem: one cannot be read.
    """
    qrels = qrels_of(folder)
    if qrels is None or not is_beir(folder):
        raise UserError(
            mark("The folder {path} holds no test set in the BEIR layout."),
            mark("It needs corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels.tsv."),
            path=folder.name,
        )
    found = LabelledSet()
    try:
        for key, record in _records(folder / CORPUS, found.rejected):
            title = record.get("title")
            paper = title.strip() if isinstance(title, str) else ""
            found.passages[key] = LabelledPassage(paper, record["text"].strip())
        questions = {
            key: LabelledQuestion(record["text"].strip()) for key, record in _records(folder / QUERIES, found.rejected)
        }
        _judge(qrels, questions, found)
    except OSError as problem:
        raise EnvironmentProblem(
            mark("{path} cannot be read: {reason}."),
            mark("Check that the file is there and that you may read it."),
            path=problem.filename or folder,
            reason=problem.strerror or problem,
        ) from problem
    found.questions = [one for one in questions.values() if one.judged]
    return found


def _records(path: Path, rejected: list[RejectedRow]) -> Iterator[tuple[str, dict[str, Any]]]:
    with path.open("rb") as file:
        for row in RowReader().lines(file):
            key = row.value.get("_id") if isinstance(row.value, dict) else None
            text = row.value.get("text") if isinstance(row.value, dict) else None
            if row.problem or not isinstance(key, str | int) or not isinstance(text, str) or not text.strip():
                reason = row.problem or mark("no _id or no text")
                rejected.append(RejectedRow(row.line, reason, row.text, path.name))
            elif "\0" in text:
                rejected.append(RejectedRow(row.line, mark("the text holds a NUL character"), row.text, path.name))
            else:
                yield str(key), row.value


def _judge(qrels: Path, questions: dict[str, LabelledQuestion], found: LabelledSet) -> None:
    with qrels.open("rb") as file:
        text = file.read(MAX_QRELS).decode("utf-8-sig", "surrogateescape")
    if not text.partition("\n")[0].casefold().startswith(("query-id", "query_id", "qid")):
        text = f"query-id\tcorpus-id\tscore\n{text}"  # some write no header
    _, rows = table_rows(text, tabs=True)
    for row in rows:
        cells = [str(cell) for cell in row.value.values()] if isinstance(row.value, dict) else []
        grade = relevance_of(cells[-1]) if len(cells) >= 3 else None
        reason = row.problem or _fault(cells, grade, questions, found)
        if reason or grade is None:
            found.rejected.append(RejectedRow(row.line, reason, row.text, qrels.name))
        else:
            questions[cells[0]].judged[cells[-2]] = grade


def _fault(cells: list[str], grade: int | None, questions: dict[str, LabelledQuestion], found: LabelledSet) -> str:
    if grade is None:
        return mark("not a question, a passage and a number")
    if cells[0] not in questions:
        return mark("there is no such question: {key}").format(key=cells[0][:50])
    return "" if cells[-2] in found.passages else mark("there is no such passage: {key}").format(key=cells[-2][:50])
