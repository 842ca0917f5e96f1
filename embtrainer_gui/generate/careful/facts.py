"""Questions about subject, object and circumstances of a clause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.careful.clauses import Clause, subject_span
from embtrainer_gui.generate.careful.phrases import bad_fragment, noun_phrase, prepositional_phrase, surface, tells
from embtrainer_gui.generate.careful.verb_classes import AGENTS, EFFECTS, NARROW, STATING
from embtrainer_gui.generate.careful.verbs import is_plural
from embtrainer_gui.generate.clauses import span_of
from embtrainer_gui.generate.facts import LIGHT, PLACES, REPORTING
from embtrainer_gui.generate.phrases import words_in
from embtrainer_gui.generate.verbs import third_person
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Token

_STRANDED = word_set("with to from by for on in of into against through as")
_TIME = re.compile(
    r"\b(?:(?:19|20)\d\d|winter|summer|spring|autumn|pregnancy|January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_SHOWN = word_set(  # what a study finds out, so that somebody could ask whether
    """
    increase decrease reduce improve enhance inhibit promote prevent affect influence cause induce activate suppress
    block protect associate correlate link relate depend differ lead contribute result regulate mediate stimulate
    raise lower require involve predict alter change impair delay accelerate attenuate facilitate limit exceed
    outperform vary interact bind infect kill trigger transmit spread trade elevate express upregulate downregulate
    diminish worsen boost restrict determine explain
    """
)


def fact_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """All questions of fact that the clause allows."""
    yield from _having(clause, number)
    if clause.verb.lemma_ in REPORTING and not clause.passive or clause.procedure:
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
    if not tells(found) or clause.verb.lemma_ in _EMPTY:
        return
    if sum(token.dep_ == "dobj" for token in clause.verb.children) > 1:
        return
    verb = clause.verb.lemma_
    if clause.lead in ("has", "have", "had") or any(token.tag_ == "JJR" for token in found.lefts):
        return
    tail = clause.whole_tail(without=frozenset({found.i}))
    joined = any(token.dep_ == "conj" for token in clause.subject.children)
    sort = clause.plural and not any(character.isupper() for character in clause.subject_text[1:])
    narrow = verb in NARROW and clause.lead != "did" and not joined and not sort
    placed = words_in(tail) > 1 and tail.split()[0] in _CIRCUMSTANCES
    if not narrow and not (verb in NARROW | EFFECTS and placed):
        return  # "What does X reduce?" has a hundred answers, "What does X reduce in Y?" fewer
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
    tail = clause.whole_tail(most=12)
    if words_in(tail) < 3 or not clause.complete or clause.verb.lemma_ in _EMPTY:
        return
    if not tells(clause.subject) or clause.resolved:
        return
    answer = subject_span(clause)
    if clause.passive:
        if tail.startswith("with ") and clause.verb.lemma_ not in _HELD_SINCE:
            return  # a step at the bench
        if clause.verb.lemma_ in (AGENTS - {"affect", "influence"}) | _HELD_SINCE | _TURNED and clause.lead in (
            "is",
            "are",
            "has",
            "have",
        ):
            be = {"are": "is", "have": "has"}.get(clause.lead, clause.lead)
            yield Candidate(question("what", be, clause.rest, tail), answer, QuestionKind.FACT, number, 0.8)
            if be == "is":
                longer = question("what is known to be", clause.rest, tail)
                yield Candidate(longer, answer, QuestionKind.FACT, number, 0.75)
        return
    if clause.verb.lemma_ not in STATING - {"depend"}:
        return
    if clause.auxiliaries:
        if clause.lead == "can":
            yield Candidate(question("what", clause.lead, clause.rest, tail), answer, QuestionKind.FACT, number, 1.0)
        return
    if clause.verb.tag_ == "VBD" and clause.child("dobj") is None:
        return  # often a participle that the tagger took for a past tense
    if clause.verb.tag_ == "VBD" and clause.verb.lemma_ in _SHOWN:
        found = question("what was found to", clause.verb.lemma_.lower(), tail)
        yield Candidate(found, answer, QuestionKind.FACT, number, 0.9)
    if clause.verb.tag_ == "VBZ" and third_person(clause.verb.lemma_.lower()) != clause.verb.lower_:
        return  # a noun that the tagger took for a verb
    if clause.verb.tag_ != "VBD":
        form = third_person(clause.verb.lemma_.lower())
        yield Candidate(question("what", form, tail), answer, QuestionKind.FACT, number, 1.0)
        yield Candidate(question("what is known to", clause.rest, tail), answer, QuestionKind.FACT, number, 0.95)


def _stranded(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "What is X associated with?": the object of a preposition that belongs to the verb."""
    lasting = clause.lead in ("is", "are", "does", "do", "can")
    perfect = clause.passive and clause.lead in ("has", "have") and clause.verb.lemma_ in _HELD_SINCE
    if not (lasting or perfect) or clause.child("dobj", "advcl") is not None:
        return
    for prep in clause.prepositions()[:1]:
        owners = AGENTS if prep.dep_ == "agent" else _GOVERNS.get(prep.lower_, frozenset())
        if clause.verb.lemma_ not in owners or prep.i > clause.verb.i + _NEXT:
            continue
        target = next((token for token in prep.children if token.dep_ == "pobj"), None)
        if target is None or not tells(target) or _TIME.search(target.text) or target.lemma_ in _UNITS:
            continue
        text = question("what", clause.lead, clause.subject_text, clause.rest, prep.lower_, clause.setting)
        yield Candidate(text, span_of(target), QuestionKind.FACT, number, 0.95)


_CIRCUMSTANCES = word_set("in during under after upon at among within into from")
_EMPTY = word_set(
    """
    provide comprise approach finish encounter offer face undergo start begin continue keep get meet need want like
    leave plant seed engage last unfold attract bear enter rule allow put exert possess review evaluate investigate
    study examine create develop propose describe discuss strain come go arrive represent exhibit display reflect
    constitute present occur exist happen remain appear emerge seek explain
    """
)
_TURNED = word_set("convert require derive transform need package store")
_RANKS = word_set("main major principal primary key first leading predominant dominant second chief")
_PLAYERS = word_set(
    """
    cause source precursor target site host reservoir vector agent receptor standard product component capital
    treatment ingredient determinant route mode driver origin regulator mediator inhibitor marker name
    """
)
_MORE = word_set("more less most least so too as")
_BINDING = word_set(  # of a kind that somebody may ask for
    """
    responsible resistant susceptible sensitive essential effective toxic critical crucial necessary dispensable
    homologous active specific vulnerable indispensable harmful beneficial refractory immune permissive tolerant
    dependent lethal pathogenic rich poor vital endemic native useful
    """
)
_HELD_SINCE = word_set("use associate link implicate attribute relate correlate involve connect")
_UNITS = word_set("day week month year hour minute second age time birth day")
_NEXT = 2
_GOVERNS = {
    "in": word_set("result involve implicate participate"),
    "on": word_set("depend rely feed"),
    "as": word_set("serve act function know regard classify"),
    "for": word_set("use require compete account"),
    "to": word_set("lead bind belong attach attribute link relate convert lend adhere localize"),
    "with": word_set("associate correlate interact link infect treat react compete co-occur"),
    "from": word_set("derive arise originate stem result suffer extract isolate come obtain evolve"),
    "of": word_set("consist compose make"),
    "into": word_set("divide convert differentiate develop classify transform cleave metabolize"),
    "through": word_set("transmit spread mediate"),
    "against": word_set("act protect use"),
}


def _having(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X shows antibacterial activity against Y" asks what it shows that against."""
    thing = clause.child("dobj")
    if thing is None or clause.passive or not clause.lead or clause.verb.lemma_ not in _HAVING:
        return
    if thing.lemma_.lower() not in _POWERS or any(token.lower_ in ("no", "any") for token in thing.lefts):
        return
    for prep in (*thing.rights, *clause.verb.rights):
        if prep.dep_ != "prep" or prep.lower_ not in ("against", "to", "for", "towards"):
            continue
        target = next((token for token in prep.children if token.dep_ == "pobj"), None)
        before = [token for token in thing.subtree if token.i <= thing.i and token.dep_ != "det"]
        power = surface(before, clause.case)
        if target is not None and tells(target) and words_in(power) in (1, 2, 3) and not bad_fragment(power):
            text = question("what", clause.lead, clause.subject_text, clause.rest, power, prep.lower_)
            yield Candidate(text, span_of(target), QuestionKind.FACT, number, 0.95)
        return


_HAVING = word_set("have show exhibit possess display demonstrate")
_POWERS = word_set("activity efficacy resistance affinity tolerance sensitivity susceptibility potential similarity")


def _circumstance(clause: Clause, number: int) -> Iterator[Candidate]:
    """When and where, from "in <year>" and "in <place>"."""
    if clause.lead not in ("did", "was", "were"):
        return
    for prep in clause.verb.children:
        if prep.dep_ != "prep" or prep.lower_ not in ("in", "on", "during", "since", "at", "from", "within"):
            continue
        start, end = span_of(prep)
        text = prep.doc.text[start:end]
        word = "when" if _TIME.search(text) else "where" if PLACES.search(text) else None
        if word is None or words_in(text) > 8 or (word == "when" and prep.lower_ in ("from", "at", "on")):
            continue
        tail = clause.whole_tail(without=frozenset({prep.i}), most=9)
        named = any(character.isupper() or character.isdigit() for character in clause.subject_text[1:] + tail)
        if not named:
            continue
        if not tail and (clause.child("dobj") is not None or words_in(clause.subject_text) < 3) or _TIME.search(tail):
            continue
        yield Candidate(
            question(word, clause.lead, clause.subject_text, clause.rest, tail),
            (start, end),
            QuestionKind.FACT,
            number,
            0.95,
        )


def _polar(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "Does X raise Y?", as titles of papers ask."""
    tail = clause.whole_tail(most=12)
    if not clause.lead or words_in(tail) < 2 or clause.auxiliaries[:1] and clause.auxiliaries[0].tag_ == "MD":
        return
    if clause.lead in ("has", "have", "had", "was", "were"):
        return  # a reading of one study, or a participle that the tagger took for a perfect
    if clause.verb.lemma_ not in _SHOWN or clause.verb.dep_ == "relcl" or clause.subject_text.startswith("the "):
        return
    yield Candidate(
        question(clause.lead, clause.subject_text, clause.rest, tail),
        clause.span,
        QuestionKind.FACT,
        number,
        0.7,
    )


def denied_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X does not raise Y" answers whether X raises Y."""
    if clause.procedure or clause.lead not in ("does", "do", "did", "is", "are"):
        return
    adjective = clause.child("acomp")
    if clause.copula:
        if adjective is None or adjective.pos_ != "ADJ" or adjective.lower_ not in _BINDING:
            return
        if any(child.dep_ in ("xcomp", "ccomp", "advcl") for child in adjective.children):
            return
        phrases = [prepositional_phrase(token, clause.case, 9) for token in adjective.rights if token.dep_ == "prep"]
        tail = " ".join([adjective.lower_, *(phrase or "" for phrase in phrases[:1])]).strip()
        if not phrases or not phrases[0]:
            return
    else:
        tail = clause.whole_tail(most=12)
        if clause.verb.lemma_ not in _SHOWN or words_in(tail) < 2:
            return
    text = question(clause.lead, clause.subject_text, clause.rest, tail)
    yield Candidate(text, clause.span, QuestionKind.FACT, number, 0.95)


def _copula(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X is the main cause of Y" asks for X; "X is resistant to Y" asks whether."""
    attribute = clause.child("attr")
    yield from _of_subject(clause, number)
    if clause.child("advcl", "xcomp", "ccomp", "dobj") is not None:
        return
    if attribute is not None and any(token.lower_ in ("the", "an", "a", "one") for token in attribute.lefts):
        yield from _attribute(clause, attribute, number)
    if attribute is not None and attribute.lower_ == "one" and clause.lead in ("is", "are"):
        of = next((token for token in attribute.rights if token.lower_ == "of"), None)
        target = next((token for token in of.children if token.dep_ == "pobj"), None) if of is not None else None
        group = noun_phrase(target, clause.case, 12) if target is not None else None
        best = target is not None and any(x.tag_ in ("JJS", "RBS") for x in target.subtree)
        if group and best and words_in(group) >= 3 and tells(clause.subject):
            text = question("what is known to be one of", group)
            yield Candidate(text, subject_span(clause), QuestionKind.FACT, number, 0.95)
    adjective = clause.child("acomp")
    if adjective is not None and (adjective.tag_ == "JJR" or any(t.lower_ in _MORE for t in adjective.lefts)):
        return  # than what, the question would not say
    if adjective is None or adjective.pos_ != "ADJ" or any(token.dep_ == "neg" for token in adjective.children):
        return
    if any(token.dep_ in ("xcomp", "ccomp", "advcl") for token in adjective.children):
        return
    if adjective.lower_ not in _BINDING:
        return
    for prep in adjective.children:
        if prep.dep_ == "prep" and prep.lower_ in _STRANDED and adjective.tag_ == "JJ":
            target = next((token for token in prep.children if token.dep_ == "pobj"), None)
            if target is not None and tells(target) and target.lemma_ not in _UNITS:
                text = question("what", clause.lead, clause.subject_text, adjective.lower_, prep.lower_)
                yield Candidate(text, span_of(target), QuestionKind.FACT, number, 0.95)
                phrase = prepositional_phrase(prep, clause.case, 10)
                if phrase:
                    text = question(clause.lead, clause.subject_text, adjective.lower_, phrase)
                    yield Candidate(text, clause.span, QuestionKind.FACT, number, 0.7)
                    be = "is" if clause.lead in ("is", "are") else "was"
                    text = question("what", be, adjective.lower_, phrase)
                    if words_in(text) >= 6:
                        yield Candidate(text, subject_span(clause), QuestionKind.FACT, number, 0.8)


def _of_subject(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "The yield of X was Y" asks what it was."""
    if not clause.subject_text.startswith("the "):
        return
    value = next((token for token in clause.verb.rights if token.dep_ in ("attr", "acomp")), None)
    of = next((token for token in clause.subject.rights if token.lower_ in ("of", "for")), None)
    if value is None or of is None or words_in(clause.subject_text) < 4 or value.lemma_.lower() == "one":
        return
    quantity = any(character.isdigit() for character in value.text) or value.text == "%"
    if (value.dep_ == "attr" and clause.subject.lemma_.lower() in _PLAYERS) or quantity:
        kind = QuestionKind.QUANTITY if quantity else QuestionKind.FACT
        yield Candidate(question("what", clause.lead, clause.subject_text), span_of(value), kind, number, 1.05)


def _attribute(clause: Clause, attribute: Token, number: int) -> Iterator[Candidate]:
    definite = any(token.lower_ == "the" for token in attribute.lefts)
    text = noun_phrase(attribute, clause.case, 12)
    if text is None or clause.resolved:
        return
    answer = subject_span(clause)
    if definite and words_in(text) >= 4 and clause.lead in ("is", "are") and attribute.pos_ == "NOUN":
        be = clause.lead if clause.plural == is_plural(attribute) else "is"
        best = any(token.tag_ in ("JJS", "RBS") or token.lemma_ in _RANKS for token in attribute.subtree)
        if best or attribute.lemma_.lower() in _PLAYERS:
            yield Candidate(question("what", be, text), answer, QuestionKind.FACT, number, 1.05)
            longer = question("what", be, "known to be", text)
            yield Candidate(longer, answer, QuestionKind.FACT, number, 0.95)
