"""Checks on question-answer pairs of any source; each gives reasons and deletes nothing (features.md, section 3)."""

from __future__ import annotations

import re
from functools import lru_cache

from embtrainer_gui.core.records import QuestionKind, Reason
from embtrainer_gui.generate.deixis import needs_paper
from embtrainer_gui.generate.language import is_foreign_question, is_running_text

_WORD = re.compile(r"[^\W_]+")
_OPENING = re.compile(
    r"^(?:what|which|who|whom|whose|where|when|why|how|is|are|was|were|do|does|did|can|could|has|have|had|should|will|would|may|might|"
    r"in|on|at|by|from|to|for|with|under|among|through|if|name|list|describe|explain)\b",
    re.IGNORECASE,
)
COPIED_SHARE = 0.8


def check_text(question: str, answer: str, passage: str, kind: QuestionKind) -> list[Reason]:
    """Checks 1 to 4 and 8 on one pair; ``passage`` is the text that the model reads."""
    reasons = []
    if not answer.strip() or answer not in passage:
        reasons.append(Reason.QUOTE_MISSING)
    if needs_paper(question):
        reasons.append(Reason.NEEDS_PAPER)
    if copied_share(question, passage) >= COPIED_SHARE:
        reasons.append(Reason.COPIED)
    if is_malformed(question, kind):
        reasons.append(Reason.MALFORMED)
    if not _is_prose(passage):
        reasons.append(Reason.BAD_PASSAGE)
    return reasons


def copied_share(question: str, passage: str) -> float:
    """Longest run of words that the question shares with the passage, as a share of the question's words."""
    asked = _WORD.findall(question.lower())
    if not asked:
        return 0.0
    text = _spaced(passage)
    longest = 0
    for start in range(len(asked)):
        while start + longest < len(asked) and f" {' '.join(asked[start : start + longest + 1])} " in text:
            longest += 1
    return longest / len(asked)


@lru_cache(maxsize=8)  # pairs come passage by passage
def _spaced(passage: str) -> str:
    return f" {' '.join(_WORD.findall(passage.lower()))} "


@lru_cache(maxsize=8)
def _is_prose(passage: str) -> bool:
    return is_running_text(passage)


def is_malformed(question: str, kind: QuestionKind) -> bool:
    """Too short or long, no question (keyword queries need not be one), or not English."""
    size = len(question.split())
    if kind is QuestionKind.KEYWORD:
        return not 2 <= size <= 12 or is_foreign_question(question)
    if not 3 <= size <= 40 or is_foreign_question(question):
        return True
    return not (question.rstrip().endswith("?") or _OPENING.match(question.strip()))
