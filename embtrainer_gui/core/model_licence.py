"""The licence of a model, as its card says it."""

from __future__ import annotations

import re
from pathlib import Path

CARD = "README.md"
_LICENCE = re.compile(r"^license:[ \t]*['\"]?([\w.+-]+)", re.MULTILINE)


def licence_of(model: Path) -> str:
    """The identifier in the front matter of the model's card ("apache-2.0"); "" where it has none."""
    try:
        text = (model / CARD).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    front = text.split("\n---", 1)[0] if text.startswith("---") else ""
    found = _LICENCE.search(front)
    return found[1] if found else ""
