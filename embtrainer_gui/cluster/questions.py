"""The built-in generator on the nodes: the shards are its own batches, so the questions are those of one machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ray

from embtrainer_gui.cluster.crew import Crew, Lost, MakeActor
from embtrainer_gui.cluster.nodes import Nodes
from embtrainer_gui.cluster.work_actors import QuestionActor
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.records import MadeQuestion
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.builtin import BATCH
from embtrainer_gui.generate.wordings import builtin_generator


class RayGenerator:
    """As ``BuiltinGenerator``. A passage that takes its worker down again and again gives no question, and ``warn``
    says which one."""

    def __init__(
        self, nodes: Nodes, config: GenerateConfig, wait: Callable[[], None], warn: Callable[[str], None]
    ) -> None:
        self._nodes, self._wait, self._warn = nodes, wait, warn
        self._generator = builtin_generator(config)
        self.label = self._generator.label

    def prepare(self, texts: Sequence[str]) -> None:
        self._generator.prepare(texts)

    def make(self, texts: Sequence[str]) -> Iterator[list[MadeQuestion]]:
        corpus = ray.put(self._generator)  # once to each node

        def actor(options: dict[str, Any]) -> Any:
            return ray.remote(QuestionActor).options(**options).remote(corpus)

        with Crew[Sequence[str]](self._nodes, actor, self._wait) as crew:
            shards = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
            for shard, found in zip(shards, crew.map(shards), strict=True):
                yield from self._one_by_one(actor, shard) if isinstance(found, Lost) else found

    def _one_by_one(self, actor: MakeActor, texts: Sequence[str]) -> Iterator[list[MadeQuestion]]:
        """Of a shard that was lost: the rest of it is innocent."""
        with Crew[Sequence[str]](self._nodes, actor, self._wait) as crew:
            for text, found in zip(texts, crew.map([[text] for text in texts]), strict=True):
                if isinstance(found, Lost):
                    said = mark("A passage took its worker down {times} times and was left out: {text}...")
                    self._warn(said.format(times=found.times, text=" ".join(text.split())[:100]))
                yield from [[]] if isinstance(found, Lost) else found

    def close(self) -> None:
        """The workers have ended with ``make``."""
