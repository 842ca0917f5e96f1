"""Questions about subject, object and circumstances of a clause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.clauses import Clause, span_of
from embtrainer_gui.generate.phrases import noun_phrase, prepositional_phrase, words_in
from embtrainer_gui.generate.verbs import third_person
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Token

_STRANDED = word_set("with to from by for on in of into against through")
_TIME = re.compile(
    r"\b(?:(?:19|20)\d\d|January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
PLACES = re.compile(
    r"\b(?:China|Hong Kong|Taiwan|Japan|Korea|India|Vietnam|Viet Nam|Thailand|Singapore|Malaysia|Indonesia|Africa|"
    r"Asia|Europe|"
    r"America|United States|United Kingdom|USA|UK|Canada|Mexico|Brazil|France|Germany|Italy|Spain|Saudi Arabia|"
    r"Iran|Egypt|Nigeria|"
    r"Australia|Russia|Middle East|Bangladesh|Pakistan|Kenya|Uganda|Guinea|Liberia|Sierra Leone|Switzerland|"
    r"Netherlands|Sweden|Turkey)\b"
)
LIGHT = word_set(
    """
    be have do make take give show include become remain seem appear contain represent
    """
)
REPORTING = word_set(
    """
    show suggest indicate demonstrate find report reveal describe propose conclude confirm observe note see
    """
)


def fact_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """All questions of fact that the clause allows."""
    if clause.verb.lemma_ in REPORTING and not clause.passive:
        return
    if clause.copula:
        yield from _copula(clause, number)
        return
    yield from _object(clause, number)
    yield from _subject(clause, number)
    yield from _stranded(clause, number)
    if clause.complete:
        yield from _circumstance(clause, number)
        yield from _polar(clause, number)


def _object(clause: Clause, number: int) -> Iterator[Candidate]:
    found = clause.child("dobj")
    if found is None or clause.passive or not clause.lead or clause.verb.lemma_ in ("have", "play", "make", "take"):
        return
    if found.pos_ not in ("NOUN", "PROPN"):
        return
    tail = clause.tail(without=frozenset({found.i}))
    if words_in(clause.subject_text) < 2 and not tail:
        return
    yield Candidate(
        question("what", clause.lead, clause.subject_text, clause.rest, tail),
        span_of(found),
        QuestionKind.FACT,
        number,
        1.0,
    )


def _subject(clause: Clause, number: int) -> Iterator[Candidate]:
    if clause.verb.lemma_ in LIGHT:
        return
    tail = clause.tail(most=12)
    if words_in(tail) < 3 or not clause.complete:
        return
    answer = span_of(clause.subject)
    if clause.passive:
        if clause.auxiliaries[0].lower_ in ("is", "are", "was", "were"):
            be = {"are": "is", "were": "was"}.get(clause.auxiliaries[0].lower_, clause.auxiliaries[0].lower_)
            yield Candidate(question("what", be, clause.rest, tail), answer, QuestionKind.FACT, number, 0.8)
        return
    if clause.auxiliaries:
        if clause.auxiliaries[0].tag_ == "MD":
            yield Candidate(question("what", clause.lead, clause.rest, tail), answer, QuestionKind.FACT, number, 1.0)
        return
    if clause.verb.tag_ == "VBD" and clause.child("dobj") is None:
        return  # often a participle that the tagger took for a past tense
    form = clause.verb.lower_ if clause.verb.tag_ == "VBD" else third_person(clause.verb.lemma_.lower())
    yield Candidate(question("what", form, tail), answer, QuestionKind.FACT, number, 1.0)
    if clause.verb.tag_ != "VBD":
        yield Candidate(question("what is known to", clause.rest, tail), answer, QuestionKind.FACT, number, 0.95)


def _stranded(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "What is X associated with?": the object of a preposition that belongs to the verb."""
    for prep in clause.prepositions()[:1]:
        if prep.lower_ not in _STRANDED or not clause.lead or clause.child("dobj") is not None:
            continue
        target = next((token for token in prep.children if token.dep_ == "pobj"), None)
        if target is None or target.pos_ not in ("NOUN", "PROPN") or _TIME.search(target.text):
            continue
        if prep.lower_ in ("in", "on", "for", "by", "through") and not (
            prep.dep_ == "agent" or clause.verb.lemma_ in _GOVERNS.get(prep.lower_, ())
        ):
            continue
        yield Candidate(
            question("what", clause.lead, clause.subject_text, clause.rest, prep.lower_),
            span_of(target),
            QuestionKind.FACT,
            number,
            0.95,
        )


_GOVERNS = {
    "in": word_set(
        """
        result involve implicate participate engage express detect find locate contain isolate identify
        """
    ),
    "on": word_set("depend base focus rely act"),
    "for": word_set("account use require responsible design search"),
    "through": word_set("transmit spread mediate"),
}


def _circumstance(clause: Clause, number: int) -> Iterator[Candidate]:
    """When and where, from "in <year>" and "in <place>"."""
    if not clause.lead:
        return
    for prep in clause.verb.children:
        if prep.dep_ != "prep" or prep.lower_ not in ("in", "on", "during", "since", "at", "from", "within"):
            continue
        start, end = span_of(prep)
        text = prep.doc.text[start:end]
        word = "when" if _TIME.search(text) else "where" if PLACES.search(text) else None
        if word is None or words_in(text) > 8:
            continue
        tail = clause.tail(without=frozenset({prep.i}))
        yield Candidate(
            question(word, clause.lead, clause.subject_text, clause.rest, tail),
            (start, end),
            QuestionKind.FACT,
            number,
            0.95,
        )


def _polar(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "Does X raise Y?", as titles of papers ask."""
    tail = clause.tail(most=9)
    if not clause.lead or words_in(tail) < 2 or clause.auxiliaries[:1] and clause.auxiliaries[0].tag_ == "MD":
        return
    yield Candidate(
        question(clause.lead, clause.subject_text, clause.rest, tail),
        clause.span,
        QuestionKind.FACT,
        number,
        0.7,
    )


def _copula(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X is the main cause of Y" asks for X; "X is resistant to Y" asks whether."""
    attribute = clause.child("attr")
    yield from _of_subject(clause, number)
    if attribute is not None and any(token.lower_ in ("the", "an", "a", "one") for token in attribute.lefts):
        yield from _attribute(clause, attribute, number)
    adjective = clause.child("acomp")
    if adjective is None or adjective.pos_ != "ADJ" or any(token.dep_ == "neg" for token in adjective.children):
        return
    start, end = span_of(adjective)
    for prep in adjective.children:
        if prep.dep_ == "prep" and prep.lower_ in _STRANDED and adjective.tag_ == "JJ":
            target = next((token for token in prep.children if token.dep_ == "pobj"), None)
            if target is not None and target.pos_ in ("NOUN", "PROPN"):
                text = question("what", clause.lead, clause.subject_text, adjective.lower_, prep.lower_)
                yield Candidate(text, span_of(target), QuestionKind.FACT, number, 0.95)
                phrase = prepositional_phrase(prep, clause.case)
                if phrase:
                    text = question(clause.lead, clause.subject_text, adjective.lower_, phrase)
                    yield Candidate(text, clause.span, QuestionKind.FACT, number, 0.7)
                    be = "is" if clause.lead in ("is", "are") else "was"
                    text = question("what", be, adjective.lower_, phrase)
                    if words_in(text) >= 6:
                        yield Candidate(text, span_of(clause.subject), QuestionKind.FACT, number, 0.8)


def _of_subject(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "The yield of X was Y" asks what it was."""
    value = next((token for token in clause.verb.rights if token.dep_ in ("attr", "acomp")), None)
    of = next((token for token in clause.subject.rights if token.lower_ in ("of", "for")), None)
    if value is None or of is None or words_in(clause.subject_text) < 4:
        return
    quantity = any(character.isdigit() for character in value.text) or value.text == "%"
    if value.dep_ == "attr" or quantity:
        kind = QuestionKind.QUANTITY if quantity else QuestionKind.FACT
        yield Candidate(question("what", clause.lead, clause.subject_text), span_of(value), kind, number, 1.05)


def _attribute(clause: Clause, attribute: Token, number: int) -> Iterator[Candidate]:
    definite = any(token.lower_ == "the" for token in attribute.lefts)
    text = noun_phrase(attribute, clause.case, 12)
    if text is None:
        return
    answer = span_of(clause.subject)
    if definite and words_in(text) >= 4 and attribute.pos_ == "NOUN":
        be = "are" if attribute.tag_ in ("NNS", "NNPS") else "is"
        yield Candidate(question("what", be, "considered", text), answer, QuestionKind.FACT, number, 1.05)
        yield Candidate(question("what", be, text), answer, QuestionKind.FACT, number, 1.0)
