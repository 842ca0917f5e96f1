"""Where the shards of a stage run: in this process and its children, or on a Ray cluster. Results come here either
way, and one process commits them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from embtrainer_gui.core.chat import ChatClient, ServerPlace
    from embtrainer_gui.core.chat_facts import ServerFacts
    from embtrainer_gui.core.config import GenerateConfig, ImportConfig
    from embtrainer_gui.core.prompts import Prompts
    from embtrainer_gui.core.records import MadeQuestion
    from embtrainer_gui.extract.reading_process import ReadingProcesses
    from embtrainer_gui.ml.vector_index import ShardEncoder


class QuestionMaker(Protocol):
    """See ``generate.builtin.BuiltinGenerator``."""

    label: str

    def prepare(self, texts: Sequence[str]) -> None: ...

    def make(self, texts: Sequence[str]) -> Iterator[list[MadeQuestion]]: ...

    def close(self) -> None: ...


class Workplace(Protocol):
    """``Here``, or ``cluster.workplace.RayWorkplace``."""

    def reading_processes(self, config: ImportConfig) -> ReadingProcesses: ...

    def question_maker(self, config: GenerateConfig) -> QuestionMaker: ...

    def passage_encoder(self, folder: Path, max_seq_length: int, prompts: Prompts) -> ShardEncoder | None:
        """None: the stage's own encoder serves."""
        ...

    def server_facts(self, place: ServerPlace) -> ServerFacts:
        """What is true of the server of models at ``place``, as it is seen from where it will be asked."""
        ...

    def chat(self, place: ServerPlace, total_seconds: float) -> ChatClient: ...


class Here:
    """This computer, as ever."""

    def reading_processes(self, config: ImportConfig) -> ReadingProcesses:
        from embtrainer_gui.extract.reading_process import LocalProcesses

        return LocalProcesses(config)

    def question_maker(self, config: GenerateConfig) -> QuestionMaker:
        from embtrainer_gui.generate.wordings import builtin_generator

        return builtin_generator(config)

    def passage_encoder(self, folder: Path, max_seq_length: int, prompts: Prompts) -> ShardEncoder | None:
        return None

    def server_facts(self, place: ServerPlace) -> ServerFacts:
        from embtrainer_gui.core.chat_facts import server_facts

        return asyncio.run(server_facts(place))

    def chat(self, place: ServerPlace, total_seconds: float) -> ChatClient:
        from embtrainer_gui.core.chat import ChatClient

        return ChatClient(place, total_seconds)


HERE = Here()
