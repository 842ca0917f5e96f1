"""Passages that came through as running text and are mostly formulas, tables or lists of numbers."""

from __future__ import annotations

import re

MATHS, TABLE = "maths", "table"
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ \n"
_PROSE = 0.2  # share of bytes that are no ASCII letters: less cannot be formulas
_WORD = re.compile(r"[^\W\d_]{3,}")
_SMALL_WORD = re.compile(r"(?<= )[a-zß-ÿ]{2,}(?= [^\W\d_(])")  # as running text has them between its terms
_MATHS = re.compile(r"[=<>+±×÷·∗∘◦|{}^~≈≅≡≤≥≠∼∂∇∈∉∋∀∃∅∞√∑∏∫∪∩⊂⊃⊆⊇∧∨¬→←↔⇒⇔↦⟨⟩−∥⊕⊗′\u0370-\u03ff]")
_FEW = 0.5  # share of the characters that stand in words of three letters and more
_DOUBTFUL = 0.65  # where there are hardly any small words besides
_EVERY_SPACE = 9  # characters: where spaces are rarer, as in Chinese, small words cannot be told
_EVERY = 60  # characters for one small word
_LEADERS = 10  # characters for two dots in a row with a space between, as tables of contents have them
_OFTEN = 30  # characters for one small word, in prose however many figures it has
_SIGNS = 0.02  # share of the characters that are signs of mathematics


def mark_of(text: str) -> str:
    """MATHS, TABLE, or "" for prose."""
    data = text.encode("utf-8", "replace")
    if len(data.translate(None, _LETTERS)) < _PROSE * len(data):
        return ""
    if text.count(". .") * _LEADERS > len(text):
        return TABLE
    spaces = text.count(" ")
    size = len(text) - spaces - text.count("\n")
    words = sum(map(len, _WORD.findall(text)))
    if words >= _DOUBTFUL * size or size == 0:
        return ""
    small = len(_SMALL_WORD.findall(text))
    told = small * _EVERY > len(text) or spaces * _EVERY_SPACE < len(text)
    if (words >= _FEW * size and told) or small * _OFTEN > len(text):
        return ""
    return MATHS if len(_MATHS.findall(text)) > _SIGNS * size else TABLE
