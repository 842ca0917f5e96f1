"""The nodes of a cluster that may work: checked at the start, counted again while they come and go."""

from __future__ import annotations

import platform
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from embtrainer_gui import __version__
from embtrainer_gui.cluster import probe
from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.translate import mark

PROBE_SECONDS = 30.0  # a node starts a Python for its first task
LOOK_SECONDS = 0.5  # between two looks at which nodes are alive

ray.cloudpickle.register_pickle_by_value(probe)


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    name: str  # its host, and its address where hosts share a name
    cpus: int


def on_node(node: Node) -> dict[str, Any]:
    """The Ray option that places an actor or a task there and nowhere else."""
    return {"scheduling_strategy": NodeAffinitySchedulingStrategy(node.id, soft=False)}


class Nodes:
    """Those that passed the check. ``taken`` counts their processors that have work of ours."""

    def __init__(self, warn: Callable[[str], None], raise_if_cancelled: Callable[[], None]) -> None:
        found = _alive()
        if not found:
            raise EnvironmentProblem(mark("The Ray cluster has no node."), mark("Start one: ray start --address ..."))
        faults = _faults(found, raise_if_cancelled)
        self.all = [node for node in found if node.id not in faults]
        if not self.all:
            raise UserError(
                "{reason}", mark("Install the same versions everywhere."), reason=next(iter(faults.values()))
            )
        for fault in faults.values():
            warn(mark("{reason} The rest goes on without it.").format(reason=fault))
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()
        self._suspect: Counter[str] = Counter()
        self._alive, self._looked = {node.id for node in self.all}, time.monotonic()

    def names(self) -> str:
        return ", ".join(node.name for node in self.all)

    def alive(self) -> list[Node]:
        """Raises EnvironmentProblem where none is left."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._alive, self._looked = {node.id for node in _alive()}, time.monotonic()
        left = [node for node in self.all if node.id in self._alive]
        if not left:
            raise EnvironmentProblem(
                mark("All nodes of the Ray cluster are gone. What was done so far is kept."),
                mark("Start the cluster again, or work without it: the same job goes on where it stopped."),
            )
        return left

    def most(self) -> int:
        return max(1, sum(node.cpus for node in self.alive()))

    def take(self) -> Node:
        """The node with the most room, then the one that lost the least work."""
        with self._lock:
            node = min(self.alive(), key=lambda node: (self._taken[node.id] >= node.cpus, *self._order(node)))
            self._taken[node.id] += 1
        return node

    def give_back(self, node: Node, *, lost: bool = False) -> None:
        with self._lock:
            self._taken[node.id] -= 1
            self._suspect[node.id] += lost
            self._looked -= LOOK_SECONDS * lost  # it may be gone

    def _order(self, node: Node) -> tuple[int, float]:
        return self._suspect[node.id], self._taken[node.id] / max(1, node.cpus)


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
