"""One training step: a contrastive batch embedded in micro-batches of like length, with the loss of the whole batch."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil
import torch
from accelerate import Accelerator
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.training_memory import ACTIVATIONS_ON_CPU, BYTES_PER_TOKEN_LAYER_WIDTH, TOKENS_ON_CPU
from embtrainer_gui.ml.anchor import Anchor
from embtrainer_gui.ml.batching import IntArray, micro_batches
from embtrainer_gui.ml.encoder import embed, token_budget
from embtrainer_gui.ml.general_questions import general_questions
from embtrainer_gui.ml.losses import multiple_negatives_ranking_loss
from embtrainer_gui.ml.optimizer import adamw
from embtrainer_gui.ml.tokens import Task, TokenisedTexts
from embtrainer_gui.ml.training_set import TrainingSet


def fast_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 pays on ``device``: on a CPU with AMX a step takes 0.55 of its time (measured).

    CPUs without it emulate bfloat16, a hundred times slower.
    """
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # newer than the oldest torch allowed
    return device.type == "cpu" and bool(capabilities.get("amx_bf16", False))


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """``divergence`` from the untrained model's ranking of general questions is None where nothing holds the model."""

    loss: float
    grad_norm: float
    divergence: float | None = None


class Stepper:
    """The model with its optimizer and the tokenised training set.

    The model stays in eval mode: without dropout the CPU takes its fused attention, two passes over one text agree,
    and a resumed run equals an uninterrupted one.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        data: TrainingSet,
        config: TrainConfig,
        untrained: SentenceTransformer,
        reporter: Reporter,
    ) -> None:
        self._accelerator = Accelerator(cpu=model.device.type == "cpu")
        self.model = model
        self.optimizer = adamw(model, config.learning_rate, config.weight_decay)
        self._data, self._config, self._scale = data, config, config.scale
        self._bfloat16 = fast_bfloat16(model.device)
        self._room = 0
        self._questions = TokenisedTexts(model, data.questions, "query")
        self._passages = TokenisedTexts(model, data.passages, "document")
        self._anchor: Anchor | None = None
        if config.remember:
            general = general_questions(data.passages, data.general, config.seed) + data.general
            self._anchor = Anchor(untrained, general, self._passages, config.seed, self._bfloat16, reporter)

    def step(self, rows: IntArray, learning_rate: float, reporter: Reporter) -> StepOutcome:
        """Train on the passages ``rows`` with all their questions.

        A loss or gradient that is not finite leaves the weights alone; so does Cancelled, which may be raised between
        micro-batches of either pass.
        """
        self.optimizer.zero_grad(set_to_none=True)
        batch = self._data.batch(rows)
        with torch.enable_grad():
            self._room = self._tokens_kept()
            passages = self._embed(self._passages, batch.passages, "document", reporter)
            questions = self._embed(self._questions, batch.questions, "query", reporter)
            device = passages.device
            asked, positive, masked = (
                torch.from_numpy(a).to(device) for a in (batch.asked, batch.positive, batch.masked)
            )
            loss = multiple_negatives_ranking_loss(questions, passages, asked, positive, masked, self._scale)
            divergence = self._divergence(batch.passages, passages, reporter)
            held = loss if divergence is None else loss + self._config.remember * divergence
            self._accelerator.backward(held)
        norm = self._accelerator.clip_grad_norm_(self.model.parameters(), self._config.max_grad_norm)
        outcome = StepOutcome(loss.item(), float(norm), None if divergence is None else divergence.item())
        if np.isfinite(outcome.loss) and np.isfinite(outcome.grad_norm):
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return outcome

    def _divergence(self, rows: IntArray, passages: Tensor, reporter: Reporter) -> Tensor | None:
        if self._anchor is None:
            return None
        drawn = self._anchor.draw(rows)
        if not len(drawn):
            return None
        asked = self._embed(self._anchor.questions, drawn, "query", reporter)
        return self._anchor.divergence(drawn, asked, rows, passages, self._scale)

    def _embed(self, tokens: TokenisedTexts, rows: IntArray, task: Task, reporter: Reporter) -> Tensor:
        """Embeddings of ``rows``. Where their activations have no room, a micro-batch is computed again in the
        backward pass: the same numbers and a third more time, with the memory of one micro-batch.
        """
        budget = token_budget(self.model)
        if self.model.device.type == "cpu":
            budget = min(budget, TOKENS_ON_CPU)
        parts = micro_batches(tokens.lengths[rows], budget)
        embedded = []
        for part in parts:
            reporter.raise_if_cancelled()
            self._room -= len(part) * int(tokens.lengths[rows[part]].max())
            if self._room < 0:
                vectors = checkpoint(self._vectors, tokens, rows[part], task, use_reentrant=False)
            else:
                vectors = self._vectors(tokens, rows[part], task)
            vectors.register_hook(lambda _: reporter.raise_if_cancelled())
            embedded.append(vectors)
        order = np.argsort(np.concatenate(parts), kind="stable")
        return torch.cat(embedded)[torch.from_numpy(order).to(embedded[0].device)]

    def _vectors(self, tokens: TokenisedTexts, rows: IntArray, task: Task) -> Tensor:
        """Embeddings in float32, computed in bfloat16 where that pays; weights, loss and optimizer stay in float32."""
        with torch.autocast(self.model.device.type, torch.bfloat16, enabled=self._bfloat16):
            return embed(self.model, tokens, rows, task).float()

    def _tokens_kept(self) -> int:
        """Padded tokens whose activations may be kept for the backward pass."""
        config = self.model.config
        layers, width = getattr(config, "num_hidden_layers", None), getattr(config, "hidden_size", None)
        if not layers or not width:
            return sys.maxsize
        device = self.model.device
        if device.type == "cuda":
            room = torch.cuda.mem_get_info(device)[0] / 2
        else:
            room = min(psutil.virtual_memory().available / 2, ACTIVATIONS_ON_CPU)
        return int(room / (layers * width * BYTES_PER_TOKEN_LAYER_WIDTH))
