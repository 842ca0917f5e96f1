"""The JSON in a model's reply: thinking, fences and prose around it are passed over, what is whole in a broken one is
kept. Nothing here takes longer than the reply is long."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LONGEST = 400_000  # characters of a reply that are looked at
MOST_ITEMS = 200
_LONGEST_REPAIRED, _MOST_NESTED = 20_000, 100  # json-repair takes minutes for thousands of open braces
_MOST_STARTS = 400  # places where a JSON value could begin

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_THINKING = re.compile(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_START = re.compile(r"[\[{]")
_FLOOD = re.compile(r"\s{1000,}")


@dataclass(frozen=True, slots=True)
class FoundItems:
    """``items`` are the values of the list that was asked for. ``whole`` is whether the JSON was as it should be;
    ``only_thought`` that the reply ended before it came to any."""

    items: tuple[Any, ...]
    whole: bool
    only_thought: bool = False
    left_out: int = 0


def clean_text(text: str) -> str:
    """Without NUL, other control characters and lone surrogates, which no database or font takes."""
    return _CONTROL.sub("", text)


def find_items(reply: str, keys: Sequence[str], item_keys: Sequence[str], *, cut: bool) -> FoundItems:
    """The items of the list under one of ``keys``, or of a bare list or run of objects with one of ``item_keys``.

    ``cut`` says that the reply ended at its limit: a last item that is not closed is then left out.
    """
    text = clean_text(reply[:LONGEST])
    answer = _FLOOD.sub(" ", without_thinking(text))
    if not answer.strip():
        return FoundItems((), whole=False, only_thought=bool(text.strip()))
    items, whole = _scan(answer, keys, item_keys)
    if not whole:
        repaired = _repaired(answer, keys, item_keys, cut=cut)
        items = repaired if len(repaired) > len(items) else items
    return FoundItems(tuple(items[:MOST_ITEMS]), whole, left_out=max(0, len(items) - MOST_ITEMS))


def without_thinking(text: str) -> str:
    """What follows the thinking of a reasoning model. Thinking that never ends is all there is of a cut reply; where
    its end alone was forgotten, what looks like the answer in it is."""
    rest = text
    while opened := _THINKING.match(rest):
        closed = _THOUGHT.search(rest, opened.end())
        if closed is None:
            at = rest.rfind('{"questions"', opened.end())
            return rest[at:] if at >= 0 else ""
        rest = rest[closed.end() :]
    if not rest.lstrip().startswith(("{", "[", "`")):  # the opening mark stood in the prompt
        *_, last = [None, *_THOUGHT.finditer(rest)]
        rest = rest[last.end() :] if last else rest
    return rest


def _scan(text: str, keys: Sequence[str], item_keys: Sequence[str]) -> tuple[list[Any], bool]:
    """Items of every value that is whole; True where the first value with any was whole itself."""
    decoder = json.JSONDecoder()
    items: list[Any] = []
    seen, whole = False, True
    at, tries = 0, 0
    while (found := _START.search(text, at)) and tries < _MOST_STARTS and len(items) < 50 * MOST_ITEMS:
        tries += 1
        try:
            value, end = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            at = found.end()  # perhaps one of its parts is whole
            whole = whole and seen
            continue
        part = _items_of(value, keys, item_keys)
        items += part or ()
        seen = seen or part is not None
        at = end
        tries -= bool(part)
    return items, whole and seen


def _items_of(value: Any, keys: Sequence[str], item_keys: Sequence[str]) -> list[Any] | None:
    """None where the value is something else altogether."""
    if isinstance(value, dict):
        for key in keys:
            if isinstance(value.get(key), list):
                return list(value[key])
            if isinstance(value.get(key), dict):
                return [value[key]]
        return [value] if any(key in value for key in item_keys) else None
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return value
    return None


def _repaired(text: str, keys: Sequence[str], item_keys: Sequence[str], *, cut: bool) -> list[Any]:
    """What json-repair makes of it, without an item that the end of the reply may have cut."""
    start = _START.search(text)
    if start is None:
        return []
    body = text[start.start() : start.start() + _LONGEST_REPAIRED].rstrip().rstrip("`").rstrip()
    if len(_START.findall(body)) > _MOST_NESTED:
        return []
    import json_repair

    try:
        value = json_repair.loads(body, skip_json_loads=True)
    except (ValueError, RecursionError, IndexError, KeyError, TypeError):
        return []
    items = _items_of(value, keys, item_keys) or []
    closed = body.endswith(("]}", "]", "}")) and not cut and len(text) - start.start() <= _LONGEST_REPAIRED
    return items if closed else items[:-1]
