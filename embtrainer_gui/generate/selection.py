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
    weighed = Weighed(candidates, statistics, rng)
    definite = [i for i in weighed.questions if not candidates[i].open]
    chosen = weighed.best(definite, most - min(max(1, most // 6), len(weighed.keywords)), [])
    general = [i for i in weighed.questions if candidates[i].open and all(weighed.differ(i, j) for j in chosen)]
    for group, limit in ((weighed.keywords, max(1, most // 6)), (general, max(1, most // 8))):
        chosen += weighed.best(group, min(limit, most - len(chosen)), chosen)
    return weighed.in_order(chosen)


class Weighed:
    """Candidates with the words that tell and with what they are worth, each known by its index."""

    def __init__(self, candidates: Sequence[Candidate], statistics: CorpusStatistics, rng: random.Random) -> None:
        self.candidates = candidates
        self.content = [frozenset(terms(candidate.question)) - _STOP for candidate in candidates]
        self._base = [
            candidate.weight * _worth(candidate, words, statistics) * rng.uniform(0.92, 1.08)
            for candidate, words in zip(candidates, self.content, strict=True)
        ]
        usable = [i for i, worth in enumerate(self._base) if worth > _LEAST]
        self.keywords = [i for i in usable if candidates[i].kind is QuestionKind.KEYWORD]
        self.questions = [i for i in usable if candidates[i].kind is not QuestionKind.KEYWORD]

    def differ(self, one: int, other: int) -> bool:
        """Whether two candidates may stand side by side: they do not share most of their words."""
        return overlap(self.content[one], self.content[other]) < _SAME_WORDS

    def best(self, left: list[int], most: int, before: Sequence[int]) -> list[int]:
        """The best one by one: a kind or sentence used before counts less, one that does not differ not at all."""
        chosen: list[int] = []
        kinds: Counter[QuestionKind] = Counter()
        sentences = Counter(self.candidates[i].sentence for i in before)
        while left and len(chosen) < most:
            best = max(left, key=lambda i: (self._base[i] * self._novelty(i, kinds, sentences), -i))
            chosen.append(best)
            kinds[self.candidates[best].kind] += 1
            sentences[self.candidates[best].sentence] += 1
            left = [i for i in left if i != best and self.differ(i, best)]
        return chosen

    def _novelty(self, i: int, kinds: Counter[QuestionKind], sentences: Counter[int]) -> float:
        factor: float = 0.8 ** kinds[self.candidates[i].kind] * 0.6 ** sentences[self.candidates[i].sentence]
        return factor

    def in_order(self, chosen: Sequence[int]) -> list[int]:
        """In the order of the passage."""
        return sorted(chosen, key=lambda i: (self.candidates[i].sentence, i))


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


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Share of the smaller set; of the union where one is a single word, so that "What is X?" may stand."""
    smaller = min(len(a), len(b))
    return len(a & b) / max(smaller if smaller > 1 else len(a | b), 1)
