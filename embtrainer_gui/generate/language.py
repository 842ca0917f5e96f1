"""A cheap test for English, and one for running text: no model, a few microseconds a passage."""

from __future__ import annotations

import re

from embtrainer_gui.generate.wordset import word_set

_FUNCTION_WORDS = word_set(
    """
    the of and to in a is that for with as was on are by this be from were or an at which have has not it their can
    been we these may also between other than during after more but its had such into both who what how does do did
    when where why
    """
)
_ONLY_ENGLISH = _FUNCTION_WORDS - word_set("in a an on at as was do has had for")  # words of other languages too
_ASKING = word_set(
    "do does did is are was were can could has have had will would should may might"
)  # "Do mutations..."
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CONTENT = re.compile(r"[^\W\d_]")
_REFERENCE = re.compile(
    r"\b(?:19|20)\d\d[a-z]?\b\s*[;:.)]|\bdoi\b|https?://|\bet al\b|\bvol\.|\bpp?\.\s*\d|\d+\s*\(\d+\)\s*:\s*\d+|"
    r";\s*\d+\s*:\s*\d+",
    re.I,
)
_CITED_INSIDE = re.compile(r"\([^()]{0,300}?(?:et al|[A-Z][\w’'-]+)[^()]{0,300}?(?:19|20)\d\d[a-z]?[^()]{0,200}\)")
_INITIALS = re.compile(r"\b[A-Z][a-zß-ÿ'’-]+,? (?:[A-Z]\.? ?){1,3}(?=[,.;&]|\band\b)")


def words(text: str) -> list[str]:
    """Alphabetic words of ``text`` in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def is_english(text: str) -> bool:
    """Whether running text (a passage or sentence) is English: its share of function words and of Latin letters.

    English prose holds 30 to 45 % of these words, other languages of Latin script under 12 %.
    """
    letters = _CONTENT.findall(text)
    if not letters or sum(ord(letter) < 0x250 for letter in letters) < 0.9 * len(letters):
        return False
    found = words(text)
    if len(found) < 4:
        return bool(found)
    return sum(word in _FUNCTION_WORDS for word in found) >= 0.15 * len(found)


def is_foreign_question(text: str) -> bool:
    """Whether a short text is surely not English: another script, or five words and no English function word."""
    if is_foreign_script(text):
        return True
    found = words(text)
    if len(found) < 5 or (text.isascii() and found[0] in _ASKING):
        return False
    return not any(word in _ONLY_ENGLISH for word in found)


def is_foreign_script(text: str) -> bool:
    """Whether most letters are neither Latin nor Greek."""
    letters = _CONTENT.findall(text)
    return bool(letters) and sum(ord(letter) < 0x400 for letter in letters) < 0.7 * len(letters)


def is_running_text(text: str) -> bool:
    """Whether a passage is prose: not a list of references, a table, code or the remains of a bad extraction."""
    tokens = text.split()
    if len(tokens) < 8:
        return False
    letters = sum(character.isalpha() or character.isspace() for character in text)
    if letters < 0.7 * len(text):
        return False
    bare = _CITED_INSIDE.sub("", text)  # a review may cite in every sentence
    marks = len(_REFERENCE.findall(bare)) + len(_INITIALS.findall(bare))
    if marks > 4 and marks > 0.06 * len(tokens):
        return False
    single = sum(len(token) == 1 and token.isalpha() and token not in "aAI" for token in tokens)
    return single < 0.15 * len(tokens)
