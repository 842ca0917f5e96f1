"""A server of models, or one on each node, asked from the nodes: a ``ChatClient`` for ``core.chat_batch``."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ray

from embtrainer_gui.cluster.asking_actor import AskingActor
from embtrainer_gui.cluster.nodes import Nodes, on_node
from embtrainer_gui.cluster.seats import Node
from embtrainer_gui.core.chat import ChatClient, ChatReply, ChatRequest, PlaceRefused, ServerPlace
from embtrainer_gui.core.chat_facts import ServerFacts
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.translate import mark

AT_ONCE = 256  # requests of a node: the pace of the batch bounds them before
MOST_LOST = 3  # times that a request may lose its node
FACTS_SECONDS = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Asker:
    actor: Any
    node: Node


def askers(nodes: Nodes, place: ServerPlace, total_seconds: float, *, is_local: bool) -> list[Asker]:
    """One on each node. No key travels to another machine: each finds its own."""
    sent = place if is_local else ServerPlace(place.protocol, place.address, place.model)
    made = ray.remote(AskingActor)
    return [
        Asker(
            made.options(num_cpus=0, max_restarts=0, max_concurrency=AT_ONCE, **on_node(node)).remote(
                sent, total_seconds, own_key=not is_local
            ),
            node,
        )
        for node in nodes.alive()
    ]


def ask_for_facts(found: list[Asker], warn: Callable[[str], None]) -> tuple[list[Asker], ServerFacts]:
    """The askers whose server is there, and what is true of all of these servers.

    Raises:
        AppError: of the first, where none is.
    """
    good, facts, problems = [], [], []
    asked = [(asker, asker.actor.facts.remote()) for asker in found]
    for asker, reference in asked:
        try:
            said = ray.get(reference, timeout=FACTS_SECONDS)
        except (ray.exceptions.RayError, ray.exceptions.GetTimeoutError) as problem:
            said = _gone(asker.node, str(problem))
        if isinstance(said, AppError):
            problems.append(said)
            warn(mark("Node {name}: {reason}").format(name=asker.node.name, reason=said.message))
        else:
            good.append(asker)
            facts.append(said)
    if not good:
        raise problems[0]
    contexts = [each.context_tokens for each in facts if each.context_tokens is not None]
    now = [each.context_now for each in facts if each.context_now is not None]
    first = facts[0]
    return good, ServerFacts(first.version, first.models, min(contexts, default=None), min(now, default=None))


class RayChat(ChatClient):
    """Each request goes to the node that has the fewest; one that is lost with its node goes to another."""

    def __init__(self, place: ServerPlace, total_seconds: float, nodes: Nodes, found: list[Asker]) -> None:
        super().__init__(place, total_seconds)
        self._nodes, self._askers = nodes, found
        self._in_flight: Counter[Asker] = Counter()

    async def __aenter__(self) -> ChatClient:
        return self

    async def __aexit__(self, *problem: object) -> None:
        end(self._nodes, self._askers)

    async def ask(self, request: ChatRequest) -> ChatReply:
        """Raises: as ``ChatClient.ask``; PlaceRefused where no node is left."""
        for _ in range(MOST_LOST):
            if not self._askers or self._nodes.gone:
                break
            asker = min(self._askers, key=self._in_flight.__getitem__)
            self._in_flight[asker] += 1
            try:
                found = await asyncio.wrap_future(asker.actor.ask.remote(request).future())
            except ray.exceptions.RayTaskError:
                raise  # a fault of the program's: another node would have it too
            except (ray.exceptions.RayError, ConnectionError):
                self._askers = [other for other in self._askers if other is not asker]
                continue
            finally:
                self._in_flight[asker] -= 1
            if isinstance(found, AppError):
                raise found
            assert isinstance(found, ChatReply)
            return found
        raise PlaceRefused(
            mark("All nodes of the Ray cluster that reach the server are gone. What was done so far is kept."),
            mark("Start the cluster again, or work without it: the same job goes on where it stopped."),
        )


def end(nodes: Nodes, found: list[Asker]) -> None:
    for asker in found:
        nodes.end(asker.actor)


def _gone(node: Node, reason: str) -> AppError:
    return PlaceRefused(
        mark("the node {name} is gone ({reason})"), name=node.name, reason=" ".join(reason.split())[:200]
    )
