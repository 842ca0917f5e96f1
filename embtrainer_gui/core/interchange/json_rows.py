"""Rows of JSON files that nobody vouches for: each is either a value or a reason, and no input raises."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from embtrainer_gui.core.translate import mark

MAX_LINE = 32 * 2**20  # bytes of one line
MAX_DEPTH = 100  # far below the interpreter's limit, so that writing the value back cannot hit it either
MAX_DIGITS = 1000
SNIPPET = 200

# A string ends at its line at the latest: one unclosed quotation mark cannot swallow the rest of an array.
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|[\[\]{},]')
_PLAIN = json.JSONDecoder()
_WINDOW = 8192
_GAP = re.compile(r"\s*")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: ``value``, or the ``problem`` for which there is none. ``number`` counts rows of an array."""

    line: int
    number: int
    text: str  # at most SNIPPET characters of it
    value: Any = None
    problem: str = ""
    repeated: tuple[str, ...] = ()  # keys that stand twice; the last value counts


def snippet(text: str) -> str:
    """The start of ``text``, without anything that cannot be shown or stored."""
    return text[:SNIPPET].encode("utf-8", "replace").decode("utf-8")


def is_unicode(text: str) -> bool:
    """Whether ``text`` can be stored: no lone surrogates, which stand for half a pair or bytes that are not UTF-8."""
    try:
        return text.isascii() or bool(text.encode("utf-8"))
    except UnicodeEncodeError:
        return False


class RowReader:
    """Decodes rows; NaN, Infinity and numbers beyond a double are read as null, since JSON has no such values."""

    def __init__(self) -> None:
        self._repeated: list[str] = []
        self._long_number = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=_finite,
            parse_constant=lambda _name: None,
        )

    def lines(self, file: BinaryIO, first: int = 1) -> Iterator[Row]:
        """One row for each line that is not blank. Only a line feed ends a line (U+2028 may stand in a string)."""
        number = first - 1
        while line := file.readline(MAX_LINE):
            number += 1
            if number == 1:
                line = line.removeprefix(_BYTE_ORDER_MARK)
            if len(line) == MAX_LINE and not line.endswith(b"\n"):
                while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                    pass
                problem = mark("longer than {limit} MB").format(limit=MAX_LINE // 2**20)
                yield Row(number, number, snippet(line[: 4 * SNIPPET].decode("utf-8", "replace")), problem=problem)
            elif line.strip():
                yield self._line(line, number)

    def array(self, text: str, *, damaged: bool = False) -> tuple[list[Row], int, bool]:
        """The elements of the JSON array that ``text`` starts with.

        With ``damaged``, an object that begins a line at the indentation of the first one begins an element, even if
        the brackets before it do not match.

        Returns:
            The rows, the offset where the last one that was looked at begins, or that behind ``]``, and whether
            there was a ``]``.
        """
        rows: list[Row] = []
        tokens = _damaged_tokens(text) if damaged else _TOKEN
        line, counted, begin, closed = 1, 0, text.index("[") + 1, False
        while not closed:
            gap = _GAP.match(text, begin)
            begin = gap.end() if gap else begin
            end, begin_next, closed = _element(text, begin, tokens)
            if found := text[begin:end].rstrip():
                line, counted = line + text.count("\n", counted, begin), begin
                rows.append(self._row(found, line, len(rows) + 1))
            if begin_next > len(text):
                break
            begin = begin_next
        return rows, begin, closed

    def _line(self, line: bytes, number: int) -> Row:
        try:
            return self._row(line.decode("utf-8").strip(), number, number)
        except UnicodeDecodeError as problem:
            reason = mark("not UTF-8 (byte {position})").format(position=problem.start + 1)
            return Row(number, number, snippet(line[: 4 * SNIPPET].decode("utf-8", "replace")), problem=reason)

    def _row(self, text: str, line: int, number: int) -> Row:
        self._repeated, self._long_number = [], False
        start = snippet(text)
        try:
            value = self._decoder.decode(text)
            problem = self._complaint(value, text)
        except json.JSONDecodeError as error:
            value = None
            problem = mark("not JSON: {what} at character {position}").format(what=error.msg, position=error.pos + 1)
        except RecursionError:
            value, problem = None, mark("nested deeper than {limit} levels").format(limit=MAX_DEPTH)
        if problem:
            return Row(line, number, start, problem=problem)
        return Row(line, number, start, value, repeated=tuple(dict.fromkeys(self._repeated)))

    def _complaint(self, value: Any, text: str) -> str:
        if self._long_number:
            return mark("a number of more than {limit} digits").format(limit=MAX_DIGITS)
        if text.count("{") + text.count("[") > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
            return mark("nested deeper than {limit} levels").format(limit=MAX_DEPTH)
        if not is_unicode(text) or ("\\u" in text and not is_unicode(json.dumps(value, ensure_ascii=False))):
            return mark("text that is not valid Unicode (half a surrogate pair, or bytes that are not UTF-8)")
        return ""

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) < len(pairs):
            self._repeated += [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
        return record

    def _integer(self, digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            self._long_number = True
            return 0
        return int(digits)


def _element(text: str, begin: int, tokens: re.Pattern[str]) -> tuple[int, int, bool]:
    """Where the element at ``begin`` ends, where the next one begins (behind the text: nowhere), and if ``]`` came."""
    try:  # the quick way, ten times faster; a slice, since an error counts the lines of all the text before it
        _, length = _PLAIN.raw_decode(text[begin : begin + _WINDOW])
        behind = _GAP.match(text, begin + length)
        if behind and text[behind.end() : behind.end() + 1] in (",", "]"):
            return begin + length, behind.end() + 1, text[behind.end()] == "]"
    except (ValueError, RecursionError):
        pass
    depth = 0
    for token in tokens.finditer(text, begin):
        sign = token[0]
        if sign in "[{":
            depth += 1
        elif depth and sign in "]}":
            depth -= 1
        elif depth and sign[0] == "\n":
            return token.start(), token.end(), False
        elif depth == 0 and sign in ",]":
            return token.start(), token.end(), sign == "]"
    return len(text), len(text) + 1, False


def _damaged_tokens(text: str) -> re.Pattern[str]:
    first = re.search(r"\n[ \t]*(?={)", text)
    return re.compile(f"{_TOKEN.pattern}|{re.escape(first[0])}(?={{)") if first else _TOKEN


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if abs(number) != float("inf") else None


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner for outer in level if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]  # fmt: skip
        if not level:
            return False
    return any(isinstance(value, (dict, list)) for value in level)
