"""What a PDF says of itself: the DOI and the year that its first page prints, and the authors that its file names
where the first page names them too. What is not plainly said stays unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from embtrainer_gui.core.reference import LONGEST_TEXT, Reference, doi_in, joined, person

_FIRST = 1800
_Y = r"((?:18|19|20)\d\d)\b"
_YEARS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bpublished(?: online| on)?\s*:?\s*(?:\w+\.?\s+)?(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?(?:\w+\.?,?\s+)?{_Y}",
        rf"\bproceedings of\b(?:(?!pages)[^.]){{0,200}}?\b{_Y}",
        rf"(?:©|\(c\)|c⃝|\bcopyright)\s*(?:©\s*|\(c\)\s*)?{_Y}",
        rf"\barxiv:\S{{1,40}}\s+\[[\w.-]+\]\s+\d{{1,2}} \w{{3}} {_Y}",
        rf"\b{_Y}\s*[;,:]\s*(?:vol(?:ume|\.)?\s*)?\d{{1,4}}\s*(?:\(\d|[:,;]\s*\(?\w)",
        rf"\bvolume {_Y}\b",
        rf"\({_Y}\)\s*\d{{1,4}}\s*[:(]",
    )
)
_SHARED = re.compile(r"\s*(?:;|,(?!\s*(?:Jr|Sr|II|III)\b)|\band\b|&)\s*", re.IGNORECASE)
_PARTICLES = frozenset("de del della der den des di da do dos du el la le ten ter van von zu al bin ibn".split())
_WORDS = re.compile(r"[^\W\d_]+")


def own_reference(metadata: Mapping[str, object], first_page: str) -> Reference:
    """Args: ``metadata`` of the file, which anybody may have written; ``first_page``: the text that a reader sees."""
    first_page = first_page[:LONGEST_TEXT]
    told = " ".join(str(metadata.get(name) or "") for name in ("subject", "keywords", "title"))
    doi = doi_in(told)
    if not doi or doi.casefold() not in first_page.casefold():
        doi = doi_in(first_page) or doi
    return Reference("", _authors(str(metadata.get("author") or ""), first_page), _year(first_page, doi), doi)


def _year(page: str, doi: str) -> int | None:
    latest = datetime.now(UTC).year + 1
    for pattern in _YEARS:
        years = [int(found) for found in pattern.findall(page)]
        good = [year for year in years if _FIRST <= year <= latest]
        if good:
            return good[0]
    within = re.search(rf"[/.]{_Y}[/.]", doi)
    return int(within.group(1)) if within and _FIRST <= int(within.group(1)) <= latest else None


def _authors(told: str, page: str) -> str:
    """Only where there are several names and all of them stand on the page: else it is often the name of who made the
    file, or of one author alone."""
    names = [name for name in _SHARED.split(told[:5000].replace("\n", " ")) if name.strip()]
    words = {word.casefold() for word in _WORDS.findall(page)}
    found = [_turned(name) for name in names]
    known = all(set(map(str.casefold, _WORDS.findall(name.split(",")[0]))) & words for name in found)
    return joined(found) if len(found) > 1 and known else ""


def _turned(name: str) -> str:
    """``Mark A. van de Wiel`` as ``van de Wiel, Mark A.``."""
    parts = name.split()
    start = len(parts) - 1
    while start > 1 and parts[start - 1] in _PARTICLES:
        start -= 1
    return person(" ".join(parts[start:]), " ".join(parts[:start]))
