"""``--on``: where the shards of a command run, with the consent that sending them there needs."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator

from embtrainer_gui.cli.consent import ensure_consent
from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.cluster_address import cluster_address
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import Context

PAPERS = mark("The papers")
TEXTS = mark("The text of the passages")


def add_on(parser: argparse.ArgumentParser, *, yes: bool = False) -> None:
    """``yes``: the command has no --yes of its own yet."""
    help_ = mark(
        "Share the work out with Ray: ray on this computer, ray://HOST:10001 on a cluster, HOST:6379 on the cluster"
        " that this computer is a node of. Left out, this computer works as ever."
    )
    parser.add_argument("--on", metavar="ADDRESS", default="", help=help_)
    if yes:
        parser.add_argument("--yes", action="store_true", help=mark("Papers and texts may go to the cluster of --on."))


@contextlib.contextmanager
def context_on(session: Session, project: Project, what: str, processes: int = 0) -> Iterator[Context]:
    """The context of a stage that runs where --on says, and ``what`` may go there.

    Raises:
        UserError: no such address, Ray is not installed, or versions differ.
        ConsentNeeded: the cluster may not get it.
        EnvironmentProblem: nothing answers there.
    """
    ctx = session.context(project)
    if not session.options.on:
        yield ctx
        return
    address = cluster_address(session.options.on)
    if not address.is_local:
        ensure_consent(session.output, project, address.name, what, yes=session.options.yes)
    from embtrainer_gui.cluster.workplace import ray_workplace

    with ray_workplace(address, ctx, processes) as ctx.workplace:
        yield ctx
