"""The marks that were set on hits in Search become accepted pairs, and wrong ones known wrong answers."""

from __future__ import annotations

import uuid
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import PairState, QuestionKind
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.marked_pairs import train_on_marks
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages import check_pairs
from embtrainer_gui.stages.best_sentence import BestSentence
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.question_run import run_id
from embtrainer_gui.stages.retrieval import Library

SOURCE = "search"  # of such pairs


def run(ctx: Context) -> dict[str, Any]:
    """Make pairs of every marked question that has a right passage; gives ``{"pairs", "questions", "wrong", "left"}``.

    The answer of a pair is the sentence of its passage that shares most with the question. Those questions are test
    questions no more; ``left`` ones, without a right passage in the project, stay marks.

    Raises:
        UserError: there is no mark that says that a passage is right.
    """
    project = ctx.project
    with project.lock():
        marked = project.test_sets.marked()
        library = Library(project)
        best = BestSentence(passage.text for passage in library.passages)
        stamp, now = run_id(), utc_now()
        pairs: list[NewPair] = []
        wrong: list[tuple[str, int]] = []
        used: list[int] = []
        for question in marked:
            right = [number for number, grade in question.judgements.items() if grade > 0 and number in library.row_of]
            if not right:
                continue
            used.append(question.id)
            wrong += [(question.question, number) for number, grade in question.judgements.items() if grade <= 0]
            for number in right:
                text = library.passages[library.row_of[number]].text
                start, end = best.of(question.question, text)
                pairs.append(_pair(question.question, number, text[start:end].strip() or text, stamp, now))
        if not used:
            raise UserError(
                mark("No hit is marked as right in Search."),
                mark("Search for something, mark the hits that answer it, then come back."),
            )
        accepted = train_on_marks(project.database, pairs, wrong, used, now)
        ctx.items_changed("pairs", accepted)
        check_pairs.run(ctx, library)
    return {"pairs": accepted, "questions": len(used), "wrong": len(wrong), "left": len(marked) - len(used)}


def _pair(question: str, passage: int, answer: str, stamp: str, now: str) -> NewPair:
    return NewPair(
        uid=str(uuid.uuid4()),
        passage_id=passage,
        question=question,
        answer=answer,
        kind=QuestionKind.UNKNOWN,
        source=SOURCE,
        created_at=now,
        run_id=stamp,
        extra={},
        state=PairState.ACCEPTED,
    )
