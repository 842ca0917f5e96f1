"""On a node: one reading process under its usual limits, and the files that travelled to it."""

from __future__ import annotations

import contextlib
import queue
import shutil
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from embtrainer_gui.cluster.scratch import scratch_folder
from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.child_process import worker_command
from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.extract.pool_child import IN_HAND_FAR
from embtrainer_gui.extract.reading_process import LocalProcess

ARRIVED = b'["arrived"]'
LINES_WAITING = 64
MOST_BYTES = 2**20  # of lines that travel together
GATHER_SECONDS = 0.1  # lines of so long travel together: a call of Ray costs as much as a page
QUIET_SECONDS = 5.0  # then it says that there is nothing new


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file on its way: ``path`` is what its sender calls it; ``data`` None where only its ``size`` matters, since it
    is too large to be read, and where the file is ``here``: the sender's machine is this one."""

    path: str
    data: bytes | None
    size: int = 0
    here: bool = False


class ReadingActor:
    """Ray calls ``lines`` on a thread of its own, everything else one after the other."""

    def __init__(self, start: dict[str, Any]) -> None:
        self._folder = scratch_folder()
        self._places: dict[str, str] = {}
        self._kept: deque[Path] = deque()
        self._number = 0
        self._lines: queue.Queue[bytes | None] = queue.Queue(LINES_WAITING)
        tokenizer = str(model_folder(BUNDLED_MODEL, verify=False))
        self._process = LocalProcess(worker_command("read"), start | {"tokenizer": tokenizer})
        threading.Thread(target=self._listen, daemon=True).start()

    def here(self) -> None:
        """Answers once it has a processor."""

    def tell(self, message: dict[str, Any]) -> None:
        self._process.tell(self._translated(message))

    def give(self, message: dict[str, Any], parcels: list[Parcel]) -> None:
        """Put the files down and tell the process to read."""
        self._tidy()
        for parcel in parcels:
            if not parcel.here:
                self._put_down(parcel)
        self._lines.put(ARRIVED)
        self.tell(message)

    @ray.method(concurrency_group="lines")  # Ray Client knows no other way to say so
    def lines(self) -> list[bytes] | None:
        """What it has said since; None once it has ended."""
        found: list[bytes] = []
        try:
            line = self._lines.get(timeout=QUIET_SECONDS)
            time.sleep(GATHER_SECONDS)
            while line is not None:
                found.append(line)
                if sum(map(len, found)) > MOST_BYTES:
                    return found
                line = self._lines.get_nowait()
        except queue.Empty:
            return found
        self._lines.put(None)  # for the next call
        return found or None

    def close(self, patience: float) -> tuple[int, str]:
        """End the process; nothing of its files stays."""
        ended = self._process.kill(patience)
        shutil.rmtree(self._folder, ignore_errors=True)
        return ended

    def _listen(self) -> None:
        for line in self._process.lines():
            self._lines.put(line)
        self._lines.put(None)

    def _put_down(self, parcel: Parcel) -> None:
        self._number += 1
        folder = self._folder / str(self._number)
        folder.mkdir()
        place = folder / Path(parcel.path).name
        if parcel.data is not None:
            place.write_bytes(parcel.data)
        elif parcel.size:
            with place.open("wb") as file:
                file.truncate(parcel.size)  # no byte of it is written
        self._places[parcel.path] = str(place)
        self._kept.append(folder)

    def _translated(self, message: dict[str, Any]) -> dict[str, Any]:
        names = {name: self._places.get(message[name], message[name]) for name in ("path", "pdf") if name in message}
        return message | names

    def _tidy(self) -> None:
        while len(self._kept) > IN_HAND_FAR * 2:  # a TEI has its PDF with it
            with contextlib.suppress(OSError):
                shutil.rmtree(self._kept.popleft())
