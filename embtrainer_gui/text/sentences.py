"""Split scientific text into sentences with one regular expression and a list of abbreviations.

No library does this within the import budget: pysbd is unmaintained and handles some kilobytes a second, spaCy's
sentence splitter would bring spaCy into every reading process. This does several megabytes a second.
"""

from __future__ import annotations

import re

_CLOSERS = "\"'”’»)\\]}"
# Possessive repeats and the look-behind keep it linear on hostile text (200,000 full stops in a row).
_CANDIDATE = re.compile(
    rf"""
    (?<![.!?…]) [.!?…]++ [{_CLOSERS}]*+ (?: \[\d[\d,;–\-\s]{{0,40}}\] )? (?=\s)      # ... "end.[12] Next"
    | [؟۔।॥]++ [{_CLOSERS}]*+ (?=\s)
    | \. (?<=[a-z)]\.) \d{{1,3}} (?:[,–-]\d{{1,3}}){{0,9}} (?=\s+[A-Z])   # superscript citation: "end.12,13 Next"
    | [。！？｡]++ [」』”’）】》〉]*+                       # no space follows in Chinese and Japanese
    | \n\s*\n
    """,
    re.VERBOSE,
)
_NEXT = re.compile(r"\s*(?P<open>[\"'“‘«(\[{¿¡]*)(?P<word>[^\s.,;:!?)\]]*)")
_BEFORE = re.compile(r"[^\s(\[{\"'“‘«/]*$")
_CLAUSE = re.compile(r"[;:,—–)\]]\s+|[；，、：،؛]")
_SPACE = re.compile(r"\s+")
_LOWER_START = re.compile(r"[a-zα-ω]{1,3}-?[A-Z0-9]")  # pH, p53, mRNA, siRNA

# Nearly always followed by what they abbreviate for.
_NEVER = frozenset(
    """fig figs eq eqs eqn eqns ref refs sec secs sect tab tabs dr prof mr mrs ms st vs cf ca viz approx resp suppl supp
    vol vols pp ch chap ed eds dept univ var subsp ssp gen cv aff incl ext thm prop def alg app appx e.g i.e eg ie
    jan feb mar apr jun jul aug sept oct nov. dec z.b d.h bzw abb s.d p.ej pág págs núm art sra dra
    op loc et seq a.k.a w.r.t ser obs exp""".split()
)
# May end a sentence: only when the next word is one that begins sentences.
_MAYBE = frozenset(
    """al etc inc ltd co corp sp spp nov no nos p f u.s u.k u.s.a e.u a.m p.m ph.d m.sc b.sc jr sr comb min max sec hr
    wt vol. st. al.""".split()
)
_STARTERS = frozenset(
    """the this that these those we our i it its they their there here he she his her a an in on at for to from with
    by as of if when while where whereas although though because since after before during however moreover furthermore
    therefore thus hence consequently additionally also then finally first second third next both each all some many
    most several such other another one two three no not results our using based under over between among within without
    to-date despite overall similarly conversely interestingly importantly notably recently previously currently what
    how why who which can does did is are was were let so but and or nor yet only el la los las un una en por
    para""".split()
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` of each sentence in order, without the white space between them.

    Together the spans hold every character of ``text`` that is not white space. A number that stands alone at the
    start of a sentence ("2. Methods") stays with it; nothing is split inside short brackets.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _CANDIDATE.finditer(text):
        end = found.end()
        if end <= start:
            continue
        first = text[found.start()]
        if first in ".!?…؟۔।॥" and not _ends(text, start, found.start(), end):
            continue
        _append(spans, text, start, end)
        start = end
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    if right > left:
        spans.append((start + left, start + right))


def _ends(text: str, start: int, stop: int, end: int) -> bool:
    """Whether the mark at ``stop`` (with its closers up to ``end``) ends the sentence that began at ``start``."""
    after = _NEXT.match(text, end)
    if after is None or after.end() == len(text) and not after["word"]:
        return True
    word = after["word"]
    if not word and not after["open"] and text[after.end() : after.end() + 1] in tuple(",;:!?)]"):
        return False
    if word[:1].islower() and not _LOWER_START.match(word):
        return False
    near = max(start, end - 400)
    if text.count("(", near, end) > text.count(")", near, end) and text.find(")", end, end + 160) >= 0:
        return False
    if len(word) == 1 and text[after.end() : after.end() + 1] == ".":
        word = ""  # an initial begins no sentence: "J. A. Smith"
    return text[stop] != "." or not _abbreviates(text, start, stop, word)


def _abbreviates(text: str, start: int, stop: int, following: str) -> bool:
    """Whether the full stop at ``stop`` belongs to an abbreviation, an initial or the number of a heading."""
    found = _BEFORE.search(text, max(start, stop - 24), stop)
    before = found.group() if found else ""
    if before.isdigit():
        return not text[start : stop - len(before)].strip()
    bare = before.strip("-–—").lower()
    if bare in _NEVER:
        return True
    starts = following.lower() in _STARTERS and following[:1].isupper()
    if bare in _MAYBE:
        return not starts
    last = bare.rsplit("-", 1)[-1].rsplit(".", 1)[-1]
    return len(last) == 1 and last.isalpha() and not starts


def split_span(text: str, start: int, end: int, parts: int) -> list[tuple[int, int]]:
    """``text[start:end]`` in about ``parts`` pieces of like length, cut at clauses, else words, else characters.

    At least two pieces when the span has two characters that are not white space at its ends; nothing is lost but
    white space at the cuts.
    """
    step = (end - start) / max(1, min(parts, end - start))
    spans: list[tuple[int, int]] = []
    begin = start
    for number in range(1, min(parts, end - start)):
        ideal = start + round(number * step)
        low, high = max(begin + 1, round(ideal - step / 3)), min(end - 1, round(ideal + step / 3))
        places = [found.end() for found in _CLAUSE.finditer(text, low, high)]
        places = places or [found.end() for found in _SPACE.finditer(text, low, high)]
        place = min(places, key=lambda where: abs(where - ideal), default=ideal)
        _append(spans, text, begin, place)
        begin = place
    _append(spans, text, begin, end)
    return spans
