"""A prompt with names in braces: what is wrong with it, and the text with the names filled in.

What comes from a paper is data. It stands between two marks that it cannot contain, and is filled in last and once, so
that braces in it stay braces.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from embtrainer_gui.core.translate import mark

VARIABLES: Mapping[str, str] = {
    "passage": mark("The passage, between two marks that it cannot contain"),
    "title": mark("The title of its paper, in quotation marks"),
    "section": mark("The heading that it stands under, in quotation marks"),
    "count": mark("How many questions are wanted of it"),
    "kinds": mark("How many of each kind, one kind a line"),
    "examples": mark("The example questions, or nothing where there are none"),
    "language": mark("The passage's language"),
}
"""Names that a template may use, and what stands there in the end."""
NEEDED = ("passage",)

_NAME = re.compile(r"\{([A-Za-z_][A-Za-z_0-9]*)\}")
_MARK = re.compile(r"<(?=\s*/?\s*passage)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_BLANK_LINES = re.compile(r"\n{3,}")
LONGEST_LINE = 300


@dataclass(frozen=True, slots=True)
class TemplateFaults:
    """``unknown`` names stand in no list and ``missing`` ones must be there: neither can be asked. ``unused`` names
    are only told: what they stand for has no effect."""

    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        return not (self.unknown or self.missing)


def faults_of(template: str) -> TemplateFaults:
    used = list(dict.fromkeys(_NAME.findall(template)))
    return TemplateFaults(
        unknown=tuple(name for name in used if name not in VARIABLES),
        missing=tuple(name for name in NEEDED if name not in used),
        unused=tuple(name for name in VARIABLES if name not in used and name not in NEEDED),
    )


def fill_in(template: str, values: Mapping[str, str]) -> str:
    """The template with its known names replaced in one pass; runs of empty lines become one."""
    filled = _NAME.sub(lambda found: values.get(found[1], found[0]), template)
    return _BLANK_LINES.sub("\n\n", filled).strip()


def delimited(text: str) -> str:
    """The text of a passage between its two marks, which are named after the text itself: it cannot hold its own
    hash, and what looks like such a mark in it loses its bracket."""
    clean = _MARK.sub("(", _CONTROL.sub("", text))
    name = f"passage-{hashlib.blake2b(text.encode('utf-8', 'replace'), digest_size=5).hexdigest()}"
    return f"<{name}>\n{clean}\n</{name}>"


def one_line(text: str) -> str:
    """A title or heading as a JSON string: in one line, without an end that it could set itself."""
    flat = " ".join(_MARK.sub("(", _CONTROL.sub(" ", text)).split())
    return json.dumps(flat[:LONGEST_LINE], ensure_ascii=False)
