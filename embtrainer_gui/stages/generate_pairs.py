"""Questions: run a generator over every passage in use that it has not been through, then the checks."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.memory import give_back
from embtrainer_gui.core.records import MadeQuestion, Passage, QuestionKind
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.builtin import BuiltinGenerator
from embtrainer_gui.stages import check_pairs
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library

PASSAGES_PER_COMMIT = 32
GENERATED_FOR = "generated_for"


def run(ctx: Context, config: GenerateConfig, key: str = "", *, retry: bool = False) -> dict[str, Any]:
    """Make and check questions; gives the object that ``generate --json`` prints. A second run goes on where a
    first one was stopped: no passage is asked twice, none is left out.

    Raises:
        UserError: no passages.
    """
    started = time.monotonic()
    project = ctx.project
    library = Library(project)
    with project.lock():
        made, failed = _generate(ctx, config, library)
        reasons = check_pairs.run(ctx, library)
        project.meta.set(GENERATED_FOR, project.passages.fingerprint())
    return {
        "made": sum(made.values()),
        "flagged": reasons.flagged,
        "failed": failed,
        "by_kind": dict(made),
        "by_reason": reasons.by_reason,
        "seconds": round(time.monotonic() - started, 2),
    }


def run_id() -> str:
    """UTC time stamp of a process start, as the interchange format has it."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def _generate(ctx: Context, config: GenerateConfig, library: Library) -> tuple[Counter[str], int]:
    project = ctx.project
    done = project.pairs.generated_passages(config.backend)
    todo = [passage for passage in library.passages if passage.id not in done]
    made: Counter[str] = Counter()
    empty = 0
    if not todo:
        return made, empty
    ctx.status(mark("Loading the question generator (basic)..."))
    generator = BuiltinGenerator(config)
    generator.prepare([passage.text for passage in library.passages])
    stamp = run_id()
    batch: list[tuple[int, Sequence[NewPair]]] = []
    for number, (passage, questions) in enumerate(
        zip(todo, generator.make([passage.text for passage in todo]), strict=True), 1
    ):
        pairs = [_new_pair(question, passage, generator.label, stamp) for question in questions]
        made.update(question.kind.value for question in questions)
        empty += not questions
        batch.append((passage.id, pairs))
        if len(batch) >= PASSAGES_PER_COMMIT or number == len(todo):
            project.pairs.add_generated(config.backend, batch)
            ctx.items_changed("pairs", sum(len(pairs) for _, pairs in batch))
            batch = []
            ctx.raise_if_cancelled()
        ctx.progress(number, len(todo), library.document_of[passage.document_id].file_name)
    generator.close()
    give_back()  # training comes next and needs the memory
    if empty:
        ctx.warn(mark("{count} passages gave no question (too short, no sentences, not English).").format(count=empty))
    return made, 0


def _new_pair(question: MadeQuestion, passage: Passage, label: str, stamp: str) -> NewPair:
    return NewPair(
        uid=str(uuid.uuid4()),
        passage_id=passage.id,
        question=question.question,
        answer=question.answer,
        kind=QuestionKind(question.kind),
        source=f"builtin ({label})",
        created_at=utc_now(),
        run_id=stamp,
        extra={},
    )
