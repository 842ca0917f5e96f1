"""One reading process as its parent sees it: files to it, parsed lines from it, its clock."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import FileState, ReadPage
from embtrainer_gui.extract.reading import ReadOrder
from embtrainer_gui.extract.reading_process import ReadingProcess

SECONDS_PER_PAGE = 0.05
IN_HAND, IN_HAND_FAR = 2, 8  # files, the one that is read among them: what a far child says comes later


@dataclass(frozen=True, slots=True)
class Task:
    """A file to read; the rest is set when only its pages before the one that ended a child are read again."""

    path: Path
    last_page: int = 0
    seconds: float = 0.0  # of the first attempt
    state: FileState = FileState.STOPPED
    stopped: str = ""  # what ended the first attempt
    password: str = field(default="", repr=False)
    order: ReadOrder = ReadOrder()
    helps: bool = False  # with one page of a file that another child reads
    delivered: int = 0  # documents that the caller has, of all attempts
    lost: int = 0  # times that the child was lost with its machine


def seconds_for_file(config: ImportConfig, pages: int) -> float:
    return config.file_seconds + SECONDS_PER_PAGE * min(pages, config.max_pages)


def _rows(pages: Iterable[ReadPage]) -> list[list[Any]]:
    return [[page.page, page.text, page.words, page.score] for page in pages]


class PoolChild:
    """Starts at once; every line from it goes into ``inbox`` with the time it came, ``["gone"]`` last."""

    def __init__(self, process: ReadingProcess, inbox: Inbox) -> None:
        self._process = process
        self._inbox = inbox
        self._is_killed = False
        self.ready = False
        self.tasks: deque[Task] = deque()  # the first is being read
        self.files = 0
        self.on_way = 0  # files that have not arrived at a far child yet: the last of its tasks
        self.started = time.monotonic()
        self._rest()
        threading.Thread(target=self._listen, daemon=True).start()

    def _rest(self) -> None:
        self.page = self.pages = 0
        self.begun = 0  # pages, slow second looks not counted
        self.page_started = 0.0
        self.page_seconds = self.further_seconds = 0.0  # limit of this page's own; what all such add to the file's
        self.seen = 0  # documents of the file in this attempt
        self.recognised = 0  # pages

    def on_page(self, when: float, page: int, pages: int, seconds: float) -> None:
        self.begun += not seconds
        self.page, self.pages, self.page_started, self.page_seconds = page, pages, when, seconds
        self.further_seconds += seconds

    def give(self, task: Task, max_pages: int) -> None:
        if not self.tasks:
            self.started = time.monotonic()
        self.tasks.append(task)
        self.files += 1
        order = task.order
        changes: dict[str, Any] = {"max_pages": max_pages}
        if order.extractor:
            changes["extractor"] = order.extractor
        if order.pages is not None:
            changes["pages"] = order.pages
        known, pdf = _rows(order.known), str(order.pdf) if order.pdf else ""
        self.on_way += self._process.is_far
        message = {"path": str(task.path), "changes": changes, "password": task.password, "known": known, "pdf": pdf}
        self._process.give(message, [task.path, *([order.pdf] if order.pdf else [])])

    @property
    def in_hand(self) -> int:
        """Most files at a time."""
        return IN_HAND_FAR if self._process.is_far else IN_HAND

    @property
    def lost(self) -> bool:
        return self._process.lost

    @property
    def waits(self) -> bool:
        return self._process.waits

    @property
    def has_file(self) -> bool:
        """Whether the first of its tasks is there, so that its clock runs."""
        return len(self.tasks) > self.on_way

    def on_arrived(self, when: float) -> None:
        if not self.has_file:
            self.started = when
        self.on_way -= 1

    def new_documents(self, documents: list[Any]) -> list[Any]:
        """Those of ``documents`` that no earlier attempt has delivered; they count as delivered."""
        task, self.seen = self.tasks[0], self.seen + len(documents)
        new = documents[max(0, len(documents) - max(0, self.seen - task.delivered)) :]
        self.tasks[0] = replace(task, delivered=task.delivered + len(new))
        return new

    def tell_pages(self, path: Path, pages: Iterable[ReadPage]) -> None:
        """Pages of the file that it reads were recognised by another child."""
        self._process.tell({"path": str(path), "further": _rows(pages)})

    def done(self, when: float) -> Task:
        """The first file has ended; the next one begins."""
        self.started = when
        self._rest()
        return self.tasks.popleft()

    def end(self) -> None:
        """Without waiting, so that several end side by side; ``kill`` follows."""
        self._process.end()

    def kill(self, patience: float = 0.0) -> tuple[int, str]:
        """End it if it still lives after ``patience`` seconds; gives its exit code and its last words."""
        self._is_killed = True
        return self._process.kill(patience)

    def _listen(self) -> None:
        with contextlib.suppress(ValueError):  # no JSON: killed then
            for line in self._process.lines():
                self._put(json.loads(line))
        self._put(["gone"])

    def _put(self, message: list[Any]) -> None:
        when = time.monotonic()
        while not self._is_killed:
            with contextlib.suppress(queue.Full):
                self._inbox.put((self, message, when), timeout=0.1)
                return


Inbox = queue.Queue[tuple[PoolChild, list[Any], float]]
