"""What the question templates yield, before the best are chosen."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from embtrainer_gui.core.records import QuestionKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question with the characters of its answer in the cleaned passage.

    ``weight`` ranks the template (about 1); ``open`` marks questions that ask for nothing definite.
    """

    question: str
    answer: tuple[int, int]
    kind: QuestionKind
    sentence: int
    weight: float = 1.0
    open: bool = False


def pick(options: Sequence[str], key: str) -> str:
    """One of several wordings of the same question, the same for the same key in every run."""
    return options[zlib.crc32(key.encode()) % len(options)]


def question(*parts: str | None) -> str:
    """Join the parts, capital first, question mark last."""
    text = " ".join(part.strip() for part in parts if part and part.strip())
    return text[:1].upper() + text[1:] + "?"
