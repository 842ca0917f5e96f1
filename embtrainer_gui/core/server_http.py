"""HTTP with a server that is not trusted: one request, a deadline for the whole of it, a cap on what comes back."""

from __future__ import annotations

import asyncio
import importlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_address import host_of, is_metadata, is_this_machine, names_a_host, takes_key
from embtrainer_gui.core.server_problems import BadReply, PlaceRefused, ServerAway
from embtrainer_gui.core.translate import mark

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 2.5  # of a connection that is used again: servers close theirs after five
EXCERPT = 500  # bytes of a bad reply that are kept


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """``seconds`` from the first byte sent to the last received; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class ServerHttp:
    """Async context manager around one pool of connections.

    No redirect is followed, no proxy used for this machine, no key sent unencrypted to another one, and nothing sent
    to a name that leads to a link-local address, where clouds keep the credentials of a machine.
    """

    def __init__(self, address: str, key: str, total_seconds: float) -> None:
        self._address, self._total_seconds = address, total_seconds
        self._key = key if takes_key(address) else ""
        self._client: httpx.AsyncClient | None = None
        self._extensions = {"trace": _refuse_metadata} if names_a_host(address) else {}

    async def __aenter__(self) -> ServerHttp:
        await asyncio.to_thread(importlib.import_module, "httpx")  # a quarter of a second that the window does not wait
        import httpx

        headers = {"Accept-Encoding": "identity"}  # a small compressed body can be a large one
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        self._client = httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(None, connect=min(CONNECT_SECONDS, self._total_seconds)),  # the deadline is send()'s
            trust_env=not is_this_machine(self._address),
            follow_redirects=False,
            limits=httpx.Limits(keepalive_expiry=IDLE_SECONDS),  # as many connections as are in flight
            verify=self._address.startswith("https:"),  # certificates are read where they are needed
        )
        return self

    async def __aexit__(self, *problem: object) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def send(self, method: str, url: str, payload: Any = None, most_bytes: int = 2_000_000) -> HttpAnswer:
        """One request, with ``payload`` as JSON; every status is an answer. Cancellable.

        Raises:
            ServerAway: nothing answers there, or not wholly within the deadline.
            BadReply: more than ``most_bytes``.
            PlaceRefused: the name of the server leads to a link-local address.
        """
        import httpx

        try:
            async with asyncio.timeout(self._total_seconds):
                return await self._send(method, url, payload, most_bytes)
        except (TimeoutError, httpx.TimeoutException) as problem:
            raise self._silent(isinstance(problem, httpx.ConnectTimeout)) from problem
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
            raise self._unreachable(problem, isinstance(problem, httpx.ConnectError)) from problem

    async def _send(self, method: str, url: str, payload: Any, most_bytes: int) -> HttpAnswer:
        if self._client is None:
            raise RuntimeError("ServerHttp is used outside its context")
        content = None if payload is None else json.dumps(payload).encode()  # ASCII: surrogates stay escaped
        headers = {} if content is None else {"Content-Type": "application/json"}
        start, body = time.monotonic(), bytearray()
        async with self._client.stream(
            method, url, content=content, headers=headers, extensions=self._extensions
        ) as response:
            async for part in response.aiter_raw():
                body += part
                if len(body) > most_bytes:
                    raise self._too_large(most_bytes, bytes(body[:EXCERPT]))
            return HttpAnswer(response.status_code, response.headers, bytes(body), time.monotonic() - start)

    def _silent(self, is_unreachable: bool) -> AppError:
        problem = ServerAway(
            mark("{host} did not answer within {seconds:.0f} seconds."),
            mark("Look whether the server is busy, or ask again."),
            host=host_of(self._address),
            seconds=CONNECT_SECONDS if is_unreachable else self._total_seconds,
        )
        problem.cause = "unreachable" if is_unreachable else "silent"
        return problem

    def _unreachable(self, reason: Exception, is_unreachable: bool) -> AppError:
        problem = ServerAway(
            mark("Nothing can be reached at {host}: {reason}"),
            mark("Start the server (for Ollama: ollama serve), and look at the address and its port."),
            host=host_of(self._address),
            reason=str(reason) or type(reason).__name__,
        )
        problem.cause = "unreachable" if is_unreachable else "failed"
        return problem

    def _too_large(self, most_bytes: int, excerpt: bytes) -> BadReply:
        problem = BadReply(
            mark("{host} answers with more than {count} MB."),
            mark("Such an answer is not read further. Look whether this is a server of language models."),
            host=host_of(self._address),
            count=most_bytes // 1_000_000,
        )
        problem.excerpt, problem.is_foreign = excerpt.decode("utf-8", "replace"), True
        return problem


async def _refuse_metadata(event: str, info: Mapping[str, Any]) -> None:
    """Between connecting and sending: where does the name really lead?"""
    if event != "connection.connect_tcp.complete":
        return
    stream = info["return_value"]
    peer = stream.get_extra_info("server_addr")
    if peer and is_metadata(str(peer[0])):
        await stream.aclose()
        raise PlaceRefused(
            mark("The name of the server leads to {peer}, an address inside of this machine's network equipment."),
            mark("Nothing was sent. Where that is what you want, write this number in place of the name."),
            peer=peer[0],
        )
