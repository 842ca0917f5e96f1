"""The files that an import is to read: each with the name it is known by, its content hash and its password."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.reference import NOTHING_KNOWN, Reference
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.documents import Source
from embtrainer_gui.stages.sources import content_hash, expand

READ = (FileState.DONE, FileState.PARTIAL)
GOOD = (*READ, FileState.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Incoming:
    """``path`` may be the project's own copy of a file that was kept; ``name`` is the file's own.

    ``extractor`` and ``pages`` are what it is to be read by; ``again``: the row of its earlier reading, which stands
    until this one is there.
    """

    path: Path
    name: str
    hash: str
    password: str = field(default="", repr=False)
    extractor: str = "auto"
    pages: str = ""
    again: Source | None = None
    pdf: Path | None = None  # of a TEI: see ``companions``
    reference: Reference = NOTHING_KNOWN  # what a reference manager tells of it


def incoming_files(
    project: Project, sources: Sequence[Path], passwords: Mapping[str, str], config: ImportConfig, *, retry: bool
) -> list[Incoming]:
    """The files of ``sources``; every failed file that the project has a copy of, where ``retry`` names none.

    Raises:
        UserError: a folder holds nothing to read.
    """
    if retry and not sources:
        sources = [project.papers / source.stored for source in to_retry(project)]
    by_path = {os.path.abspath(path): password for path, password in passwords.items()}
    papers = project.papers.resolve()
    found = []
    for path in expand(sources):
        kept = project.documents.source_by_stored(path.name) if path.parent.resolve() == papers else None
        name, hash_ = (kept.file_name, kept.hash) if kept else (path.name, content_hash(path))
        password = by_path.get(os.path.abspath(path), "")
        told = project.references.kept(hash_)
        found.append(Incoming(path, name, hash_, password, config.extractor, config.pages, reference=told))
    return found


def to_retry(project: Project) -> list[Source]:
    """Failed files of which the project keeps a copy."""
    return [source for source in project.documents.sources() if source.state not in GOOD and source.stored]


def with_references(files: Sequence[Incoming], told: Mapping[Path, Reference]) -> list[Incoming]:
    """``files`` with what is told of each by its path, else was told of it before."""
    by_path = {os.path.abspath(path): reference for path, reference in told.items()}
    return [replace(file, reference=by_path.get(os.path.abspath(file.path), file.reference)) for file in files]


def fill(project: Project, file: Incoming, known: Source) -> None:
    """Write down what is told of a file that is in the project."""
    if file.reference != NOTHING_KNOWN:
        project.references.fill(project.references.of_source(known.id), file.reference)
