"""Questions about cause, effect, purpose and method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, pick, question
from embtrainer_gui.generate.clauses import Clause, span_of
from embtrainer_gui.generate.phrases import Case, noun_phrase, words_in
from embtrainer_gui.generate.verbs import is_plural
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Token

_CAUSING = {
    "cause": "lead to",
    "induce": "trigger",
    "trigger": "induce",
    "produce": "cause",
    "lead": "cause",
    "result": "cause",
}
_AFFECTING = word_set(
    """
    affect influence regulate modulate control inhibit suppress reduce increase decrease enhance promote induce
    activate block prevent improve alter change impair stimulate facilitate mediate protect limit lower raise
    restrict disrupt drive exacerbate attenuate
    """
)
_MEANS = word_set("by using via through with")
_NOUNS = {
    "effect": ("on", "what effect does {a} have on {b}", "how does {a} affect {b}"),
    "impact": ("on", "what impact does {a} have on {b}", "how does {a} affect {b}"),
    "influence": ("on", "how does {a} influence {b}", "how does {a} affect {b}"),
    "role": ("in", "what role does {a} play in {b}", "how is {a} involved in {b}"),
    "function": ("in", "what function does {a} have in {b}", "what does {a} do in {b}"),
    "importance": ("in", "why is {a} important in {b}", "why is {a} important for {b}"),
}


def cause_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """Why, what causes, what follows, how does it affect."""
    verb = clause.verb.lemma_
    if clause.lead:
        if clause.complete:
            yield from _why(clause, number)
        yield from _purpose(clause, number)
    target = effect_of(clause)
    if verb in _CAUSING and not clause.passive and target is not None and clause.lead:
        effect = noun_phrase(target, clause.case, 9)
        other = _CAUSING[verb]
        if clause.lead in ("does", "do", "did", "can", "could", "may", "might"):
            yield Candidate(
                question("what", clause.lead, clause.subject_text, other),
                span_of(target),
                QuestionKind.CAUSE,
                number,
                1.05,
            )
        if effect:
            opening = pick(("what causes", "what can lead to"), effect)
            yield Candidate(question(opening, effect), span_of(clause.subject), QuestionKind.CAUSE, number, 1.1)
    if (
        verb in _AFFECTING
        and not clause.passive
        and clause.lead in ("does", "do", "did", "can", "could", "may", "might")
    ):
        target = clause.child("dobj")
        effect = noun_phrase(target, clause.case, 7) if target is not None else None
        if effect and target is not None:
            tail = clause.tail(without=frozenset({target.i}), most=5)
            text = question("how", clause.lead, clause.subject_text, "affect", effect, tail)
            yield Candidate(text, clause.span, QuestionKind.CAUSE, number, 1.1)


def effect_of(clause: Clause) -> Token | None:
    """What a causing verb causes: its object, or the object of "lead to", "result in"."""
    needed = {"lead": "to", "result": "in"}.get(clause.verb.lemma_)
    if needed is None:
        return clause.child("dobj")
    for prep in clause.prepositions():
        if prep.lower_ == needed:
            return next((token for token in prep.children if token.dep_ == "pobj"), None)
    return None


def _why(clause: Clause, number: int) -> Iterator[Candidate]:
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
        if clause.verb.lemma_ == "be" and not complement:
            if due and token.i == clause.verb.i + 1:
                yield Candidate(
                    question("what causes", clause.subject_text), span_of(token), QuestionKind.CAUSE, number, 1.05
                )
            continue
        text = question("why", clause.lead, clause.subject_text, clause.rest, complement, clause.tail(without=without))
        yield Candidate(text, span_of(token), QuestionKind.CAUSE, number, 1.15)


def purposes(clause: Clause) -> Iterator[tuple[Token, Token | None]]:
    """Verbs that a passive clause tells with "to", each with its object."""
    for token in clause.verb.children:
        to = (
            token.dep_ in ("advcl", "xcomp") and token.tag_ == "VB" and any(mark.lower_ == "to" for mark in token.lefts)
        )
        if to and token.i >= clause.verb.i and clause.passive:
            yield token, next((child for child in token.children if child.dep_ == "dobj"), None)


def _purpose(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X was used to measure Y": what for, and with what."""
    for token, found in purposes(clause):
        target = noun_phrase(found, clause.case, 8) if found is not None else None
        if clause.verb.lemma_ in ("use", "employ", "apply", "perform", "design", "develop"):
            if clause.verb.lemma_ in ("use", "employ", "apply", "design"):
                text = question("what", clause.lead, clause.subject_text, clause.rest, "for")
                yield Candidate(text, span_of(token), QuestionKind.METHOD, number, 0.9)
            if target:
                do = "was" if clause.lead in ("was", "were") else "can be"
                text = question("how", "can", target, "be", participle(token)) if participle(token) else ""
                if text:
                    yield Candidate(text, span_of(clause.subject), QuestionKind.METHOD, number, 1.1)
                if words_in(target) >= 2:
                    text = question("what", do, "used to", token.lower_, target)
                    yield Candidate(text, span_of(clause.subject), QuestionKind.METHOD, number, 1.0)


def participle(verb: Token) -> str:
    """Past participle of the verbs that methods use, all regular; "" for others."""
    word = verb.lower_
    if word not in _USED_FOR:
        return ""
    if word.endswith("y"):
        return word[:-1] + "ied"
    return word + ("d" if word.endswith("e") else "led" if word == "control" else "ed")


_USED_FOR = word_set(
    """
    detect measure determine identify assess quantify evaluate prevent treat reduce estimate diagnose monitor analyze
    control improve isolate purify inhibit predict calculate test examine compare increase confirm visualize
    """
)


def method_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X was measured by Y" asks how X was measured."""
    if not clause.lead or not clause.complete:
        return
    for token in clause.verb.rights:
        means = token.dep_ in ("prep", "agent", "advcl", "acl", "xcomp") and token.lower_ in _MEANS
        if not means:
            continue
        inner = next((child for child in token.children if child.dep_ in ("pobj", "pcomp", "dobj")), None)
        if inner is None or (token.lower_ == "with" and clause.verb.lemma_ not in MEASURING):
            continue
        if token.dep_ == "agent" and inner.tag_ != "VBG" and clause.verb.lemma_ not in MEASURING:
            yield from _agent(clause, inner, number)
            continue
        if not clause.passive and inner.tag_ != "VBG":
            continue
        tail = clause.tail(without=frozenset({token.i}), most=7)
        yield Candidate(
            question("how", clause.lead, clause.subject_text, clause.rest, tail),
            span_of(token),
            QuestionKind.METHOD,
            number,
            1.1,
        )


MEASURING = word_set(
    """
    measure determine detect assess quantify evaluate analyze analyse perform confirm identify calculate estimate
    obtain isolate purify diagnose examine test amplify monitor prepare generate construct carry conduct compare
    visualize extract treat prevent control
    """
)


def _agent(clause: Clause, agent: Token, number: int) -> Iterator[Candidate]:
    if agent.pos_ not in ("NOUN", "PROPN"):
        return
    kind = (
        QuestionKind.CAUSE
        if clause.verb.lemma_ in ("cause", "induce", "trigger", "mediate", "drive")
        else QuestionKind.FACT
    )
    if kind is QuestionKind.CAUSE:
        yield Candidate(question("what causes", clause.subject_text), span_of(agent), kind, number, 1.1)
    yield Candidate(
        question("what", clause.lead, clause.subject_text, clause.rest, "by"), span_of(agent), kind, number, 0.9
    )


def noun_relations(head: Token, clause_at: tuple[int, int], case: Case, number: int) -> Iterator[Candidate]:
    """ "the effect of A on B" asks how A affects B, whatever the sentence around it says."""
    found = _NOUNS.get(head.lemma_.lower())
    if found is None or head.pos_ != "NOUN":
        return
    preposition, first, second = found
    of = next((token for token in head.rights if token.lower_ == "of"), None)
    on = next(
        (token for token in head.subtree if token.i > head.i and token.lower_ == preposition and token.dep_ == "prep"),
        None,
    )
    if of is None or on is None or on.i < of.i:
        return
    a = _object_of(of, case, without=on)
    b = _object_of(on, case)
    if not a or not b:
        return
    source, plural = a
    text = pick((first, second), b[0]).format(a=source, b=b[0])
    if plural:
        text = text.replace(" does ", " do ", 1).replace("how is ", "how are ", 1).replace("why is ", "why are ", 1)
    yield Candidate(question(text), clause_at, QuestionKind.CAUSE, number, 1.1)


def _object_of(prep: Token, case: Case, without: Token | None = None) -> tuple[str, bool] | None:
    target = next((token for token in prep.children if token.dep_ == "pobj"), None)
    if target is None:
        return None
    text = noun_phrase(target, case, 9)
    if text is None or (without is not None and f" {without.lower_} " in f" {text} "):
        return None
    return text, is_plural(target)
