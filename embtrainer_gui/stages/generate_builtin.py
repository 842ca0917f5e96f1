"""Questions by the built-in generator: every passage in use that it has not been through."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.generate_config import generator_name
from embtrainer_gui.core.memory import give_back
from embtrainer_gui.core.pair_maker import SEVERAL
from embtrainer_gui.core.question_passages import in_another_language, languages_in_words
from embtrainer_gui.core.records import MadeQuestion, Passage, QuestionKind
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.question_run import QuestionRun, pass_over_marked
from embtrainer_gui.stages.retrieval import Library

PASSAGES_PER_COMMIT = 32
EMPTY = mark("{count} passages gave no question (too short, no sentences).")
FEW = mark("{count} passages gave no question in careful wording. Many questions asks of most of them.")
NOT_ENGLISH = mark("not English: the built-in generator cannot serve it")


def run(ctx: Context, config: GenerateConfig, library: Library, stamp: str) -> QuestionRun:
    project, name = ctx.project, generator_name(config)
    pass_over_marked(project, name, library.passages)
    done = project.pairs.generated_passages(name)
    foreign = in_another_language([passage for passage in library.passages if passage.id not in done])
    if foreign:
        project.server_runs.pass_over(name, [passage.id for passage in foreign], NOT_ENGLISH, utc_now())
        ctx.warn(languages_in_words(foreign))
        done = project.pairs.generated_passages(name)
    todo = [passage for passage in library.passages if passage.id not in done]
    if config.wording != "any":
        project.meta.set(SEVERAL, True)
    result = QuestionRun()
    empty = 0
    if not todo:
        return result
    ctx.status(mark("Loading the question generator (basic)..."))
    generator = ctx.workplace.question_maker(config)
    generator.prepare([passage.text for passage in library.passages])
    batch: list[tuple[int, Sequence[NewPair]]] = []
    for number, (passage, questions) in enumerate(
        zip(todo, generator.make([passage.text for passage in todo]), strict=True), 1
    ):
        pairs = [_new_pair(question, passage, generator.label, stamp) for question in questions]
        result.made.update(question.kind.value for question in questions)
        empty += not questions
        batch.append((passage.id, pairs))
        if len(batch) >= PASSAGES_PER_COMMIT or number == len(todo):
            project.pairs.add_generated(name, batch)
            ctx.items_changed("pairs", sum(len(pairs) for _, pairs in batch))
            batch = []
            ctx.raise_if_cancelled()
        ctx.progress(number, len(todo), library.document_of[passage.document_id].file_name)
    generator.close()
    give_back()  # training comes next and needs the memory
    if empty:
        ctx.warn((FEW if config.wording == "careful" else EMPTY).format(count=empty))
    return result


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
