"""One question anew: of the same passage and kind as a pair's, other than those that are there. Nothing is stored."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from embtrainer_gui.core.chat import ChatReply, ChatRequest
from embtrainer_gui.core.chat_batch import run_batch
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.generate_config import Wording
from embtrainer_gui.core.records import MadeQuestion, Passage, QAPair, QuestionKind
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.replies import ReadReply
from embtrainer_gui.generate.wordings import builtin_generator
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.preview import question_row
from embtrainer_gui.stages.server_asking import asks_of, make_asker, place_of, tell_host

ATTEMPTS = 3
MOST_BUILTIN = 20
BEST_FIRST: tuple[Wording, ...] = ("careful", "any")  # whoever asks anew wants one that reads better


def run(ctx: Context, config: GenerateConfig, pair_id: int, key: str = "") -> dict[str, Any]:
    """A proposal for a pair: ``{"pair", "question", "answer", "kind", "quote", "reasons"}``. Whoever asked decides
    whether it takes the pair's place, as an edit that can be undone.

    Raises:
        UserError: no such pair, or no other question can be made of its passage; no consent; a refused key.
        EnvironmentProblem: the server is not there, or does not answer as it should.
    """
    pair = ctx.project.pairs.get([pair_id]).get(pair_id)
    if pair is None:
        raise UserError(mark("Question {number} is no longer in the project."), number=pair_id)
    passage = ctx.project.passages.get([pair.passage_id])[pair.passage_id]
    known = ctx.project.server_runs.questions_of(passage.id)
    if config.backend == "builtin":
        return {"pair": pair_id} | _by_builtin(ctx, config, pair, passage, known)
    return {"pair": pair_id} | _by_server(ctx, config, pair, passage, known, key)


def _by_builtin(
    ctx: Context, config: GenerateConfig, pair: QAPair, passage: Passage, known: tuple[str, ...]
) -> dict[str, Any]:
    ctx.status(mark("Loading the question generator (basic)..."))
    texts = [each.text for each in ctx.project.passages.in_use()]
    for wording in BEST_FIRST:
        generator = builtin_generator(config.model_copy(update={"per_passage": MOST_BUILTIN, "wording": wording}))
        generator.prepare(texts)
        (made,) = generator.make([passage.text])
        others = [question for question in made if question.question not in known]
        if others:
            best = next((question for question in others if question.kind is pair.kind), others[0])
            return question_row(best, passage, "")
    raise _none(passage)


def _by_server(
    ctx: Context, config: GenerateConfig, pair: QAPair, passage: Passage, known: tuple[str, ...], key: str
) -> dict[str, Any]:
    place = place_of(config, key)
    tell_host(ctx, ctx.project, place, 1)
    (ask,) = asks_of(ctx.project, [passage], 1)
    kind = None if pair.kind is QuestionKind.UNKNOWN else pair.kind
    fresh = config.model_copy(update={"seed": random.randrange(2**31)})
    ask = replace(ask, kind=kind, known=known)
    asker = make_asker(fresh, place, [ask])
    last: list[ReadReply] = []

    def on_reply(attempt: int, reply: ChatReply) -> list[tuple[int, ChatRequest]]:
        last.append(asker.read(sent, reply))
        if last[-1].questions or attempt >= ATTEMPTS:
            return []
        return [(attempt + 1, asker.send(replace(ask, attempt=attempt + 1)).request)]

    def on_problem(attempt: int, problem: AppError) -> None:
        raise problem

    def on_outage(problem: AppError | None) -> None:
        if problem is not None:
            raise problem  # somebody sits and waits

    sent = asker.send(ask)
    requests = [(1, sent.request)]
    run_batch(place, config.request_seconds, requests, Pace(fixed=1), on_reply, on_problem, on_outage, ctx.cancelled)
    for question in last[-1].questions:
        return question_row(MadeQuestion(question.question, question.answer, question.kind), passage, question.quote)
    raise EnvironmentProblem(
        mark("{model} gave no other question: {reason}."),
        mark("Ask again, or take another model."),
        model=place.model,
        reason=last[-1].failure,
    )


def _none(passage: Passage) -> UserError:
    return UserError(
        mark("No other question can be made of passage {number} without a server."),
        mark("Write one by hand, or choose a server on the Questions page."),
        number=passage.number,
    )
