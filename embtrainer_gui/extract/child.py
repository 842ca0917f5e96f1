"""One reading process: a line in for each file, lines out for its pages, documents and outcome.

PDFs and XML are untrusted and their parsers native code, so they live here, under limits on memory and CPU; the
parent watches the clock (``extract.pool``).
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.records import BlockKind, ExtractedDocument, FileState, PassageDraft
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.passages import cut
from embtrainer_gui.extract.reading import DocumentDraft, Unreadable
from embtrainer_gui.extract.sniff import Format, recognise
from embtrainer_gui.text.near_duplicate import sketch
from embtrainer_gui.text.tokens import TokenCounter

DOCUMENTS_PER_LINE = 50
CPU_SPARE_SECONDS = 5.0
_SKETCHED = frozenset({BlockKind.ABSTRACT, BlockKind.BODY, BlockKind.LIST})
Send = Callable[..., None]


def main() -> int:
    """Serve the parent on the standard pipes until it closes them."""
    faulthandler.enable()
    events = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what libraries print must not get between the events
    serve(sys.stdin.buffer, events)
    return 0


def serve(commands: BinaryIO, events: BinaryIO) -> None:
    """The first line is ``{"config", "tokenizer", "pdf"}``, every other one ``{"path"}``."""

    def send(*message: Any) -> None:
        events.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")

    start = json.loads(commands.readline())
    config = ImportConfig.model_validate(start["config"])
    if start["pdf"]:  # while the parent still looks at the files
        import embtrainer_gui.extract.pdf_text  # noqa: F401
    reader = _Reader(config, TokenCounter(Path(start["tokenizer"])), send)
    _limit_memory(config)
    send("ready")
    for line in commands:
        reader.read(Path(json.loads(line)["path"]))


class _Reader:
    def __init__(self, config: ImportConfig, counter: TokenCounter, send: Send) -> None:
        self._config, self._counter, self._send = config, counter, send

    def read(self, path: Path) -> None:
        """Send everything about one file, its outcome last."""
        try:
            format_ = recognise(path, self._config)
            _limit_cpu(self._config)
            notes: list[str] = []
            pages, partial = 0, False
            batch: list[DocumentDraft] = []
            for document in self._documents(path, format_, notes):
                batch.append(self._draft(document))
                pages += document.pages
                partial |= document.partial
                if document.note:
                    notes.append(document.note)
                if len(batch) >= DOCUMENTS_PER_LINE:
                    self._send("documents", [_plain(draft) for draft in batch])
                    batch = []
            self._send("documents", [_plain(draft) for draft in batch])
            state = FileState.PARTIAL if partial else FileState.DONE
            self._send("end", state, " ".join(notes), pages, format_.value)
        except Unreadable as problem:
            self._send("end", problem.state, str(problem), 0, "")
        except AppError as problem:
            self._send("end", FileState.FAILED, str(problem), 0, "")
        except MemoryError:
            text = mark("Stopped: it needed more than {number} MB of memory.")
            self._send("end", FileState.STOPPED, text.format(number=self._config.memory_mb), 0, "")
        except Exception as bug:  # noqa: BLE001 - one file must not end the batch
            text = mark("It cannot be read ({detail}).")
            self._send("end", FileState.FAILED, text.format(detail=type(bug).__name__), 0, "")

    def _documents(self, path: Path, format_: Format, notes: list[str]) -> Iterator[ExtractedDocument]:
        if format_ is Format.PDF:
            from embtrainer_gui.extract.pdf_text import read_pdf

            yield read_pdf(path, self._config, lambda page, pages: self._send("page", page, pages))
        elif format_ is Format.TEI:
            from embtrainer_gui.extract.tei import read_tei

            yield read_tei(path, self._config)
        elif format_ is Format.CORPUS:
            from embtrainer_gui.extract.corpus import read_corpus

            yield from read_corpus(path, self._config, notes)
        else:
            from embtrainer_gui.extract.plain_text import read_text

            yield read_text(path, self._config)

    def _draft(self, document: ExtractedDocument) -> DocumentDraft:
        if any(block.key for block in document.blocks):
            passages = self._whole(document)
        else:
            passages = cut(document.blocks, self._counter.count, self._config.passage_tokens, self._config.max_tokens)
        body = "\n".join(block.text for block in document.blocks if block.kind in _SKETCHED)
        return DocumentDraft(document.title, document.pages, tuple(passages), sketch(body))

    def _whole(self, document: ExtractedDocument) -> list[PassageDraft]:
        """Rows of a corpus: each is a passage under its own id, never cut."""
        counts = self._counter.count([block.text for block in document.blocks])
        return [
            PassageDraft(block.text, block.kind, block.section, block.page, (), tokens, block.key)
            for block, tokens in zip(document.blocks, counts, strict=True)
        ]


def _plain(draft: DocumentDraft) -> list[Any]:
    passages = [[p.text, p.kind, p.section, p.page, p.boxes, p.tokens, p.key] for p in draft.passages]
    return [draft.title, draft.pages, passages, draft.sketch]


def _limit_memory(config: ImportConfig) -> None:
    if sys.platform == "win32":
        return  # there the parent's clock is the only limit
    import resource

    size = config.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(config: ImportConfig) -> None:
    """A second line behind the parent's clock: processor time for this file, counted from now."""
    if sys.platform == "win32":
        return
    import resource

    seconds = config.file_seconds + 0.05 * config.max_pages + CPU_SPARE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds), resource.RLIM_INFINITY))
