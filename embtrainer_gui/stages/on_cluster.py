"""A stage that runs where its user said, once that place may get what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from embtrainer_gui.core import consent
from embtrainer_gui.core.cluster_address import cluster_address
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import Context

SENT = {"import": mark("The papers"), "run": mark("The papers")}
TEXTS = mark("The text of the passages")


@contextmanager
def working_on(ctx: Context, stage: str, on: str, processes: int = 0) -> Iterator[Context]:
    """``ctx`` works on the cluster ``on`` inside the block; "": on this computer, as ever.

    Args:
        processes: side by side where Ray is started here; 0: one a processor.

    Raises:
        UserError: no such address, Ray is not installed, or versions differ.
        ConsentNeeded: nobody said that the cluster may get what the stage sends.
        EnvironmentProblem: nothing answers there.
    """
    if not on:
        yield ctx
        return
    address = cluster_address(on)
    if not address.is_local and not consent.is_allowed(ctx.project, address.name):
        raise consent.consent_needed(address.name, sent_by(stage))
    from embtrainer_gui.cluster.workplace import ray_workplace

    before = ctx.workplace
    with ray_workplace(address, ctx, processes) as ctx.workplace:
        try:
            yield ctx
        finally:
            ctx.workplace = before


def sent_by(stage: str) -> str:
    """What of a project a stage sends to the nodes, in words."""
    return SENT.get(stage, TEXTS)
