"""Preview: what a generator makes of some passages, before a whole batch; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import MadeQuestion, Passage
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.builtin import BuiltinGenerator
from embtrainer_gui.generate.checks import check_text
from embtrainer_gui.stages.context import Context


def run(ctx: Context, config: GenerateConfig, passage_ids: Sequence[int], key: str = "") -> dict[str, Any]:
    """Gives ``{"passages": [{"passage", "questions": [{"question", "answer", "kind", "reasons"}]}]}`` in the order
    asked for. The checks that compare a question with all the others are left to the batch.

    Raises:
        UserError: a passage is not in the project.
    """
    found = ctx.project.passages.get(passage_ids)
    missing = [number for number in passage_ids if number not in found]
    if missing:
        raise UserError(mark("Passage {number} is no longer in the project."), number=missing[0])
    ctx.status(mark("Loading the question generator (basic)..."))
    generator = BuiltinGenerator(config)
    generator.prepare([passage.text for passage in ctx.project.passages.in_use()])
    chosen = [found[number] for number in passage_ids]
    rows = []
    for passage, made in zip(chosen, generator.make([passage.text for passage in chosen]), strict=True):
        ctx.raise_if_cancelled()
        rows.append({"passage": passage.id, "questions": [_row(question, passage) for question in made]})
        ctx.progress(len(rows), len(chosen))
    return {"passages": rows}


def _row(question: MadeQuestion, passage: Passage) -> dict[str, Any]:
    reasons = check_text(question.question, question.answer, passage.text, question.kind)
    return {
        "question": question.question,
        "answer": question.answer,
        "kind": question.kind.value,
        "reasons": [reason.value for reason in reasons],
    }
