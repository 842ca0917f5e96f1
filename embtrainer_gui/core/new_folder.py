"""A folder that appears as a whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import write_problem
from embtrainer_gui.core.translate import mark


def refuse_taken(out: Path) -> None:
    """Raise UserError unless ``out`` is free, or an empty folder."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(
            mark("{path} is there already and not empty."), mark("Name a new folder; nothing is replaced."), path=out
        )


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Gives a draft beside ``out`` that gets its name at the end; whatever goes wrong, the draft goes away.

    Raises:
        UserError: ``out`` is taken.
        EnvironmentProblem: it cannot be written.
    """
    refuse_taken(out)
    draft = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        yield draft
        if out.exists():
            out.rmdir()
        draft.rename(out)
    except OSError as problem:
        raise write_problem(out, problem) from problem
    finally:
        shutil.rmtree(draft, ignore_errors=True)
