"""Questions that ask what something is: copulas, acronyms, appositions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.clauses import Clause, span_of
from embtrainer_gui.generate.phrases import Case, noun_phrase, words_in
from embtrainer_gui.generate.statistics import CorpusStatistics, acronyms_in
from embtrainer_gui.generate.verbs import is_plural
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_EVALUATING = word_set(  # "X is an important cause" does not say what X is
    """
    cause component part problem concern challenge issue threat priority question factor member source step example
    target risk option tool candidate feature aspect reason burden one need limitation advantage result consequence
    key
    """
)
_DEFINING = word_set("define know call term consider classify characterize")


def clause_definitions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X is a Y that ...", "X is known as Y", "X consists of Y"."""
    attribute = clause.child("attr")
    if (
        clause.copula
        and clause.verb.tag_ in ("VBZ", "VBP")
        and attribute is not None
        and attribute.pos_ in ("NOUN", "PROPN")
    ):
        indefinite = any(token.lower_ in ("a", "an", "one") for token in attribute.lefts) or attribute.tag_ == "NNS"
        if indefinite and words_in(clause.subject_text) <= 6 and attribute.lemma_.lower() not in _EVALUATING:
            yield Candidate(
                question("what", clause.lead, clause.subject_text),
                clause.span,
                QuestionKind.DEFINITION,
                number,
                1.0,
            )
    if clause.passive and clause.verb.lemma_ in _DEFINING and clause.auxiliaries[0].lower_ in ("is", "are"):
        as_ = next(
            (token for token in clause.verb.rights if token.dep_ == "prep" and token.lower_ in ("as", "by")), None
        )
        if as_ is not None:
            lead, rest = clause.lead, clause.rest
            text = (
                question("how", lead, clause.subject_text, rest)
                if clause.verb.lemma_ != "know"
                else question("what", lead, clause.subject_text, rest, "as")
            )
            yield Candidate(text, span_of(as_), QuestionKind.DEFINITION, number, 1.0)
    if (
        clause.verb.lemma_ in ("consist", "comprise", "contain", "encode", "include")
        and not clause.passive
        and not clause.auxiliaries
    ):
        target = clause.child("dobj", "prep")
        if target is not None:
            tail = " of" if clause.verb.lemma_ == "consist" else ""
            yield Candidate(
                question("what", clause.lead, clause.subject_text, clause.rest + tail),
                span_of(target),
                QuestionKind.DEFINITION,
                number,
                0.95,
            )


def acronym_definitions(sentence: Span, number: int, statistics: CorpusStatistics) -> Iterator[Candidate]:
    """ "acute respiratory distress syndrome (ARDS)" asks what ARDS stands for, where only one passage says it."""
    for acronym, full, start in acronyms_in(sentence.text):
        if statistics.definitions(acronym) > 1 or statistics.frequency(acronym) < 3:
            continue
        begin = sentence.start_char + start
        yield Candidate(
            question("what does", acronym, "stand for"),
            (begin, begin + len(full)),
            QuestionKind.DEFINITION,
            number,
            0.6,
        )


def is_apposition(token: Token) -> bool:
    """Whether a noun with "a" says what the one before it is."""
    if token.dep_ != "appos" or token.pos_ != "NOUN" or not any(child.lower_ in ("a", "an") for child in token.lefts):
        return False
    if token.head.pos_ not in ("NOUN", "PROPN") or token.i < token.head.i or sum(1 for _ in token.subtree) < 3:
        return False
    listed = any(child.dep_ in ("cc", "conj") for child in [*token.children, *token.head.children])
    return not listed


def appositions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "hepcidin, a hormone made in the liver, ..." asks what hepcidin is."""
    for token in sentence:
        if not is_apposition(token):
            continue
        name = noun_phrase(token.head, case, 5)
        if name:
            be = "are" if is_plural(token.head) else "is"
            yield Candidate(question("what", be, name), span_of(token), QuestionKind.DEFINITION, number, 0.95)
