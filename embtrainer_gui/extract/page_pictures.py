"""Pictures of pages for a model to look at, made in a process under limits that is replaced when a page ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from embtrainer_gui.core.child_process import Child, kill_child, start_child, worker_command
from embtrainer_gui.core.messages import Word
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import Unreadable

START_SECONDS = 60.0  # of a busy machine, for the process itself
TOO_MUCH_TIME = -24  # SIGXCPU


@dataclass(frozen=True, slots=True)
class PageShown:
    """``png`` of one page; ``words`` are those of the text layer, in PDF points as the page is shown."""

    png: bytes
    pages: int
    words: tuple[Word, ...]


class PagePictures:
    """An async context manager; one page is drawn at a time, and no process outlives it.

    Args:
        scratch: a folder for the picture that is being made.
        seconds: that a page may take.
        command: how the process is started (tests give their own).
    """

    def __init__(self, scratch: Path, seconds: float, command: Sequence[str] | None = None) -> None:
        self._target = scratch / "page.png"
        self._seconds = seconds
        self._command = list(command or worker_command("pictures"))
        self._child: Child | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> PagePictures:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    async def picture(self, path: Path, page: int, dpi: int, password: str = "") -> PageShown:
        """Page ``page`` (from 1) of ``path``.

        Raises:
            Unreadable: encrypted, damaged, no such page, or a limit was hit.
        """
        task = {"path": str(path), "page": page, "dpi": dpi, "target": str(self._target), "password": password}
        async with self._turn:
            answer = await self._ask(task, page)
            if "state" in answer:
                raise Unreadable(FileState(answer["state"]), "{reason}", reason=answer["reason"])
            png = await asyncio.to_thread(self._target.read_bytes)
        return PageShown(png, int(answer["pages"]), tuple(map(tuple, answer["words"])))

    async def _ask(self, task: dict[str, Any], page: int) -> dict[str, Any]:
        if self._child is None:
            self._child = start_child(self._command)
            await self._line(_next_line, self._child, page, START_SECONDS)
        line = await self._line(partial(_exchange, task), self._child, page, self._seconds)
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _line(self, read: Callable[[Child], bytes], child: Child, page: int, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):  # wait_for of Python 3.11 may swallow a cancellation
                line = await asyncio.to_thread(read, child)
        except TimeoutError:
            self._end()
            text = mark("Stopped: page {page} took longer than {seconds:.0f} s.")
            raise Unreadable(FileState.STOPPED, text, page=page, seconds=seconds) from None
        except asyncio.CancelledError:
            self._end()  # its answer would be taken for that of the next page
            raise
        if line.endswith(b"\n"):
            return line
        if self._end() == TOO_MUCH_TIME:
            raise Unreadable(FileState.STOPPED, mark("Stopped: page {page} used too much processor time."), page=page)
        raise Unreadable(FileState.FAILED, mark("The drawing library crashed on page {page}."), page=page)

    def _end(self) -> int:
        """End the process; gives its exit code where it had ended by itself."""
        child, self._child = self._child, None
        if child is None:
            return 0
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(0.1)
        kill_child(child.process)
        child.errors.close()
        return int(child.process.returncode)


def _exchange(task: dict[str, Any], child: Child) -> bytes:
    """The child's line, empty where it died or was ended meanwhile."""
    stdin = child.process.stdin
    assert stdin is not None
    with contextlib.suppress(OSError, ValueError):
        stdin.write(json.dumps(task).encode() + b"\n")
        stdin.flush()
        return _next_line(child)
    return b""


def _next_line(child: Child) -> bytes:
    stdout = child.process.stdout
    assert stdout is not None
    with contextlib.suppress(OSError, ValueError):
        return stdout.readline()
    return b""
