"""Texts as the model reads them: tokens put together to text again, with what was cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sentence_transformers import SentenceTransformer

from embtrainer_gui.ml.tokens import Task, TokenisedTexts


@dataclass(frozen=True, slots=True)
class ReadText:
    """``read`` is decoded from the very tokens that the model gets, special ones and the prompt among them: ``tokens``
    of ``whole``. ``cut`` is the end of the text that it does not read."""

    read: str
    tokens: int
    whole: int
    cut: str


def as_read(model: SentenceTransformer, texts: Sequence[str], task: Task) -> list[ReadText]:
    """``texts`` (n,) as passages or as questions, each by itself."""
    tokenised = TokenisedTexts(model, texts, task)
    prompt = model.prompts.get(task) or ""
    found = []
    for row, text in enumerate(texts):
        ids = tokenised.features(np.array([row], dtype=np.int64))["input_ids"][0].tolist()
        whole, cut = _beyond(model, prompt + text, len(ids))
        found.append(ReadText(model.tokenizer.decode(ids), len(ids), whole, cut))
    return found


def whole_lengths(model: SentenceTransformer, texts: Sequence[str], task: Task) -> list[int]:
    """Tokens of each text if nothing were cut, special ones and the prompt included."""
    if not texts:
        return []
    prompt = model.prompts.get(task) or ""
    special = model.tokenizer.num_special_tokens_to_add()
    ids = model.tokenizer([prompt + text for text in texts], **_UNCUT)["input_ids"]
    return [len(row) + special for row in ids]


_UNCUT = {"add_special_tokens": False, "truncation": False, "verbose": False}


def _beyond(model: SentenceTransformer, text: str, read: int) -> tuple[int, str]:
    """The number of all tokens of ``text``, and what comes after the first ``read`` ones."""
    tokenizer = model.tokenizer
    special = tokenizer.num_special_tokens_to_add()
    fast = bool(getattr(tokenizer, "is_fast", False))
    encoded = tokenizer(text, return_offsets_mapping=fast, **_UNCUT)
    ids, kept = encoded["input_ids"], max(0, read - special)
    if len(ids) <= kept:
        return len(ids) + special, ""
    cut = text[encoded["offset_mapping"][kept][0] :] if fast else tokenizer.decode(ids[kept:])
    return len(ids) + special, cut.strip()
