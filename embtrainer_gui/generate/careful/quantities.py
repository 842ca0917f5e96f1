"""Questions that a number answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.careful.clauses import Clause
from embtrainer_gui.generate.careful.phrases import (
    CAREFUL,
    bad_fragment,
    kept_tokens,
    noun_phrase,
    surface,
)
from embtrainer_gui.generate.clauses import span_of
from embtrainer_gui.generate.phrases import Case, words_in
from embtrainer_gui.generate.quantities import (
    AMOUNT,
    CHANGING,
    DURATION,
    MEASURES,
    UNCOUNTED,
    VAGUE_COUNTED,
    be_of,
    count_of,
    counted_noun,
    has_digit,
    predicate_of,
)
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span


def quantity_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "The median age of X was 45 years" asks for it; "30 % of X died" asks what share."""
    head = clause.subject.lemma_.lower()
    named = any(character.isupper() for character in clause.subject_text)
    if clause.copula and head in MEASURES:
        value = next(
            (token for token in clause.verb.rights if token.dep_ in ("attr", "acomp", "prep", "npadvmod")), None
        )
        if (
            value is not None
            and (clause.lead not in ("was", "were") or words_in(clause.subject_text) >= _SAYS_OF_WHICH)
            and _FIGURE.search(" ".join(token.text for token in value.subtree))
            and words_in(clause.subject_text) >= 4
            and has_digit(" ".join(token.text for token in value.subtree))
        ):
            text = question("what", clause.lead, clause.subject_text)
            yield Candidate(text, span_of(value), QuestionKind.QUANTITY, number, 1.15)
    elif head in MEASURES and not clause.copula and clause.lead not in ("did", "was", "were"):
        for prep in clause.prepositions():
            start, end = span_of(prep)
            text = prep.doc.text[start:end]
            if (
                has_digit(text)
                and prep.lower_ in _TO_VALUES
                and named
                and clause.verb.lemma_
                in (
                    "range",
                    "estimate",
                    "vary",
                    "increase",
                    "decrease",
                    "report",
                    "find",
                    "calculate",
                )
            ):
                yield Candidate(
                    question("what", be_of(clause), clause.subject_text),
                    (start, end),
                    QuestionKind.QUANTITY,
                    number,
                    1.05,
                )
                break
    target = clause.child("dobj")
    if (
        target is not None
        and not clause.passive
        and clause.verb.lemma_ not in ("have", "include", "show")
        and clause.lead in ("do", "does", "can", "has", "have")
        and target.tag_ == "NNS"
    ):
        count = count_of(target)
        if count is not None:
            counted = counted_noun(target, count, clause.case, CAREFUL)
            if counted:
                tail = clause.tail(without=frozenset({target.i}), most=7)
                text = question("how many", counted, clause.lead, clause.subject_text, clause.rest, tail)
                yield Candidate(text, span_of(count), QuestionKind.QUANTITY, number, 1.15)


_FIGURE = re.compile(
    r"\d\s?%|\d (?:per|cases|deaths|days|weeks|months|years|hours|people|patients|kb|million|nm|kDa)\b"
)
_SAYS_OF_WHICH = 8  # words: with fewer, a figure of the past is that of a study which the question does not name
_TO_VALUES = word_set("from to between at by")


def duration_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "... for 5 days" asks how long; "rose by 30 %" asks by how much."""
    if clause.lead in ("", "has", "have", "had") or not clause.complete or clause.copula:
        return
    for prep in clause.prepositions():
        start, end = span_of(prep)
        text = prep.doc.text[start:end]
        tail = clause.whole_tail(without=frozenset({prep.i}), most=9)
        if not tail and any(child.dep_ in ("prep", "dobj") and child.i != prep.i for child in clause.verb.rights):
            continue
        if DURATION.match(text) and not clause.procedure:
            yield Candidate(
                question("how long", clause.lead, clause.subject_text, clause.rest, tail),
                (start, end),
                QuestionKind.QUANTITY,
                number,
                1.0,
            )
        elif AMOUNT.match(text) and clause.verb.lemma_ in CHANGING:
            yield Candidate(
                question("by how much", clause.lead, clause.subject_text, clause.rest, tail),
                (start, end),
                QuestionKind.QUANTITY,
                number,
                1.1,
            )


def counted_subjects(sentence: Span, case: Case, number: int) -> Iterator[Candidate]:
    """ "45 patients were admitted to ..." and "30 % of patients died": subjects that are numbers themselves."""
    for verb in sentence:
        if verb.dep_ not in ("ROOT", "conj", "ccomp") or verb.pos_ not in ("VERB", "AUX"):
            continue
        subject = next((token for token in verb.lefts if token.dep_ in ("nsubj", "nsubjpass")), None)
        if subject is None or any(token.dep_ == "neg" for token in verb.children):
            continue
        predicate = predicate_of(verb, case, CAREFUL)
        if predicate is None or not (verb.tag_ in ("VBZ", "VBP") or re.search(r"\b(?:19|20)\d\d\b", predicate)):
            continue
        if subject.text == "%" or subject.lower_ in ("percent", "percentage"):
            of = next((token for token in subject.rights if token.lower_ == "of"), None)
            target = next((token for token in of.children if token.dep_ == "pobj"), None) if of is not None else None
            value = next((token for token in subject.lefts if token.like_num), None)
            whole = noun_phrase(target, case, 8) if target is not None else None
            if whole and value is not None:
                yield Candidate(
                    question("what percentage of", whole, predicate),
                    (value.idx, subject.idx + len(subject)),
                    QuestionKind.QUANTITY,
                    number,
                    1.2,
                )
        elif subject.tag_ == "NNS" and subject.lemma_.lower() not in VAGUE_COUNTED:
            count = count_of(subject)
            if count is None or subject.lemma_.lower() in UNCOUNTED:
                continue
            if any(token.lower_ in ("these", "those", "all", "both", "the") for token in subject.lefts):
                continue
            tokens = [
                token
                for token in kept_tokens(subject, frozenset(inner.i for inner in count.subtree))
                if token.lower_
                not in ("the", "a", "about", "approximately", "over", "only", "these", "all", "total", "of")
                or (token.lower_ == "of" and token.i > subject.i)
            ]
            text = surface(tokens, case)
            named = any(character.isupper() for character in text + predicate)
            if named and words_in(text) <= 7 and not bad_fragment(text) and not has_digit(text):
                yield Candidate(
                    question("how many", text, predicate), span_of(count), QuestionKind.QUANTITY, number, 1.15
                )
