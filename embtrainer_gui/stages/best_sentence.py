"""Which sentence of a passage answers a question: shared words, the rare ones counting most.

Encoding the sentences of ten hits would take longer than the search itself, so no model is asked.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

import Stemmer

from embtrainer_gui.text.sentences import sentence_spans

_WORD = re.compile(r"[^\W_]+")


class BestSentence:
    """Knows from ``texts`` how rare each word is."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._stem = Stemmer.Stemmer("english")
        counts: Counter[str] = Counter()
        self._total = 1
        for text in texts:
            counts.update(set(_WORD.findall(text.lower())))
            self._total += 1
        self._counts: Counter[str] = Counter()
        for word, count in counts.items():
            self._counts[self._stem.stemWord(word)] += count

    def of(self, question: str, passage: str) -> tuple[int, int]:
        """``(start, end)`` in ``passage``; its first sentence where no word is shared, ``(0, 0)`` where it is empty."""
        asked = self._words(question)
        spans = sentence_spans(passage)
        if not spans:
            return (0, 0)
        scores = [self._score(asked, self._words(passage[start:end])) for start, end in spans]
        return spans[max(range(len(spans)), key=lambda place: (scores[place], -place))]

    def _words(self, text: str) -> set[str]:
        return set(self._stem.stemWords(_WORD.findall(text.lower())))

    def _score(self, asked: set[str], words: set[str]) -> float:
        """Long sentences hold more words of anything, so length counts against them a little."""
        shared = sum(max(0.0, math.log(self._total / (self._counts[word] + 0.5))) for word in asked & words)
        return shared / (1 + 0.02 * len(words))
