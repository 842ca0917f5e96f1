"""One reading process as its parent sees it: files to it, parsed lines from it, its clock."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embtrainer_gui.core.child_process import kill_child, send_kill, start_child
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import FileState, ReadPage
from embtrainer_gui.extract.reading import ReadOrder

SECONDS_PER_PAGE = 0.05
LAST_ERRORS = 4000


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


def seconds_for_file(config: ImportConfig, pages: int) -> float:
    return config.file_seconds + SECONDS_PER_PAGE * min(pages, config.max_pages)


def _rows(pages: Iterable[ReadPage]) -> list[list[Any]]:
    return [[page.page, page.text, page.words, page.score] for page in pages]


class PoolChild:
    """Starts at once; every line from it goes into ``inbox`` with the time it came, ``["gone"]`` last."""

    def __init__(self, command: list[str], start: dict[str, Any], inbox: Inbox) -> None:
        child = start_child(command)
        self._process, self._errors = child.process, child.errors
        self._inbox = inbox
        self._killed: tuple[int, str] | None = None
        self.ready = False
        self.tasks: deque[Task] = deque()  # the first is being read
        self.files = 0
        self.started = time.monotonic()
        self._rest()
        self._tell(start)
        threading.Thread(target=self._listen, daemon=True).start()

    def _rest(self) -> None:
        self.page = self.pages = 0
        self.begun = 0  # pages, slow second looks not counted
        self.page_started = 0.0
        self.page_seconds = self.further_seconds = 0.0  # limit of this page's own; what all such add to the file's
        self.delivered = False
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
        self._tell({"path": str(task.path), "changes": changes, "password": task.password, "known": known, "pdf": pdf})

    def tell_pages(self, path: Path, pages: Iterable[ReadPage]) -> None:
        """Pages of the file that it reads were recognised by another child."""
        self._tell({"path": str(path), "further": _rows(pages)})

    def done(self, when: float) -> Task:
        """The first file has ended; the next one begins."""
        self.started = when
        self._rest()
        return self.tasks.popleft()

    def end(self) -> None:
        """Without waiting, so that several end side by side; ``kill`` follows."""
        if self._killed is None:
            send_kill(self._process)

    def kill(self, patience: float = 0.0) -> tuple[int, str]:
        """End it if it still lives after ``patience`` seconds; gives its exit code and its last words."""
        if self._killed is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
            kill_child(self._process)
            self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, self._errors.tell() - LAST_ERRORS))
            self._killed = (self._process.returncode, self._errors.read().decode("utf-8", "replace"))
            self._errors.close()
        return self._killed

    def _tell(self, message: dict[str, Any]) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError):  # it died: the end of its lines says so
            stdin.write(json.dumps(message).encode() + b"\n")
            stdin.flush()

    def _listen(self) -> None:
        stdout = self._process.stdout
        with contextlib.suppress(ValueError, OSError):  # closed while it is being killed, or no JSON: killed then
            for line in stdout or ():
                self._put(json.loads(line))
        self._put(["gone"])

    def _put(self, message: list[Any]) -> None:
        when = time.monotonic()
        while self._killed is None:
            with contextlib.suppress(queue.Full):
                self._inbox.put((self, message, when), timeout=0.1)
                return


Inbox = queue.Queue[tuple[PoolChild, list[Any], float]]
