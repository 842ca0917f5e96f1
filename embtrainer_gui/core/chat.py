"""One question to a language model on a server, and its answer: Ollama's own protocol, or OpenAI's."""

from __future__ import annotations

from embtrainer_gui.core.chat_protocol import body_of, learn, reply_of, url_of
from embtrainer_gui.core.chat_types import ChatReply, ChatRequest, ServerPlace
from embtrainer_gui.core.server_http import ServerHttp
from embtrainer_gui.core.server_problems import (
    BadReply,
    FormatRefused,
    KeyRefused,
    PlaceRefused,
    RequestRefused,
    ServerAway,
    ServerBusy,
    TooLong,
    problem_of_status,
)

__all__ = [
    "BadReply",
    "ChatClient",
    "ChatReply",
    "ChatRequest",
    "FormatRefused",
    "KeyRefused",
    "PlaceRefused",
    "RequestRefused",
    "ServerAway",
    "ServerBusy",
    "ServerPlace",
    "TooLong",
]
MOST_BYTES = 8_000_000  # of a reply: some thousand questions


class ChatClient:
    """Async context manager; ``async with ChatClient(place, 300) as client: reply = await client.ask(request)``.

    ``total_seconds`` is the longest that one request may take from its first byte to the last of the answer.
    """

    def __init__(self, place: ServerPlace, total_seconds: float) -> None:
        self.place, self.total_seconds = place, total_seconds
        self._http = ServerHttp(place.address, place.key, total_seconds)

    async def __aenter__(self) -> ChatClient:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._http.__aexit__(*problem)

    async def ask(self, request: ChatRequest) -> ChatReply:
        """Exactly one HTTP request.

        Raises:
            ServerAway: unreachable, reset, 5xx, or no whole answer in ``total_seconds``.
            ServerBusy: 429 or 503, with ``retry_after`` in seconds or None.
            KeyRefused: 401 or 403; every other request would be refused, too.
            PlaceRefused: no such model or route, or a redirect; every other request would be refused, too.
            FormatRefused: a setting is not known there; the same request again goes without it.
            TooLong, RequestRefused: this request is not taken.
            BadReply: an answer without a text.
        """
        body = body_of(self.place, request)
        answer = await self._http.send("POST", url_of(self.place), body, MOST_BYTES)
        if answer.status != 200:
            problem = problem_of_status(self.place.address, answer.status, answer.headers, answer.body, self.place.key)
            raise learn(self.place, body, problem)
        return reply_of(self.place, answer)
