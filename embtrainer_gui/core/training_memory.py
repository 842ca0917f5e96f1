"""How much memory a training run takes at its peak on the processor, from its settings alone: nothing is loaded.

A run is the libraries, some copies of the weights, what is kept for the backward pass, and the scores of a batch.
``ml.step`` works with the same bounds. Checked against the measured peak of the bundled model with the default
settings (tests/bench/RESULTS.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.lora import adapter_bytes
from embtrainer_gui.core.loss_fields import hard_negatives_of
from embtrainer_gui.core.prompts import prompt_tokens

ACTIVATIONS_ON_CPU = int(0.6 * 2**30)  # most of the default batch of MiniLM; half of it is used in bfloat16
TOKENS_ON_CPU = 2048  # padded tokens of a micro-batch that is computed again
BYTES_PER_TOKEN_LAYER_WIDTH = 90  # kept for the backward pass in float32: 42 were counted in bfloat16

LIBRARIES = int(0.9 * 2**30)  # torch, transformers and the program itself (measured)
COPIES_IN_TRAINING = 6  # weights, gradients, AdamW's two moments, the average, and what autocast or a save adds
FROZEN_COPIES = 3  # of weights that only adapters are trained on: themselves, and two more while models are mixed
REST = int(0.3 * 2**30)  # texts as tokens, vectors of the dev searches, and what the allocator keeps
QUESTION_TOKENS = 24
GENERAL_TOKENS = 48  # of the general questions that are drawn for each passage
ANSWER_TOKENS = 24
EXCERPTS_PER_PASSAGE = 6  # drawn for each passage of a batch, where they are trained on
EXCERPT_TOKENS = 24
TITLES_A_BATCH = 8  # titles with their abstracts, where they are trained on
SCORE_BYTES = 16  # float32 scores, their mask, their softmax and its gradient
TIGHT = 0.8  # of what is free
LEAST_BATCH, LEAST_LENGTH = 8, 128  # below them a cure would harm more than help


class Fit(StrEnum):
    FITS = "fits"
    TIGHT = "tight"
    TOO_LITTLE = "too little"


@dataclass(frozen=True, slots=True)
class ModelShape:
    """``weights`` in bytes, as float32."""

    layers: int
    width: int
    weights: int


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Bytes ``needed`` at the peak, and ``free`` ones now. ``cure`` is a setting with the value at which it would
    fit, None where it fits or where no setting helps."""

    needed: int
    free: int
    cure: tuple[str, int] | None = None

    @property
    def fit(self) -> Fit:
        if self.needed > self.free:
            return Fit.TOO_LITTLE
        return Fit.TIGHT if self.needed > TIGHT * self.free else Fit.FITS


def model_shape(folder: Path, weights: int) -> ModelShape | None:
    """What the folder of a model says of it, whose weights take ``weights`` bytes there; None where it says too
    little."""
    try:
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        layers = told.get("num_hidden_layers", told.get("n_layers"))  # DistilBERT has names of its own
        width = told.get("hidden_size", told.get("dim"))
        halved = str(told.get("dtype", told.get("torch_dtype"))) in ("float16", "bfloat16")
        return ModelShape(int(layers), int(width), weights * 2 if halved else weights) if weights else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def memory_plan(config: TrainConfig, shape: ModelShape, pairs: int, tokens: Sequence[int], free: int) -> MemoryPlan:
    """``tokens`` are the lengths of the distinct passages, ascending, at least one; ``pairs`` the questions on them."""

    def needed(settings: TrainConfig) -> int:
        return memory_needed(settings, shape, pairs, tokens, free)

    whole = needed(config)
    cure = None
    if whole > free:
        cure = next((change for change in _smaller(config) if needed(_with(config, change)) <= free), None)
    return MemoryPlan(whole, free, cure)


def memory_needed(config: TrainConfig, shape: ModelShape, pairs: int, tokens: Sequence[int], free: int) -> int:
    batch = min(config.batch_size, len(tokens))
    questions = batch * pairs / len(tokens)
    asked, read = QUESTION_TOKENS + prompt_tokens(config.query_prompt), prompt_tokens(config.passage_prompt)
    per_token = shape.layers * shape.width * BYTES_PER_TOKEN_LAYER_WIDTH
    columns = min(len(tokens), int(batch + questions * hard_negatives_of(config)))  # at most: many share theirs
    largest = sum(min(length + read, config.max_seq_length) for length in tokens[-columns:])  # that chance may draw
    taught = batch * GENERAL_TOKENS if config.remember or config.lexical else 0
    taught += batch * EXCERPTS_PER_PASSAGE * EXCERPT_TOKENS if config.excerpt_weight else 0
    whole = (largest + questions * asked + taught + _beside(config, questions, tokens)) * per_token
    kept = min(ACTIVATIONS_ON_CPU, free / 2)  # of it; the rest is computed again, one micro-batch at a time
    longest = min(tokens[-1] + read, config.max_seq_length)
    activations = min(whole, kept + max(TOKENS_ON_CPU, longest) * per_token)
    scores = questions * columns * SCORE_BYTES * (1 + len(config.matryoshka))
    return int(LIBRARIES + _copies(config, shape) + activations + scores + REST)


def _copies(config: TrainConfig, shape: ModelShape) -> int:
    """Bytes of the weights and all that has their size."""
    if not config.lora_rank:
        return COPIES_IN_TRAINING * shape.weights
    adapters = adapter_bytes(config.lora_rank, shape.layers, shape.width)
    return FROZEN_COPIES * shape.weights + COPIES_IN_TRAINING * adapters


def _beside(config: TrainConfig, questions: float, tokens: Sequence[int]) -> float:
    """Tokens of a batch that are learned from beside questions and passages."""
    answers = questions * ANSWER_TOKENS if config.answer_weight else 0
    titles = TITLES_A_BATCH * (QUESTION_TOKENS + min(tokens[-1], config.max_seq_length)) if config.title_weight else 0
    return answers + titles


def _smaller(config: TrainConfig) -> Iterator[tuple[str, int]]:
    """Settings that take less, the mildest first."""
    for name, least in (("batch_size", LEAST_BATCH), ("max_seq_length", LEAST_LENGTH)):
        value = getattr(config, name) // 2
        while value >= least:
            yield name, value
            value //= 2


def _with(config: TrainConfig, change: tuple[str, int]) -> TrainConfig:
    return config.model_copy(update={change[0]: change[1]})
