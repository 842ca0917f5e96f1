"""Marks out of a judge's reply."""

from __future__ import annotations

import math
from typing import Any

from embtrainer_gui.generate.reply_json import clean_text, find_items

HIGHEST = 10.0
LONGEST_WHY = 200


def read_marks(reply: str, count: int, *, cut: bool = False) -> dict[int, tuple[float, str]]:
    """``{place from 0: (mark from 0 to 10, why)}``; what is no mark or out of range is left out, and of two for one
    question the first counts."""
    marks: dict[int, tuple[float, str]] = {}
    for item in find_items(reply, ("marks", "scores", "ratings"), ("mark",), cut=cut).items:
        if isinstance(item, dict):
            place, mark = _number(item.get("number")) - 1, _number(item.get("mark"))
            if place.is_integer() and 0 <= place < count and 0 <= mark <= HIGHEST:
                marks.setdefault(int(place), (mark, _words(item.get("why"))))
    return marks


def _number(value: Any) -> float:
    """NaN, which no range holds, for what is no number."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6:
        return float(value)
    return math.nan


def _words(value: Any) -> str:
    return " ".join(clean_text(value).split())[:LONGEST_WHY] if isinstance(value, str) else ""
