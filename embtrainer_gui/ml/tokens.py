"""Texts tokenised once and kept compact, so that batches of any composition can be padded without tokenising again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

Task = Literal["query", "document"]
BLOCK = 256


class TokenisedTexts:
    """What ``model.preprocess`` makes of ``texts`` with the model's own prompt for ``task``, without the padding.

    ``lengths`` (n,) counts tokens, special ones and the prompt included, after truncation.
    """

    def __init__(self, model: SentenceTransformer, texts: Sequence[str], task: Task) -> None:
        prompt = model.prompts.get(task) or None  # as encode_query and encode_document choose it
        tokenizer = model.tokenizer
        self._pad = {"input_ids": int(getattr(tokenizer, "pad_token_id", None) or 0)}
        self._left = getattr(tokenizer, "padding_side", "right") == "left"
        self._constants: dict[str, Any] = {}
        self.lengths: NDArray[np.int64] = np.zeros(len(texts), np.int64)
        self._values: dict[str, list[NDArray[np.int32]]] = {}
        by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for start in range(0, len(texts), BLOCK):
            block = by_length[start : start + BLOCK]
            self._add(block, len(texts), model.preprocess([texts[row] for row in block], prompt=prompt, task=task))

    def __len__(self) -> int:
        return len(self.lengths)

    def _add(self, block: Sequence[int], total: int, features: dict[str, Any]) -> None:
        keep = features["attention_mask"].numpy().astype(bool)
        self.lengths[block] = keep.sum(axis=1)
        for name, value in features.items():
            if not isinstance(value, torch.Tensor) or value.shape != keep.shape:
                self._constants[name] = value
                continue
            rows = self._values.setdefault(name, [np.empty(0, np.int32)] * total)
            for row, values, mask in zip(block, value.numpy().astype(np.int32), keep, strict=True):
                rows[row] = values[mask]

    def features(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        """Padded features of ``rows`` on the CPU, as the model's forward takes them: tensors (len(rows), longest)."""
        longest = int(self.lengths[rows].max())
        padded: dict[str, Any] = dict(self._constants)
        for name, values in self._values.items():
            matrix = np.full((len(rows), longest), self._pad.get(name, 0), np.int64)
            for i, row in enumerate(rows):
                start = longest - len(values[row]) if self._left else 0
                matrix[i, start : start + len(values[row])] = values[row]
            padded[name] = torch.from_numpy(matrix)
        return padded
