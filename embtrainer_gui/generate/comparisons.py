"""Questions that compare two things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.clauses import Clause, clause_span
from embtrainer_gui.generate.phrases import Case, noun_phrase, prepositional_phrase

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

PLACES = ("in", "for", "among", "between", "with")
DO = {"is": "does", "are": "do", "was": "did", "were": "did", "has": "does", "have": "do", "had": "did"}
COMPARISON = QuestionKind.COMPARISON


def comparison_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X is higher in A than in B", "X differs from Y", "X had more Z than Y", "X is similar to Y"."""
    adjective = clause.child("acomp")
    if adjective is not None and clause.copula:
        than = than_of(adjective) or than_of(clause.verb)
        if comparative(adjective) and than is not None:
            yield from _higher(clause, adjective, than, number)
        if adjective.lower_ in (
            "similar",
            "different",
            "comparable",
            "identical",
            "superior",
            "inferior",
            "equivalent",
        ):
            yield from _similar(clause, adjective, number)
    if clause.verb.lemma_ == "differ" and clause.lead:
        prep = next((token for token in clause.prepositions() if token.lower_ in ("from", "between", "in")), None)
        target = prepositional_phrase(prep, clause.case) if prep is not None else None
        if target:
            yield Candidate(
                question("how", clause.lead, clause.subject_text, "differ", target),
                clause_span(clause),
                COMPARISON,
                number,
                1.2,
            )
    found = clause.child("dobj")
    if found is not None and any(comparative(token) for token in found.lefts) and not clause.passive:
        than = than_of(found) or than_of(clause.verb)
        target = _object(than, clause.case) if than is not None else None
        if target:
            yield from _against(clause, target, number)
    yield from _compared(clause, number)


def comparative(token: Token) -> bool:
    return token.tag_ in ("JJR", "RBR") or any(child.lower_ in ("more", "less") for child in token.lefts)


def than_of(token: Token) -> Token | None:
    return next(
        (
            child
            for child in token.subtree
            if child.lower_ == "than" and child.i > token.i and child.dep_ in ("prep", "mark")
        ),
        None,
    )


def _higher(clause: Clause, adjective: Token, than: Token, number: int) -> Iterator[Candidate]:
    phrase = " ".join(
        [token.lower_ for token in adjective.lefts if token.lower_ in ("more", "less")] + [adjective.lower_]
    )
    target = _object(than, clause.case)
    if target:
        yield from _against(clause, target, number)
        text = question(clause.lead, clause.subject_text, phrase, "than", target)
        yield Candidate(text, clause_span(clause), COMPARISON, number, 1.05)
        return
    inner = next((token for token in than.children if token.lower_ in PLACES), None)
    where = next(
        (token for token in [*adjective.rights, *clause.verb.rights] if token.lower_ in PLACES and token.i < than.i),
        None,
    )
    a = _object(where, clause.case) if where is not None else None
    b = _object(inner, clause.case) if inner is not None else None
    if a and b and where is not None and inner is not None:
        text = question(clause.lead, clause.subject_text, phrase, where.lower_, a, "than", inner.lower_, b)
        yield Candidate(text, clause_span(clause), COMPARISON, number, 1.15)
        text = question("how", DO.get(clause.lead, "do"), clause.subject_text, "differ between", a, "and", b)
        yield Candidate(text, clause_span(clause), COMPARISON, number, 1.2)


def _similar(clause: Clause, adjective: Token, number: int) -> Iterator[Candidate]:
    for prep in adjective.rights:
        target = _object(prep, clause.case) if prep.lower_ in ("to", "from") else None
        if target:
            text = question("how", clause.lead, clause.subject_text, adjective.lower_, prep.lower_, target)
            yield Candidate(text, clause_span(clause), COMPARISON, number, 1.0)
            yield from _against(clause, target, number)


def _against(clause: Clause, target: str, number: int) -> Iterator[Candidate]:
    do = DO.get(clause.lead, clause.lead)
    if do in ("does", "do", "did"):
        yield Candidate(
            question("how", do, clause.subject_text, "compare with", target),
            clause_span(clause),
            COMPARISON,
            number,
            1.15,
        )


def _compared(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X was reduced in A compared with B"."""
    for token in clause.verb.subtree:
        if (
            token.lower_ not in ("compared", "relative")
            or token.dep_ not in ("prep", "advcl", "acl", "advmod")
            or token.i < clause.verb.i
        ):
            continue
        link = next((child for child in token.children if child.lower_ in ("to", "with")), None)
        target = _object(link, clause.case) if link is not None else None
        where = next(
            (child for child in clause.verb.rights if child.lower_ in ("in", "for", "among") and child.i < token.i),
            None,
        )
        a = _object(where, clause.case) if where is not None else None
        if not target or not clause.lead:
            continue
        if a and (
            clause.passive or clause.verb.lemma_ in ("increase", "decrease", "rise", "fall", "decline", "drop", "be")
        ):
            do = "did" if clause.lead in ("was", "were", "did", "had") else "do" if clause.plural else "does"
            text = question("how", do, clause.subject_text, "differ between", a, "and", target)
            yield Candidate(text, clause_span(clause), COMPARISON, number, 1.2)


def noun_differences(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "the difference between A and B" asks how they differ."""
    for token in sentence:
        if token.lemma_.lower() not in (
            "difference",
            "similarity",
            "comparison",
            "distinction",
            "relationship",
            "association",
            "correlation",
        ):
            continue
        prep = next((child for child in token.rights if child.lower_ in ("between", "of")), None)
        target = next((child for child in prep.children if child.dep_ == "pobj"), None) if prep is not None else None
        if target is None or not any(child.dep_ == "conj" for child in target.children):
            continue
        text = noun_phrase(target, case, 10)
        if not text or " and " not in text:
            continue
        span = (sentence.start_char, sentence.end_char)
        form = (
            ("how are", text, "related")
            if token.lemma_.lower() in ("relationship", "association", "correlation")
            else ("how do", text, "differ")
        )
        if token.lemma_.lower() == "similarity":
            form = ("how similar are", text, "")
        yield Candidate(question(*form), span, COMPARISON, number, 1.15)


def _object(prep: Token, case: Case) -> str | None:
    target = next((token for token in prep.children if token.dep_ in ("pobj", "nsubj")), None)
    return noun_phrase(target, case, 7) if target is not None else None
