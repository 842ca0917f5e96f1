"""Write what the readers deliver: every file wholly in, or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from embtrainer_gui.core.records import FileState, HowRead, PassageDraft
from embtrainer_gui.core.reference import NOTHING_KNOWN, settled
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import DocumentDraft, FileResult
from embtrainer_gui.stages.incoming import GOOD, Incoming
from embtrainer_gui.stages.likeness import Alike, LikenessIndex
from embtrainer_gui.stages.sources import content_hash
from embtrainer_gui.stages.store_paper import store_failed, store_paper

NO_BODY = mark("No body text was recognised in it; the import settings (--include) can add other parts.")
CORPUS = "corpus"  # rows of a corpus are never left out: question sets refer to them by id


@dataclass(slots=True)
class _OpenSource:
    id: int
    passages: int = 0
    documents: list[int] = field(default_factory=list)
    twin: str = ""  # the file that this one nearly equals
    taken_keys: list[str] = field(default_factory=list)


class PaperWriter:
    """``add`` for each batch of a file, ``finish`` for its result; ``close`` takes back what was not finished."""

    def __init__(self, project: Project, likeness: LikenessIndex) -> None:
        self._project = project
        self._likeness = likeness
        self._in_use = set(project.passages.included_kinds())
        self._open: dict[Path, _OpenSource] = {}

    def add(self, file: Incoming, documents: Sequence[DocumentDraft]) -> None:
        source = self._open.get(file.path) or self._begin(file)
        for draft in documents:
            from_corpus = any(p.key for p in draft.passages)
            passages, keys = self._named(draft.passages, file.hash, source)
            if not passages:
                continue
            alike = self._likeness.find(draft.sketch)
            twin = next((other.file_name for other in alike if other.same and other.file_name), "")
            if twin and not from_corpus:
                source.twin = twin
                copy = next(other.document_id for other in alike if other.same and other.file_name)
                self._project.references.fill([copy], replace(file.reference, title="", by=""))
                continue
            group = self._group(alike)
            told = file.reference if file.reference.title else replace(file.reference, by="")
            about = settled(replace(draft.reference, title=draft.title), told)
            document_id = self._project.documents.add(
                source.id, about.title, draft.pages, passages, keys, draft.sketch, group, about
            )
            self._likeness.add(document_id, group or document_id, draft.sketch, file.name)
            source.documents.append(document_id)
            source.passages += sum(passage.kind in self._in_use for passage in passages)

    def finish(self, file: Incoming, result: FileResult) -> dict[str, Any]:
        """Make the file's rows visible; gives its line of the result."""
        source = self._open.get(file.path) or self._begin(file)
        state, reason, stored = result.state, result.reason, ""
        if state in (FileState.DONE, FileState.PARTIAL):
            if source.twin and not source.documents:
                state = FileState.DUPLICATE
                reason = mark("Nearly the same text as {name}.").format(name=source.twin)
            elif source.taken_keys and not source.documents:
                state = FileState.DUPLICATE
            elif not source.documents:
                state, reason = FileState.EMPTY, mark("Its text is too short for a passage.")
            elif result.extractor != CORPUS:
                stored = self._stored(file)
            if source.documents and not source.passages:
                reason = f"{reason} {NO_BODY}".strip()
        else:
            stored = store_failed(file.path, self._project.papers, file.hash)
        if source.taken_keys:
            shown = ", ".join(source.taken_keys[:5])
            skipped = mark("{count} rows left out whose _id is in the project already: {shown}.")
            reason = f"{reason} {skipped.format(count=len(source.taken_keys), shown=shown)}".strip()
        how = HowRead(file.extractor, file.pages, result.why, result.score)
        self._project.documents.finish(source.id, state, reason, result.pages, result.extractor, stored, how)
        self._keep_reference(file, state)
        del self._open[file.path]
        return {
            "file": file.name,
            "state": state.value,
            "pages": result.pages,
            "passages": source.passages,
            "reason": reason,
        }

    def _keep_reference(self, file: Incoming, state: FileState) -> None:
        """What was told of a file that was not read waits for the next try."""
        if file.reference == NOTHING_KNOWN:
            return
        if state in GOOD:
            self._project.references.forget(file.hash)
        else:
            self._project.references.keep(file.hash, file.reference)

    def _stored(self, file: Incoming) -> str:
        """The paper that is kept: of a TEI its PDF, where there is one, since that has pages."""
        if file.pdf is not None and os.access(file.pdf, os.R_OK):
            return store_paper(file.pdf, self._project.papers, content_hash(file.pdf))
        return store_paper(file.path, self._project.papers, file.hash)

    def close(self) -> None:
        """Take back the files that were being read when the import ended."""
        for source in self._open.values():
            self._project.documents.drop_source(source.id)
        self._open.clear()

    def _begin(self, file: Incoming) -> _OpenSource:
        source = _OpenSource(self._project.documents.begin(file.hash, file.name, utc_now()))
        self._open[file.path] = source
        return source

    def _group(self, alike: Sequence[Alike]) -> int | None:
        groups = {other.group for other in alike}
        if not groups:
            return None
        group = min(groups)
        if len(groups) > 1:
            self._project.documents.merge_groups(groups, group)
            self._likeness.merge(groups, group)
        return group

    def _named(
        self, passages: Sequence[PassageDraft], hash_: str, source: _OpenSource
    ) -> tuple[list[PassageDraft], list[str]]:
        """The passages to store with their unique names: the source's own id, else file hash and number."""
        own = [p.key for p in passages if p.key]
        self._project.passages.free_keys(own)
        taken = self._project.passages.texts_of_keys(own) if own else {}
        kept, keys = [], []
        for number, passage in enumerate(passages, 1):
            if passage.key in taken:
                source.taken_keys.append(passage.key)
                continue
            kept.append(passage)
            keys.append(passage.key or f"{hash_[:12]}-{number}")
        return kept, keys
