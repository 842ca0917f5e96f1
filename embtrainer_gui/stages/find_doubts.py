"""Look for doubtful passages without a training: those that score nearly what the right passage of a question scores.

The untrained model proposes them, and the tuned one where there is one: were the questions of dev and test papers
judged on what one model alone brings, the other would be measured by that one's taste.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import PairState, QAPair, Split
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.doubts import DoubtAnswer, FoundDoubt
from embtrainer_gui.core.training_plan import without_keywords
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.judged import question_key
from embtrainer_gui.ml.negatives import DOUBTFUL, LOOKED_AT, close_to_right
from embtrainer_gui.ml.ranking import rank_passages
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library, ModelChoice, base_choice, tuned_choice
from embtrainer_gui.stages.training_data import ALIKE_PASSAGES
from embtrainer_gui.text.near_duplicate import sketch
from embtrainer_gui.text.similarity import similarity

MARGIN = TrainConfig().negative_margin


@dataclass(slots=True)
class _Question:
    """A question with its first pair, the rows of its right passages, and those that need not be asked about."""

    pair: QAPair
    right: list[int] = field(default_factory=list)
    settled: set[int] = field(default_factory=set)


def run(ctx: Context) -> dict[str, Any]:
    """Gives ``{"questions", "found", "new", "open"}``; what was answered stays as it is.

    Raises:
        UserError: no question is accepted.
    """
    project = ctx.project
    library = Library(project)
    asked = _questions(project, library)
    if not asked:
        raise UserError(
            mark("No question is accepted yet, so no passage can be in doubt."),
            mark("Accept questions in Review first, or with: embtrainer pairs {path} accept --checks clean"),
            path=project.folder,
        )
    ctx.status(mark("Looking for doubtful passages..."))
    shares: dict[tuple[int, int], float] = {}
    for choice in _models(project):
        for key, share in _close(ctx, library, asked, choice):
            shares[key] = max(share, shares.get(key, 0.0))
    found = [
        FoundDoubt(asked[number].pair.id, asked[number].pair.question, library.passages[row].id, share)
        for (number, row), share in shares.items()
    ]
    new = project.doubts.add(found, utc_now())
    ctx.items_changed("doubts", new)
    waiting = project.doubts.counts()[DoubtAnswer.OPEN]
    return {"questions": len(asked), "found": len(found), "new": new, "open": waiting}


def _questions(project: Project, library: Library) -> list[_Question]:
    accepted, _ = without_keywords(project.pairs.all(state=PairState.ACCEPTED), lambda pair: pair.kind)
    asked: dict[str, _Question] = {}
    for pair in accepted:
        if pair.passage_id in library.row_of:
            found = asked.setdefault(question_key(pair.question), _Question(pair))
            found.right.append(library.row_of[pair.passage_id])
    answered = (DoubtAnswer.RIGHT, DoubtAnswer.WRONG, DoubtAnswer.UNSURE)
    for doubt in project.doubts.all(answered):
        key = question_key(doubt.question)
        if key in asked and doubt.passage_id in library.row_of:
            asked[key].settled.add(library.row_of[doubt.passage_id])
    return list(asked.values())


def _models(project: Project) -> list[ModelChoice]:
    models = [base_choice(project)]
    if project.runs.latest():
        models.append(tuned_choice(project))
    return models


def _close(
    ctx: Context, library: Library, asked: list[_Question], choice: ModelChoice
) -> Iterator[tuple[tuple[int, int], float]]:
    """``((question, row), share)`` of the nearest passages within the margin of the right ones."""
    encoder = choice.encoder()
    passages = library.vectors(choice, ctx, encoder).vectors(library.keys)
    questions = encoder.encode_queries([question.pair.question for question in asked], ctx)
    candidates = _Candidates(library)
    for number, rows in enumerate(rank_passages(questions, passages, LOOKED_AT)):
        ctx.raise_if_cancelled()
        ctx.progress(number + 1, len(asked))
        right = np.array(asked[number].right)
        close = close_to_right(rows, passages[rows] @ questions[number], right, MARGIN)
        worth = ((row, share) for row, share in close if candidates.are_worth_asking(asked[number], row))
        for row, share in islice(worth, DOUBTFUL):
            yield (number, row), share


class _Candidates:
    """Which passages are worth asking about; near-duplicates of the right one are right without asking."""

    def __init__(self, library: Library) -> None:
        self._sketch = cache(lambda row: sketch(library.texts[row]))
        self._splits = [library.document_of[passage.document_id].split for passage in library.passages]

    def are_worth_asking(self, question: _Question, row: int) -> bool:
        """Questions that train learn from training papers alone; those of other papers are searched everywhere."""
        if row in question.right or row in question.settled:
            return False
        if self._splits[question.right[0]] is Split.TRAIN and self._splits[row] is not Split.TRAIN:
            return False
        return all(similarity(self._sketch(row), self._sketch(right)) < ALIKE_PASSAGES for right in question.right)
