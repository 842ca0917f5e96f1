"""The records of any file of questions, ready to become pairs or a test set, and the rows that cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.beir_in import is_beir, read_beir
from embtrainer_gui.core.interchange.columns import Columns, Role, Target, is_native
from embtrainer_gui.core.interchange.labelled import LabelledSet, labelled_of, right_pairs
from embtrainer_gui.core.interchange.records_in import ImportedPair, RejectedRow, RowNote, read_pairs
from embtrainer_gui.core.interchange.sources import TABLES
from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.extract.parquet_rows import PARQUET
from embtrainer_gui.extract.workbook import WORKBOOKS
from embtrainer_gui.stages.best_sentence import BestSentence
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.question_table import guessed_columns, look_at, read_mapped

MOST_LISTED = 5000  # rows that were left out, of a file that may have millions
_BINARY = WORKBOOKS | PARQUET


def read_records(
    ctx: JobContext, path: Path, columns: Columns | None, sheet: str
) -> tuple[list[ImportedPair], list[RejectedRow], list[RowNote]]:
    """What may train: rows that say that their passage is wrong are left out. A record without an answer gets the
    sentence of its passage that shares most with the question.

    Raises:
        UserError, EnvironmentProblem: the file cannot be read, or lacks a column.
    """
    if path.is_dir() and is_beir(path):
        labelled = read_beir(path)
        return _with_answers(_pairs_of(labelled)), labelled.rejected, []
    columns = _settled(path, columns, sheet)
    file = read_pairs(path) if columns is None else read_mapped(ctx, path, columns, Target.PAIRS, sheet)
    if columns is None or Role.RELEVANCE not in columns:
        records, rejected = file.records, file.rejected
    else:
        records, wrong = right_pairs(file)
        rejected = sorted([*file.rejected, *wrong], key=lambda row: row.line)
    if columns is not None and Role.ANSWER not in columns:
        records = _with_answers(records)
    return records, rejected, file.notes


def read_labelled(ctx: JobContext, path: Path, columns: Columns | None, sheet: str) -> LabelledSet:
    """What may test: each question with the passages that were judged for it.

    Raises:
        UserError, EnvironmentProblem: the file cannot be read, or lacks a column.
    """
    if path.is_dir() and is_beir(path):
        return read_beir(path)
    return labelled_of(
        read_mapped(ctx, path, columns or guessed_columns(path, sheet, Target.TEST_SET), Target.TEST_SET, sheet)
    )


def left_out(rejected: Sequence[RejectedRow]) -> dict[str, Any]:
    """How many rows were ``left_out``, and the first of them as ``rejected``."""
    rows = [{"line": row.line, "reason": row.reason, "text": row.text} for row in rejected[:MOST_LISTED]]
    for row, given in zip(rejected[:MOST_LISTED], rows, strict=True):
        if row.file:
            given["text"] = f"{row.file}: {given['text']}"
    return {"left_out": len(rejected), "rejected": rows}


def _settled(path: Path, columns: Columns | None, sheet: str) -> Columns | None:
    """None for a file with the names of the exchange format, or of the predecessor: it is read as it is."""
    is_binary = path.suffix.lower() in _BINARY
    if columns is None:
        if not is_binary and (path.suffix.lower() not in TABLES or not path.is_file()):
            return _guessed_json(path)
        columns = guessed_columns(path, sheet, Target.PAIRS)
    return None if is_native(columns) and Role.RELEVANCE not in columns and not is_binary else columns


def _guessed_json(path: Path) -> Columns | None:
    """Records of the exchange format need no guess; of others that can be read the best one is taken."""
    if not path.is_file():
        return None
    try:
        look = look_at(path)
    except UserError:  # its first rows are all bad: reading it says why, line by line
        return None
    is_known = {"question", "answer"} <= set(look["columns"]) and Role.RELEVANCE not in look["guess"]
    return None if is_known or look["fixed"] else guessed_columns(path, "", Target.PAIRS)


def _pairs_of(labelled: LabelledSet) -> list[ImportedPair]:
    records = []
    for place, one in enumerate(labelled.questions, 1):
        for number, (key, grade) in enumerate(one.judged.items(), 1):
            if grade > 0:
                passage = labelled.passages[key]
                raw = {"question": one.question, "answer": passage.text, "context": passage.text}
                kind = QuestionKind(one.kind or QuestionKind.UNKNOWN)
                uid = f"{place}-{number}"
                record = ImportedPair(
                    uid, one.question, passage.text, passage.text, passage.paper, None, "", kind, "", "", raw
                )
                records.append(record)
    return records


def _with_answers(records: list[ImportedPair]) -> list[ImportedPair]:
    best = BestSentence({record.context: None for record in records})
    found = []
    for record in records:
        start, end = best.of(record.question, record.context)
        found.append(replace(record, answer=record.context[start:end].strip() or record.answer))
    return found
