"""Which column of a foreign table holds what, and its rows under the names that the reader of pairs knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.json_rows import Row
from embtrainer_gui.core.translate import mark


class Role(StrEnum):
    """What a column can hold."""

    QUESTION = "question"
    ANSWER = "answer"
    PASSAGE = "passage"
    PAPER = "paper"
    KIND = "kind"
    RELEVANCE = "relevance"
    ID = "id"


class Target(StrEnum):
    """What a file of questions becomes."""

    PAIRS = "pairs"
    TEST_SET = "test-set"


Columns = Mapping[Role, str]
"""The name of the file's column for each role that it has."""

RECORD_KEYS = {
    Role.QUESTION: "question",
    Role.ANSWER: "answer",
    Role.PASSAGE: "context",
    Role.PAPER: "file_name",
    Role.KIND: "question_type",
    Role.RELEVANCE: "relevance",
    Role.ID: "id",
}
"""The key of the exchange format for each role."""

NEEDED = {
    Target.PAIRS: ((Role.QUESTION,), (Role.ANSWER, Role.PASSAGE)),
    Target.TEST_SET: ((Role.QUESTION,), (Role.PASSAGE,)),
}
"""Of each group of roles at least one must have a column."""

_SHOWN = 20


def parse_map(text: str) -> dict[Role, str]:
    """``question=Frage,passage=Text`` as columns by role; a column's name may hold a comma that is doubled.

    Raises:
        UserError: it is written another way, or names something that no column can hold.
    """
    found: dict[Role, str] = {}
    for part in text.replace(",,", "\0").split(","):
        role, equals, column = (piece.strip().replace("\0", ",") for piece in part.partition("="))
        if not equals or not column or role not in set(Role):
            raise UserError(
                mark("{part} does not say which column holds what."),
                mark("Write for example question=Frage,passage=Text; on the left one of: {roles}."),
                part=repr(part.strip()),
                roles=", ".join(Role),
            )
        found[Role(role)] = column
    return found


def lacking(columns: Columns, target: Target) -> list[tuple[Role, ...]]:
    """The groups of ``NEEDED`` that have no column."""
    return [group for group in NEEDED[target] if not any(columns.get(role) for role in group)]


def check_columns(columns: Columns, names: Sequence[str], target: Target) -> None:
    """Raises UserError where a needed column is missing, or one that is named is not in the table."""
    there = ", ".join(names[:_SHOWN]) or "-"
    for column in columns.values():
        if column not in names:
            raise UserError(
                mark("The table has no column {column}."),
                mark("Its columns are: {there}."),
                column=repr(column),
                there=there,
            )
    for group in lacking(columns, target):
        raise UserError(
            mark("Nothing says which column holds the {role}."),
            mark("Say it with --map {role}=COLUMN. The columns are: {there}."),
            role=f" {mark('or')} ".join(group),
            there=there,
        )


def is_native(columns: Columns) -> bool:
    """Whether these are the names of the exchange format, which needs no mapping."""
    return {Role.QUESTION, Role.ANSWER} <= set(columns) and all(
        column == RECORD_KEYS[role] for role, column in columns.items()
    )


def mapped(rows: Iterable[Row], columns: Columns) -> Iterator[Row]:
    """Rows of which each is a record of the exchange format; columns without a role stay under their own names.

    What is no text in a column with a role becomes text: a number its digits, a list its first text. Where no column
    has the answers, a record's passage stands as its answer.
    """
    for row in rows:
        if isinstance(row.value, dict):
            row = replace(row, value=_record(flat(row.value), columns))
        yield row


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """``{"answers": {"text": ...}}`` as ``{"answers.text": ...}``, one level down."""
    found: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            found |= {f"{key}.{inner}": deeper for inner, deeper in value.items()}
        else:
            found[key] = value
    return found


def cell_text(value: Any) -> Any:
    """Text, numbers and lists of texts as text; anything else as it is, for the reader to refuse."""
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str) and item.strip()), None)
    if isinstance(value, bool) or value is None:
        return value
    return str(value) if isinstance(value, int | float) else value


def _record(given: dict[str, Any], columns: Columns) -> dict[str, Any]:
    ours = set(RECORD_KEYS.values())
    used = set(columns.values())
    record = {RECORD_KEYS[role]: cell_text(given[column]) for role, column in columns.items() if column in given}
    record |= {key: value for key, value in given.items() if key not in used and key not in ours}
    if Role.ANSWER not in columns and "model_answers" not in record and "context" in record:
        record["answer"] = record["context"]
    return record
