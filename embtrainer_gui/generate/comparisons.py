"""Questions that compare two things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.clauses import Clause
from embtrainer_gui.generate.phrases import ROUGH, Case, Cutting

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_PLACES = ("in", "for", "among", "between", "with")
_DO = {"is": "does", "are": "do", "was": "did", "were": "did", "has": "does", "have": "do", "had": "did"}
COMPARISON = QuestionKind.COMPARISON
SIMILARITY = "similarity"
DIFFERENCES = frozenset({"difference", SIMILARITY, "comparison", "distinction"})
_RELATIONS = frozenset({"relationship", "association", "correlation"})
_LIKE = frozenset({"similar", "different", "comparable", "identical", "superior", "inferior", "equivalent"})
_PAST = frozenset({"was", "were", "did", "had"})


class Comparisons:
    """The templates; a wording may ask less than all."""

    asks_past = True

    def questions(self, clause: Clause, number: int) -> Iterator[Candidate]:
        """ "X is higher in A than in B", "X differs from Y", "X had more Z than Y", "X is similar to Y"."""
        adjective = clause.child("acomp")
        if adjective is not None and clause.copula and self.is_whole(adjective):
            than = than_of(adjective) or than_of(clause.verb)
            if comparative(adjective) and than is not None:
                yield from self._higher(clause, adjective, than, number)
            if adjective.lower_ in _LIKE:
                yield from self._similar(clause, adjective, number)
        if clause.verb.lemma_ == "differ" and clause.lead:
            yield from self._differs(clause, number)
        found = clause.child("dobj")
        if found is not None and any(comparative(token) for token in found.lefts) and not clause.passive:
            than = than_of(found) or than_of(clause.verb)
            target = self.against_object(clause, found, than) if than is not None else None
            if target:
                yield from self._against(clause, target, number)
        yield from self._compared(clause, number)

    def is_whole(self, adjective: Token) -> bool:
        """Whether the adjective wants nothing more than what it is compared with."""
        return True

    def says_in_what(self, clause: Clause, adjective: Token, than: Token) -> bool:
        """Whether "X is higher than Y" loses nothing that stands beside it."""
        return True

    def against_object(self, clause: Clause, found: Token, than: Token) -> str | None:
        """With what "X had more Z than Y" compares; ``found`` is Z."""
        return _object(than, clause)

    def _differs(self, clause: Clause, number: int) -> Iterator[Candidate]:
        prep = next((token for token in clause.prepositions() if token.lower_ in ("from", "between", "in")), None)
        target = clause.cut.prepositional_phrase(prep, clause.case) if prep is not None else None
        if target:
            text = question("how", clause.lead, clause.subject_text, "differ", target)
            yield Candidate(text, clause.span, COMPARISON, number, 1.2)

    def _higher(self, clause: Clause, adjective: Token, than: Token, number: int) -> Iterator[Candidate]:
        phrase = " ".join(
            [token.lower_ for token in adjective.lefts if token.lower_ in ("more", "less")] + [adjective.lower_]
        )
        target = _object(than, clause)
        if target:
            if not self.says_in_what(clause, adjective, than):
                return
            yield from self._against(clause, target, number)
            text = question(clause.lead, clause.subject_text, phrase, "than", target)
            yield Candidate(text, clause.span, COMPARISON, number, 1.05)
            return
        inner = next((token for token in than.children if token.lower_ in _PLACES), None)
        where = next(
            (
                token
                for token in [*adjective.rights, *clause.verb.rights]
                if token.lower_ in _PLACES and token.i < than.i
            ),
            None,
        )
        a = _object(where, clause) if where is not None else None
        b = _object(inner, clause) if inner is not None else None
        if a and b and where is not None and inner is not None:
            text = question(clause.lead, clause.subject_text, phrase, where.lower_, a, "than", inner.lower_, b)
            yield Candidate(text, clause.span, COMPARISON, number, 1.15)
            text = question("how", _DO.get(clause.lead, "do"), clause.subject_text, "differ between", a, "and", b)
            yield Candidate(text, clause.span, COMPARISON, number, 1.2)

    def _similar(self, clause: Clause, adjective: Token, number: int) -> Iterator[Candidate]:
        for prep in adjective.rights:
            target = _object(prep, clause) if prep.lower_ in ("to", "from") else None
            if target:
                text = question("how", clause.lead, clause.subject_text, adjective.lower_, prep.lower_, target)
                yield Candidate(text, clause.span, COMPARISON, number, 1.0)
                yield from self._against(clause, target, number)

    def _against(self, clause: Clause, target: str, number: int) -> Iterator[Candidate]:
        do = _DO.get(clause.lead, clause.lead)
        if do in ("does", "do") or (do == "did" and self.asks_past):
            yield Candidate(
                question("how", do, clause.subject_text, "compare with", target),
                clause.span,
                COMPARISON,
                number,
                1.15,
            )

    def _compared(self, clause: Clause, number: int) -> Iterator[Candidate]:
        """ "X was reduced in A compared with B"."""
        for token in clause.verb.subtree:
            if (
                token.lower_ not in ("compared", "relative")
                or token.dep_ not in ("prep", "advcl", "acl", "advmod")
                or token.i < clause.verb.i
            ):
                continue
            link = next((child for child in token.children if child.lower_ in ("to", "with")), None)
            target = _object(link, clause) if link is not None else None
            where = next(
                (child for child in clause.verb.rights if child.lower_ in ("in", "for", "among") and child.i < token.i),
                None,
            )
            a = _object(where, clause) if where is not None else None
            past = clause.lead in _PAST
            if not target or not clause.lead or (past and not self.asks_past):
                continue
            if a and (
                clause.passive
                or clause.verb.lemma_ in ("increase", "decrease", "rise", "fall", "decline", "drop", "be")
            ):
                do = "did" if past else "do" if clause.plural else "does"
                text = question("how", do, clause.subject_text, "differ between", a, "and", target)
                yield Candidate(text, clause.span, COMPARISON, number, 1.2)


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


def both_of(noun: Token, case: Case, cut: Cutting = ROUGH) -> str | None:
    """ "A and B" of "the difference between A and B"."""
    prep = next((child for child in noun.rights if child.lower_ in ("between", "of")), None)
    target = next((child for child in prep.children if child.dep_ == "pobj"), None) if prep is not None else None
    if target is None or not any(child.dep_ == "conj" for child in target.children):
        return None
    text = cut.noun_phrase(target, case, 10)
    return text if text and " and " in text else None


def noun_differences(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "the difference between A and B" asks how they differ."""
    span = (sentence.start_char, sentence.end_char)
    for token in sentence:
        lemma = token.lemma_.lower()
        text = both_of(token, case) if lemma in DIFFERENCES | _RELATIONS else None
        if text:
            form = ("how are", text, "related") if lemma in _RELATIONS else ("how do", text, "differ")
            if lemma == SIMILARITY:
                form = ("how similar are", text, "")
            yield Candidate(question(*form), span, COMPARISON, number, 1.15)


def _object(prep: Token, clause: Clause) -> str | None:
    target = next((token for token in prep.children if token.dep_ in ("pobj", "nsubj")), None)
    return clause.cut.noun_phrase(target, clause.case, 7) if target is not None else None
