"""Import: files in, documents and passages out; one result a file, and a bad file never stops the rest."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import BUNDLED_MODEL, ImportConfig
from embtrainer_gui.core.extractors import check_installed
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.reference import Reference
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.documents import Source
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.pool import ReaderPool
from embtrainer_gui.extract.reading import FileBatch, PageRead
from embtrainer_gui.extract.recognition import OCR
from embtrainer_gui.stages.companions import read_joined, with_companions
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.incoming import GOOD, READ, Incoming, fill, incoming_files, with_references
from embtrainer_gui.stages.likeness import LikenessIndex
from embtrainer_gui.stages.paper_writer import PaperWriter
from embtrainer_gui.stages.read_by_server import read_files
from embtrainer_gui.stages.recipe import note
from embtrainer_gui.stages.reread import Again, RereadWriter, as_wanted_before, to_read_again
from embtrainer_gui.stages.sources import path_hash
from embtrainer_gui.stages.split import settle_split


def run(
    ctx: Context,
    config: ImportConfig,
    sources: Sequence[Path],
    *,
    retry: bool = False,
    again: Again = "never",
    passwords: Mapping[str, str] | None = None,
    key: str = "",
    references: Mapping[Path, Reference] | None = None,
) -> dict[str, Any]:
    """Import ``sources`` into the project; gives the object that ``import --json`` prints.

    Args:
        retry: read failed files again, from the copies in the project: all of them where ``sources`` is empty.
        again: whether files that are in the project are read again, with ``config``.
        passwords: of encrypted files, by path; they go to the reading processes and nowhere else.
        key: of the server with the vision model, where this process cannot find it (core.keys).
        references: what a reference manager tells of some of ``sources``, of files in the project too.

    Raises:
        UserError: nothing to read in a folder, or the extractor is not installed.
        EnvironmentProblem: the project cannot be written. Files that are done stay.
    """
    started = time.monotonic()
    project = ctx.project
    check_installed(config.extractor)
    files = with_companions(project, incoming_files(project, sources, passwords or {}, config, retry=retry))
    files = with_references(files, references or {})
    with project.lock():
        project.documents.drop_unfinished()
        if config.include:
            project.passages.include(config.include)
        if not retry:
            note(project, "import", config)
        results = _read_all(ctx, config, files, again, key)
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


def _read_all(
    ctx: Context, config: ImportConfig, files: list[Incoming], again: Again, key: str
) -> list[dict[str, Any]]:
    project = ctx.project
    writer = PaperWriter(project, LikenessIndex(project.documents.sketches()))
    rereader = RereadWriter(project)
    try:
        processes = ctx.workplace.reading_processes(config)
        with ReaderPool(config, model_folder(BUNDLED_MODEL, verify=False), processes) as pool:
            pool.start([file.path for file in files])
            results, to_read = _known_files(ctx, config, files, again)

            def on_page(text: str) -> None:
                ctx.progress(len(results), len(files), text)

            reading = partial(read_files, ctx, config, pool, on_page=on_page, key=key)
            for message in read_joined(to_read, reading):
                ctx.raise_if_cancelled()  # what the readers have ready takes seconds to write
                file = to_read[message.path]
                target = rereader if file.again else writer
                if isinstance(message, PageRead):
                    project.read_pages.put(file.hash, OCR, message.settings, message.read, utc_now())
                    item = mark("{name}, page {page}").format(name=file.name, page=message.read.page)
                    ctx.progress(len(results), len(files), item)
                    continue
                if isinstance(message, FileBatch):
                    target.add(file, message.documents)
                    continue
                results[file.path] = target.finish(file, message)
                if file.again:
                    fill(project, file, file.again)
                project.documents.drop_failed(path_hash(file.path), but=file.hash)  # from when it could not be opened
                ctx.items_changed("documents", 1)
                ctx.progress(len(results), len(files), file.name)
    finally:
        writer.close()
    return [results[file.path] for file in files if file.path in results]


def _known_files(
    ctx: Context, config: ImportConfig, files: list[Incoming], again: Again
) -> tuple[dict[Path, dict[str, Any]], dict[Path, Incoming]]:
    """The results of files that are in the project already or come twice, and those to read."""
    results: dict[Path, dict[str, Any]] = {}
    to_read: dict[Path, Incoming] = {}
    first_of: dict[str, Incoming] = {}
    for file in files:
        ctx.raise_if_cancelled()
        known = ctx.project.documents.source_by_hash(file.hash)
        if known and known.state in READ:
            fill(ctx.project, file, known)
        if known and known.state in READ and not known.removed:
            once_more = to_read_again(file, known, config, again) if file.hash not in first_of else None
            if once_more is None:
                results[file.path] = _twin(file, known.file_name)
            else:
                first_of[file.hash] = to_read[file.path] = once_more
        elif known and known.state in READ:
            results[file.path] = _put_back(ctx, known)
        elif file.hash in first_of:
            reason = mark("The same file as {name}.").format(name=first_of[file.hash].name)
            results[file.path] = _row(file.name, FileState.DUPLICATE, reason)
        else:
            first_of[file.hash] = to_read[file.path] = as_wanted_before(file, known)
    return results, to_read


def _put_back(ctx: Context, source: Source) -> dict[str, Any]:
    """A file that was removed from the project comes again: its passages, questions and decisions are still there."""
    documents = ctx.project.documents
    documents.put_back([source.id])
    passages = ctx.project.passages.count_in_use(source.id)
    reason = mark("It was removed before and is back, with its questions.")
    return _row(source.file_name, FileState(source.state), reason, source.pages, passages)


def _twin(file: Incoming, name: str) -> dict[str, Any]:
    return _row(file.name, FileState.DUPLICATE, mark("Already in the project as {name}.").format(name=name))


def _row(name: str, state: FileState, reason: str, pages: int = 0, passages: int = 0) -> dict[str, Any]:
    return {"file": name, "state": state.value, "pages": pages, "passages": passages, "reason": reason}
