"""What tests of the Ray cluster share: a place on it, other jobs that have its processors, who acts at an event."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from two_nodes import TwoNodes

from embtrainer_gui.core.cluster_address import cluster_address
from embtrainer_gui.core.messages import Event, Status
from embtrainer_gui.stages.context import Context

if TYPE_CHECKING:
    from embtrainer_gui.cluster.workplace import RayWorkplace


class Listener:
    """Keeps the events of a job, and does something at the first that is ``at``."""

    def __init__(self, act: Callable[[], None], at: Callable[[Event], bool]) -> None:
        self.events: list[Event] = []
        self._act: Callable[[], None] | None = act
        self._at = at

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self._act is not None and self._at(event):
            act, self._act = self._act, None
            act()

    @property
    def acted(self) -> bool:
        return self._act is None

    @property
    def said(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Status)]


def on_ray(nodes: TwoNodes, ctx: Context) -> Any:
    from embtrainer_gui.cluster.workplace import ray_workplace

    return ray_workplace(cluster_address(nodes.address), ctx)


class Others:
    """Other jobs, each of which has the one processor of a node."""

    def __init__(self) -> None:
        import ray

        @ray.remote(num_cpus=1)
        class Job:
            def here(self) -> None: ...

        self._job: Any = Job
        self._at: dict[str, Any] = {}

    def take(self, *nodes: str) -> None:
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        for node in nodes:
            place = NodeAffinitySchedulingStrategy(node, soft=False)
            self._at[node] = self._job.options(scheduling_strategy=place).remote()
            ray.get(self._at[node].here.remote())
        self._wait_for(0.0, nodes)

    def leave(self, node: str) -> None:
        import ray

        ray.kill(self._at.pop(node))

    def _wait_for(self, number: float, nodes: tuple[str, ...]) -> None:
        """Ray tells of it after a moment."""
        from embtrainer_gui.cluster.probe import free_processors

        deadline = time.monotonic() + 30
        while any(free_processors()[node] != number for node in nodes):
            assert time.monotonic() < deadline
            time.sleep(0.05)


@contextmanager
def beside_others(nodes: TwoNodes, ctx: Context, *busy: int) -> Iterator[tuple[RayWorkplace, Others, list[str]]]:
    """As ``on_ray``, with another job on the nodes of these numbers; gives the ids of all nodes too."""
    import ray

    from embtrainer_gui.cluster.connection import connected
    from embtrainer_gui.cluster.nodes import Nodes
    from embtrainer_gui.cluster.workplace import RayWorkplace

    with connected(cluster_address(nodes.address), 0, lambda: None) as session:
        ids = [row["NodeID"] for row in ray.nodes() if row["Alive"]]
        others = Others()
        others.take(*(ids[number] for number in busy))
        yield RayWorkplace(Nodes(ctx, session), ctx, is_local=False), others, ids
