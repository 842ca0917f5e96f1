"""Find near-duplicate documents by bottom-k MinHash sketches of their word 5-shingles.

Source: Broder, "On the resemblance and containment of documents", 1997 (bottom-k sketch); Bayardo et al., "Scaling
up all pairs similarity search", 2007 (prefix filter with the rarest elements first).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import combinations
from zlib import crc32

import numpy as np

from embtrainer_gui.text.similarity import FEWEST_SHINGLES, SKETCH_SIZE, similarity

SHINGLE_WORDS = 5

# Chinese and Japanese have no spaces: there a character is a word.
_UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u9fff])")
_UNSPACED_LEADS = [bytes([lead]) for lead in range(0xE3, 0xEA)]  # the first byte of each of them in UTF-8
# On bytes, since a paper's sketch must cost less than reading one of its pages: ASCII punctuation ends a word.
_TO_SPACE = bytes(byte if byte >= 0x80 or chr(byte).isalnum() else 0x20 for byte in range(256))
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F], np.uint64
)


def sketch(text: str) -> tuple[int, ...]:
    """The up to 128 smallest 48-bit hashes of the word 5-shingles, ascending; the same in every process.

    A text of fewer than five words is one shingle; a text without words has an empty sketch.
    """
    data = text.casefold().encode("utf-8", "replace")
    if any(lead in data for lead in _UNSPACED_LEADS):
        data = " ".join(_UNSPACED.split(text.casefold())).encode("utf-8", "replace")
    words = np.array(list(map(crc32, data.translate(_TO_SPACE).split())), np.uint64)
    if not len(words):
        return ()
    width = min(SHINGLE_WORDS, len(words))
    hashes = np.zeros(len(words) - width + 1, np.uint64)
    for offset in range(width):
        hashes += _mix(words[offset : len(words) - width + 1 + offset] * _FACTORS[offset])
    found = np.sort(_mix(hashes) >> np.uint64(16))  # sorting beats np.unique four times here
    found = found[np.append(True, found[1:] != found[:-1])]
    return tuple(found[:SKETCH_SIZE].tolist())


def _mix(values: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64: spreads every bit over all."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def near_pairs(sketches: Sequence[Sequence[int]], threshold: float) -> list[tuple[int, int]]:
    """Pairs ``(i, j)``, i < j, of documents whose similarity is at least ``threshold`` (over 0), sorted.

    Of documents with the same sketch each is paired with the one before, and only the first is compared with the
    others: a thousand copies make a thousand pairs, not half a million, and the groups stay the same.
    """
    first_of: dict[tuple[int, ...], int] = {}
    last_of: dict[tuple[int, ...], int] = {}
    pairs: set[tuple[int, int]] = set()
    for row, values in enumerate(map(tuple, sketches)):
        if not values:
            continue
        if values in first_of:
            pairs.add((last_of[values], row))
        first_of.setdefault(values, row)
        last_of[values] = row
    rows = [row for values, row in first_of.items() if len(values) >= FEWEST_SHINGLES]
    for i, j in _candidates(sketches, rows, threshold):
        if similarity(sketches[i], sketches[j]) >= threshold:
            pairs.add((min(i, j), max(i, j)))
    return sorted(pairs)


def _candidates(sketches: Sequence[Sequence[int]], rows: list[int], threshold: float) -> set[tuple[int, int]]:
    """All pairs of rows that can reach the threshold: they share one of their rarest hashes (prefix filter)."""
    if len(rows) < 2:
        return set()
    lengths = np.array([len(sketches[row]) for row in rows])
    values = np.concatenate([np.asarray(sketches[row], np.int64) for row in rows])
    owners = np.repeat(np.arange(len(rows)), lengths)
    _, number, frequency = np.unique(values, return_inverse=True, return_counts=True)
    order = np.lexsort((number, frequency[number], owners))  # of each owner, the rarest first
    number, owners = number[order], owners[order]
    place = np.arange(len(number)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    # The similarity divides by a union of at least ``length`` hashes, so so many must be shared ...
    shared = np.array([max(1, math.ceil(threshold * length - 1e-9)) for length in lengths])
    # ... and of two sets that share that many one common hash stands within the first length - shared + 1.
    kept = (place <= np.repeat(lengths - shared, lengths)) & (frequency[number] > 1)
    number, owners = number[kept], owners[kept]
    by_hash = np.argsort(number, kind="stable")
    cuts = np.flatnonzero(np.diff(number[by_hash])) + 1
    found: set[tuple[int, int]] = set()
    for group in np.split(owners[by_hash], cuts):
        if len(group) > 1:
            found.update(combinations(group.tolist(), 2))
    return {(rows[i], rows[j]) for i, j in found}


def groups(n: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """The group of each of ``n`` documents, numbered by its first member: ``(n,)`` (union-find)."""
    parent = list(range(n))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for i, j in pairs:
        low, high = sorted((root(i), root(j)))
        parent[high] = low
    return [root(row) for row in range(n)]
