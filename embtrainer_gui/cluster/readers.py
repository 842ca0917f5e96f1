"""Reading processes on the nodes: the pool of ``extract`` speaks to them as to those of this computer."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ray

from embtrainer_gui.cluster.nodes import Nodes, on_node
from embtrainer_gui.cluster.reading_actor import Parcel, ReadingActor
from embtrainer_gui.cluster.seats import Node
from embtrainer_gui.core.config import ImportConfig

CLOSE_SECONDS = 3.0
MOVE_SECONDS = 1.0  # between two looks at whether another node has a processor sooner


class RayReaders:
    """``ReadingProcesses`` of ``extract``. Files travel by their bytes, unless ``is_local``: then nodes see them."""

    def __init__(self, nodes: Nodes, config: ImportConfig, *, is_local: bool) -> None:
        self._nodes, self._is_local = nodes, is_local
        self._wanted = config.workers
        self._largest = config.max_file_mb * 2**20

    def most(self) -> int:
        most = self._nodes.most()
        return min(self._wanted, most) if self._wanted else most

    def start(self, start: dict[str, Any]) -> RayReader:
        remote: Any = ray.remote  # its types do not know of groups
        made = remote(concurrency_groups={"lines": 1})(ReadingActor)

        def make(node: Node) -> Any:
            return made.options(num_cpus=1, max_restarts=0, **on_node(node)).remote(start)

        return RayReader(make, self._nodes, self._parcel)

    def _parcel(self, path: Path) -> Parcel:
        if self._is_local:
            return Parcel(str(path), None, here=True)
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                return Parcel(str(path), None)
            is_whole = found.st_size <= self._largest or path.suffix.lower() == ".jsonl"
            return Parcel(str(path), path.read_bytes() if is_whole else None, found.st_size)
        except OSError:
            return Parcel(str(path), None)  # the reader says that it is not there


class RayReader:
    """A ``ReadingProcess`` on a node; it moves to another while it has no processor and that one has."""

    is_far = True

    def __init__(self, make: Callable[[Node], Any], nodes: Nodes, parcel: Callable[[Path], Parcel]) -> None:
        self._make, self._nodes, self._parcel = make, nodes, parcel
        self.lost = False
        self._closing: Any = None
        self._ended: tuple[int, str] | None = None
        self._lock = threading.Lock()
        self._sent: list[tuple[dict[str, Any], Sequence[Path] | None]] = []  # while it may still move
        self._sit()

    @property
    def waits(self) -> bool:
        return not self._seat.taken and not self.lost

    def tell(self, message: dict[str, Any]) -> None:
        self._send(message, None)

    def give(self, message: dict[str, Any], files: Sequence[Path]) -> None:
        self._send(message, files)

    def lines(self) -> Iterator[bytes]:
        try:
            if not self._has_processor():
                return
            ask = self._actor.lines
            asked = [ask.remote(), ask.remote()]  # one is under way while the other is taken
            while (found := ray.get(asked.pop(0))) is not None:
                asked.append(ask.remote())
                yield from found
        except Exception:  # noqa: BLE001 - whatever Ray says, this process is out of reach
            self.lost = self._closing is None and self._ended is None

    def end(self) -> None:
        if self._closing is None and self._ended is None and self._is_within_reach():
            self._closing = self._actor.close.remote(0.0)

    def kill(self, patience: float = 0.0) -> tuple[int, str]:
        with self._lock:
            if self._ended is None:
                self._ended = (os.EX_SOFTWARE if os.name == "posix" else 1, "")
                if self._is_within_reach():
                    closing = self._closing or self._actor.close.remote(patience)
                    with contextlib.suppress(Exception):  # it is killed anyway
                        self._ended = ray.get(closing, timeout=patience + CLOSE_SECONDS)
                self._leave(lost=self.lost)
        return self._ended

    def _is_within_reach(self) -> bool:
        return self._seat.taken and not self.lost and self._nodes.answers()

    def _sit(self) -> None:
        self._seat = self._nodes.take()
        self._actor = self._make(self._seat.node)

    def _leave(self, *, lost: bool = False) -> None:
        self._nodes.end(self._actor)
        self._nodes.give_back(self._seat, lost=lost)

    def _send(self, message: dict[str, Any], files: Sequence[Path] | None) -> None:
        with self._lock:
            if self._seat.taken:
                self._post(message, files)
            else:
                self._sent.append((message, files))

    def _post(self, message: dict[str, Any], files: Sequence[Path] | None) -> None:
        with contextlib.suppress(ray.exceptions.RayError):
            if files is None:
                self._actor.tell.remote(message)
            else:
                self._actor.give.remote(message, [self._parcel(path) for path in files])

    def _has_processor(self) -> bool:
        """Waits for one; False where it was ended meanwhile."""
        here = self._actor.here.remote()
        while not ray.wait([here], timeout=MOVE_SECONDS)[0]:
            with self._lock:
                if self._ended is not None:
                    return False
                if self._nodes.should_move(self._seat):
                    self._leave()
                    self._sit()
                    here = self._actor.here.remote()
        ray.get(here)
        with self._lock:
            self._nodes.seated(self._seat)
            while self._sent:
                self._post(*self._sent.pop(0))
        return True
