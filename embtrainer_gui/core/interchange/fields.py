"""Values of single keys of a record, whatever type a file gave them."""

from __future__ import annotations

from typing import Any

_LARGEST_LINE_NUMBER = 2**31


def text_of(value: Any) -> str:
    """``value`` stripped, or "" where it is not text."""
    return value.strip() if isinstance(value, str) else ""


def base_name(value: Any) -> str:
    """The last part of a path of any system, or "" where it is not text."""
    return text_of(value).replace("\\", "/").rstrip("/").rpartition("/")[2]


def line_number_of(value: Any) -> int | None:
    """``value`` as a line number (tables give digits), or None where it is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 11:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST_LINE_NUMBER:
        return value
    return None
