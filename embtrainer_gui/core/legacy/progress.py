"""``progress.json`` of a half-finished generation: how far each text file got."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.legacy.fields import NoSuchFile, read_object
from embtrainer_gui.core.translate import mark

Progress = dict[str, dict[str, Any]]
"""``{"<file>.txt": {"line_number": N}}``: N lines are done; later files add ``paragraph_index`` and ``completed``."""


def read_progress(path: Path) -> Progress:
    """The progress, or ``{}`` where there is no file yet.

    Raises:
        UserError: the file cannot be understood. It never counts as empty: everything would be made a second time.
        EnvironmentProblem: it cannot be read.
    """
    try:
        progress = read_object(path)
    except NoSuchFile:
        return {}
    except UserError as problem:
        raise UserError(
            mark("{reason} Nothing was generated, so that nothing is made twice."),
            mark("Restore {path} from a copy; delete it only to start from the first line again."),
            reason=problem.message,
            path=path,
        ) from None
    for name, entry in progress.items():
        line = entry.get("line_number") if isinstance(entry, dict) else None
        if not isinstance(line, int) or isinstance(line, bool) or line < 0:
            raise UserError(
                mark("{path} does not say how far {name!r} got."),
                mark('Write {{"line_number": N}} for it, where N lines are done, or restore the file from a copy.'),
                path=path,
                name=name,
            )
    return progress


def write_progress(path: Path, progress: Mapping[str, Mapping[str, Any]]) -> None:
    """Replace the file as a whole; after a kill it is the old one or the new one.

    Raises:
        EnvironmentProblem: it cannot be written.
    """
    atomic_write_json(path, progress)


def is_done(progress: Mapping[str, Mapping[str, Any]], file_name: str, line_number: int) -> bool:
    entry = progress.get(file_name)
    return entry is not None and (entry.get("completed") is True or line_number <= entry["line_number"])
