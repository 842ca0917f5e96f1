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
from embtrainer_gui.stages.on_cluster import sent_by, working_on


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
def context_on(session: Session, project: Project, processes: int = 0) -> Iterator[Context]:
    """``stages.on_cluster.working_on`` for a command, whose user is asked for the consent."""
    options = session.options
    if options.on and not (address := cluster_address(options.on)).is_local:
        ensure_consent(session.output, project, address.name, sent_by(options.command), yes=options.yes)
    with working_on(session.context(project), options.command, options.on, processes) as ctx:
        yield ctx
