"""What a page's text layer tells of itself: enough to see a scan, a broken encoding or a hidden text layer.

Everything is counted on what the text reader has got already, some of it on a tenth of the lines: a page may cost
50 microseconds here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from embtrainer_gui.extract.pdf_lines import PageText

SPARSE = 120  # characters: less than a paragraph
_SAMPLED_LINES = 12
_ENOUGH = 150  # letters, before their mixture says something
_VOWELS = b"aeiouAEIOU"
_NO_LETTERS = bytes(code for code in range(256) if not bytes([code]).isalpha())
_ODD = re.compile(r"(?<=[A-Za-z])[0-9|\\~^_=<>#@$%&*{}\[\]]+(?=[A-Za-z])|(?<![A-Za-z])[b-hj-zB-HJ-Z](?![A-Za-z.,)'’])")
USUAL_VOWELS = (0.26, 0.60)  # of the Latin letters of any language and of formulas
LEAST_SPACES = 0.05  # of the characters of a text in Latin letters


@dataclass(frozen=True, slots=True)
class PageMeasure:
    """Figures of one page; shares are of its characters, from 0 to 1."""

    characters: int
    damaged: float  # glyphs without a meaning: U+FFFD, private use, control characters
    vowels: float | None  # share of the Latin letters; None where there are too few to say
    spaces: float | None  # the same
    picture: float  # share of the page that its images cover, where that was looked at

    @property
    def sparse(self) -> bool:
        return self.characters < SPARSE

    @property
    def garbled(self) -> bool:
        """Its letters stand for other ones: no language has such a mixture."""
        low, high = USUAL_VOWELS
        return self.vowels is not None and not low <= self.vowels <= high

    @property
    def run_together(self) -> bool:
        return self.spaces is not None and self.spaces < LEAST_SPACES


def measure(page: PageText) -> PageMeasure:
    characters = sum([len(line.text) for line in page.lines])
    sample = "\n".join([line.text for line in page.lines[:: 1 + len(page.lines) // _SAMPLED_LINES]])
    letters = sample.encode("utf-8", "replace").translate(None, _NO_LETTERS)
    vowels = spaces = None
    if len(letters) >= _ENOUGH and 2 * len(letters) > len(sample):
        vowels = 1 - len(letters.translate(None, _VOWELS)) / len(letters)
        spaces = (sample.count(" ") + sample.count("\n")) / len(sample)
    damaged = page.damaged / max(1, characters + page.damaged)
    return PageMeasure(characters, damaged, vowels, spaces, page.picture)


def odd_words(page: PageText) -> float:
    """Share of the words that are none (``t1ie``, a lone consonant): many in a scanner's own recognition."""
    text = " ".join(line.text for line in page.lines)
    return len(_ODD.findall(text)) / max(1, text.count(" ") + 1)
