"""The two protocols of chat: the body of a request, the text of a reply, and what a server turned out not to know."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, replace
from typing import Any, Literal

from embtrainer_gui.core.chat_types import ChatReply, ChatRequest, ServerPlace
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_address import host_of, ollama_base, openai_base
from embtrainer_gui.core.server_http import EXCERPT, HttpAnswer
from embtrainer_gui.core.server_problems import (
    BadReply,
    FormatRefused,
    PlaceRefused,
    RequestRefused,
    ServerAway,
    TooLong,
    words_of,
)
from embtrainer_gui.core.translate import mark

Json = dict[str, Any]
ABOUT_FORMAT = (
    "response_format",
    "json_schema",
    "json schema",
    "json_object",
    "grammar",
    "guided",
    "structured output",
)
OPTIONAL = ("think", "temperature", "top_p", "seed")
"""Settings that some models or servers refuse; without them they answer as they like."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a place takes. It is learnt from its refusals and remembered while the program runs."""

    json: Literal["schema", "object", "none"] = "schema"
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    without: frozenset[str] = frozenset()


_dialects: dict[tuple[str, str, str], Dialect] = {}
_lock = threading.Lock()


def dialect_of(place: ServerPlace) -> Dialect:
    return _dialects.get((place.protocol, place.address, place.model), Dialect())


def url_of(place: ServerPlace) -> str:
    if place.protocol == "ollama":
        return f"{ollama_base(place.address)}/api/chat"
    return f"{openai_base(place.address)}/chat/completions"


def body_of(place: ServerPlace, request: ChatRequest) -> Json:
    """The JSON of a request in the protocol of ``place``."""
    dialect = dialect_of(place)
    body = (
        _ollama_body(place, request, dialect) if place.protocol == "ollama" else _openai_body(place, request, dialect)
    )
    for name in dialect.without:
        body.pop(name, None)
    return body


def _ollama_body(place: ServerPlace, request: ChatRequest, dialect: Dialect) -> Json:
    message: Json = {"role": "user", "content": clean(request.user)}
    if request.images:
        message["images"] = [base64.b64encode(image).decode() for image in request.images]
    options: Json = {
        "num_predict": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
    }
    if request.context_tokens:
        options["num_ctx"] = request.context_tokens
    if request.seed is not None:
        options["seed"] = request.seed
    body: Json = {
        "model": place.model,
        "messages": [*_system(request), message],
        "stream": False,
        "think": False,
        "options": options,
    }
    if request.schema is not None and dialect.json != "none":
        body["format"] = request.schema if dialect.json == "schema" else "json"
    return body


def _openai_body(place: ServerPlace, request: ChatRequest, dialect: Dialect) -> Json:
    content: str | list[Json] = clean(request.user)
    if request.images:
        pictures = [{"type": "image_url", "image_url": {"url": _data_url(image)}} for image in request.images]
        content = [{"type": "text", "text": content}, *pictures]
    body: Json = {
        "model": place.model,
        "messages": [*_system(request), {"role": "user", "content": content}],
        "stream": False,
        dialect.limit: request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
    }
    if request.seed is not None:
        body["seed"] = request.seed
    if request.schema is not None and dialect.json == "schema":
        named = {"name": "answer", "strict": True, "schema": request.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    elif request.schema is not None and dialect.json == "object":
        body["response_format"] = {"type": "json_object"}
    return body


def _system(request: ChatRequest) -> list[Json]:
    return [{"role": "system", "content": clean(request.system)}] if request.system else []


def _data_url(image: bytes) -> str:
    kind = "jpeg" if image[:2] == b"\xff\xd8" else "png"
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"


def learn(place: ServerPlace, body: Json, problem: AppError) -> AppError:
    """``problem``, or FormatRefused where the same request can go again without what the server did not know."""
    if isinstance(problem, TooLong | PlaceRefused) or not isinstance(problem, RequestRefused | ServerAway):
        return problem
    words = str(problem.values.get("words", "")).lower()
    with _lock:
        known = dialect_of(place)
        learnt = _taught(known, body, words, is_refusal=isinstance(problem, RequestRefused))
        if learnt is None:
            return problem
        _dialects[(place.protocol, place.address, place.model)] = learnt
    return FormatRefused(problem.template, mark("It is asked again without that."), **problem.values)


def _taught(known: Dialect, body: Json, words: str, is_refusal: bool) -> Dialect | None:
    """A dialect without what ``words`` complain of; the one that is known already where another reply taught it."""
    if is_refusal and "max_completion_tokens" in words and "max_tokens" in body:
        return replace(known, limit="max_completion_tokens")
    if is_refusal:
        for name in OPTIONAL:
            if name in body and name in words:
                return replace(known, without=known.without | {name})
    asked = _json_of(body)
    if asked != "none" and any(word in words for word in ABOUT_FORMAT):
        return known if known.json != asked else replace(known, json="object" if asked == "schema" else "none")
    return None


def _json_of(body: Json) -> Literal["schema", "object", "none"]:
    asked = body.get("format") or body.get("response_format")
    if not asked:
        return "none"
    return "object" if asked == "json" or asked == {"type": "json_object"} else "schema"


def reply_of(place: ServerPlace, answer: HttpAnswer) -> ChatReply:
    """The text of a reply with status 200.

    Raises:
        BadReply: there is none in it.
    """
    said = _parsed(place, answer)
    if not isinstance(said, dict):
        raise _foreign(place, answer, mark("{host} answers with JSON that is no answer of a model."))
    if said.get("error"):
        words = words_of(answer.body, place.key)
        raise _bad(place, answer, mark("{host} answers with an error in place of a text: {words}"), words=words)
    if place.protocol == "ollama":
        message, reason = said.get("message"), said.get("done_reason")
        used = said.get("prompt_eval_count"), said.get("eval_count")
    else:
        choices = said.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        message, reason = choice.get("message"), choice.get("finish_reason")
        usage = said["usage"] if isinstance(said.get("usage"), dict) else {}
        used = usage.get("prompt_tokens"), usage.get("completion_tokens")
    text = _text(message.get("content") if isinstance(message, dict) else None)
    if not text:
        raise _empty(place, answer, reason)
    finish = _finish(reason)
    return ChatReply(text, finish, _count(used[0]), _count(used[1]), answer.seconds)


def _parsed(place: ServerPlace, answer: HttpAnswer) -> Any:
    try:
        return json.loads(answer.body.decode("utf-8"))
    except UnicodeDecodeError as problem:
        raise _foreign(place, answer, mark("{host} answers with bytes that are no text (not UTF-8).")) from problem
    except (ValueError, RecursionError) as problem:
        raise _foreign(place, answer, mark("{host} answers, but not with the JSON of its protocol.")) from problem


def _text(content: Any) -> str:
    if isinstance(content, list):  # parts, as some servers answer
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(text for text in texts if isinstance(text, str))
    return clean(content).replace("\0", "").strip() if isinstance(content, str) else ""


def clean(text: str) -> str:
    """``text`` with lone surrogates, which neither UTF-8 nor a database takes, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _finish(reason: Any) -> Literal["stop", "length", "other"]:
    if reason in ("stop", "eos", None):
        return "stop"
    return "length" if reason in ("length", "max_tokens") else "other"


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _empty(place: ServerPlace, answer: HttpAnswer, reason: Any) -> BadReply:
    if _finish(reason) == "length":
        return _bad(place, answer, mark("{host} answers without a text: its model used all of its tokens before."))
    return _bad(place, answer, mark("{host} answers without a text."))


def _foreign(place: ServerPlace, answer: HttpAnswer, message: str) -> BadReply:
    problem = _bad(place, answer, message)
    problem.is_foreign = True
    return problem


def _bad(place: ServerPlace, answer: HttpAnswer, message: str, **values: object) -> BadReply:
    hint = mark("Ask again; where it stays so, look at the server's own log, or try another model.")
    problem = BadReply(message, hint, host=host_of(place.address), **values)
    excerpt = answer.body[:EXCERPT].decode("utf-8", "replace")
    problem.excerpt = excerpt.replace(place.key, "***") if place.key else excerpt
    return problem
