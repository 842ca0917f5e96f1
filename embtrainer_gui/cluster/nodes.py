"""The nodes of a cluster that may work: checked at the start, counted again while they come and go."""

from __future__ import annotations

import contextlib
import platform
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from embtrainer_gui import __version__
from embtrainer_gui.cluster import probe
from embtrainer_gui.cluster.seats import Node, Seat, Seats
from embtrainer_gui.cluster.session import Session
from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark

PROBE_SECONDS = 30.0  # a node starts a Python for its first task
LOOK_SECONDS = 0.5  # between two looks at which nodes are alive
FREE_SECONDS = 1.0  # between two looks at what is free, while somebody waits for it
AGAIN_SECONDS = 1.0
FIRST_SECONDS = 5.0  # for what is free at the start: without it, all counts as free

START_AGAIN = mark("Start the cluster again, or work without it: the same job goes on where it stopped.")

ray.cloudpickle.register_pickle_by_value(probe)


def on_node(node: Node) -> dict[str, Any]:
    """The Ray option that places an actor or a task there and nowhere else."""
    return {"scheduling_strategy": NodeAffinitySchedulingStrategy(node.id, soft=False)}


class Nodes:
    """Those that passed the check, and which of their processors have work of ours."""

    def __init__(self, reporter: Reporter, session: Session) -> None:
        found = _alive()
        if not found:
            raise EnvironmentProblem(mark("The Ray cluster has no node."), mark("Start one: ray start --address ..."))
        free = FreeProcessors()
        faults = _faults(found, reporter.raise_if_cancelled)
        self.all = [node for node in found if node.id not in faults]
        if not self.all:
            raise UserError(
                "{reason}", mark("Install the same versions everywhere."), reason=next(iter(faults.values()))
            )
        for fault in faults.values():
            reporter.warn(mark("{reason} The rest goes on without it.").format(reason=fault))
        self._session, self._wait = session, reporter.raise_if_cancelled
        self._free, self._seats = free, Seats(reporter.status)
        self._seats.see(free.now(FIRST_SECONDS) or {})
        self._roll = RollCall(session, {node.id for node in self.all})

    def names(self) -> str:
        return ", ".join(node.name for node in self.all)

    def alive(self) -> list[Node]:
        """Raises EnvironmentProblem where none is left."""
        if self._session.gone:
            raise cluster_gone()
        left = [node for node in self.all if node.id in self._roll.there]
        if not left:
            raise EnvironmentProblem(
                mark("All nodes of the Ray cluster are gone. What was done so far is kept."),
                START_AGAIN,
            )
        return left

    def most(self) -> int:
        """How many workers may be there now; called again and again while they work.

        Raises EnvironmentProblem where no node is left.
        """
        found = max(1, sum(node.cpus for node in self.alive()))
        if self._seats.somebody_waits() and self.answers() and (free := self._free.now()) is not None:
            self._seats.see(free)
        return found

    @property
    def gone(self) -> bool:
        return self._session.gone

    def answers(self) -> bool:
        """Whether the cluster does; to be asked before Ray is."""
        return self._session.answers()

    def end(self, actor: Any) -> None:
        """At once, whatever it does; its node may be gone."""
        if self.answers():
            with contextlib.suppress(Exception):
                ray.kill(actor)

    def take(self) -> Seat:
        """For a worker that Ray is then asked to start there."""
        self._session.settle(self._wait)
        return self._seats.take(self.alive())

    def seated(self, seat: Seat) -> None:
        """Its worker has answered."""
        self._seats.seated(seat)

    def should_move(self, seat: Seat) -> bool:
        """Its worker should be started elsewhere instead."""
        return self._seats.should_move(seat, self.alive())

    def give_back(self, seat: Seat, *, lost: bool = False) -> None:
        self._seats.give_back(seat, lost=lost)
        if lost and self.answers():  # its node may be gone
            self._roll.again()


def cluster_gone() -> EnvironmentProblem:
    return EnvironmentProblem(
        mark("The Ray cluster does not answer any more. What was done so far is kept."), START_AGAIN
    )


def may_be_gone(problem: Exception) -> bool:
    """Whether ``problem`` can be what a cluster that goes away looks like: Ray has many words for it."""
    return isinstance(problem, EnvironmentProblem) or not isinstance(problem, AppError)


class RollCall:
    """Which nodes are alive: asked by a thread of its own, since Ray waits for minutes where its first machine died."""

    def __init__(self, session: Session, there: set[str]) -> None:
        self.there = there
        self._session = session
        self._now, self._fresh = threading.Event(), threading.Event()
        session.work_beside(self._call, self._now.set)

    def again(self) -> None:
        """Now, and wait a moment for it."""
        self._fresh.clear()
        self._now.set()
        self._fresh.wait(AGAIN_SECONDS)

    def _call(self) -> None:
        while self._session.goes_on():
            with contextlib.suppress(Exception):  # the session knows better what is gone
                self.there = {node.id for node in _alive()}
                self._fresh.set()
            self._now.wait(LOOK_SECONDS)
            self._now.clear()


class FreeProcessors:
    """Asked for without waiting for the answer."""

    def __init__(self) -> None:
        self._ask = ray.remote(probe.free_processors).options(num_cpus=0)
        self._asked: Any = self._ask.remote()
        self._when = time.monotonic()

    def now(self, seconds: float = 0.0) -> dict[str, float] | None:
        """By the id of the node; None where there is nothing new after ``seconds``."""
        if self._asked is None:
            if time.monotonic() - self._when > FREE_SECONDS:
                self._asked, self._when = self._ask.remote(), time.monotonic()
            return None
        found: dict[str, float] | None = None
        with contextlib.suppress(ray.exceptions.RayError):
            if not ray.wait([self._asked], timeout=seconds)[0]:
                return None
            found = ray.get(self._asked)
        self._asked = None
        return found


def _alive() -> list[Node]:
    rows = [row for row in ray.nodes() if row["Alive"]]
    hosts = Counter(row["NodeManagerHostname"] for row in rows)
    found = []
    for row in rows:
        host, address = row["NodeManagerHostname"], row["NodeManagerAddress"]
        name = host if hosts[host] == 1 else f"{host} ({address}:{row['NodeManagerPort']})"
        found.append(Node(row["NodeID"], name, int(row["Resources"].get("CPU", 0))))
    return [node for node in found if node.cpus]


def _faults(nodes: list[Node], raise_if_cancelled: Callable[[], None]) -> dict[str, str]:
    """A sentence for each node that cannot work, by its id."""
    ask = ray.remote(probe.node_facts)
    asked = {ask.options(num_cpus=0, max_retries=0, **on_node(node)).remote(): node for node in nodes}
    faults, waiting, deadline = {}, list(asked), time.monotonic() + PROBE_SECONDS
    while waiting and time.monotonic() < deadline:
        raise_if_cancelled()
        ready, waiting = ray.wait(waiting, timeout=0.2)
        for reference in ready:
            node = asked[reference]
            try:
                fault = _fault(node, ray.get(reference))
            except ray.exceptions.RayError as problem:
                fault = mark("The node {name} does not run tasks: {reason}.").format(
                    name=node.name, reason=str(problem).strip().splitlines()[0][:200]
                )
            if fault:
                faults[node.id] = fault
    for reference in waiting:
        text = mark("The node {name} did not answer within {seconds:.0f} s.")
        faults[asked[reference].id] = text.format(name=asked[reference].name, seconds=PROBE_SECONDS)
    return faults


def _fault(node: Node, facts: dict[str, str]) -> str:
    if not facts["embtrainer"]:
        return mark("embtrainer is not installed on the node {name}.").format(name=node.name)
    if facts["embtrainer"] != __version__:
        text = mark("The node {name} has embtrainer {there}, this computer {here}.")
        return text.format(name=node.name, there=facts["embtrainer"], here=__version__)
    if facts["python"].split(".")[:2] != [str(part) for part in sys.version_info[:2]]:
        text = mark("The node {name} has Python {there}, this computer {here}.")
        return text.format(name=node.name, there=facts["python"], here=platform.python_version())
    if facts["lacks"]:
        return mark("The node {name} lacks {what}.").format(name=node.name, what=facts["lacks"])
    return ""
