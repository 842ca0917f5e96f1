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
_RARE_WORDS = 3.5  # as many words of one passage only make a question specific enough
_BEST_WORDS = (8, 16)
_LEAST = 0.2
_SAME_WORDS = 0.66


def choose(candidates: Sequence[Candidate], most: int, statistics: CorpusStatistics, rng: random.Random) -> list[int]:
    """Indices of at most ``most`` candidates: definite questions first, then keyword queries and open ones."""
    content = [frozenset(terms(candidate.question)) - _STOP for candidate in candidates]
    base = [
        candidate.weight * _worth(candidate, words, statistics) * rng.uniform(0.92, 1.08)
        for candidate, words in zip(candidates, content, strict=True)
    ]
    usable = [i for i, worth in enumerate(base) if worth > _LEAST]
    keywords = [i for i in usable if candidates[i].kind is QuestionKind.KEYWORD]
    definite = [i for i in usable if candidates[i].kind is not QuestionKind.KEYWORD and not candidates[i].open]
    chosen = _greedy(definite, most - min(max(1, most // 6), len(keywords)), [], candidates, base, content)
    general = [
        i for i in usable if candidates[i].open and all(_overlap(content[i], content[j]) < _SAME_WORDS for j in chosen)
    ]
    for group, limit in ((keywords, max(1, most // 6)), (general, max(1, most // 8))):
        chosen += _greedy(group, min(limit, most - len(chosen)), chosen, candidates, base, content)
    return sorted(chosen, key=lambda i: (candidates[i].sentence, i))


def _greedy(
    left: list[int],
    most: int,
    before: Sequence[int],
    candidates: Sequence[Candidate],
    base: Sequence[float],
    content: Sequence[frozenset[str]],
) -> list[int]:
    """The best one by one: a kind or sentence used before counts less, the same words not at all."""
    chosen: list[int] = []
    kinds: Counter[QuestionKind] = Counter()
    sentences = Counter(candidates[i].sentence for i in before)
    while left and len(chosen) < most:
        best = max(
            left,
            key=lambda i: (base[i] * 0.8 ** kinds[candidates[i].kind] * 0.6 ** sentences[candidates[i].sentence], -i),
        )
        chosen.append(best)
        kinds[candidates[best].kind] += 1
        sentences[candidates[best].sentence] += 1
        left = [i for i in left if i != best and _overlap(content[i], content[best]) < _SAME_WORDS]
    return chosen


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
    """Share of the smaller set; of the union where one is a single word, so that "What is X?" may stand."""
    smaller = min(len(a), len(b))
    return len(a & b) / max(smaller if smaller > 1 else len(a | b), 1)
