"""What a vision model answers about a page: the text in it, and how good that looks."""

from __future__ import annotations

import re
from collections import Counter

from embtrainer_gui.core.interchange.shapes import without_thoughts

NO_TEXT = "[no text]"  # what the prompts ask for where a page has none
SHORT = 50  # characters
MOST_CHARACTERS = 100_000  # of a page; the densest printed ones have 15,000

_FENCED = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*\n(.*?)(?:^[ \t]*(?:```|~~~)[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_OPENING = re.compile(
    r"(sure|certainly|of course|okay|here('s| is| are)|below is|the (following|extracted|body)|this is the)\b"
    r"[^\n]{0,120}:",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(let me know|i hope|if you (need|have|would)|please let|note: (i|the) )[^\n]{0,200}", re.IGNORECASE
)
_REFUSAL = re.compile(
    r"\b(i'?m sorry|i am sorry|i apologi[sz]e|i'?m (unable|not able)|i am (unable|not able)"
    r"|i (can'?t|cannot|can not|could not|couldn'?t|won'?t) (\w+ ){0,2}"
    r"(assist|help|read|see|view|extract|process|transcribe|provide|access|identify|comply|fulfill|discern|make out)"
    r"|as an ai\b|as a (large )?language model|unable to (assist|extract|read|process|transcribe|view)"
    r"|no image (was |is )?(provided|attached|visible)|(don'?t|do not) see (an|any) (image|picture|text))",
    re.IGNORECASE,
)
_REFUSES_WITHIN = 300  # a refusal is the answer, or begins it; a paper may quote such words further down


def page_text(answer: str) -> str:
    """The text of the page in ``answer``: no thoughts, no fence, no greeting; paragraphs parted by a blank line."""
    text = without_thoughts(answer).replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROLS.sub("", _unfenced(text))[:MOST_CHARACTERS].strip()
    parts = re.split(r"\n\s*\n", text)
    if len(parts) > 1 and _OPENING.fullmatch(parts[0].strip()):
        parts = parts[1:]
    if len(parts) > 1 and _CLOSING.fullmatch(parts[-1].strip()):
        parts = parts[:-1]
    text = "\n\n".join(part.strip("\n") for part in parts if part.strip())
    return "" if text.strip("*_` .").lower() == NO_TEXT else text


def _unfenced(text: str) -> str:
    """The inside of the largest fence, where that is most of the answer."""
    inside = max((match[1] for match in _FENCED.finditer(text)), key=len, default="")
    return inside if 2 * len(inside.strip()) > len(text.strip()) else text


def is_refusal(text: str) -> bool:
    return bool(_REFUSAL.search(text[:_REFUSES_WITHIN].replace("’", "'")))


def quality(text: str) -> float:
    """How good the text of a page looks, from 0 to 1: the predecessor's score.

    It starts at 1.0 and loses 0.3 for fewer than 50 characters, 0.5 where one word is more than 30 % of all, 0.3 where
    fewer than 30 % of the words are different ones, 0.2 for more than 30 % special characters, 0.4 for a refusal.
    """
    score = 1.0
    words = re.findall(r"\w+", text.lower())
    if len(text) < SHORT:
        score -= 0.3
    if words and max(Counter(words).values()) / len(words) > 0.3:
        score -= 0.5
    if words and len(set(words)) / len(words) < 0.3:
        score -= 0.3
    if text and sum(not (c.isalnum() or c.isspace()) for c in text) / len(text) > 0.3:
        score -= 0.2
    if is_refusal(text):
        score -= 0.4
    return round(max(0.0, score), 2)
