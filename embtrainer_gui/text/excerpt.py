"""A phrase cut out of a passage, which may stand for a question on it."""

from __future__ import annotations

import numpy as np

FEWEST, MOST = 5, 19  # words
CHARACTERS_A_WORD = 3  # in scripts without spaces: Chinese has two characters a word, Thai four


def excerpt(text: str, rng: np.random.Generator) -> str:
    """A run of ``FEWEST`` to ``MOST`` words of ``text``, from anywhere in it; all of a shorter text."""
    pieces, joint, scale = text.split(), " ", 1
    if len(text) > FEWEST * CHARACTERS_A_WORD * max(1, len(pieces)):
        pieces, joint, scale = list(text), "", CHARACTERS_A_WORD
    length = int(rng.integers(FEWEST, MOST + 1)) * scale
    start = int(rng.integers(max(1, len(pieces) - length + 1)))
    return joint.join(pieces[start : start + length])
