"""Questions about the role of one thing in another.

"What is known about X?" is not asked: those questions taught a model to overlook what is asked (on COVID-QA nDCG@10
was 0.554 without them and 0.545 with them, on medquad_dev 0.759 and 0.746: tests/bench/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.careful.clauses import Clause
from embtrainer_gui.generate.careful.phrases import noun_phrase
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Token

_TAKING_PART = word_set("function contribute")
_PRAISE = word_set(
    """
    important critical key central major crucial significant vital essential pivotal active prominent fundamental main
    pathological unexpected substantial considerable great dominant
    """
)


def relation_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X plays a part in Y" asks what role X plays in Y."""
    do = "do" if clause.plural else "does"
    for prep in clause.prepositions()[:1] + _of_object(clause):
        target = next((token for token in prep.children if token.dep_ == "pobj"), None)
        other = noun_phrase(target, clause.case, 7) if target is not None else None
        if (
            not other
            or target is None
            or target.tag_ == "VBG"
            or _goes_on(target)
            or target.lemma_.lower() in ("level", "outcome")
        ):
            continue
        played = clause.verb.lemma_ == "play" or (clause.verb.lemma_ in _TAKING_PART and prep.lower_ in ("in", "to"))
        if played and _tells_which(clause) and prep.lower_ in ("in", "to", "for"):
            text = question("what role", do, clause.subject_text, "play in", other)
            yield Candidate(text, clause.span, QuestionKind.FACT, number, 1.0)
            return


def _tells_which(clause: Clause) -> bool:
    """Whether more is told than that there is a role: its kind, or by what it is played."""
    role = clause.child("dobj")
    kinds = [child for child in role.lefts if child.dep_ in ("amod", "compound")] if role is not None else []
    by = any(token.lower_ in ("by", "through", "via") and token.i > clause.verb.i for token in clause.verb.subtree)
    return by or any(token.lower_ not in _PRAISE for token in kinds)


def _goes_on(noun: Token) -> bool:
    """Whether what the noun is of, to or against was hung elsewhere by the parse: "resistance" of "resistance to X"."""
    end = noun.i + 1
    return end < len(noun.doc) and noun.doc[end].pos_ == "ADP" and noun.doc[end].head.i != noun.i


def _of_object(clause: Clause) -> list[Token]:
    """The prepositions of "plays a role in"."""
    found = clause.child("dobj")
    if clause.verb.lemma_ != "play" or found is None:
        return []
    return [token for token in found.rights if token.dep_ == "prep"]
