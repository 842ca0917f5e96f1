"""Hits as a file: CSV for spreadsheets, JSONL for programs; one row a hit, with the question it belongs to."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import atomic_write
from embtrainer_gui.core.interchange.csv_rows import neutralised
from embtrainer_gui.core.translate import mark

COLUMNS = ("query", "model", "rank", "score", "document", "title", "page", "section", "text", "question", "answer")
ENDINGS = (".csv", ".jsonl")


def write_hits(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows with some of ``COLUMNS``; gives how many. Cells that a spreadsheet would run are neutralised.

    Raises:
        UserError: the name ends in neither .csv nor .jsonl.
        EnvironmentProblem: the file cannot be written; what ``rows`` raises passes through, and no file is left.
    """
    check_ending(path)
    count = 0

    def write(file: BinaryIO) -> None:
        nonlocal count
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        table = csv.writer(text)
        as_csv = path.suffix.lower() == ".csv"
        if as_csv:
            table.writerow(COLUMNS)
        for row in rows:
            if as_csv:
                table.writerow([neutralised(str(row.get(name, ""))) for name in COLUMNS])
            else:
                known = {name: row[name] for name in COLUMNS if row.get(name, "") != ""}
                text.write(json.dumps(known, ensure_ascii=False) + "\n")
            count += 1
        text.detach()  # flushes, and leaves the file to its owner

    atomic_write(path, write)
    return count


def check_ending(path: Path) -> None:
    """Raises UserError for a name that says no format."""
    if path.suffix.lower() not in ENDINGS:
        raise UserError(
            mark("{path} says no format that hits can be written in."),
            mark("Let its name end in .csv or .jsonl."),
            path=path.name,
        )
