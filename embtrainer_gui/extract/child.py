"""One reading process: a line in for each file, lines out for its pages, documents and outcome.

PDFs and XML are untrusted and their parsers native code, so they live here, under limits on memory and CPU; the
parent watches the clock (``extract.pool``).
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.records import BlockKind, ExtractedDocument, FileState, PassageDraft, ReadPage
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.annotate import language_and_marks
from embtrainer_gui.extract.passages import cut
from embtrainer_gui.extract.reading import DocumentDraft, Unreadable
from embtrainer_gui.extract.sniff import Format, recognise
from embtrainer_gui.text.near_duplicate import sketch
from embtrainer_gui.text.tokens import TokenCounter

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig

DOCUMENTS_PER_LINE = 50
LARGEST_LOG = 2**20
NETWORKS_MB = 1024  # onnxruntime, OpenCV and the models: 0.75 GB of addresses with the first recognised page
_SKETCHED = frozenset({BlockKind.ABSTRACT, BlockKind.BODY, BlockKind.LIST})
Send = Callable[..., None]


def main() -> int:
    """Serve the parent on the standard pipes until it closes them."""
    faulthandler.enable()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the children side by side are parallel enough
    import embtrainer_gui.extract.pdf_text  # noqa: F401 - most files are PDFs: loaded while the parent looks at them

    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get between the events
    serve(sys.stdin.buffer, events)
    return 0


def serve(commands: BinaryIO, events: BinaryIO) -> None:
    """The first line is ``{"config", "tokenizer", "cpu_seconds"}``, every other one ``{"path", "changes", "password",
    "known"}``: what is another than in the config for this file, and its pages that were recognised before.

    Ends the process when ``commands`` ends: the parent is gone.
    """

    def send(*message: Any) -> None:
        events.write(json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        events.flush()

    further: dict[tuple[str, int], ReadPage] = {}
    lines = _lines(commands, further)
    start = next(lines)
    config = limits_of(start["config"], {})
    reader = _Reader(config, start["cpu_seconds"], TokenCounter(Path(start["tokenizer"])), send, further)
    _limit_memory(config, 0)
    send("ready")
    for task in lines:
        config = limits_of(start["config"], task["changes"])
        reader.read(Path(task["path"]), config, task["password"], task["known"], task["pdf"])


def _lines(commands: BinaryIO, further: dict[tuple[str, int], ReadPage]) -> Iterator[dict[str, Any]]:
    """The files to read; lines with ``further`` pages of the file that is being read go there at once."""
    waiting: SimpleQueue[dict[str, Any]] = SimpleQueue()

    def listen() -> None:
        for line in commands:
            told = json.loads(line)
            if "further" in told:
                further.update({(told["path"], row[0]): ReadPage(*row) for row in told["further"]})
            else:
                waiting.put(told)
        os._exit(0)  # also in the middle of a file: nobody is there to take it

    threading.Thread(target=listen, daemon=True).start()
    while True:
        yield waiting.get()


def limits_of(values: dict[str, Any], changes: dict[str, Any]) -> ImportConfig:
    """The config that the parent has checked, with ``changes`` for one file: to load pydantic would take a fifth of
    the time to start a child."""
    return cast("ImportConfig", SimpleNamespace(**(values | changes)))


@dataclass(frozen=True, slots=True)
class _Memory:
    """Pages that the parent knew; new ones go to it at once (see ``reading.PageMemory``)."""

    known: dict[int, ReadPage]
    send: Send
    path: str
    further: Mapping[tuple[str, int], ReadPage]  # from other children meanwhile

    def get(self, page: int) -> ReadPage | None:
        return self.known.get(page) or self.further.get((self.path, page))

    def put(self, read: ReadPage, settings: str) -> None:
        self.send("read", [read.page, read.text, read.words, read.score], settings)


class _Reader:
    def __init__(
        self,
        config: ImportConfig,
        cpu_seconds: float,
        counter: TokenCounter,
        send: Send,
        further: Mapping[tuple[str, int], ReadPage],
    ) -> None:
        self._config, self._cpu_seconds, self._counter, self._send = config, cpu_seconds, counter, send
        self._further = further
        self._memory = _Memory({}, send, "", further)
        self._pdf = ""

    def read(self, path: Path, config: ImportConfig, password: str, known: list[list[Any]], pdf: str) -> None:
        """Send everything about one file, its outcome last."""
        self._pdf = pdf
        pages = {page: ReadPage(page, *others) for page, *others in known}
        self._memory = _Memory(pages, self._send, str(path), self._further)
        try:
            self._send("end", *self._outcome(path, config, password))
        except Unreadable as problem:
            self._send("end", problem.state, str(problem), 0, "")
        except AppError as problem:
            self._send("end", FileState.FAILED, str(problem), 0, "")
        except MemoryError:
            text = mark("Stopped: it needed more than {number} MB of memory.")
            self._send("end", FileState.STOPPED, text.format(number=self._config.memory_mb), 0, "")
        except BrokenPipeError:
            raise  # the parent is gone
        except Exception as bug:  # noqa: BLE001 - one file must not end the batch
            text = mark("It cannot be read ({detail}).")
            self._send("end", FileState.FAILED, text.format(detail=type(bug).__name__), 0, "")

    def _outcome(self, path: Path, config: ImportConfig, password: str) -> tuple[Any, ...]:
        """Send the documents of a file; gives what its FileResult says, but the path."""
        format_ = recognise(path, config)
        _limit_cpu(self._cpu_seconds)
        notes: list[str] = []
        pages, partial = 0, False
        told: tuple[str, str, float | None] = (format_.value, "", None)
        batch: list[DocumentDraft] = []
        for document in self._documents(path, config, format_, notes, password):
            batch.append(self._draft(document))
            pages += document.pages
            partial |= document.partial
            if document.extractor:
                told = (document.extractor, document.why, document.score)
            if document.note:
                notes.append(document.note)
            if len(batch) >= DOCUMENTS_PER_LINE:
                self._send("documents", [_plain(draft) for draft in batch])
                batch = []
        self._send("documents", [_plain(draft) for draft in batch])
        return FileState.PARTIAL if partial else FileState.DONE, " ".join(notes), pages, *told

    def _documents(
        self, path: Path, config: ImportConfig, format_: Format, notes: list[str], password: str
    ) -> Iterator[ExtractedDocument]:
        if format_ is Format.PDF:
            from embtrainer_gui.extract.readers import reader_of

            yield reader_of(config.extractor, self._memory).read(path, config, self._on_page, password)
        elif format_ is Format.TEI:
            from embtrainer_gui.extract.tei import read_tei

            yield self._placed(read_tei(path, config), config)
        elif format_ is Format.PAGES:
            from embtrainer_gui.extract.vision_pages import read_vision_pages

            yield read_vision_pages(path, config)
        elif format_ is Format.CORPUS:
            from embtrainer_gui.extract.corpus import read_corpus

            yield from read_corpus(path, config, notes)
        else:
            from embtrainer_gui.extract.plain_text import read_text

            yield read_text(path, config)

    def _placed(self, document: ExtractedDocument, config: ImportConfig) -> ExtractedDocument:
        if not self._pdf:
            return document
        from embtrainer_gui.extract.tei_hidden import without_hidden
        from embtrainer_gui.extract.tei_places import with_places

        seen = without_hidden(document, Path(self._pdf), config, self._on_page)
        return with_places(seen, Path(self._pdf), config.max_pages, self._on_page)

    def _on_page(self, page: int, pages: int, /, seconds: float = 0.0) -> None:
        if seconds:
            _limit_memory(self._config, NETWORKS_MB)
            _limit_cpu(self._cpu_seconds + seconds * (os.cpu_count() or 1))  # as the libraries compute on all of them
        self._send("page", page, pages, seconds)

    def _draft(self, document: ExtractedDocument) -> DocumentDraft:
        if any(block.key for block in document.blocks):
            passages = self._whole(document)
        else:
            sizes = self._config.passage_tokens, self._config.max_tokens
            passages = cut(document.blocks, self._counter.count, *sizes, adds_up=self._counter.adds_up)
        body = "\n".join(block.text for block in document.blocks if block.kind in _SKETCHED)
        return DocumentDraft(document.title, document.pages, tuple(passages), sketch(body), document.reference)

    def _whole(self, document: ExtractedDocument) -> list[PassageDraft]:
        """Rows of a corpus: each is a passage under its own id, never cut."""
        counts = self._counter.count([block.text for block in document.blocks])
        return [
            PassageDraft(block.text, block.kind, block.section, block.page, (), tokens, block.key)
            for block, tokens in zip(document.blocks, counts, strict=True)
        ]


def _plain(draft: DocumentDraft) -> list[Any]:
    told = language_and_marks(draft.passages)
    passages = [
        [p.text, p.kind, p.section, p.page, p.boxes, p.tokens, p.key, *more]
        for p, more in zip(draft.passages, told, strict=True)
    ]
    about = draft.reference
    return [draft.title, draft.pages, passages, draft.sketch, [about.authors, about.year, about.doi]]


def _limit_memory(config: ImportConfig, more_mb: int) -> None:
    """``more_mb``: of what networks take besides, from when they are loaded, so that as much as before is left for
    the file."""
    if sys.platform == "win32":
        return  # there the parent's clock is the only limit
    import resource

    size, most = ((config.memory_mb + more) * 2**20 for more in (more_mb, NETWORKS_MB))
    resource.setrlimit(resource.RLIMIT_AS, (size, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_LOG, LARGEST_LOG))  # it has no other file to write


def _limit_cpu(seconds: float) -> None:
    """A second line behind the parent's clock: processor time from now on, for a child that lost its parent."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds), resource.RLIM_INFINITY))
