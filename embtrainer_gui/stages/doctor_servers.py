"""Whether the servers of the settings answer. They are asked only by a person's wish."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.settings import Server
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.doctor_findings import Finding

SECONDS = 15.0  # for all of them, side by side


def look_at_servers(servers: Sequence[Server], *, ask: bool) -> tuple[list[dict[str, str]], list[Finding]]:
    """``[{"name", "state"}]``, and what is wrong with those that were asked. Keys are in neither."""
    if not ask:
        return [_row(server, mark("not asked")) for server in servers], []
    answers = asyncio.run(_all(servers))
    rows, found = [], []
    for server, answer in zip(servers, answers, strict=True):
        rows.append(_row(server, mark("does not answer") if isinstance(answer, dict) else answer))
        if isinstance(answer, dict):
            found.append(answer)
    return rows, found


async def _all(servers: Sequence[Server]) -> list[str | Finding]:
    return list(await asyncio.gather(*map(_ask, servers)))


async def _ask(server: Server) -> str | Finding:
    from embtrainer_gui.core.server_probe import probe_models

    try:
        async with asyncio.timeout(SECONDS):
            facts = await probe_models(server.address)
    except TimeoutError:
        what = mark("{name} did not answer within {seconds:.0f} seconds.").format(name=server.name, seconds=SECONDS)
        return {"what": what, "cure": mark("Look whether it runs, and whether its address is right.")}
    except AppError as problem:
        return {"what": f"{server.name}: {problem.message}", "cure": problem.hint}
    return mark("answers, {number} models").format(number=len(facts.models))


def _row(server: Server, state: str) -> dict[str, str]:
    return {"name": server.name, "state": f"{host_of(server.address)}, {state}"}
