"""Open questions about a specific term, for sentences that no other template can ask about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, pick, question
from embtrainer_gui.generate.clauses import Clause, clause_span
from embtrainer_gui.generate.phrases import Case, noun_phrase, words_in

if TYPE_CHECKING:
    from spacy.tokens import Span

_ROLES = frozenset({"nsubj", "nsubjpass", "dobj", "pobj", "attr"})
_OPENINGS = ("what is known about", "what has been reported about")
_WEIGHT = 0.55  # below every question that asks for something definite


def relation_questions(clause: Clause, number: int, specific: Callable[[str], bool]) -> Iterator[Candidate]:
    """How the subject and another term of its clause go together; the clause is the answer."""
    if not specific(clause.subject_text) or " and " in clause.subject_text:
        return
    be = "are" if clause.plural else "is"
    direct = [token for token in clause.verb.rights if token.dep_ == "dobj"]
    for token in direct + [child for prep in clause.prepositions() for child in prep.children if child.dep_ == "pobj"]:
        other = noun_phrase(token, clause.case, 5)
        if other and specific(other) and " and " not in other and not other[0].isdigit() and not _indefinite(other):
            forms = (
                f"how {be} {clause.subject_text} related to {other}",
                f"what is known about {clause.subject_text} and {other}",
            )
            yield Candidate(
                question(pick(forms, other)), clause_span(clause), QuestionKind.FACT, number, _WEIGHT, open=True
            )


def topic_questions(sentence: Span, number: int, case: Case, specific: Callable[[str], bool]) -> Iterator[Candidate]:
    """What is known or reported about a long noun phrase; the sentence is the answer."""
    span = (sentence.start_char, sentence.end_char)
    for token in sentence:
        if token.dep_ not in _ROLES or token.pos_ not in ("NOUN", "PROPN"):
            continue
        text = noun_phrase(token, case, 9)
        if text and words_in(text) >= 3 and specific(text) and not text[0].isdigit() and not _indefinite(text):
            yield Candidate(question(pick(_OPENINGS, text), text), span, QuestionKind.FACT, number, _WEIGHT, open=True)


def _indefinite(phrase: str) -> bool:
    return phrase.startswith(("a ", "an "))
