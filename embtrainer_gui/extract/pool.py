"""Reading processes side by side: hands out files, watches the clock, replaces what dies. One result a file."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from embtrainer_gui.core.child_process import kill_child, start_child, worker_command
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.records import BlockKind, FileState, PassageDraft
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import DocumentDraft, FileBatch, FileResult

SECONDS_PER_PAGE = 0.05
START_SECONDS = 120.0
POLL_SECONDS = 0.1
FILES_PER_CHILD = 200  # a parser that leaks is replaced before it hurts


@dataclass(slots=True, eq=False)
class _Child:
    process: subprocess.Popen[bytes]
    ready: bool = False
    path: Path | None = None
    started: float = field(default_factory=time.monotonic)
    page: int = 0
    page_started: float = 0.0
    pages: int = 0
    files: int = 0


class ReaderPool:
    """A context manager; no child outlives it.

    Args:
        config: the limits, and the number of children (0: one a processor).
        tokenizer_dir: folder with the base model's tokenizer.json.
        command: how a child is started (tests give their own).
    """

    def __init__(self, config: ImportConfig, tokenizer_dir: Path, command: Sequence[str] | None = None) -> None:
        self._config = config
        self._tokenizer_dir = tokenizer_dir
        self._command = list(command or worker_command("read"))
        self._children: list[_Child] = []
        self._inbox: queue.Queue[tuple[_Child, bytes]] = queue.Queue()
        self._failed_starts = 0

    def __enter__(self) -> ReaderPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            kill_child(child.process)
        self._children.clear()

    def read(self, paths: Sequence[Path], reporter: Reporter) -> Iterator[FileBatch | FileResult]:
        """Batches of documents and one result for each file, in the order in which they end.

        Raises:
            Cancelled: at once; the children are gone when the pool is left.
            EnvironmentProblem: no child can be started.
        """
        waiting = deque(sorted(paths, key=_size, reverse=True))  # the largest first: both processors end together
        pdf = any(path.suffix.lower() == ".pdf" for path in paths)
        while len(self._children) < min(self._config.workers or os.cpu_count() or 1, len(paths)):
            self._start(pdf)
        left = len(paths)
        while left:
            reporter.raise_if_cancelled()
            for message in [*self._next_messages(), *self._late()]:
                left -= isinstance(message, FileResult)
                yield message
            self._hand_out(waiting, pdf)

    def _start(self, pdf: bool) -> None:
        child = _Child(start_child(self._command))
        self._children.append(child)
        start = {"config": self._config.model_dump(), "tokenizer": str(self._tokenizer_dir), "pdf": pdf}
        _tell(child, start)
        threading.Thread(target=self._listen, args=(child,), daemon=True).start()

    def _listen(self, child: _Child) -> None:
        stdout = child.process.stdout
        with contextlib.suppress(ValueError, OSError):  # closed while the child is being killed
            for line in stdout or ():
                self._inbox.put((child, line))
        self._inbox.put((child, b""))

    def _hand_out(self, waiting: deque[Path], pdf: bool) -> None:
        for child in list(self._children):
            if waiting and child.ready and child.path is None:
                if child.files >= FILES_PER_CHILD:
                    self._drop(child)
                    self._start(pdf)
                    continue
                path = waiting.popleft()
                child.path, child.started, child.page, child.pages = path, time.monotonic(), 0, 0
                child.files += 1
                _tell(child, {"path": str(path)})
        while waiting and len(self._children) < min(self._config.workers or os.cpu_count() or 1, len(waiting)):
            self._start(pdf)

    def _next_messages(self) -> Iterator[FileBatch | FileResult]:
        with contextlib.suppress(queue.Empty):
            child, line = self._inbox.get(timeout=POLL_SECONDS)
            while True:
                message = self._understood(child, line)
                if message is not None:
                    yield message
                child, line = self._inbox.get_nowait()

    def _understood(self, child: _Child, line: bytes) -> FileBatch | FileResult | None:
        if child not in self._children:
            return None  # the last words of a child that was ended
        if not line.endswith(b"\n"):
            return self._died(child)
        kind, *values = json.loads(line)
        if kind == "ready":
            child.ready, self._failed_starts = True, 0
        elif kind == "page":
            child.page, child.pages = values
            child.page_started = time.monotonic()
        elif child.path is None:
            return None
        elif kind == "documents":
            return FileBatch(child.path, tuple(_draft(plain) for plain in values[0])) if values[0] else None
        else:
            path, child.path = child.path, None
            return FileResult(path, FileState(values[0]), *values[1:])
        return None

    def _late(self) -> Iterator[FileResult]:
        """End the children whose file takes too long."""
        now = time.monotonic()
        for child in list(self._children):
            path = child.path
            if path is None:
                if not child.ready and now - child.started > START_SECONDS:
                    self._died(child)
                continue
            whole = self._config.file_seconds + SECONDS_PER_PAGE * min(child.pages, self._config.max_pages)
            if now - child.started > whole:
                text = mark("Stopped: it took longer than {seconds:.0f} s.").format(seconds=whole)
            elif child.page and now - child.page_started > self._config.page_seconds:
                text = mark("Stopped: page {page} took longer than {seconds:.0f} s.").format(
                    page=child.page, seconds=self._config.page_seconds
                )
            else:
                continue
            self._drop(child)
            yield FileResult(path, FileState.STOPPED, text, child.pages)

    def _died(self, child: _Child) -> FileResult | None:
        code = child.process.wait()
        path, pages = child.path, child.pages
        self._drop(child)
        if path is None:
            self._failed_starts += not child.ready
            if self._failed_starts > 3:
                raise EnvironmentProblem(
                    mark("The process that reads papers does not start (exit code {code})."),
                    mark("Run 'embtrainer doctor', or install the program again."),
                    code=code,
                )
            return None
        if code in (-24, -9):  # SIGXCPU by our own limit; SIGKILL that we did not send comes from the system
            text = mark("Stopped: it used too much processor time or memory.")
            return FileResult(path, FileState.STOPPED, text, pages)
        text = mark("The reading library crashed on this file (exit code {code}).").format(code=code)
        return FileResult(path, FileState.FAILED, text, pages)

    def _drop(self, child: _Child) -> None:
        self._children.remove(child)
        kill_child(child.process)


def _tell(child: _Child, message: dict[str, Any]) -> None:
    stdin = child.process.stdin
    assert stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it died: the end of its events says so
        stdin.write(json.dumps(message).encode() + b"\n")
        stdin.flush()


def _draft(plain: list[Any]) -> DocumentDraft:
    title, pages, passages, values = plain
    drafts = tuple(
        PassageDraft(text, BlockKind(kind), section, page, tuple(tuple(box) for box in boxes), tokens, key)
        for text, kind, section, page, boxes, tokens, key in passages
    )
    return DocumentDraft(title, pages, drafts, tuple(values))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
