"""Text without citation markers, links and figure pointers, each character traced back to the passage.

Parses go wrong on markers and questions must not hold them, yet answers have to occur verbatim in the passage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_YEAR = r"(?:19|20)\d\d[a-z]?"
_MARKERS = re.compile(
    "|".join(
        (
            r"\s*\[\s*\d+(?:\s*[-–—,;]\s*\d+)*\s*\]",  # [12], [3, 4-6]
            rf"\s*\((?:e\.g\.,?|see|reviewed in|cf\.)?[^()]{{0,200}}?(?:et al\.?|[A-Z][\w'’-]+),? (?:and [A-Z][\w'’-]+,? )?\(?{_YEAR}\)?[^()]{{0,200}}\)",
            rf"\s*\([^()]{{0,80}}?\b(?:et al\.?|and)[^()]{{0,80}}?{_YEAR}\s",  # a marker whose bracket the extraction lost
            r"\s*\(\s*\d{1,3}(?:\s*[-–—,;]\s*\d{1,3})*\s*\)",  # (12), (3, 4-6)
            r"\s*\((?:see |data |as in )?(?:(?:also )?(?:supplementary|supporting|additional|online)\s)?"
            r"(?:figs?\b|figures?\b|tables?\b|tabs?\b|box\b|appendix|additional file|movie|eq\b|panel|not shown|section|ref)[^()]*\)",
            r"https?://\S+|\bwww\.\S+|\bdoi:\s?\S+",
            r"(?:(?<=^)|(?<=[.?!] ))(?:Abstract|Background|Introduction|Objectives?|Aims?|Purpose|Methods?(?: and (?:Findings|Results|Materials))?|"
            r"Materials and Methods|Results?(?: and Discussion)?|Findings|Discussion|Conclusions?|Interpretation|Significance|Text)\s*:\s*",
            r"\b(?:ABSTRACT|BACKGROUND|INTRODUCTION|OBJECTIVES?|AIMS?|PURPOSE|METHODS?(?: AND (?:FINDINGS|RESULTS|MATERIALS))?|"
            r"RESULTS?|(?:PRINCIPAL )?FINDINGS|(?:METHODOLOGY/)?PRINCIPAL FINDINGS|DISCUSSION|CONCLUSIONS?(?:/SIGNIFICANCE)?|INTERPRETATION|SIGNIFICANCE)\s*:\s*",
            r"^.{0,900}?License:\s?[\w-]+\s+(?:Abstract:|Text:)?\s*",  # the head that some corpora put before the text
        )
    ),
    re.DOTALL,
)
_SPACE_BEFORE_STOP = re.compile(r"\s+(?=[.,;:?!](?:\s|$))")


@dataclass(frozen=True, slots=True)
class CleanText:
    """``text`` is ``source`` with spans left out; ``starts[i]`` is where character ``i`` stands in ``source``."""

    text: str
    source: str
    starts: tuple[int, ...]

    def original(self, start: int, end: int) -> str:
        """The slice of the source under ``text[start:end]``, markers inside included: verbatim."""
        return self.source[self.starts[start] : self.starts[end - 1] + 1]


def clean(source: str) -> CleanText:
    """Leave out citation markers, links, figure pointers and section labels."""
    drop = bytearray(len(source))
    for pattern in (_MARKERS, _SPACE_BEFORE_STOP):
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
