"""Count tokens as the base model does, with the ``tokenizers`` library alone (no torch, no transformers)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.translate import mark

_CACHED_CHARACTERS = 4_000_000
_PART = "\u203f"
# Python splits a text at these, BERT's normaliser deletes them: such a text is counted whole.
_WHOLE = re.compile(rf"[\x0b\x0c\x1c-\x1f\x85{_PART}]")


class TokenCounter:
    """Token counts of the model in ``model_dir`` (a folder with ``tokenizer.json``).

    BERT's tokenizer never looks across white space, so for it the counts of words are kept and added up, which is
    exact and up to 8 times faster; every other tokenizer encodes whole texts.

    Raises EnvironmentProblem when the folder holds no readable ``tokenizer.json``.
    """

    def __init__(self, model_dir: Path) -> None:
        source = model_dir / "tokenizer.json"
        try:
            text = source.read_text(encoding="utf-8")
            settings = json.loads(text)
            self._tokenizer = Tokenizer.from_str(text)
        except Exception as error:  # noqa: BLE001 - the library raises bare Exception on a broken file
            raise EnvironmentProblem(
                mark("The tokenizer of the model cannot be read from {path}: {error}."),
                mark("Choose another model or install the program again."),
                path=source,
                error=error,
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._specials: int = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        self._part = self._tokenizer.token_to_id(_PART)
        self._by_word = self._part is not None and all(
            (settings.get(part) or {}).get("type") == kind
            for part, kind in (("normalizer", "BertNormalizer"), ("pre_tokenizer", "BertPreTokenizer"))
        )
        self._words: dict[str, int] = {}
        self._characters = 0

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text with the special tokens, not truncated: ``(n,)``."""
        if not self._by_word:
            return self._whole(texts)
        words = [None if _WHOLE.search(text) else text.split() for text in texts]
        known = self._counts_of({word for split in words if split is not None for word in split})
        whole = iter(self._whole([text for text, split in zip(texts, words, strict=True) if split is None]))
        return [
            next(whole) if split is None else self._specials + sum(map(known.__getitem__, split)) for split in words
        ]

    def _counts_of(self, words: set[str]) -> dict[str, int]:
        new = list(words.difference(self._words))
        if not new:
            return self._words
        self._characters += sum(map(len, new))
        if self._characters > _CACHED_CHARACTERS:
            self._words = {word: self._words[word] for word in words if word in self._words}
            self._characters = sum(map(len, words))
        # Many words in one text, parted by a token that no word holds: encoding each alone takes twice the time.
        parts = [f" {_PART} ".join([*new[at : at + 50], ""]) for at in range(0, len(new), 50)]
        found = self._tokenizer.encode_batch_fast(_writable(parts), add_special_tokens=False)
        ends = np.flatnonzero(np.concatenate([encoding.ids for encoding in found]) == self._part)
        self._words.update(zip(new, (np.diff(ends, prepend=-1) - 1).tolist(), strict=True))
        return self._words

    def _whole(self, texts: Sequence[str]) -> list[int]:
        return [len(found) for found in self._tokenizer.encode_batch_fast(_writable(texts))]


def _writable(texts: Sequence[str]) -> list[str]:
    """The texts without lone surrogates, which the Rust library refuses; each counts as one unknown character."""
    return [text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8") for text in texts]
