"""Reading processes side by side: hands out files, watches the clock, replaces what dies. One result a file."""

from __future__ import annotations

import contextlib
import queue
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from embtrainer_gui.core.child_process import end_early
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.records import BlockKind, FileState, PassageDraft, ReadPage
from embtrainer_gui.core.reference import Reference
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.page_helpers import PageHelpers
from embtrainer_gui.extract.pool_child import Inbox, PoolChild, Task, seconds_for_file
from embtrainer_gui.extract.reading import DocumentDraft, FileBatch, FileResult, PageRead, ReadOrder
from embtrainer_gui.extract.reading_process import LocalProcesses, ReadingProcesses

START_SECONDS = 120.0
POLL_SECONDS = 0.1
FILES_PER_CHILD = 200  # a parser that leaks is replaced before it hurts
LINES_WAITING = 64  # more than that waits in the pipes, not in memory
AWAY_SECONDS = 1.0
CPU_SPARE_SECONDS = 5.0  # the clock here strikes first
LAST_WORDS_SECONDS = 2.0
MOST_LOST = 3  # times that a file may lose its child with the machine: then it may be the cause
Message = FileBatch | PageRead | FileResult


class ReaderPool:
    """A context manager; no child outlives it.

    Args:
        config: the limits, and the number of children (0: one a processor).
        tokenizer_dir: folder with the base model's tokenizer.json.
        processes: where the children run; left out, on this computer.
    """

    def __init__(self, config: ImportConfig, tokenizer_dir: Path, processes: ReadingProcesses | None = None) -> None:
        self._config = config
        self._tokenizer_dir = tokenizer_dir
        self._processes = processes or LocalProcesses(config)
        self._children: list[PoolChild] = []
        self._inbox: Inbox = queue.Queue(LINES_WAITING)
        self._waiting: deque[Task] = deque()
        self._most = self._processes.most()
        self._helpers = PageHelpers(config)
        self._failed_starts = 0
        self._looked = time.monotonic()

    def __enter__(self) -> ReaderPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.end()
        while self._children:
            self._drop(self._children[0])
        end_early()

    def start(self, paths: Sequence[Path]) -> None:
        """Start the children for about these files, so that they load their libraries meanwhile."""
        self._start_children(len(paths))

    def read(
        self,
        paths: Sequence[Path],
        reporter: Reporter,
        passwords: Mapping[Path, str] | None = None,
        orders: Mapping[Path, ReadOrder] | None = None,
    ) -> Iterator[Message]:
        """Batches of documents, pages that took long, and one result for each file, in the order in which they end.

        ``orders`` are of files that are not read just as the config says.

        Raises:
            Cancelled: at once; the children are gone when the pool is left.
            EnvironmentProblem: no child can be started.
        """
        # The largest first, so that all processors end together.
        largest_first = sorted(paths, key=_size, reverse=True)
        locked, told = passwords or {}, orders or {}
        self._waiting = deque(
            Task(path, password=locked.get(path, ""), order=told.get(path, ReadOrder())) for path in largest_first
        )
        self._looked = time.monotonic()
        left = len(paths)
        while left:
            reporter.raise_if_cancelled()
            self._hand_out()
            for message in self._next_messages(reporter):
                left -= isinstance(message, FileResult)
                yield message
            for message in self._late():
                left -= isinstance(message, FileResult)
                yield message

    def _start_children(self, files: int) -> None:
        self._most = self._processes.most()
        while len(self._children) < min(self._most, files):
            start = {
                "config": self._config.model_dump(),
                "tokenizer": str(self._tokenizer_dir),
                "cpu_seconds": CPU_SPARE_SECONDS + seconds_for_file(self._config, self._config.max_pages),
            }
            self._children.append(PoolChild(self._processes.start(start), self._inbox))

    def _hand_out(self) -> None:
        self._start_children(sum(bool(child.tasks) for child in self._children) + len(self._waiting))
        self._hand_out_pages()
        for child in list(self._children):
            if child.files >= FILES_PER_CHILD:
                if not child.tasks:
                    self._drop(child)
                continue
            # A further file in hand spares the child the wait for us, as long as nobody else lacks work.
            while (
                child.ready
                and self._waiting
                and len(child.tasks) < min(child.in_hand, 1 + len(self._waiting) // (self._most + 1))
            ):
                task = self._waiting.popleft()
                child.give(task, task.last_page or self._config.max_pages)

    def _hand_out_pages(self) -> None:
        """To children that no file waits for."""
        idle = [child for child in self._children if child.ready and not child.tasks]
        while not self._waiting and (idle or len(self._children) < self._most):
            task = self._helpers.next_task(self._children)
            if task is None:
                return
            if not idle:
                self._start_children(len(self._children) + 1)
                idle.append(self._children[-1])  # it takes the task when it is ready
            idle.pop().give(task, self._config.max_pages)

    def _next_messages(self, reporter: Reporter) -> Iterator[Message]:
        with contextlib.suppress(queue.Empty):
            child, message, when = self._inbox.get(timeout=POLL_SECONDS)
            while True:
                found = self._understood(child, message, when, reporter) if child in self._children else None
                if found is not None:
                    yield found
                child, message, when = self._inbox.get_nowait()

    def _understood(self, child: PoolChild, message: list[Any], when: float, reporter: Reporter) -> Message | None:
        kind, *values = message
        if kind == "ready":
            child.ready, self._failed_starts = True, 0
        elif kind == "arrived":
            child.on_arrived(when)
        elif kind == "page":
            child.on_page(when, *values)
            if child.page_seconds:
                self._tell_slow(child, reporter)
        elif kind == "read":
            return self._keep(child, ReadPage(*values[0]), values[1])
        elif kind == "gone":
            return self._died(child)
        elif kind == "documents" and child.tasks[0].helps:
            return None
        elif kind == "documents" and (new := child.new_documents(values[0])):
            return FileBatch(child.tasks[0].path, tuple(_draft(plain) for plain in new))
        elif kind == "end":
            return self._ended(child, FileResult(child.tasks[0].path, FileState(values[0]), *values[1:]), when)
        return None

    def _tell_slow(self, child: PoolChild, reporter: Reporter) -> None:
        task = child.tasks[0]
        text = mark("Looking closely at page {page} of {pages} of {name}...")
        name = task.order.name or task.path.name
        reporter.status(text.format(page=child.page, pages=child.pages, name=name))

    def _keep(self, child: PoolChild, read: ReadPage, settings: str) -> PageRead:
        """For the caller, for a second attempt at the file, and for the child that reads it."""
        path = child.tasks[0].path
        child.recognised += 1
        for reader in self._children:
            if reader.tasks and reader.tasks[0].path == path and not reader.tasks[0].helps:
                task = reader.tasks[0]
                reader.tasks[0] = replace(task, order=replace(task.order, known=(*task.order.known, read)))
                if reader is not child:
                    reader.tell_pages(path, [read])
        return PageRead(path, read, settings)

    def _ended(self, child: PoolChild, result: FileResult, when: float) -> FileResult | None:
        if child.tasks[0].helps:
            child.done(when)
            return None
        if result.state is FileState.STOPPED:  # the child may have little memory left for another file
            return self._lost(child, result.state, result.reason)
        task = child.done(when)
        if not task.stopped:
            return result
        if result.state in (FileState.DONE, FileState.PARTIAL):
            reason = f"{task.stopped} {result.reason}".strip()
            return replace(result, state=FileState.PARTIAL, reason=reason)
        return FileResult(result.path, task.state, task.stopped, result.pages)

    def _late(self) -> Iterator[FileResult]:
        """End the children whose file takes too long."""
        now = time.monotonic()
        away, self._looked = now - self._looked, now
        for child in list(self._children):
            if away > AWAY_SECONDS:  # we were stopped or kept busy, and the child may have waited for us
                child.started += away
                child.page_started += away
            if child.waits:
                child.started = now
            if not child.tasks:
                if not child.ready and now - child.started > START_SECONDS:
                    self._died(child)
                continue
            if not child.has_file:
                continue
            whole = seconds_for_file(self._config, child.pages) + child.further_seconds - child.tasks[0].seconds
            most = child.page_seconds or self._config.page_seconds
            if now - child.started > whole:
                reason = mark("Stopped: it took longer than {seconds:.0f} s.").format(seconds=whole)
            elif child.page and now - child.page_started > most:
                reason = mark("Stopped: page {page} took longer than {seconds:.0f} s.").format(
                    page=child.page, seconds=most
                )
            else:
                continue
            result = self._lost(child, FileState.STOPPED, reason)
            if result is not None:
                yield result

    def _died(self, child: PoolChild) -> FileResult | None:
        code, errors = child.kill(LAST_WORDS_SECONDS)
        if child.tasks and child.lost:
            return self._lost_with_machine(child)
        if child.tasks:
            return self._lost(child, *_cause(code, errors, self._config))
        self._drop(child)
        self._failed_starts += not child.ready
        if self._failed_starts > 3:
            raise EnvironmentProblem(
                mark("The process that reads papers does not start (exit code {code}). {detail}"),
                mark("Run 'embtrainer doctor', or install the program again."),
                code=code,
                detail=errors.strip().rpartition("\n")[2][:300],
            )
        return None

    def _lost_with_machine(self, child: PoolChild) -> FileResult | None:
        """Its file is read again by another child, until it is the likely cause."""
        task = replace(child.tasks[0], lost=child.tasks[0].lost + child.has_file)
        self._drop(child)
        if task.helps:
            return None
        if task.lost < MOST_LOST:
            self._waiting.appendleft(task)
            return None
        reason = mark("The worker that read it was lost {number} times; its machine may be short of memory.")
        return FileResult(task.path, FileState.FAILED, reason.format(number=task.lost))

    def _lost(self, child: PoolChild, state: FileState, reason: str) -> FileResult | None:
        """What becomes of the file at which a child ended: it is read once more while there is time."""
        task = child.tasks[0]
        again = self._second_attempt(child, state, reason)
        self._drop(child)
        if task.helps:
            return None  # the child that reads the file comes to that page itself
        if again is not None:
            self._waiting.appendleft(again)
            return None
        pages = child.pages
        return FileResult(task.path, task.state if task.stopped else state, task.stopped or reason, pages)

    def _second_attempt(self, child: PoolChild, state: FileState, reason: str) -> Task | None:
        """Its first pages; all pages where a slow look ended the child, that page then by its own text alone."""
        task = child.tasks[0]
        if task.stopped or task.delivered:
            return None
        spent = max(0.0, time.monotonic() - child.started - child.further_seconds)
        if 2 * spent >= seconds_for_file(self._config, child.pages):
            return None
        again = replace(task, seconds=spent, state=state, stopped=reason)
        if child.page_seconds:
            known = (*task.order.known, ReadPage(child.page, ""))
            return replace(again, order=replace(task.order, known=known))
        return replace(again, last_page=child.begun - 1) if child.begun > 1 else None

    def _drop(self, child: PoolChild) -> None:
        self._children.remove(child)
        child.kill()
        self._waiting.extendleft(reversed(list(child.tasks)[1:]))  # what it had in hand besides


def _cause(code: int, errors: str, config: ImportConfig) -> tuple[FileState, str]:
    """Why a child ended by itself."""
    if "memory allocation" in errors or "bad_alloc" in errors or "MemoryError" in errors:
        text = mark("Stopped: it needed more than {number} MB of memory.")
        return FileState.STOPPED, text.format(number=config.memory_mb)
    if code == -9:
        return FileState.STOPPED, mark("Stopped: the system ended the reading process, probably for want of memory.")
    if code == -24:  # SIGXCPU
        return FileState.STOPPED, mark("Stopped: it used too much processor time.")
    if code < 0:
        text = mark("The reading library crashed on this file (signal {number}).")
        return FileState.FAILED, text.format(number=-code)
    return FileState.FAILED, mark("The reading process ended on this file (exit code {code}).").format(code=code)


def _draft(plain: list[Any]) -> DocumentDraft:
    title, pages, passages, values, about = plain
    drafts = tuple(
        PassageDraft(text, BlockKind(kind), section, page, tuple(map(tuple, boxes)), *others)
        for text, kind, section, page, boxes, *others in passages
    )
    return DocumentDraft(title, pages, drafts, tuple(values), Reference("", *about))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
