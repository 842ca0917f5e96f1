"""Shards for actors: handed out, retried where a worker is lost, given back in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import ray

from embtrainer_gui.cluster.nodes import Nodes, on_node
from embtrainer_gui.cluster.seats import Seat
from embtrainer_gui.core.errors import AppError, EnvironmentProblem
from embtrainer_gui.core.translate import mark

IN_HAND = 2  # shards of a worker: the next one is there when the first is done
AHEAD = 4  # shards of each worker that may be done before an earlier one is
MOST_LOST = 3  # times that a shard may lose its worker: then it may be the cause
MOST_FAILED_STARTS = 3  # in a row
LOOK_SECONDS = 0.1  # between two looks at the cancel flag
Shard = TypeVar("Shard")
MakeActor = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Lost:
    """In place of a result: the shard lost its worker ``MOST_LOST`` times."""

    times: int


@dataclass(slots=True)
class _Item(Generic[Shard]):
    number: int
    shard: Shard
    lost: int = 0


@dataclass(slots=True, eq=False)
class _Worker(Generic[Shard]):
    actor: Any
    seat: Seat
    starts: deque[Any]  # what it still has to answer: that it has a processor, that its model is loaded
    items: deque[tuple[Any, _Item[Shard]]] = field(default_factory=deque)  # the first is being worked on


class Crew(Generic[Shard]):
    """A context manager; its actors are gone after the block.

    Args:
        make: gives an actor, from the options that place it.
        wait: called again and again; raises what ends the work.
    """

    def __init__(self, nodes: Nodes, make: MakeActor, wait: Callable[[], None]) -> None:
        self._nodes, self._make, self._wait = nodes, make, wait
        self._workers: list[_Worker[Shard]] = []
        self._waiting: deque[_Item[Shard]] = deque()
        self._results: dict[int, Any] = {}
        self._failed_starts = 0

    def __enter__(self) -> Crew[Shard]:
        return self

    def __exit__(self, *problem: object) -> None:
        while self._workers:
            self._end(self._workers[0])

    def map(self, shards: Iterable[Shard]) -> Iterator[Any]:
        """A result of the actors' ``work`` for each shard, in order; ``Lost`` where it always lost its worker.

        Raises:
            EnvironmentProblem: no node is left, or no worker starts.
        """
        source, given, next_ = enumerate(shards), 0, 0
        is_over = False
        while True:
            self._wait()
            most = self._nodes.most()
            while not is_over and len(self._waiting) < most and given - next_ < AHEAD * most:
                found = next(source, None)
                is_over = found is None
                if found is not None:
                    self._waiting.append(_Item(*found))
                    given += 1
            self._hand_out(most)
            while next_ in self._results:
                yield self._results.pop(next_)
                next_ += 1
            if is_over and next_ == given:
                return
            self._collect()

    def _hand_out(self, most: int) -> None:
        while len(self._workers) < min(most, len(self._waiting) + sum(bool(worker.items) for worker in self._workers)):
            seat = self._nodes.take()
            actor = self._make({"num_cpus": 1, "max_restarts": 0, **on_node(seat.node)})
            self._workers.append(_Worker(actor, seat, deque([actor.here.remote(), actor.ready.remote()])))
        for in_hand in range(IN_HAND):
            for worker in self._workers:
                if self._waiting and not worker.starts and len(worker.items) == in_hand:
                    item = self._waiting.popleft()
                    worker.items.append((worker.actor.work.remote(item.shard), item))

    def _collect(self) -> None:
        for worker in [worker for worker in self._workers if self._nodes.should_move(worker.seat)]:
            self._end(worker)
        first = {w.starts[0] if w.starts else w.items[0][0]: w for w in self._workers if w.starts or w.items}
        ready, _ = ray.wait(list(first), timeout=LOOK_SECONDS) if first else ([], [])
        for reference in ready:
            worker = first[reference]
            try:
                result = ray.get(reference)
            except ray.exceptions.RayTaskError as problem:
                raise problem.cause if isinstance(problem.cause, AppError) else problem from problem
            except ray.exceptions.RayError as problem:
                self._lose(worker, problem)
                continue
            if worker.starts:
                self._on_start(worker)
            else:
                self._results[worker.items.popleft()[1].number] = result

    def _on_start(self, worker: _Worker[Shard]) -> None:
        worker.starts.popleft()
        self._nodes.seated(worker.seat)
        if not worker.starts:
            self._failed_starts = 0

    def _lose(self, worker: _Worker[Shard], problem: Exception) -> None:
        items = [item for _, item in worker.items]
        self._end(worker, lost=True)
        is_there = worker.seat.node in self._nodes.alive()
        self._failed_starts += bool(worker.starts) and is_there
        if self._failed_starts > MOST_FAILED_STARTS:
            raise EnvironmentProblem(
                mark("No worker starts on the Ray cluster: {reason}"),
                mark("Look at the cluster's own logs, or work without it."),
                reason=" ".join(str(problem).split())[:300],
            ) from problem
        if items:
            items[0].lost += 1
            if items[0].lost >= MOST_LOST:
                self._results[items[0].number] = Lost(items[0].lost)
                del items[0]
        self._waiting.extendleft(reversed(items))

    def _end(self, worker: _Worker[Shard], *, lost: bool = False) -> None:
        self._workers.remove(worker)
        self._nodes.end(worker.actor)
        self._nodes.give_back(worker.seat, lost=lost)
