"""Rules that a question must keep, checked on its text alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

_START = re.compile(
    r"(?:What|Which|Who|Whom|Whose|Where|When|Why|How|Is|Are|Was|Were|Do|Does|Did|Can|Could|Has|Have|Had|Should|Will|"
    r"Would|May|Might|"
    r"By how much|In what|In which|On what|At what|By what|From what|To what|For what|With what|Under what|Among|"
    r"Through what)\b"
)
_LOOSE_END = re.compile(
    r"(?:\b(?:and|or|but|nor|the|a|an|that|which|because|although|while|whereas|if|than|as|such|very|of|its|"
    r"their)|[,;:–—-])\s*\?$",
    re.IGNORECASE,
)
_ODD_MARKS = re.compile(r"[,;:]\s*[,;:]|\s[,;:.?]|,\S*[a-z]{2}\S*,\S|\.\s|\?.*\?")
OTHER_FAULTS = (
    re.compile(r"[\[\]{}<>=\"“”|\\]|https?:"),  # quotes, brackets, operators, links
    re.compile(r"\b(\w+) \1\b", re.IGNORECASE),  # a word twice
    re.compile(r"\b(?:does|do|did) (?:is|are|was|were|be|been|not|can|may|will|would|could|should|must|has|had)\b"),
    re.compile(r"\b(?:is|are|was|were) (?:is|are|was|were|does|do|did|has|have|had)\b"),
    re.compile(
        r"\b(?:the|a|an) (?:the|a|an|of|in|on|at|to|for|and|or|is|are|was|were|by|with|from|this|that|these|its|"
        r"their)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:of|in|on|at|from|with|by|into|between|among) (?:of|at|and|or|is|are|was|were|does|did|have|has)\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:and|or|but) (?:and|or|but|is|are|was|were|of|by)\b", re.IGNORECASE),
    re.compile(r"\ba (?!one|once|eu|ewe|o\b)[aeio][a-z]+|\ban (?:[bcdfgjklmnpqrstvwyz]|h(?!our|on|eir))[a-z]+\b"),
    re.compile(r"^(?:What|Who|Which|Where|When|Why|How) (?:of|and|or|than|that)\b"),
    re.compile(r"\b(?:it|they|he|she|them|him|you|i|we)\b", re.IGNORECASE),
    re.compile(
        r"^(?:Does|Is|Was|Has|What does|How does|Why does|Why is|How is) (?:these|those|we|they|you|people|"
        r"children|men|women|mice)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?:Do|Are|Were|Have|What are|What were|What do|How do|Why do|Why are|How are) (?:a|an|one|it|this)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:does|do|did|can|could|may|might|must|should|will|would|to) (?:\w+ )?(?:causes|leads|induces|occurs|"
        r"shows|was|were|is|are)\b"
    ),
    re.compile(r"\b(?:et al|e\.g|i\.e|etc|fig|figs|ref|refs)\b", re.IGNORECASE),
    re.compile(r"\(\s*\d+(?:[,–-]\s*\d+)*\s*\)|\d{4}\)"),  # citation markers
    re.compile(
        r"\b(?:respectively|thereby|hence|thus|however|moreover|furthermore|therefore|additionally|interestingly)\b",
        re.IGNORECASE,
    ),
)
FAULTS = (_LOOSE_END, _ODD_MARKS, *OTHER_FAULTS)
_LONGEST = 25


def is_grammatical(question: str, faults: Iterable[re.Pattern[str]] = FAULTS) -> bool:
    """Whether a real question keeps every rule: form, brackets, agreement of auxiliaries, no loose ends."""
    if not question.endswith("?") or not _START.match(question) or len(question.split()) > _LONGEST:
        return False
    if len(question.split()) < 3 or question.count("(") != question.count(")") or question.count('"') % 2:
        return False
    return not any(fault.search(question) for fault in faults)
