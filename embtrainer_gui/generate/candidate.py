"""What the question templates yield, before the best are chosen."""

from __future__ import annotations

from dataclasses import dataclass

from embtrainer_gui.core.records import QuestionKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question with the characters of its answer in the cleaned passage; ``weight`` ranks the template (about 1)."""

    question: str
    answer: tuple[int, int]
    kind: QuestionKind
    sentence: int
    weight: float = 1.0


def question(*parts: str | None) -> str:
    """Join the parts, capital first, question mark last."""
    text = " ".join(part.strip() for part in parts if part and part.strip())
    return text[:1].upper() + text[1:] + "?"
