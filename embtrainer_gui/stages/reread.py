"""Which files of a project are read again, and what becomes of their new reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import HowRead
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.backups import steps_before
from embtrainer_gui.core.store.documents import Source
from embtrainer_gui.core.store.rereading import NewReading, Replaced
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import DocumentDraft, FileResult
from embtrainer_gui.stages.incoming import READ, Incoming

Again = Literal["never", "changed", "always"]
"""Whether files that are in the project are read again: where another extractor or other pages are asked for, or so
too."""

_NOT_PDF = frozenset({"txt", "tei", "corpus", "pairs"})


def to_read_again(file: Incoming, known: Source, config: ImportConfig, again: Again) -> Incoming | None:
    """``file`` as it is to be read once more; None where its reading stands.

    What the command did not name (see ``model_fields_set``) stays as it was for this file.
    """
    if again == "never" or known.extractor in _NOT_PDF:
        return None
    given = config.model_fields_set
    extractor = config.extractor if "extractor" in given else known.how.wanted
    pages = config.pages if "pages" in given else known.how.page_range
    if again == "changed" and (extractor, pages) == (known.how.wanted, known.how.page_range):
        return None
    return replace(file, extractor=extractor, pages=pages, again=known)


def as_wanted_before(file: Incoming, failed: Source | None) -> Incoming:
    """A file that could not be read is tried again with the extractor that was chosen for it, unless another one is
    chosen now."""
    if failed is None or file.extractor != "auto":
        return file
    return replace(file, extractor=failed.how.wanted)


class RereadWriter:
    """Takes what the readers deliver of files that are read again; see ``PaperWriter``."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._drafts: dict[Path, DocumentDraft] = {}
        self._is_backed_up = False

    def add(self, file: Incoming, documents: Sequence[DocumentDraft]) -> None:
        for draft in documents:  # a PDF is one document
            self._drafts[file.path] = draft

    def finish(self, file: Incoming, result: FileResult) -> dict[str, Any]:
        """Put the new reading in the place of the old one, or leave that; gives the file's line of the result."""
        assert file.again is not None
        draft = self._drafts.pop(file.path, None)
        passages = draft.passages if draft is not None else ()
        in_use = set(self._project.passages.included_kinds())
        searched = sum(passage.kind in in_use for passage in passages)
        if result.state not in READ or draft is None or not searched:
            why = result.reason or mark("No text of a paper was found in it.")
            reason = mark("It stays as it was read before. {why}").format(why=why)
            return _row(file.name, result.state if result.state not in READ else "empty", result.pages, 0, reason)
        how = HowRead(file.extractor, file.pages, result.why, result.score)
        reading = NewReading(
            result.state, result.reason, result.pages, result.extractor, how, draft.title, passages, draft.sketch,
            draft.reference,
        )  # fmt: skip
        self._back_up()
        done = self._project.rereading.replace(file.again.id, reading)
        reason = " ".join(filter(None, (result.reason, _words(done))))
        return _row(file.name, result.state, result.pages, searched, reason)

    def _back_up(self) -> None:
        """Before the first reading that is replaced."""
        if not self._is_backed_up:
            self._is_backed_up = True
            for _ in steps_before(self._project.folder, "reread"):
                pass


def _words(done: Replaced) -> str:
    text = mark("Read again: {same} passages are the same, {new} are new.").format(same=done.same, new=done.new)
    if done.moved:
        text += " " + mark("{count} questions moved to a new passage.").format(count=done.moved)
    if done.stayed:
        text += " " + mark("{count} questions keep their passage of the earlier reading.").format(count=done.stayed)
    return text


def _row(name: str, state: str, pages: int, passages: int, reason: str) -> dict[str, Any]:
    return {"file": name, "state": str(state), "pages": pages, "passages": passages, "reason": reason}
