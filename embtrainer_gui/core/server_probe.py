"""A short look at a server that reads papers: is it there, which version, which models. No paper is sent."""

from __future__ import annotations

import asyncio
import importlib

from embtrainer_gui.core.chat_facts import ServerFacts, protocol_at, server_facts
from embtrainer_gui.core.chat_types import ServerPlace
from embtrainer_gui.core.keys import key_for


async def probe_grobid(address: str) -> str:
    """The version of the GROBID at ``address``, "" where it does not say.

    Raises: as ``grobid.grobid_version``.
    """
    grobid = await asyncio.to_thread(importlib.import_module, "embtrainer_gui.core.grobid")  # httpx takes its time
    version: str = await grobid.grobid_version(address)
    return version


async def probe_models(address: str) -> ServerFacts:
    """What a server of models says about itself.

    Raises: as ``chat_facts.protocol_at``.
    """
    key = await asyncio.to_thread(key_for, address)
    place = ServerPlace(await protocol_at(address, key), address, "", key)
    return await server_facts(place)
