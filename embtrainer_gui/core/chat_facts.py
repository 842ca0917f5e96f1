"""What a server of language models says about itself, and what a short question tells: models, context, JSON, speed."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from embtrainer_gui.core.chat import ChatClient
from embtrainer_gui.core.chat_protocol import dialect_of
from embtrainer_gui.core.chat_types import ChatReply, ChatRequest, Protocol, ServerPlace
from embtrainer_gui.core.errors import AppError, EnvironmentProblem
from embtrainer_gui.core.server_address import host_of, ollama_base, openai_base
from embtrainer_gui.core.server_http import HttpAnswer, ServerHttp
from embtrainer_gui.core.server_problems import FormatRefused, ServerAway, key_refused, problem_of_status
from embtrainer_gui.core.translate import mark

FACTS_SECONDS = 15.0  # for each thing that is asked
SPEED_SECONDS = 180.0  # a local server loads its model first
MOST_BYTES = 4_000_000  # of a list of models
MOST_MODELS = 5000
OLLAMA_CONTEXT = 4096  # where neither the model nor a person says another one
SPEED_TOKENS = 96
CONTEXT_NAMES = ("max_model_len", "loaded_context_length", "max_context_length", "context_length", "context_window")
"""Of a row in a list of models: vLLM, LM Studio, LM Studio, OpenRouter, Groq."""
SENTENCE = "Write the numbers from one to sixty as words, separated by commas."
COLOUR = "Which colour is fresh grass?"
COLOUR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"colour": {"type": "string"}},
    "required": ["colour"],
    "additionalProperties": False,
}
JsonAbility = Literal["schema", "object", "none"]


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """``context_tokens`` is the longest context of the place's model, ``context_now`` what it has unless a request asks
    for more (Ollama cuts the rest off silently); None where the server does not say. ``version`` may be empty."""

    version: str
    models: tuple[str, ...]
    context_tokens: int | None
    context_now: int | None


@dataclass(frozen=True, slots=True)
class ServerSpeed:
    """``json_ability``: it keeps to a schema, to JSON of any shape, or to neither."""

    tokens_per_second: float
    json_ability: JsonAbility


async def protocol_at(address: str, key: str = "") -> Protocol:
    """What the server at ``address`` speaks: Ollama's own protocol where it can, else OpenAI's.

    Raises:
        ServerAway: nothing answers there.
        KeyRefused: it wants a key, or another one.
        EnvironmentProblem: something else answers there.
    """
    async with ServerHttp(address, key, FACTS_SECONDS) as http:
        if (
            _rows(await http.send("GET", f"{ollama_base(address)}/api/tags", most_bytes=MOST_BYTES), "models")
            is not None
        ):
            return "ollama"
        await _openai_rows(http, address, key)
        return "openai"


async def server_facts(place: ServerPlace) -> ServerFacts:
    """Ask a server about itself; its answers are taken for what they are. ``place.model`` may be empty.

    Raises: as ``protocol_at``.
    """
    async with ServerHttp(place.address, place.key, FACTS_SECONDS) as http:
        return await (_ollama_facts(http, place) if place.protocol == "ollama" else _openai_facts(http, place))


async def speed_of(place: ServerPlace) -> ServerSpeed:
    """Two short questions, which hold no text of the user: one that wants JSON, one that is timed.

    Raises: as ``ChatClient.ask``.
    """
    async with ChatClient(place, SPEED_SECONDS) as client:
        request = ChatRequest("Answer in JSON.", COLOUR, COLOUR_SCHEMA, max_tokens=200, temperature=0.0)
        reply = await _with_what_it_knows(client, request)
        ability: JsonAbility = dialect_of(place).json if _is_colour(reply.text) else "none"
        timed = await client.ask(ChatRequest("", SENTENCE, max_tokens=SPEED_TOKENS, temperature=0.0))
    tokens = timed.completion_tokens or max(1, len(timed.text) // 4)
    return ServerSpeed(tokens / max(timed.seconds, 1e-6), ability)


async def unload(place: ServerPlace) -> bool:
    """Let a server that can (Ollama) put its model out of memory; whether it did. A server that is away needs not."""
    if place.protocol != "ollama":
        return False
    async with ServerHttp(place.address, place.key, FACTS_SECONDS) as http:
        try:
            body = {"model": place.model, "keep_alive": 0}
            answer = await http.send("POST", f"{ollama_base(place.address)}/api/generate", body)
        except ServerAway:
            return False
    return answer.status == 200


async def _with_what_it_knows(client: ChatClient, request: ChatRequest) -> ChatReply:
    for _ in range(6):
        try:
            return await client.ask(request)
        except FormatRefused:
            continue
    return await client.ask(request)


def _is_colour(text: str) -> bool:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and isinstance(said.get("colour"), str)


# Ollama


async def _ollama_facts(http: ServerHttp, place: ServerPlace) -> ServerFacts:
    base = ollama_base(place.address)
    tags = await http.send("GET", f"{base}/api/tags", most_bytes=MOST_BYTES)
    rows = _rows(tags, "models")
    if rows is None:
        raise _other(place.address, place.key, tags)
    version = _object(await http.send("GET", f"{base}/api/version")).get("version")
    longest = now = None
    if place.model:
        longest, now = await _ollama_context(http, base, place.model)
    return ServerFacts(_words(version), _names(rows, "name"), longest, now)


async def _ollama_context(http: ServerHttp, base: str, model: str) -> tuple[int | None, int | None]:
    shown = _object(await http.send("POST", f"{base}/api/show", {"model": model}, MOST_BYTES))
    info = shown.get("model_info")
    longest = (
        next((_count(info[name]) for name in info if name.endswith(".context_length")), None)
        if isinstance(info, dict)
        else None
    )
    loaded = _rows(await http.send("GET", f"{base}/api/ps"), "models") or []
    for row in loaded:
        if isinstance(row, dict) and row.get("name") == model and (count := _count(row.get("context_length"))):
            return longest, count
    said = re.search(r"^num_ctx\s+(\d{1,8})\s*$", str(shown.get("parameters", ""))[:10_000], re.MULTILINE)
    now = int(said[1]) if said else OLLAMA_CONTEXT
    return longest, min(now, longest or now)


# OpenAI and those that speak like it


async def _openai_facts(http: ServerHttp, place: ServerPlace) -> ServerFacts:
    rows = await _openai_rows(http, place.address, place.key)
    base = openai_base(place.address).removesuffix("/v1")
    context = _context_in(rows, place.model)
    version = ""
    if base != openai_base(place.address):  # the routes of local servers, beside /v1
        asked: tuple[tuple[str, Callable[[dict[str, Any]], tuple[str, int | None]]], ...] = (
            ("/version", lambda said: (_words(said.get("version")), None)),
            ("/props", _llamacpp),
            ("/api/v0/models", lambda said: ("", _context_in(said.get("data"), place.model))),
        )
        for route, read in asked:
            if version and context:
                break
            found, length = read(_object(await _or_nothing(http.send("GET", base + route, most_bytes=MOST_BYTES))))
            version, context = version or found, length or context
    return ServerFacts(version, _names(rows, "id"), context, context)


def _llamacpp(said: dict[str, Any]) -> tuple[str, int | None]:
    settings = said.get("default_generation_settings")
    length = _count(settings.get("n_ctx")) if isinstance(settings, dict) else None
    return _words(said.get("build_info")), length


async def _or_nothing(asked: Awaitable[HttpAnswer]) -> HttpAnswer:
    """What only some servers know: a failure there is no failure of the server."""
    try:
        return await asked
    except AppError:
        return HttpAnswer(0, {}, b"", 0.0)


async def _openai_rows(http: ServerHttp, address: str, key: str) -> list[Any]:
    answer = await http.send("GET", f"{openai_base(address)}/models", most_bytes=MOST_BYTES)
    rows = _rows(answer, "data")
    if rows is None:
        raise _other(address, key, answer)
    return rows


def _context_in(rows: Any, model: str) -> int | None:
    """Of the row of ``model``, or of the only row."""
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    mine = [row for row in rows if row.get("id") == model] or (rows if len(rows) == 1 else [])
    return next((count for row in mine for name in CONTEXT_NAMES if (count := _count(row.get(name)))), None)


# Answers that may hold anything


def _object(answer: HttpAnswer) -> dict[str, Any]:
    """The JSON object of an answer, an empty one where it holds none."""
    try:
        said = json.loads(answer.body) if answer.status == 200 else None
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _rows(answer: HttpAnswer, name: str) -> list[Any] | None:
    rows = _object(answer).get(name)
    return rows[:MOST_MODELS] if isinstance(rows, list) else None


def _names(rows: list[Any], key: str) -> tuple[str, ...]:
    return tuple(_words(row[key]) for row in rows if isinstance(row, dict) and row.get(key))


def _words(value: Any) -> str:
    text = str(value or "")[:200]
    return text if text.isprintable() else repr(text)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**8 else None


def _other(address: str, key: str, answer: HttpAnswer) -> AppError:
    """Why an answer is not that of a server of models."""
    if answer.status in (401, 403):
        return key_refused(address)
    if answer.status == 429:
        return problem_of_status(address, answer.status, answer.headers, answer.body, key)
    return EnvironmentProblem(
        mark("{host} answers, but not as Ollama or a server that speaks like OpenAI (status {status})."),
        mark("Look at the address: it ends in the port or in /v1, without the name of a route."),
        host=host_of(address),
        status=answer.status,
    )
