"""One training step: a contrastive batch embedded in micro-batches of like length, with the loss of the whole batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.utils.checkpoint import checkpoint

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.loss_fields import hard_negatives_of
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.batching import IntArray, micro_batches
from embtrainer_gui.ml.device import training_precision
from embtrainer_gui.ml.encoder import embed
from embtrainer_gui.ml.general_questions import general_questions
from embtrainer_gui.ml.matryoshka import over_dimensions, refuse_wide
from embtrainer_gui.ml.negatives import HardNegatives, mine_negatives
from embtrainer_gui.ml.objective import objective_of
from embtrainer_gui.ml.optimizer import adamw, set_learning_rate
from embtrainer_gui.ml.parts import Parts, with_parts
from embtrainer_gui.ml.ranks import ALONE, Ranks
from embtrainer_gui.ml.room import Room
from embtrainer_gui.ml.shortage import ran_out
from embtrainer_gui.ml.teachers import GeneralQuestions, Lexical, Teacher, UntrainedModel
from embtrainer_gui.ml.tokens import Task, TokenisedTexts
from embtrainer_gui.ml.training_set import TrainingSet
from embtrainer_gui.ml.untrained import Untrained


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """``taught`` holds the divergence from each teacher's ranking of the general questions, and the loss of each part
    beside question and passage, by its name."""

    loss: float
    grad_norm: float
    taught: dict[str, float] = field(default_factory=dict)


class Stepper:
    """The model with its optimizer and the tokenised training set.

    The model stays in eval mode: without dropout the CPU takes its fused attention, two passes over one text agree,
    and a resumed run equals an uninterrupted one. ``hard`` are the hard negatives of a resumed run; without them
    they are mined where ``config`` wants some. Each of the ``ranks`` embeds its share of a batch. ``room`` tells how
    much of it at once; where memory runs out, it gets smaller and the step is done again.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        data: TrainingSet,
        config: TrainConfig,
        untrained: SentenceTransformer,
        reporter: Reporter,
        hard: HardNegatives | None = None,
        ranks: Ranks = ALONE,
        halved: int = 0,
    ) -> None:
        self.model, self._ranks = model, ranks
        self.room = Room(model, halved)
        self.optimizer = adamw(model, config)
        self._data, self._config, self._scale = data, config, config.scale
        self._unused = 0
        self._questions = TokenisedTexts(model, data.questions, "query")
        self._passages = TokenisedTexts(model, data.pool.texts, "document")
        before = Untrained(untrained, self._questions, self._passages, reporter, ranks)
        self.hard = (hard or _mined(data, before, config, reporter, ranks)) if hard_negatives_of(config) else None
        refuse_wide(config.matryoshka, model)
        objective = objective_of(config, data, self.hard, before, reporter)
        self._objective = over_dimensions(objective, config.matryoshka)
        self._parts = Parts(model, data, config, reporter)
        self._teachers: list[tuple[float, Teacher]] = []
        if config.remember or config.lexical:
            made = general_questions(data.passages, data.general, config.seed) + data.general
            self._general = GeneralQuestions(model, made, len(data.passages), config.seed)
        if config.remember:
            self._teachers.append((config.remember, UntrainedModel(before, self._general)))
        if config.lexical:
            self._teachers.append((config.lexical, Lexical(self._general, data.passages)))

    def forget(self) -> None:
        """Let go of the optimizer's moments, for a new round from the first weights."""
        self.optimizer = adamw(self.model, self._config)

    def step(self, rows: IntArray, learning_rate: float, reporter: Reporter) -> StepOutcome:
        """Train on the passages ``rows`` with all their questions.

        A loss or gradient that is not finite leaves the weights alone; so does Cancelled, which may be raised between
        micro-batches of either pass, and memory that runs out with the smallest micro-batch.
        """
        outcome = None
        while outcome is None:
            self.optimizer.zero_grad(set_to_none=True)
            outcome = self._tried(rows, reporter)
        if np.isfinite(outcome.loss) and np.isfinite(outcome.grad_norm):
            set_learning_rate(self.optimizer, learning_rate)
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return outcome

    def _tried(self, rows: IntArray, reporter: Reporter) -> StepOutcome | None:
        """None where memory ran out: there is less at once now, and nothing was changed but gradients."""
        try:
            return self._gradient(rows, reporter)
        except (MemoryError, RuntimeError) as problem:
            if self.room.is_least or not ran_out(problem):
                raise
        self.optimizer.zero_grad(set_to_none=True)
        self.room.halve()  # out of the handler: the error holds the tensors of the failed step
        return None

    def _gradient(self, rows: IntArray, reporter: Reporter) -> StepOutcome:
        """Put the gradient of a batch into the parameters."""
        batch = self._data.batch(rows)
        objective = self._objective.of(batch)
        drawn = self._general.draw(batch.passages) if self._teachers else batch.passages[:0]
        with torch.enable_grad():
            self._unused = self.room.kept()
            with training_precision(self.model.device):  # around them all, so that the weights are cast once
                passages = self._embed(self._passages, objective.rows, "document", reporter)
                questions = self._embed(self._questions, batch.questions, "query", reporter)
                general = self._embed(self._general.tokens, drawn, "query", reporter) if len(drawn) else None
                own = passages[: len(batch.passages)]
                parts = self._parts.encoded(batch, questions, own, partial(self._embed, reporter=reporter))
            with self._ranks.together():
                loss = objective.loss(questions, passages)
                total = loss
                taught: dict[str, float] = {}
                if general is not None:
                    lesson, taught = self._lesson(drawn, general, batch.passages, own)
                    total = loss + lesson if objective.teaching == 1 else loss + objective.teaching * lesson
                total, beside = with_parts(total, parts, objective.teaching)
                if total.requires_grad:  # not on a rank without a share of a small batch
                    total.backward()  # type: ignore[no-untyped-call]
        parameters = list(self.model.parameters())
        self._ranks.sum_gradients(parameters)
        norm = clip_grad_norm_(parameters, self._config.max_grad_norm)
        return StepOutcome(loss.item(), float(norm), taught | beside)

    def _lesson(
        self, drawn: IntArray, asked: Tensor, rows: IntArray, passages: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """The weighted sum of the divergences from the teachers, and each of them by its name."""
        lesson = passages.new_zeros(())
        taught = {}
        for weight, teacher in self._teachers:
            differs = teacher.divergence(asked, passages, drawn, rows, self._scale)
            lesson, taught[teacher.name] = lesson + weight * differs, differs.item()
        return lesson, taught

    def _embed(self, tokens: TokenisedTexts, rows: IntArray, task: Task, reporter: Reporter) -> Tensor:
        """Embeddings of ``rows``; each rank makes its share of them."""
        lengths = tokens.lengths[rows]
        mine = rows[self._ranks.share(lengths)]
        with self._ranks.together():
            part = self._embed_here(tokens, mine, task, reporter)
        return self._ranks.gather(part, lengths)

    def _embed_here(self, tokens: TokenisedTexts, rows: IntArray, task: Task, reporter: Reporter) -> Tensor:
        """Embeddings of ``rows``. Where their activations have no room, a micro-batch is computed again in the
        backward pass: the same numbers and a third more time, with the memory of one micro-batch.
        """
        if not len(rows):
            return torch.zeros((0, int(self.model.get_embedding_dimension() or 0)), device=self.model.device)
        parts = micro_batches(tokens.lengths[rows], self.room.tokens())
        embedded = []
        for part in parts:
            reporter.raise_if_cancelled()
            self._unused -= len(part) * int(tokens.lengths[rows[part]].max())
            if self._unused < 0:
                vectors = checkpoint(self._vectors, tokens, rows[part], task, use_reentrant=False)
            else:
                vectors = self._vectors(tokens, rows[part], task)
            vectors.register_hook(lambda _: reporter.raise_if_cancelled())
            embedded.append(vectors)
        order = np.argsort(np.concatenate(parts), kind="stable")
        return torch.cat(embedded)[torch.from_numpy(order).to(embedded[0].device)]

    def _vectors(self, tokens: TokenisedTexts, rows: IntArray, task: Task) -> Tensor:
        """Embeddings in float32, computed in bfloat16 where that pays; weights, loss and optimizer stay in float32."""
        with training_precision(self.model.device):
            return embed(self.model, tokens, rows, task).float()


def _mined(
    data: TrainingSet, untrained: Untrained, config: TrainConfig, reporter: Reporter, ranks: Ranks
) -> HardNegatives:
    """Mined by the first rank: another machine might decide otherwise on scores that are almost the margin."""
    reporter.status(mark("Looking for hard negatives..."))
    questions, passages = untrained.questions, untrained.passages
    return ranks.from_first(lambda: mine_negatives(data, questions, passages, config.negative_margin, reporter))
