"""On a node: asks the server of models that the node reaches under its address. No Ray in here."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from embtrainer_gui.core import keys
from embtrainer_gui.core.chat import ChatClient, ChatReply, ChatRequest, FormatRefused, ServerPlace
from embtrainer_gui.core.chat_batch import MOST_FORMATS
from embtrainer_gui.core.chat_facts import ServerFacts, server_facts
from embtrainer_gui.core.errors import AppError


class AskingActor:
    """An address such as http://localhost:11434 is the node's own server, and a key is the node's own.

    Its problems are given, not raised: Ray would wrap them.
    """

    def __init__(self, place: ServerPlace, total_seconds: float, *, own_key: bool) -> None:
        key = keys.key_for(place.address) if own_key else place.key
        self._place, self._total_seconds = replace(place, key=key), total_seconds
        self._client: ChatClient | None = None
        self._entering = asyncio.Lock()  # many requests come at once

    async def facts(self) -> ServerFacts | AppError:
        try:
            return await server_facts(self._place)
        except AppError as problem:
            return problem

    async def ask(self, request: ChatRequest) -> ChatReply | AppError:
        client = await self._entered()
        tries = 0
        while True:
            try:
                return await client.ask(request)
            except FormatRefused as problem:  # each server turns out by itself what it does not know
                tries += 1
                if tries > MOST_FORMATS:
                    return problem
            except AppError as problem:
                return problem

    async def _entered(self) -> ChatClient:
        async with self._entering:
            if self._client is None:
                client = ChatClient(self._place, self._total_seconds)
                await client.__aenter__()
                self._client = client
            return self._client
