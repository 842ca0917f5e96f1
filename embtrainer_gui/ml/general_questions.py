"""General questions about the passages of a run, for which the tuned model is to rank as the untrained one does.

Fine-tuning on one field makes a model forget what the words of a question mean ("symptoms", "causes"), since all that
tells its questions apart there is the subject. These questions join every subject with every aspect.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

PER_PASSAGE = 6
SUBJECTS = 8  # rarest words of a passage from which subjects are made
_WORD = re.compile(r"[^\W\d_][\w-]{2,}")
ASPECTS = (
    "What is {}?",
    "What are {}?",
    "What causes {}?",
    "What are the symptoms of {}?",
    "How is {} treated?",
    "What are the treatments for {}?",
    "How is {} diagnosed?",
    "How does {} work?",
    "What is the outlook for {}?",
    "Who is at risk for {}?",
    "How many people are affected by {}?",
    "What are the effects of {}?",
    "How is {} measured?",
    "Why is {} important?",
    "Is {} inherited?",
    "How to prevent {}?",
    "What are the complications of {}?",
    "What is the function of {}?",
    "Where does {} occur?",
    "When does {} occur?",
    "What are the types of {}?",
    "What is the history of {}?",
    "How is {} used?",
    "What are the advantages of {}?",
    "What is the difference between {} and others?",
    "What is known about {}?",
    "What has been reported about {}?",
)


def general_questions(passages: Sequence[str], keywords: Sequence[tuple[str, int]], seed: int) -> list[tuple[str, int]]:
    """``(question, row of its passage)``: ``PER_PASSAGE`` of each passage that has words, a function of ``seed``.

    Subjects are parts of a passage's ``keywords`` (``(query, row)``), or its rarest words where it has none.
    """
    rng = np.random.default_rng((seed, len(passages)))
    queries: dict[int, list[str]] = {}
    for query, row in keywords:
        queries.setdefault(row, []).append(query)
    words = [_WORD.findall(passage) for passage in passages]
    frequency = Counter(word for found in words for word in {word.lower() for word in found})
    questions = []
    for row, found in enumerate(words):
        subjects = queries.get(row, []) or _subjects(found, frequency, len(passages))
        for _ in range(PER_PASSAGE if subjects else 0):
            subject = _part(subjects[int(rng.integers(len(subjects)))].split(), rng)
            questions.append((ASPECTS[int(rng.integers(len(ASPECTS)))].format(subject), row))
    return questions


def _part(words: Sequence[str], rng: np.random.Generator) -> str:
    """A run of one or more of the words."""
    length = int(rng.integers(1, len(words) + 1))
    start = int(rng.integers(0, len(words) - length + 1))
    return " ".join(words[start : start + length])


def _subjects(words: Sequence[str], frequency: Counter[str], passages: int) -> list[str]:
    """The rarest words, alone and with the word after them, in the order of the text."""

    def rarity(word: str) -> float:
        return math.log(passages / frequency[word.lower()])

    rare = set(sorted({word.lower() for word in words}, key=lambda word: (-rarity(word), word))[:SUBJECTS])
    found: dict[str, None] = {}
    for word, after in zip(words, [*words, ""][1:], strict=True):
        if word.lower() in rare:
            found[word] = None
            if after and rarity(after) > 1.0:
                found[f"{word} {after}"] = None
    return list(found)
