"""Any file of questions as a table: its columns, its first rows, what each column may hold, and all its records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.interchange.beir_in import is_beir, read_beir
from embtrainer_gui.core.interchange.columns import Columns, Role, Target, cell_text, check_columns, flat, mapped
from embtrainer_gui.core.interchange.guess import guess_columns
from embtrainer_gui.core.interchange.json_rows import Row, RowReader
from embtrainer_gui.core.interchange.records_in import PairFile, read_pairs
from embtrainer_gui.core.interchange.sources import open_table, pair_files
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.parquet_rows import PARQUET, parquet_rows
from embtrainer_gui.extract.workbook import WORKBOOKS, workbook_rows, workbook_sheets
from embtrainer_gui.stages.context import JobContext

SHOWN_ROWS, LOOKED_AT = 20, 200
SHOWN_CELL = 300  # characters
_SEVERAL = frozenset({"model_answers", "model_results"})  # a record of the predecessor that holds several pairs
_ROWS_BETWEEN = 500  # two looks at whether to stop


def look_at(path: Path, sheet: str = "", shown: int = SHOWN_ROWS) -> dict[str, Any]:
    """What a file of questions looks like, without taking anything of it in.

    Returns:
        ``file``, ``columns``, the first ``rows`` as text, ``guess`` (role -> column), the ``sheets`` of a workbook
        and the ``sheet`` that was asked for, the ``as`` that it suggests (a ``Target``), and ``fixed``: whether its
        layout says what is what, so that nothing is to be mapped.

    Raises:
        UserError, EnvironmentProblem: it cannot be read at all.
    """
    found: dict[str, Any] = {"file": path.name, "sheets": [], "sheet": sheet, "fixed": False}
    if path.is_dir() and is_beir(path):
        labelled = read_beir(path)
        rows = [
            [one.question, labelled.passages[key].text, str(grade)]
            for one in islice(labelled.questions, shown) for key, grade in one.judged.items()
        ]  # fmt: skip
        columns = ["question", "passage", "relevance"]
        return found | {"columns": columns, "rows": _cut(rows[:shown]), "guess": {}, "as": "test-set", "fixed": True}
    if path.suffix.lower() in WORKBOOKS and path.is_file():
        found["sheets"] = workbook_sheets(path)
    file, _, _ = pair_files(path)[0]
    names, records, problem = _first_records(file, sheet)
    if not names:
        raise UserError(
            mark("{path} holds no table of questions{problem}."),
            mark("Choose a table with the names of its columns in the first line, JSONL, JSON, or a BEIR folder."),
            path=path.name,
            problem=f" ({problem})" if problem else "",
        )
    rows = [[_shown(record.get(name)) for name in names] for record in records]
    guess = guess_columns(names, rows)
    is_test = Role.RELEVANCE in guess and Role.ANSWER not in guess and Role.PASSAGE in guess
    return found | {
        "columns": names,
        "rows": _cut(rows[:shown]),
        "guess": {role.value: name for role, name in guess.items()},
        "as": (Target.TEST_SET if is_test else Target.PAIRS).value,
        "fixed": path.is_dir() or bool(_SEVERAL.intersection(names)),
    }


def guessed_columns(path: Path, sheet: str, target: Target) -> dict[Role, str]:
    """The guess for a file, where nobody says which column holds what.

    Raises:
        UserError: a needed column cannot be told.
    """
    look = look_at(path, sheet)
    columns = {Role(role): name for role, name in look["guess"].items()}
    if not look["fixed"]:
        check_columns(columns, look["columns"], target)
    return columns


def read_mapped(ctx: JobContext, path: Path, columns: Columns, target: Target, sheet: str = "") -> PairFile:
    """The records of a file whose columns are known; rows that cannot be used are listed with their reason.

    Raises:
        UserError: a column is missing, or the file cannot be read at all.
        EnvironmentProblem: it cannot be read.
        Cancelled: stopped.
    """
    return read_pairs(path, rows=partial(_mapped_rows, ctx, columns, target, sheet))


def watched(ctx: JobContext, rows: Iterable[Row]) -> Iterator[Row]:
    """The same rows; every few hundred it is looked whether to stop."""
    for number, row in enumerate(rows):
        if number % _ROWS_BETWEEN == 0:
            ctx.raise_if_cancelled()
            ctx.status(mark("Reading row {number}...").format(number=number + 1))
        yield row


def _mapped_rows(
    ctx: JobContext, columns: Columns, target: Target, sheet: str, path: Path, file: BinaryIO
) -> Iterator[Row]:
    names, rows = _open(path, file, sheet)
    if not names:
        rows = iter(rows)
        first = list(islice(rows, LOOKED_AT))
        names, rows = _names_of(first), chain(first, rows)
    check_columns(columns, names, target)
    if target is Target.TEST_SET:  # its passages are what counts
        columns = {role: name for role, name in columns.items() if role not in (Role.ANSWER, Role.ID)}
    return mapped(watched(ctx, rows), columns)


def _open(path: Path, file: BinaryIO, sheet: str) -> tuple[list[str], Iterable[Row]]:
    """The names of the columns ([] where only the records tell them) and the rows."""
    if path.suffix.lower() in WORKBOOKS:
        return workbook_rows(path, sheet)
    if path.suffix.lower() in PARQUET:
        return [], parquet_rows(path)
    return open_table(path, file, RowReader())


def _first_records(path: Path, sheet: str) -> tuple[list[str], list[dict[str, Any]], str]:
    """The names of the columns, the first records under them, and what is wrong with the first bad row."""
    try:
        with path.open("rb") as file:
            names, rows = _open(path, file, sheet)
            first = list(islice(rows, LOOKED_AT))
    except OSError as problem:
        raise EnvironmentProblem(
            mark("{path} cannot be read: {reason}."),
            mark("Check that the file is there and that you may read it."),
            path=path,
            reason=problem.strerror or problem,
        ) from problem
    records = [flat(row.value) for row in first if isinstance(row.value, dict)]
    return names or _names_of(first), records, next((row.problem for row in first if row.problem), "")


def _names_of(rows: Sequence[Row]) -> list[str]:
    """The keys of records, in the order in which they first come."""
    return list(dict.fromkeys(name for row in rows if isinstance(row.value, dict) for name in flat(row.value)))


def _shown(value: Any) -> str:
    text = cell_text(value)
    return "" if text is None else str(text)


def _cut(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[cell[:SHOWN_CELL] for cell in row] for row in rows]
