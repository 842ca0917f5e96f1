"""What people said of passages that look right for a question whose right passage is another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.ml.batching import IntArray

NO_ROWS = np.empty(0, np.int64)


def question_key(question: str) -> str:
    """The same for questions that differ in case and spaces only; "" for one without words."""
    return " ".join(question.casefold().split())


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows of the pool by question: ``spared`` ones may be right and are never taken for wrong, ``cleared`` ones are
    wrong however alike they look."""

    spared: Mapping[int, IntArray]
    cleared: Mapping[int, IntArray]

    def spares(self, questions: IntArray, columns: IntArray, groups: IntArray) -> NDArray[np.bool_]:
        """Whether (questions, columns) a passage is spared, or a near-duplicate of one that is.

        ``groups`` (pool,) holds the near-duplicate group of each row.
        """
        spared = np.zeros((len(questions), len(columns)), bool)
        if self.spared:  # else nothing is looked up for each batch of each run
            for number, question in enumerate(questions.tolist()):
                spared[number] = np.isin(groups[columns], groups[self.spared.get(question, NO_ROWS)])
        return spared


def judged_rows(
    given: Sequence[tuple[str, int]], texts: Sequence[str], questions: Mapping[str, int], pool: Sequence[str]
) -> dict[int, IntArray]:
    """Pairs of a question and a row of ``texts`` as rows of ``pool`` by question; what the run lacks is left out.

    ``questions`` gives the number of each ``question_key``.
    """
    if not given:
        return {}
    place = {text.strip(): row for row, text in enumerate(pool)}
    found: dict[int, set[int]] = {}
    for question, row in given:
        asked, passage = questions.get(question_key(question)), place.get(texts[row].strip())
        if asked is not None and passage is not None:
            found.setdefault(asked, set()).add(passage)
    return {asked: np.array(sorted(rows), np.int64) for asked, rows in found.items()}
