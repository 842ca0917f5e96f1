"""Open questions: how two specific terms of a clause go together.

"What is known about X?" is not asked: those questions taught a model to overlook what is asked (on COVID-QA nDCG@10
was 0.554 without them and 0.545 with them, on medquad_dev 0.759 and 0.746: tests/bench/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.clauses import Clause
from embtrainer_gui.generate.phrases import noun_phrase

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
            text = question(f"how {be} {clause.subject_text} related to {other}")
            yield Candidate(text, clause.span, QuestionKind.FACT, number, _WEIGHT, open=True)


def _indefinite(phrase: str) -> bool:
    return phrase.startswith(("a ", "an "))
