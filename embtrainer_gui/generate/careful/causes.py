"""Questions about cause, effect, purpose and method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, pick, question
from embtrainer_gui.generate.careful.clauses import Clause, subject_span
from embtrainer_gui.generate.careful.generic_words import GENERIC
from embtrainer_gui.generate.careful.phrases import noun_phrase, tells
from embtrainer_gui.generate.careful.verb_classes import AGENTS
from embtrainer_gui.generate.causes import MEASURING, effect_of, participle, purposes
from embtrainer_gui.generate.clauses import span_of
from embtrainer_gui.generate.phrases import words_in
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Token

_CAUSING = {
    "cause": "lead to",
    "induce": "trigger",
    "trigger": "induce",
    "lead": "cause",
    "result": "cause",
}
_AFFECTING = word_set(  # those that tell how: "X affects Y" does not
    """
    inhibit suppress reduce increase decrease enhance promote induce
    activate block prevent improve impair stimulate facilitate protect limit lower raise
    restrict disrupt drive exacerbate attenuate
    """
)
_DEGREES = word_set(
    """
    huge serious tremendous long substantial significant marked considerable severe strong high low rapid increased
    enhanced reduced decreased great positive negative overall good better adverse
    """
)
_HARMS = word_set("damage loss death illness mortality morbidity organ tissue failure injury complication body human")
_MEANS = word_set("by using via through")


def cause_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """Why, what causes, what follows, how does it affect."""
    verb = clause.verb.lemma_
    if clause.procedure and not clause.passive:
        return
    if clause.lead:
        if clause.complete:
            yield from _why(clause, number)
        yield from _purpose(clause, number)
    target = effect_of(clause)
    if verb in _CAUSING and not clause.passive and target is not None and clause.lead:
        effect = noun_phrase(target, clause.case, 11)
        other = _CAUSING[verb]
        vague = any(token.tag_ == "JJR" for token in target.lefts)
        joined = any(token.dep_ == "conj" for token in clause.subject.children)
        sort = clause.plural and not any(character.isupper() for character in clause.subject_text[1:])
        if tells(target) and not (vague or joined or sort) and clause.lead in ("does", "do", "can"):
            yield Candidate(
                question("what", clause.lead, clause.subject_text, other),
                span_of(target),
                QuestionKind.CAUSE,
                number,
                1.05,
            )
        vague = any(token.lower_ in _DEGREES for token in target.lefts) or _is_any_harm(target)
        if effect and not clause.resolved and not vague:
            for opening, weight in (("what causes", 1.1), ("what can lead to", 1.05), ("what is known to cause", 1.0)):
                yield Candidate(question(opening, effect), subject_span(clause), QuestionKind.CAUSE, number, weight)
    if (
        verb in _AFFECTING
        and not clause.passive
        and clause.lead in ("does", "do", "did", "can", "could", "may", "might")
    ):
        target = clause.child("dobj")
        effect = noun_phrase(target, clause.case, 10) if target is not None else None
        if (
            effect
            and target is not None
            and not any(token.tag_ == "JJR" or token.lower_ in _DEGREES for token in target.lefts)
        ):
            tail = clause.whole_tail(without=frozenset({target.i}), most=8)
            done = pick(("affect", "influence"), effect)
            text = question("how", clause.lead, clause.subject_text, done, effect, tail)
            yield Candidate(text, clause.span, QuestionKind.CAUSE, number, 1.1)


def _is_any_harm(noun: Token) -> bool:
    """Whether anything can cause it: "damage to tissues and organs"."""
    nouns = [token for token in noun.subtree if token.pos_ in ("NOUN", "PROPN", "ADJ")]
    return all(token.lemma_.lower() in _HARMS | GENERIC for token in nouns)


def _why(clause: Clause, number: int) -> Iterator[Candidate]:
    if clause.verb.dep_ == "advcl" or (clause.copula and clause.lead in ("was", "were")):
        return  # the reason is the main clause's
    for token in clause.verb.children:
        because = token.dep_ == "advcl" and any(mark.lower_ == "because" for mark in token.lefts if mark.dep_ == "mark")
        due = (
            token.lower_ in ("due", "because", "owing")
            and token.dep_ in ("prep", "acomp")
            and 0 < token.i - clause.verb.i <= 8
        )
        if not because and not due:
            continue
        without = frozenset({token.i})
        adjective = clause.child("acomp")
        complement = adjective.lower_ if adjective is not None and adjective.i != token.i else ""
        if adjective is not None and any(child.dep_ in ("xcomp", "ccomp") for child in adjective.children):
            return  # "difficult to handle": "why is it difficult?" asks another thing
        if clause.verb.lemma_ == "be" and not complement:
            if due and token.i == clause.verb.i + 1:
                yield Candidate(
                    question("what causes", clause.subject_text), span_of(token), QuestionKind.CAUSE, number, 1.05
                )
            continue
        tail = clause.whole_tail(without=without | ({adjective.i} if adjective is not None else set()))
        if not tail and not complement and any(child.dep_ in ("prep", "dobj") for child in clause.verb.rights):
            continue
        text = question("why", clause.lead, clause.subject_text, clause.rest, complement, tail)
        yield Candidate(text, span_of(token), QuestionKind.CAUSE, number, 1.15)


def _purpose(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X was used to measure Y": what for, and with what."""
    for token, found in purposes(clause):
        target = noun_phrase(found, clause.case, 8) if found is not None else None
        if (
            clause.verb.lemma_ in ("use", "employ", "apply", "perform", "design", "develop")
            and token.lemma_ not in _LIGHT
        ):
            past = clause.lead in ("was", "were")
            if clause.verb.lemma_ in ("use", "employ", "apply", "design") and not past and target:
                text = question("what", clause.lead, clause.subject_text, clause.rest, "for")
                yield Candidate(text, span_of(token), QuestionKind.METHOD, number, 0.9)
            if target and not clause.resolved:
                do = "was" if clause.lead in ("was", "were") else "can be"
                text = question("how", "can", target, "be", participle(token)) if participle(token) else ""
                if text:
                    yield Candidate(text, subject_span(clause), QuestionKind.METHOD, number, 1.1)
                if words_in(target) >= 3:
                    text = question("what", do, "used to", token.lower_, target)
                    yield Candidate(text, subject_span(clause), QuestionKind.METHOD, number, 1.0)


_LIGHT = word_set("take demonstrate make get give have do combine include infer show further obtain be select")


def method_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X was measured by Y" asks how X was measured."""
    if not clause.lead or clause.copula or not clause.complete or clause.verb.lemma_ in _NO_METHOD:
        return
    if clause.lead != "can" and clause.verb.lemma_ in READ_OFF:
        return
    for token in clause.verb.rights:
        means = token.dep_ in ("prep", "agent", "advcl", "acl", "xcomp") and token.lower_ in _MEANS
        if not means:
            continue
        inner = next((child for child in token.children if child.dep_ in ("pobj", "pcomp", "dobj")), None)
        if inner is None:
            continue
        if token.dep_ == "agent" and inner.tag_ != "VBG" and clause.verb.lemma_ not in MEASURING:
            yield from _agent(clause, inner, number)
            continue
        if not clause.passive and inner.tag_ != "VBG":
            continue
        if inner.tag_ != "VBG" and not tells(inner):
            continue
        tail = clause.tail(without=frozenset({token.i}), most=7)
        yield Candidate(
            question("how", clause.lead, clause.subject_text, clause.rest, tail),
            span_of(token),
            QuestionKind.METHOD,
            number,
            1.1,
        )


_NO_METHOD = word_set(
    """
    do base treat have show follow accompany consider surround guide bind inspire motivate affect represent support mean
    """
)
READ_OFF = word_set(  # how one study came to its figures
    """
    measure determine assess quantify evaluate analyze analyse perform confirm calculate estimate test examine conduct
    carry compare monitor obtain find show define model compute classify select collect characterize score
    visualize predict identify derive
    """
)
_AMOUNTS = word_set("unit fold time percent log half third order % point")


def _agent(clause: Clause, agent: Token, number: int) -> Iterator[Candidate]:
    if not tells(agent) or clause.lead not in ("is", "are", "can") or agent.lemma_.lower() in _AMOUNTS:
        return
    if clause.verb.lemma_ not in AGENTS:
        return
    if any(token.dep_ == "prep" and token.i == clause.verb.i + 1 for token in clause.verb.rights):
        return  # "referred to by"
    kind = (
        QuestionKind.CAUSE
        if clause.verb.lemma_ in ("cause", "induce", "trigger", "mediate", "drive")
        else QuestionKind.FACT
    )
    if kind is QuestionKind.CAUSE:
        yield Candidate(question("what causes", clause.subject_text), span_of(agent), kind, number, 1.1)
    yield Candidate(
        question("what", clause.lead, clause.subject_text, clause.rest, "by", clause.setting),
        span_of(agent),
        kind,
        number,
        0.9,
    )
