"""Text without citation markers, links and figure pointers, each character traced back to the passage.

Parses go wrong on markers and questions must not hold them, yet answers have to occur verbatim in the passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_YEAR = r"(?:19|20)\d\d[a-z]?"
_NUMBERS = r"\d{1,3}(?:\s*[-–—,;]\s*\d{1,3})*"
_LABELS = (
    "abstract|background|introduction|objectives?|aims?|purpose|(?:materials and )?methods?(?: and (?:findings|"
    "results))?|"
    "(?:methodology/)?(?:principal )?findings|results?(?: and discussion)?|discussion|conclusions?(?:/significance)?|"
    "interpretation|significance|text"
)
_POINTED = r"figs?\b|figures?\b|tables?\b|tabs?\b|box\b|appendix|additional file|movie|eq\b|panel|not shown|section|ref"
HEADING = re.compile(r"(?:\A|(?<=\n))[^\n]{1,160}(?<![.?!:;,\s])\s*\n")
"""A heading above its section, its line end included."""
_PATTERNS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rf"\s*\[\s*{_NUMBERS}\s*\]",  # [12], [3, 4-6]
        rf"\s*\({_NUMBERS}\s*\)",  # (12)
        rf"\s*\([^()]{{0,200}}?(?:et al\.?|[A-Z][\w'’-]+),? (?:and [A-Z][\w'’-]+,? )?\(?{_YEAR}\)?[^()]{{0,200}}\)",
        rf"\s*\([^()]{{0,80}}?\b(?:et al\.?|and)[^()]{{0,80}}?{_YEAR}\s",  # its closing bracket was lost
        r"\s*\((?:see |data |as in )?(?:(?:also )?(?:supplementary|supporting|additional|online)\s)?"
        rf"(?i:{_POINTED})[^()]*\)",
        r"https?://\S+|\bwww\.\S+|\bdoi:\s?\S+",
        rf"(?:^|(?<=[.?!] ))(?i:{_LABELS})\s*:\s*",
        rf"\b(?:{_LABELS.upper()})\s*:\s*",
        r"^.{0,900}?License:\s?[\w-]+\s+(?:Abstract:|Text:)?\s*",  # the head that some corpora put before the text
        r"\s+(?=[.,;:?!](?:\s|$))",
    )
)
MARKERS = (HEADING, *_PATTERNS)


@dataclass(frozen=True, slots=True)
class CleanText:
    """``text`` is ``source`` with spans left out; ``starts[i]`` is where character ``i`` stands in ``source``."""

    text: str
    source: str
    starts: tuple[int, ...]

    def original(self, start: int, end: int) -> str:
        """The slice of the source under ``text[start:end]``, markers inside included: verbatim."""
        return self.source[self.starts[start] : self.starts[end - 1] + 1]


def clean(source: str, markers: Iterable[re.Pattern[str]] = MARKERS) -> CleanText:
    """Leave out citation markers, links, figure pointers and section labels."""
    drop = bytearray(len(source))
    for pattern in markers:
        for match in pattern.finditer(source):
            drop[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    kept: list[int] = []
    text: list[str] = []
    for i, character in enumerate(source):
        if drop[i] or (character.isspace() and (not text or text[-1] == " ")):
            continue
        kept.append(i)
        text.append(" " if character.isspace() else character)
    return CleanText("".join(text), source, tuple(kept))
