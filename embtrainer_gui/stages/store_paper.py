"""Keep a paper in the project under its content hash: a clone or link where the file system can, else a copy."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.sources import is_regular

LARGEST_FAILED = 200 * 2**20


def store_paper(path: Path, papers: Path, content_hash: str) -> str:
    """Gives the file's name in ``papers``.

    Raises:
        EnvironmentProblem: the disk is full or not writable; nothing half is left.
    """
    name = content_hash + path.suffix.lower()
    target, draft = papers / name, papers / f".{name}.part"
    if target.exists():
        return name
    try:
        draft.unlink(missing_ok=True)
        try:
            os.link(path.resolve(), draft)
        except OSError:
            shutil.copyfile(path, draft)
        os.replace(draft, target)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise EnvironmentProblem(
            mark("{path} cannot be kept in the project: {detail}."),
            mark("Free some space on the disk of the project and start the import again; finished papers are kept."),
            path=path.name,
            detail=problem.strerror or problem,
        ) from problem
    return name


def store_failed(path: Path, papers: Path, content_hash: str) -> str:
    """Keep a file that could not be read, so that it can be tried again; gives "" where there is nothing to keep."""
    try:
        if is_regular(path) and 0 < path.stat().st_size <= LARGEST_FAILED:
            return store_paper(path, papers, content_hash)
    except (OSError, EnvironmentProblem):
        pass  # the file's own reason matters more
    return ""
