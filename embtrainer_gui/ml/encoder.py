"""Texts to L2-normalised vectors: the same as ``SentenceTransformer.encode``, with less padding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn.functional import normalize

from embtrainer_gui.core.prompts import Prompts
from embtrainer_gui.core.report import Reporter, Silent
from embtrainer_gui.ml.batching import micro_batches
from embtrainer_gui.ml.loading import OWN, load_model
from embtrainer_gui.ml.shortage import free_memory, ran_out
from embtrainer_gui.ml.tokens import Task, TokenisedTexts

CPU_TOKENS = 4096  # padded tokens in a micro-batch; 1,024 to 8,192 cost the same within 20 %
GPU_TOKENS = 32_768


def token_budget(model: SentenceTransformer) -> int:
    """Padded tokens of a micro-batch that suit the device of ``model``."""
    return CPU_TOKENS if model.device.type == "cpu" else GPU_TOKENS


def embed(model: SentenceTransformer, tokens: TokenisedTexts, rows: NDArray[np.int64], task: Task) -> Tensor:
    """L2-normalised embeddings (len(rows), d) of one micro-batch, in the graph if gradients are on."""
    features: dict[str, Any] = tokens.features(rows)
    moved = {name: value.to(model.device) if isinstance(value, Tensor) else value for name, value in features.items()}
    return normalize(model(moved, task=task)["sentence_embedding"], p=2, dim=1)


def encode_tokens(
    model: SentenceTransformer,
    tokens: TokenisedTexts,
    task: Task,
    reporter: Reporter | None = None,
    rows: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """Vectors (n, d) of all ``tokens``, or of ``rows`` of them, longest first so that a lack of memory shows at once.

    Where memory runs out, the rest goes on in micro-batches of half the size. Cancellable between micro-batches.
    """
    reporter = reporter or Silent()
    rows = np.arange(len(tokens)) if rows is None else rows
    vectors = np.zeros((len(rows), int(model.get_embedding_dimension() or 0)), np.float32)
    waiting, done = micro_batches(tokens.lengths[rows], token_budget(model))[::-1], 0
    while waiting:
        reporter.raise_if_cancelled()
        part = waiting.pop()
        found = _vectors(model, tokens, rows[part], task)
        if found is None:
            free_memory(model.device)
            budget = len(part) * int(tokens.lengths[rows[part]].max()) // 2
            rest = np.concatenate([part, *waiting[::-1]])
            waiting = [rest[places] for places in micro_batches(tokens.lengths[rows[rest]], budget)][::-1]
            continue
        vectors[part] = found
        done += len(part)
        reporter.progress(done, len(rows))
    return vectors


@torch.inference_mode()
def _vectors(
    model: SentenceTransformer, tokens: TokenisedTexts, rows: NDArray[np.int64], task: Task
) -> NDArray[np.float32] | None:
    """None where memory ran out and fewer texts at once may do."""
    try:
        return embed(model, tokens, rows, task).float().cpu().numpy()
    except (MemoryError, RuntimeError) as problem:
        if not ran_out(problem) or len(rows) == 1:
            raise
    return None


class Encoder:
    """A model for encoding. ``device``, ``prompts`` and errors are those of ``load_model``."""

    def __init__(
        self, model_dir: Path, max_seq_length: int = 256, device: str | None = None, prompts: Prompts = OWN
    ) -> None:
        self._model = load_model(model_dir, max_seq_length, device, prompts)

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    def encode_passages(self, texts: Sequence[str], reporter: Reporter | None = None) -> NDArray[np.float32]:
        """Vectors (n, d) of passages, with the model's prompt for documents if it has one."""
        return self._encode(texts, "document", reporter)

    def encode_queries(self, texts: Sequence[str], reporter: Reporter | None = None) -> NDArray[np.float32]:
        """Vectors (n, d) of questions, with the model's prompt for queries if it has one."""
        return self._encode(texts, "query", reporter)

    def _encode(self, texts: Sequence[str], task: Task, reporter: Reporter | None) -> NDArray[np.float32]:
        return encode_tokens(self._model, TokenisedTexts(self._model, texts, task), task, reporter)
