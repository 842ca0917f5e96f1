"""Import: files in, documents and passages out; one result a file, and a bad file never stops the rest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import BUNDLED_MODEL, ImportConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import BlockKind, FileState
from embtrainer_gui.core.store.passages import INCLUDE
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.pool import ReaderPool
from embtrainer_gui.extract.reading import FileBatch
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.likeness import LikenessIndex
from embtrainer_gui.stages.paper_writer import PaperWriter
from embtrainer_gui.stages.sources import content_hash, expand
from embtrainer_gui.stages.split import settle_split

GOOD = (FileState.DONE, FileState.PARTIAL, FileState.DUPLICATE)


def run(ctx: Context, config: ImportConfig, sources: Sequence[Path]) -> dict[str, Any]:
    """Import ``sources`` into the project; gives the object that ``import --json`` prints.

    Raises:
        UserError: nothing to read in a folder, or an unknown kind to include.
        EnvironmentProblem: the project cannot be written. Files that are done stay.
    """
    started = time.monotonic()
    project = ctx.project
    files = expand(sources)
    with project.lock():
        project.documents.drop_unfinished()
        if config.include:
            project.meta.set(INCLUDE, _kinds(config.include))
        results = _read_all(ctx, config, files)
        settle_split(project)
    ctx.items_changed("documents", len(results))
    return {
        "files": results,
        "documents": project.documents.count(),
        "passages": project.passages.count_in_use(),
        "seconds": round(time.monotonic() - started, 2),
    }


def any_read(summary: dict[str, Any]) -> bool:
    """Whether the import ends with exit 0."""
    return any(FileState(row["state"]) in GOOD for row in summary["files"])


def _read_all(ctx: Context, config: ImportConfig, files: list[Path]) -> list[dict[str, Any]]:
    project = ctx.project
    writer = PaperWriter(project, LikenessIndex(project.documents.sketches()))
    try:
        with ReaderPool(config, model_folder(BUNDLED_MODEL, verify=False)) as pool:
            pool.start(files)
            results, hashes = _known_files(ctx, files)
            for message in pool.read(list(hashes), ctx):
                path = message.path
                if isinstance(message, FileBatch):
                    writer.add(path, hashes[path], message.documents)
                    continue
                results[path] = writer.finish(path, hashes[path], message)
                ctx.progress(len(results), len(files), path.name)
    finally:
        writer.close()
    return [results[path] for path in files if path in results]


def _known_files(ctx: Context, files: list[Path]) -> tuple[dict[Path, dict[str, Any]], dict[Path, str]]:
    """The results of files that are in the project already or come twice, and the hashes of those to read."""
    results: dict[Path, dict[str, Any]] = {}
    hashes: dict[Path, str] = {}
    first_of: dict[str, Path] = {}
    for path in files:
        ctx.raise_if_cancelled()
        hash_ = content_hash(path)
        known = ctx.project.documents.source_by_hash(hash_)
        if known and known.state in (FileState.DONE, FileState.PARTIAL):
            results[path] = _row(path, FileState.DUPLICATE, mark("Already in the project as {name}."), known.file_name)
        elif hash_ in first_of:
            name = first_of[hash_].name
            results[path] = _row(path, FileState.DUPLICATE, mark("The same file as {name}."), name)
        else:
            first_of[hash_] = path
            hashes[path] = hash_
    return results, hashes


def _row(path: Path, state: FileState, reason: str, name: str) -> dict[str, Any]:
    return {"file": path.name, "state": state.value, "pages": 0, "passages": 0, "reason": reason.format(name=name)}


def _kinds(names: Sequence[str]) -> list[str]:
    known = {kind.value for kind in BlockKind} - {BlockKind.TITLE, BlockKind.HEADING, BlockKind.HIDDEN}
    for name in names:
        if name not in known:
            raise UserError(
                mark("{name!r} is no part of a paper that can be included."),
                mark("Choose among: {known}."),
                name=name,
                known=", ".join(sorted(known)),
            )
    return sorted(set(names))
