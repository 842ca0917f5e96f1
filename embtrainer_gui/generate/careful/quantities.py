"""Questions that numbers answer: how many, how long, which share. Few: most numbers are readings of one study."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.careful.clauses import Clause
from embtrainer_gui.generate.careful.phrases import CAREFUL
from embtrainer_gui.generate.clauses import span_of
from embtrainer_gui.generate.phrases import Case, words_in
from embtrainer_gui.generate.quantities import (
    MEASURES,
    RANGING,
    count_questions,
    first_value,
    has_digit,
    how_many,
    is_share,
    of_extent,
    told_of_subjects,
    value_of,
)
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span

_FIGURE = re.compile(
    r"\d\s?%|\d (?:per|cases|deaths|days|weeks|months|years|hours|people|patients|kb|million|nm|kDa)\b"
)
_SAYS_OF_WHICH = 8  # words: with fewer, a figure of the past is that of a study which the question does not name
_SAYS_WHAT = 4  # words
_TO_VALUES = word_set("from to between at by")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def quantity_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "The median age of X is 45 years" asks for it."""
    past = clause.lead in ("was", "were")
    if clause.subject.lemma_.lower() in MEASURES:
        if clause.copula:
            yield from _measured(clause, number, _SAYS_OF_WHICH if past else _SAYS_WHAT)
        elif clause.verb.lemma_ in RANGING and _has_name(clause.subject_text) and not (past or clause.lead == "did"):
            found = [prep for prep in clause.prepositions() if prep.lower_ in _TO_VALUES]
            yield from first_value(clause, found, number)
    if clause.lead in ("do", "does", "can", "has", "have") and clause.verb.lemma_ not in ("have", "include", "show"):
        yield from how_many(clause, number)


def _measured(clause: Clause, number: int, least: int) -> Iterator[Candidate]:
    value = value_of(clause)
    told = " ".join(token.text for token in value.subtree) if value is not None else ""
    if value is not None and words_in(clause.subject_text) >= least and has_digit(told) and _FIGURE.search(told):
        text = question("what", clause.lead, clause.subject_text)
        yield Candidate(text, span_of(value), QuestionKind.QUANTITY, number, 1.15)


def _has_name(text: str) -> bool:
    return any(character.isupper() for character in text)


def duration_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "... for 5 days" asks how long; "rises by 30 %" asks by how much."""
    if clause.lead in ("", "has", "have", "had") or not clause.complete or clause.copula:
        return
    for prep in clause.prepositions():
        tail = clause.whole_tail(without=frozenset({prep.i}), most=9)
        if not tail and any(child.dep_ in ("prep", "dobj") and child.i != prep.i for child in clause.verb.rights):
            continue
        yield from of_extent(clause, prep, tail, number, lasting=not clause.procedure)


def counted_subjects(sentence: Span, case: Case, number: int) -> Iterator[Candidate]:
    """ "45 states are ..." and "30 % of patients die": subjects that are numbers themselves."""
    for verb, subject, predicate in told_of_subjects(sentence, case, CAREFUL):
        if verb.tag_ not in ("VBZ", "VBP") and not _YEAR.search(predicate):
            continue
        share = is_share(subject)
        if not share and any(token.lower_ in ("these", "those", "all", "both", "the") for token in subject.lefts):
            continue
        for candidate in count_questions(subject, predicate, case, number, CAREFUL):
            if share or _has_name(candidate.question[1:]):
                yield candidate
