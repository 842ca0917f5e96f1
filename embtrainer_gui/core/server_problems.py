"""What can go wrong with a server of models, by what to do about it: wait, stop all, or leave this request out."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Literal

from embtrainer_gui.core.environment import KEY_VARIABLE
from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.server_address import host_of, takes_key
from embtrainer_gui.core.translate import mark

MOST_WORDS = 300  # characters of what a server says that a message repeats


class ServerAway(EnvironmentProblem):
    """Nothing listens there, no answer in time, or a failure of its own (reset, 5xx): ask again later."""

    cause: Literal["unreachable", "silent", "failed"] = "failed"


class ServerBusy(EnvironmentProblem):
    """429 or 503: ask again, after ``retry_after`` seconds where the server says so."""

    retry_after: float | None = None


class KeyRefused(UserError):
    """401 or 403: every request would be refused."""


class RequestRefused(UserError):
    """The server does not take this request (400, 413...)."""


class TooLong(RequestRefused):
    """The request does not fit into the context of the model."""


class FormatRefused(RequestRefused):
    """The server does not know a setting of the request. It is remembered: the next one goes without it."""


class PlaceRefused(RequestRefused):
    """True of every request to this address and model: no such model or route, a redirect, no money."""


class BadReply(EnvironmentProblem):
    """An answer that holds no text: HTML, null, no choices, too large, no UTF-8...

    ``excerpt`` is its beginning, for a log. ``is_foreign``: it is not of the protocol at all.
    """

    excerpt = ""
    is_foreign = False


def problem_of_status(address: str, status: int, headers: Mapping[str, str], body: bytes, key: str = "") -> AppError:
    """The problem that an HTTP status other than 200 stands for."""
    host, words = host_of(address), words_of(body, key)
    if 300 <= status < 400:
        return _redirect(host, headers)
    if status in (401, 403):
        return key_refused(address)
    if status in (429, 503):
        return _busy(host, status, headers, words)
    if status in (408, 425) or status >= 500:
        return ServerAway(
            mark("{host} failed (status {status}): {words}"),
            mark("Look at the server's own window or log."),
            host=host,
            status=status,
            words=words,
        )
    if status in (402, 404, 405, 410):
        return PlaceRefused(
            mark("{host} refuses (status {status}): {words}"),
            mark("Look at the address and at the name of the model."),
            host=host,
            status=status,
            words=words,
        )
    kind = TooLong if status == 413 or _is_about_length(words) else RequestRefused
    hint = mark("Use shorter passages or fewer questions a call, or a model with a longer context.")
    return kind(
        mark("{host} does not take the request (status {status}): {words}"),
        hint if kind is TooLong else mark("What the server says names what it did not take."),
        host=host,
        status=status,
        words=words,
    )


def key_refused(address: str) -> KeyRefused:
    cure = mark("Give the server's key in Settings, or set the environment variable {variable}.")
    if not takes_key(address):
        cure = mark("Use an https:// address: no key is sent to another machine unencrypted.")
    return KeyRefused(
        mark("{host} wants a key, or does not take the one that is set."),
        cure,
        host=host_of(address),
        variable=KEY_VARIABLE,
    )


def words_of(body: bytes, key: str = "") -> str:
    """What the server says about its refusal, in one short line without the key."""
    text = body[:20_000].decode("utf-8", "replace")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = "" if text.lstrip()[:1] == "<" else text
    for name in ("error", "message", "detail"):
        if isinstance(said, dict) and said.get(name):
            said = said[name]
    words = said if isinstance(said, str) else json.dumps(said)
    words = words.replace(key, "***") if key else words
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return words[:MOST_WORDS] or "-"


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Of a Retry-After header, which holds seconds or a date of HTTP; None where there is none."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal() and len(value) < 10:
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _busy(host: str, status: int, headers: Mapping[str, str], words: str) -> ServerBusy:
    problem = ServerBusy(
        mark("{host} is busy or allows no more requests now (status {status}): {words}"),
        mark("It is asked again by itself; fewer requests at once help."),
        host=host,
        status=status,
        words=words,
    )
    problem.retry_after = seconds_to_wait(headers)
    return problem


def _redirect(host: str, headers: Mapping[str, str]) -> PlaceRefused:
    return PlaceRefused(
        mark("{host} sends on to another address ({other}). Nothing was sent there."),
        mark("Where you trust that address, put it into the settings in place of this one."),
        host=host,
        other=host_of(headers.get("location", "")) or "-",
    )


def _is_about_length(words: str) -> bool:
    return any(part in words.lower() for part in ("context length", "context size", "context window", "too long"))
