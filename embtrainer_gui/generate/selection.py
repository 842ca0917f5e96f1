"""Choosing the questions of a passage: specific ones, of different kinds, from all its sentences."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate
from embtrainer_gui.generate.statistics import CorpusStatistics, terms
from embtrainer_gui.generate.wordset import word_set

_STOP = word_set(
    """
    what which who where when why how is are was were do does did can could may might must should will would has
    have had the a an of in on at to for from with by and or as be been known related relationship between
    considered about lead cause affect used many much not no percentage compare
    reported differ than play role effect during
    after that into through among more less
    """
)
_RARE_WORDS = 2.0  # as many words of one passage only make a question specific enough
_BEST_WORDS = (7, 14)


def choose(candidates: Sequence[Candidate], most: int, statistics: CorpusStatistics, rng: random.Random) -> list[int]:
    """Indices of at most ``most`` candidates, greedily: a kind, sentence or word used before counts less."""
    content = [frozenset(terms(candidate.question)) - _STOP for candidate in candidates]
    base = [
        candidate.weight * _worth(candidate, words, statistics) * rng.uniform(0.92, 1.08)
        for candidate, words in zip(candidates, content, strict=True)
    ]
    left = [i for i in range(len(candidates)) if base[i] > 0.35]
    chosen: list[int] = []
    kinds: Counter[QuestionKind] = Counter()
    sentences: Counter[int] = Counter()
    keywords = max(1, most // 3)
    while left and len(chosen) < most:

        def gain(i: int) -> float:
            candidate = candidates[i]
            overlap = max((_overlap(content[i], content[j]) for j in chosen), default=0.0)
            return base[i] * 0.8 ** kinds[candidate.kind] * 0.6 ** sentences[candidate.sentence] * (1 - overlap)

        best = max(left, key=lambda i: (gain(i), -i))
        left.remove(best)
        if gain(best) < 0.08:
            break
        chosen.append(best)
        kinds[candidates[best].kind] += 1
        sentences[candidates[best].sentence] += 1
        left = [
            i
            for i in left
            if _overlap(content[i], content[best]) < 0.66
            and (candidates[i].kind is not QuestionKind.KEYWORD or kinds[QuestionKind.KEYWORD] < keywords)
        ]
    return sorted(chosen, key=lambda i: (candidates[i].sentence, i))


def _worth(candidate: Candidate, words: frozenset[str], statistics: CorpusStatistics) -> float:
    """How specific a question is, from 0 to 1, less for one much shorter or longer than people ask."""
    total = sum(statistics.weight(word) for word in words) / statistics.rarest
    if candidate.kind is QuestionKind.DEFINITION and len(words) == 1:
        return min(total, 0.8)  # "What is hepcidin?"
    if len(words) < 2:
        return 0.0
    rarity = min(total / _RARE_WORDS, 1.0)
    if candidate.kind is QuestionKind.KEYWORD:
        return rarity
    size = len(candidate.question.split())
    low, high = _BEST_WORDS
    return rarity - 0.05 * max(low - size, 0) - 0.04 * max(size - high, 0)


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / max(min(len(a), len(b)), 1)
