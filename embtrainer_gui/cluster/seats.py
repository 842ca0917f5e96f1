"""Processors of the nodes for workers of ours: the free ones first, and a word to the user where there is none."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from embtrainer_gui.core.translate import mark

FULL_SECONDS = 3.0  # on a node that had no processor free
START_SECONDS = 20.0  # on one that had: a Python starts there
WAITS = mark("All processors of the Ray cluster are in use. Waiting for a free one...")
GOES_ON = mark("The Ray cluster has a free processor: the work goes on.")


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    name: str  # its host, and its address where hosts share a name
    cpus: int


@dataclass(slots=True, eq=False)
class Seat:
    """A processor of a node, once Ray gave it to the worker that asked for it: ``taken``."""

    node: Node
    patience: float
    taken: bool = False
    since: float = field(default_factory=time.monotonic)

    @property
    def waits_long(self) -> bool:
        return not self.taken and time.monotonic() - self.since > self.patience


class Seats:
    """Used by several threads.

    Args:
        status: what is said to the user goes there.
    """

    def __init__(self, status: Callable[[str], None]) -> None:
        self._status = status
        self._lock = threading.Lock()
        self._all: list[Seat] = []
        self._open: dict[str, int] = {}  # processors of each node that no other job has
        self._suspect: Counter[str] = Counter()
        self._told = False

    def see(self, free: Mapping[str, float]) -> None:
        """What Ray says that is free now on each node."""
        with self._lock:
            ours = Counter(seat.node.id for seat in self._all if seat.taken)
            self._open = {node: int(number) + ours[node] for node, number in free.items()}

    def take(self, nodes: Sequence[Node]) -> Seat:
        """On the one with the most room, then the one that lost the least work."""
        with self._lock:
            node = min(nodes, key=self._order)
            seat = Seat(node, START_SECONDS if self._room(node) > 0 else FULL_SECONDS)
            self._all.append(seat)
        return seat

    def seated(self, seat: Seat) -> None:
        seat.taken = True

    def give_back(self, seat: Seat, *, lost: bool = False) -> None:
        with self._lock:
            if seat in self._all:
                self._all.remove(seat)
                self._suspect[seat.node.id] += lost

    def should_move(self, seat: Seat, nodes: Sequence[Node]) -> bool:
        """It waits, and another node has a free processor."""
        if not seat.waits_long:
            return False
        with self._lock:
            return self._room(seat.node) < 0 and any(self._room(node) > 0 for node in nodes)

    def somebody_waits(self) -> bool:
        """As far as ``see`` should be called again; says to the user what that means for the work."""
        with self._lock:
            seats = list(self._all)
        works, waits = any(seat.taken for seat in seats), any(seat.waits_long for seat in seats)
        if waits and not works and not self._told:
            self._told = True
            self._status(WAITS)
        elif works and self._told:
            self._told = False
            self._status(GOES_ON)
        return waits

    def _room(self, node: Node) -> int:
        return min(self._open.get(node.id, node.cpus), node.cpus) - self._taken(node)

    def _taken(self, node: Node) -> int:
        return sum(seat.node.id == node.id for seat in self._all)

    def _order(self, node: Node) -> tuple[bool, bool, int, float]:
        taken = self._taken(node)
        return self._room(node) <= 0, taken >= node.cpus, self._suspect[node.id], taken / max(1, node.cpus)
