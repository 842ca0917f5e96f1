"""Count tokens as the base model does, with the ``tokenizers`` library alone (no torch, no transformers)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Container, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.translate import mark

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CACHED_CHARACTERS = 4_000_000
# Python splits a text at these, BERT's normaliser deletes them: such a text is counted whole.
_WHOLE = re.compile(r"[\x0b\x0c\x1c-\x1f\x85]")
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")
_AROUND = ".,;:()"  # what most words have around them, a token each
_PLAIN = re.compile(rf"[A-Za-z0-9{_AROUND}]*")
# A token each, as the punctuation of ASCII is: dashes, quotes and the like, and Chinese characters.
_MARKS = "".join(
    chr(code)
    for code in (*range(0xA1, 0xC0), *range(0x2010, 0x2028), *range(0x2030, 0x205F), *range(0x3001, 0x3030))
    if unicodedata.category(chr(code))[0] == "P"
)
_ALONE = re.compile(rf"[{_MARKS}\u3400-\u4db5\u4e00-\u9fa5\uff01-\uff03\uff05-\uff0a\uff0c-\uff0f\uff1a\uff1b\uff1f]")
# Letters and signs whose categories are the same in the library's older tables: the rest is left to it.
_KNOWN = re.compile(
    "[\0-\u061c\u061e-\u07ff\u1e00-\u2bff\u3000-\u33ff\ue000-\uf8ff\ufffd\U0001d400-\U0001d7ff\U000f0000-\U000ffffd]*"
)
_ACCENTS = re.compile("[\u0300-\u036f]+")


class TokenCounter:
    """Token counts of the model in ``model_dir`` (a folder with ``tokenizer.json``).

    BERT's tokenizer never looks across white space, so for it the counts of words are kept and added up, which is
    exact and up to 8 times faster; every other tokenizer encodes whole texts.

    Raises EnvironmentProblem when the folder holds no readable ``tokenizer.json``.
    """

    def __init__(self, model_dir: Path) -> None:
        self._source = model_dir / "tokenizer.json"
        try:
            self._text = self._source.read_text(encoding="utf-8")
            settings = json.loads(self._text)
            specials = _specials(settings)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the file
            raise self._unreadable(error) from error
        self._specials = self._tokenizer.num_special_tokens_to_add(is_pair=False) if specials is None else specials
        self._words = _WordCounts(settings, self._in_word) if _is_bert(settings) else None

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        """Made where it is needed: of nearly every text BERT's rules tell the count, and the library loads slowly."""
        try:
            from tokenizers import Tokenizer
        except ImportError as error:  # a reading child has so much memory only
            raise MemoryError from error
        try:
            tokenizer = Tokenizer.from_str(self._text)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the library raises bare Exception on a broken file
            raise self._unreadable(error) from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def _unreadable(self, error: Exception) -> EnvironmentProblem:
        return EnvironmentProblem(
            mark("The tokenizer of the model cannot be read from {path}: {error}."),
            mark("Choose another model or install the program again."),
            path=self._source,
            error=error,
        )

    @property
    def adds_up(self) -> bool:
        """Whether a text has as many tokens as its parts, where it is parted at white space or punctuation."""
        return self._words is not None

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text with the special tokens, not truncated: ``(n,)``."""
        if self._words is None:
            return self._whole(texts)
        self._words.bound()
        count, search, specials = self._words.__getitem__, _WHOLE.search, self._specials
        return [self._whole([text])[0] if search(text) else specials + sum(map(count, text.split())) for text in texts]

    def _in_word(self, word: str) -> int:
        return len(self._tokenizer.encode(_writable(word), add_special_tokens=False))

    def _whole(self, texts: Sequence[str]) -> list[int]:
        return [len(found) for found in self._tokenizer.encode_batch_fast([_writable(text) for text in texts])]


class _WordCounts(dict[str, int]):
    """Tokens of each word; that of a new one is worked out, by ``encode`` where it has more than ASCII.

    Source: the greedy longest match of WordPiece, as in Wu et al., "Google's neural machine translation system", 2016.
    """

    def __init__(self, settings: dict[str, Any], encode: Callable[[str], int]) -> None:
        super().__init__()
        model = settings["model"]
        self._vocabulary: dict[str, int] = model["vocab"]
        prefix: str = model["continuing_subword_prefix"]
        self._inner = {piece.removeprefix(prefix) for piece in self._vocabulary if piece.startswith(prefix)}
        self._longest: int = model["max_input_chars_per_word"]
        self._lower: bool = settings["normalizer"]["lowercase"]
        self._cleans: bool = settings["normalizer"]["clean_text"]
        accents = settings["normalizer"]["strip_accents"]
        self._strips: bool = self._lower if accents is None else accents
        added = [token["content"] for token in settings.get("added_tokens") or ()]
        self._added = re.compile("|".join(map(re.escape, added)) or r"(?!)", re.IGNORECASE)
        self._plain_added = any(_PLAIN.fullmatch(content) for content in added)
        self._encode = encode
        self._parts = dict.fromkeys(self._vocabulary, 1)  # tokens of letters and digits in a row
        self._characters = 0

    def bound(self) -> None:
        """Forget all words where they take much memory."""
        if self._characters > _CACHED_CHARACTERS:
            self.clear()
            self._parts = dict.fromkeys(self._vocabulary, 1)
            self._characters = 0

    def __missing__(self, word: str) -> int:
        self._characters += len(word)
        core = word.strip(_AROUND)
        if core.isalnum() and core.isascii() and not self._plain_added:  # nearly every word
            self[word] = count = len(word) - len(core) + self._in_part(core.lower() if self._lower else core)
            return count
        plain = word if word.isascii() else self._unaccented(_ALONE.sub("-", word))
        parted = None if self._added.search(word) else self._parted(plain)
        self[word] = count = self._encode(word) if parted is None else parted
        return count

    def _unaccented(self, word: str) -> str:
        """Without the marks on Latin letters, as BERT's normaliser takes off all marks."""
        return _ACCENTS.sub("", unicodedata.normalize("NFD", word)) if self._strips else word

    def _parted(self, plain: str) -> int | None:
        """Tokens of a word without accents; None where the library knows better."""
        if plain.isascii():
            if not plain.isprintable():
                return None
            parts = _ALPHANUMERIC.findall(plain.lower() if self._lower else plain)
            return len(plain) - sum(map(len, parts)) + sum(map(self._in_part, parts))  # a mark is a token
        if not self._cleans or not _KNOWN.fullmatch(plain):
            return None
        marks, found = 0, ""
        for character in plain.replace("\ufffd", ""):
            kind = unicodedata.category(character)
            if kind == "Co" or (kind == "Mn" and self._strips):
                continue  # the normaliser takes it out
            if kind[0] in "CZ":
                return None
            mark = kind[0] == "P" or (character.isascii() and kind[0] == "S")
            marks += mark
            found += " " if mark else character.lower() if self._lower else character
        return marks + sum(map(self._in_part, found.split()))

    def _in_part(self, part: str) -> int:
        count = self._parts.get(part)
        if count is None:
            self._parts[part] = count = self._cut(part)
        return count

    def _cut(self, part: str) -> int:
        """The pieces of letters and digits: the longest that is known, then the longest of the rest, and so on."""
        known: Container[str] = self._vocabulary
        size = len(part)
        if size > self._longest:
            return 1
        count = start = 0
        while start < size:
            end = size
            while end > start and part[start:end] not in known:
                end -= 1
            if end == start:
                return 1  # unknown as a whole
            known, count, start = self._inner, count + 1, end
        return count


def _specials(settings: dict[str, Any]) -> int | None:
    """How many tokens are put around a text; None where only the library can tell."""
    after = settings.get("post_processor") or {}
    if not _is_bert(settings) or after.get("type") != "TemplateProcessing":
        return None
    ids = [item["SpecialToken"]["id"] for item in after["single"] if "SpecialToken" in item]
    return sum([len(after["special_tokens"][id_]["ids"]) for id_ in ids])


def _is_bert(settings: dict[str, Any]) -> bool:
    wanted = {"normalizer": "BertNormalizer", "pre_tokenizer": "BertPreTokenizer", "model": "WordPiece"}
    if any((settings.get(part) or {}).get("type") != kind for part, kind in wanted.items()):
        return False
    return not any(re.search(r"\s", token["content"]) for token in settings.get("added_tokens") or ())


def _writable(text: str) -> str:
    """The text without lone surrogates, which the Rust library refuses; each counts as one unknown character."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
