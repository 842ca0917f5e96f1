"""Keep a paper in the project under its content hash: a clone or link where the file system can, else a copy."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.translate import mark


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
