"""Asks a server of language models whether it is there, what it speaks and which models it has."""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.settings import KEY_VARIABLE
from embtrainer_gui.core.translate import mark

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 15.0
MOST_BYTES = 2_000_000  # of an answer; a list of models is some kilobytes


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """``milliseconds`` until the list of models was there."""

    protocol: Literal["ollama", "openai"]
    models: tuple[str, ...]
    milliseconds: float


def host_of(address: str) -> str:
    """The machine that an address leads to, with its port where one is named."""
    return urlsplit(address).netloc


def is_this_machine(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def ask_server(address: str, key: str = "") -> ServerAnswer:
    """The models of the server at ``address``: by Ollama's own route, else as OpenAI and all that speak like it.

    No redirect is followed, no proxy used for this machine, and no key sent unencrypted to another one. Cancellable.

    Raises:
        EnvironmentProblem: nothing answers there in time, or not what such a server says.
        UserError: the server wants a key, or another one.
    """
    await asyncio.to_thread(importlib.import_module, "httpx")  # a quarter of a second that the window does not wait
    import httpx

    is_near = is_this_machine(address)
    headers = {"Authorization": f"Bearer {key}"} if key and (is_near or address.startswith("https:")) else {}
    timeout = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
    start = time.monotonic()
    try:
        async with (
            asyncio.timeout(TOTAL_SECONDS),
            httpx.AsyncClient(
                timeout=timeout, trust_env=not is_near, headers=headers, verify=address.startswith("https:")
            ) as client,  # certificates are read where they are needed
        ):
            protocol, models = await _models(client, address.rstrip("/"))
    except (TimeoutError, httpx.TimeoutException) as problem:
        raise EnvironmentProblem(
            mark("{host} did not answer within {seconds:.0f} seconds."),
            mark("Look whether the server is busy, or ask again."),
            host=host_of(address),
            seconds=TOTAL_SECONDS,
        ) from problem
    except httpx.HTTPError as problem:
        raise EnvironmentProblem(
            mark("Nothing can be reached at {host}: {reason}"),
            mark("Start the server (for Ollama: ollama serve), and look at the address and its port."),
            host=host_of(address),
            reason=str(problem) or type(problem).__name__,
        ) from problem
    return ServerAnswer(protocol, models, (time.monotonic() - start) * 1000)


async def _models(client: httpx.AsyncClient, address: str) -> tuple[Literal["ollama", "openai"], tuple[str, ...]]:
    if not address.endswith("/v1"):
        status, found = await _get(client, f"{address}/api/tags")
        if status == 200 and isinstance(found, dict) and isinstance(found.get("models"), list):
            return "ollama", _names(found["models"], "name")
        address += "/v1"
    status, found = await _get(client, f"{address}/models")
    if status in (401, 403):
        raise _wants_a_key(address)
    if status == 200 and isinstance(found, dict) and isinstance(found.get("data"), list):
        return "openai", _names(found["data"], "id")
    raise EnvironmentProblem(
        mark("{host} answers, but not as Ollama or a server that speaks like OpenAI (status {status})."),
        mark("Look at the address: it ends in the port or in /v1, without the name of a route."),
        host=host_of(address),
        status=status,
    )


async def _get(client: httpx.AsyncClient, url: str) -> tuple[int, Any]:
    """Status and parsed body, None where that is no JSON or longer than any list of models."""
    async with client.stream("GET", url) as response:
        body = b""
        async for part in response.aiter_bytes():
            body += part
            if len(body) > MOST_BYTES:
                return response.status_code, None
    try:
        return response.status_code, json.loads(body)
    except (ValueError, RecursionError):
        return response.status_code, None


def _names(rows: list[Any], key: str) -> tuple[str, ...]:
    return tuple(str(row[key]) for row in rows if isinstance(row, dict) and row.get(key))


def _wants_a_key(address: str) -> AppError:
    cure = mark("Set the environment variable {variable} to the server's key and start the program again.")
    if not is_this_machine(address) and address.startswith("http:"):
        cure = mark("Use an https:// address: no key is sent to another machine unencrypted.")
    return UserError(
        mark("{host} wants a key, or does not take the one that is set."),
        cure,
        host=host_of(address),
        variable=KEY_VARIABLE,
    )
