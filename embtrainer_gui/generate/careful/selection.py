"""Choosing the careful questions of a passage: all that differ, for there are few."""

from __future__ import annotations

import random
from collections.abc import Sequence

from embtrainer_gui.generate.candidate import Candidate
from embtrainer_gui.generate.selection import Weighed, overlap
from embtrainer_gui.generate.statistics import CorpusStatistics

_SAME_WORDS = 0.75
_SAME_WORDS_APART = 0.95  # of questions with different answers: what X does to Y, and what does it to Y
_SAME_ANSWER = 0.6


def choose(candidates: Sequence[Candidate], most: int, statistics: CorpusStatistics, rng: random.Random) -> list[int]:
    """Indices of at most ``most`` candidates: questions first, then keyword queries."""
    weighed = _Weighed(candidates, statistics, rng)
    queries = max(1, most // 3)
    chosen = weighed.best(weighed.questions, most - min(queries, len(weighed.keywords)), [])
    chosen += weighed.best(weighed.keywords, min(queries, most - len(chosen)), chosen)
    return weighed.in_order(chosen)


class _Weighed(Weighed):
    def differ(self, one: int, other: int) -> bool:
        """Other words, or another answer and some other words."""
        first, second = self.candidates[one].answer, self.candidates[other].answer
        together = min(first[1], second[1]) - max(first[0], second[0])
        whole = max(first[1], second[1]) - min(first[0], second[0])
        most = _SAME_WORDS if together >= _SAME_ANSWER * whole else _SAME_WORDS_APART
        return overlap(self.content[one], self.content[other]) < most
