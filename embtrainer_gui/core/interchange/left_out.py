"""The rows of a file that were left out, as a table to mend them by."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from embtrainer_gui.core.files import atomic_write
from embtrainer_gui.core.interchange.csv_rows import neutralised

COLUMNS = ("line", "reason", "text")


def write_left_out(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write ``rows`` as CSV; a cell that a spreadsheet would run as a formula is made text.

    Raises:
        EnvironmentProblem: the file cannot be written.
    """

    def write(file: BinaryIO) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        table = csv.writer(text)
        table.writerow(COLUMNS)
        table.writerows([neutralised(str(row.get(name, ""))) for name in COLUMNS] for row in rows)
        text.detach()

    atomic_write(path, write)
