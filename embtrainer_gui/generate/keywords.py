"""Keyword queries: a few content words of one sentence, not in the order in which they stand there."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate
from embtrainer_gui.generate.deixis import needs_paper
from embtrainer_gui.generate.statistics import CorpusStatistics, terms
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_GENERAL = word_set(
    """
    study result show use find include report suggest increase high low level group significant different patient
    case number effect analysis method data datum addition although however present observe associate follow able
    likely important such respectively figure table author work paper previous recent current new several many
    various total first second other same similar good well also due base make take become see know indicate
    demonstrate reveal describe perform determine reason today late end year month day week time period january
    february march april may june july august september october november december matter term fact way part use
    specific certain main major large small possible available common type example article information file
    difference change value university department institute ministry committee usa inc ltd company step procedure
    set overall general particular further supplementary
    """
)
_WHOLE = re.compile(r"[^\W\d_][\w/'’-]+")


def keyword_queries(
    sentence: Span, number: int, statistics: CorpusStatistics, rng: random.Random
) -> Iterator[Candidate]:
    """Two queries of three and four units: the weightiest two and some of the next."""
    ranked = sorted(_units(sentence, statistics).items(), key=lambda unit: (-unit[1], unit[0]))[:7]
    if len(ranked) < 3:
        return
    span = (sentence.start_char, sentence.end_char)
    for size in (4, 5):
        if len(ranked) < size:
            continue
        chosen = ranked[:2] + rng.sample(ranked[2:], size - 2)
        rng.shuffle(chosen)
        text = " ".join(unit for unit, _ in chosen)
        if not needs_paper(text) and 3 <= len(text.split()) <= 8:
            weight = sum(weight for _, weight in chosen) / len(chosen) / statistics.rarest
            yield Candidate(text, span, QuestionKind.KEYWORD, number, min(0.5 + 0.6 * weight, 1.05))


def _units(sentence: Span, statistics: CorpusStatistics) -> dict[str, float]:
    """Words and two-word compounds of the sentence with their weight, each word once."""
    found: dict[str, float] = {}
    before: Token | None = None
    used: set[str] = set()
    for token in sentence:
        word = _whole(token) if _content(token) else None
        if word is None:
            before = None
            continue
        text = word
        if before is not None and before.dep_ in ("compound", "amod") and before.head == token and before.whitespace_:
            left = _whole(before)
            if left and left != word and left in found:
                del found[left]
                text = f"{left} {word}"
        before = token
        if set(terms(word)) & used:
            continue
        used.update(terms(text))
        found[text] = max(statistics.weight(term) for term in terms(text)) * (
            1.0 if token.pos_ in ("NOUN", "PROPN") else 0.7
        )
    return found


def between_blanks(token: Token) -> str:
    """All that stands together with a token."""
    document = token.doc
    start = end = token.i
    while start > token.sent.start and not document[start - 1].whitespace_:
        start -= 1
    while end + 1 < token.sent.end and not document[end].whitespace_:
        end += 1
    return str(document[start : end + 1].text)


def _whole(token: Token) -> str | None:
    """The whole word between blanks that a token belongs to (MERS-CoV), None for other things than words."""
    text = between_blanks(token).strip(" ,.;:()\"'“”‘’")
    if not _WHOLE.fullmatch(text) or len(text) < 3:
        return None
    return text[0].lower() + text[1:] if text[1:].islower() and token.pos_ != "PROPN" else text


def _content(token: Token) -> bool:
    return token.pos_ in ("NOUN", "PROPN", "ADJ") and token.lemma_.lower() not in _GENERAL and not token.is_stop
