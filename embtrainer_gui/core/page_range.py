"""The pages of a file that a user asks for: ``1-5,8`` or ``3-``; and what is wrong with other wordings."""

from __future__ import annotations

import re

from pydantic_core import PydanticCustomError

from embtrainer_gui.core.translate import mark

HIGHEST = 1_000_000
_PART = re.compile(r"(\d{1,7})\s*(-\s*(\d{1,7})?)?")


def checked_range(wanted: str) -> str:
    """``wanted`` without its white space; "" is all pages. A validator of ``ImportConfig.pages``."""
    parts = [part.strip() for part in wanted.split(",")]
    if parts == [""]:
        return ""
    return ",".join([_checked(part) for part in parts])


def _checked(part: str) -> str:
    found = _PART.fullmatch(part)
    if not part:
        raise _fault(mark("A page is missing beside a comma"))
    if found is None:
        raise _fault(mark("'{part}' names no pages: write 4, 1-5 or 3-"), part=part[:20])
    first, last = int(found[1]), int(found[3]) if found[3] else None
    if first < 1:
        raise _fault(mark("'{part}': pages count from 1"), part=part)
    if max(first, last or 0) > HIGHEST:
        raise _fault(mark("'{part}': no file has so many pages"), part=part)
    if last is not None and last < first:
        raise _fault(mark("'{part}' runs backwards: write {last}-{first}"), part=part, last=last, first=first)
    return str(first) if not found[2] else f"{first}-{'' if last is None else last}"


def _fault(template: str, **values: object) -> PydanticCustomError:
    return PydanticCustomError("page_range", template, values)
