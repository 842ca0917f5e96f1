"""The checks over every pair of a project, from whatever source; what they find is stored, nothing is deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.records import Passage, QAPair, Reason, Split
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.doubts import FoundDoubt
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.checks import (
    ROUND_TRIP_TOP,
    ambiguous,
    check_text,
    near_duplicate_questions,
    round_trip,
)
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library, base_choice

JUDGE_MARK = "judge_mark"


@dataclass(frozen=True, slots=True)
class CheckResult:
    flagged: int
    by_reason: dict[str, int]


def run(ctx: Context, library: Library) -> CheckResult:
    """Check all pairs again: near-duplicates and rivals depend on all the others.

    Pairs on dev and test papers are not sent through the checks that ask the untrained model (6 and 7): it would
    choose its own exam.
    """
    project = ctx.project
    pairs = project.pairs.all()
    if not pairs:
        return CheckResult(0, {})
    ctx.status(mark("Checking the questions..."))
    passages = project.passages.get({pair.passage_id for pair in pairs})
    quotes = project.pair_groups.quotes()
    reasons = {
        pair.id: check_text(
            pair.question, pair.answer, passages[pair.passage_id].text, pair.kind, quotes.get(pair.id, "")
        )
        for pair in pairs
    }
    _vector_checks(ctx, library, pairs, passages, reasons)
    judged_low = project.server_runs.judged_below(project.meta.get(JUDGE_MARK, GenerateConfig().judge_mark))
    for pair_id in judged_low.intersection(reasons):
        reasons[pair_id].append(Reason.JUDGED_LOW)
    project.pairs.set_reasons(reasons)
    counts = Counter(reason.value for found in reasons.values() for reason in found)
    return CheckResult(sum(bool(found) for found in reasons.values()), dict(counts))


def _vector_checks(
    ctx: Context,
    library: Library,
    pairs: Sequence[QAPair],
    passages: dict[int, Passage],
    reasons: dict[int, list[Reason]],
) -> None:
    choice = base_choice(ctx.project)
    encoder = choice.encoder()
    index = library.vectors(choice, ctx, encoder)
    questions = encoder.encode_queries([pair.question for pair in pairs], ctx)
    groups: dict[int, int] = {}
    for pair, first in zip(pairs, near_duplicate_questions(questions), strict=True):
        if first is not None:
            reasons[pair.id].append(Reason.DUPLICATE)
            groups[pair.id] = groups[pairs[first].id] = pairs[first].id
    ctx.project.pair_groups.set_groups(groups)
    rows = [
        row
        for row, pair in enumerate(pairs)
        if pair.passage_id in library.row_of
        and library.document_of[passages[pair.passage_id].document_id].split in (None, Split.TRAIN)
    ]
    if not rows:
        return
    own = [library.row_of[pairs[row].passage_id] for row in rows]
    vectors = index.vectors(library.keys)
    lexical = library.lexical()

    def bm25_rank(position: int) -> int | None:
        found = [row for row, _ in lexical.search(pairs[rows[position]].question, ROUND_TRIP_TOP)]
        return found.index(own[position]) + 1 if own[position] in found else None

    for row, found in zip(rows, round_trip(questions[rows], vectors, own, bm25_rank), strict=True):
        if not found:
            reasons[pairs[row].id].append(Reason.NOT_FOUND)

    def bm25_scores(position: int) -> NDArray[np.float32]:
        return lexical.scores(pairs[rows[position]].question)

    collisions = []
    for row, rival in zip(rows, ambiguous(questions[rows], vectors, own, bm25_scores), strict=True):
        if rival:
            pair, (other, share) = pairs[row], rival
            reasons[pair.id].append(Reason.AMBIGUOUS)
            collisions.append(FoundDoubt(pair.id, pair.question, library.passages[other].id, share))
    ctx.project.doubts.add(collisions, utc_now())
