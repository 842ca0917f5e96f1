"""Keyword queries from the headings that stand above sections: people's own short names of a topic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate
from embtrainer_gui.generate.careful.keywords import is_general
from embtrainer_gui.generate.careful.statistics import CorpusStatistics
from embtrainer_gui.generate.cleaning import HEADING, CleanText
from embtrainer_gui.generate.deixis import needs_paper
from embtrainer_gui.generate.statistics import terms
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Doc

_NUMBER = re.compile(r"^\W*(?:(?:\d+\W*)+|[ivxIVX]+[.)]|[a-hA-H][.)])\s*")
_WORD = re.compile(r"[^\W_][\w’'/‐‑–-]*[^\W_]|[^\W\d_]\.?")
_CHOPPED = re.compile(r"-\w\b(?!-)| \w\b")  # "phy-a"
_SMALL = word_set("a an the of and or in on for to with by from at as into between via under its their during using")
_OF_PAPERS = re.compile(
    r"\b(?:introduction|methods?|materials?|results?|discussion|conclusions?|abstract|stud(?:y|ies)|analys[ei]s|data|"
    r"statistic\w*|procedures?|protocols?|preparation|sampl\w+|collection|participants|design|determination|"
    r"measurements?|experiment\w*|limitations?|funding|author\w*|supplement\w*|references|groups?|assays?|evaluation|"
    r"search|criteria|implications|perspectives?|remarks|keywords?|tables?|fig\w*|isolation|reagents|chemicals|"
    r"overview|review|literature|summary|background|outcomes?|findings)\b",
    re.IGNORECASE,
)
_LEAST, _MOST = 3, 6
_REACH = 4  # sentences below a heading
_SHARED = 2  # terms


def heading_queries(item: CleanText, document: Doc, statistics: CorpusStatistics) -> Iterator[Candidate]:
    """The words of a heading that names a topic; the sentence below that shares most of them is the answer."""
    for match in HEADING.finditer(item.source):
        words = _words(match.group(), statistics)
        query = " ".join(words)
        asked = {term for word in words for term in terms(word)}
        if not _LEAST <= len(words) <= _MOST or len(asked) < len(words) or _OF_PAPERS.search(query):
            continue
        if _CHOPPED.search(query) or is_general(query) or needs_paper(query):
            continue
        below = [
            (number, sentence)
            for number, sentence in enumerate(document.sents)
            if item.starts[sentence.start_char] >= match.end()
        ][:_REACH]
        shared = [(len(asked & set(terms(sentence.text))), -number, sentence) for number, sentence in below]
        if not shared:
            continue
        most, place, sentence = max(shared, key=lambda found: found[:2])
        if most >= _SHARED and most > len(asked) / 2:
            yield Candidate(query, (sentence.start_char, sentence.end_char), QuestionKind.KEYWORD, -place, 1.1)


def _words(heading: str, statistics: CorpusStatistics) -> list[str]:
    words = [word for word in _WORD.findall(_NUMBER.sub("", heading.strip())) if word.lower() not in _SMALL]
    shouted = all(word.isupper() for word in words)
    return [_small(word, statistics, shouted=shouted) for word in words]


def _small(word: str, statistics: CorpusStatistics, *, shouted: bool) -> str:
    """With small letters, but for names and acronyms."""
    capitals = word[:1].isupper() and word[1:].islower()
    if capitals and not statistics.is_name(word):
        return word.lower()
    return word.lower() if shouted and not statistics.is_unseen_in_lower_case(word.lower()) else word
