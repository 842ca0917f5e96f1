"""A Ray cluster as the place where a stage works: the counterpart of ``stages.workplace.Here``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from embtrainer_gui.cluster.connection import connected
from embtrainer_gui.core.translate import mark

if TYPE_CHECKING:
    from embtrainer_gui.cluster.nodes import Nodes
    from embtrainer_gui.cluster.questions import RayGenerator
    from embtrainer_gui.cluster.readers import RayReaders
    from embtrainer_gui.cluster.vectors import RayEncoder
    from embtrainer_gui.core.chat import ChatClient, ServerPlace
    from embtrainer_gui.core.chat_facts import ServerFacts
    from embtrainer_gui.core.cluster_address import ClusterAddress
    from embtrainer_gui.core.config import GenerateConfig, ImportConfig
    from embtrainer_gui.core.prompts import Prompts
    from embtrainer_gui.core.report import Reporter

GONE_SECONDS = 6.0  # after which it is known that the cluster is what failed


class RayWorkplace:
    """What it gives works on the nodes; what comes of it is committed by this process, as ever."""

    def __init__(self, nodes: Nodes, reporter: Reporter, *, is_local: bool) -> None:
        self.nodes, self._reporter, self._is_local = nodes, reporter, is_local

    def reading_processes(self, config: ImportConfig) -> RayReaders:
        from embtrainer_gui.cluster.readers import RayReaders

        return RayReaders(self.nodes, config, is_local=self._is_local)

    def question_maker(self, config: GenerateConfig) -> RayGenerator:
        from embtrainer_gui.cluster.questions import RayGenerator

        reporter = self._reporter
        return RayGenerator(self.nodes, config, reporter.raise_if_cancelled, reporter.warn)

    def passage_encoder(self, folder: Path, max_seq_length: int, prompts: Prompts) -> RayEncoder:
        from embtrainer_gui.cluster.vectors import RayEncoder

        wait = self._reporter.raise_if_cancelled
        return RayEncoder(self.nodes, folder, max_seq_length, prompts, wait, is_local=self._is_local)

    def server_facts(self, place: ServerPlace) -> ServerFacts:
        """Raises: as ``core.chat_facts.server_facts``, where no node reaches a server."""
        from embtrainer_gui.cluster.asking import ask_for_facts, askers, end

        found = askers(self.nodes, place, 0.0, is_local=self._is_local)
        try:
            return ask_for_facts(found, self._reporter.warn)[1]
        finally:
            end(self.nodes, found)

    def chat(self, place: ServerPlace, total_seconds: float) -> ChatClient:
        from embtrainer_gui.cluster.asking import RayChat, ask_for_facts, askers

        found = askers(self.nodes, place, total_seconds, is_local=self._is_local)
        return RayChat(place, total_seconds, self.nodes, ask_for_facts(found, lambda text: None)[0])


@contextlib.contextmanager
def ray_workplace(address: ClusterAddress, reporter: Reporter, processes: int = 0) -> Iterator[RayWorkplace]:
    """Ray is started or connected to, and its nodes are checked.

    Args:
        processes: side by side, where Ray is started here; 0: one a processor.

    Raises:
        UserError: Ray is not installed, or versions differ.
        EnvironmentProblem: nothing answers there.
    """
    if address.is_local:
        reporter.status(mark("Starting Ray on this computer..."))
    else:
        reporter.status(mark("Connecting to the Ray cluster at {address}...").format(address=address.name))
    with connected(address, processes, reporter.raise_if_cancelled) as session:
        from embtrainer_gui.cluster.nodes import Nodes, cluster_gone, may_be_gone

        nodes = Nodes(reporter, session)
        if not address.is_local:
            text = mark("What this needs goes to the cluster at {address}: {names}.")
            reporter.status(text.format(address=address.name, names=nodes.names()))
        try:
            yield RayWorkplace(nodes, reporter, is_local=address.is_local)
        except Exception as problem:
            if may_be_gone(problem) and session.wait_until_gone(GONE_SECONDS):
                raise cluster_gone() from problem
            raise
