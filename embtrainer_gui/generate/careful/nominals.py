"""Questions from nominalisations: "the transmission of X" asks how X is transmitted, "X treatment" how X is treated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, pick, question
from embtrainer_gui.generate.careful.assertions import (
    is_announcement,
    is_only_mentioned,
    is_served,
    is_told_of,
    names_a_way,
)
from embtrainer_gui.generate.careful.phrases import CAREFUL
from embtrainer_gui.generate.nominals import RISK, TEMPLATES, thing_of
from embtrainer_gui.generate.phrases import Case
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_C = QuestionKind.CAUSE
_TEMPLATES = {  # only what a sentence about the noun is likely to answer
    noun: TEMPLATES[noun]
    for noun in word_set(
        """
        transmission inhibition activation regulation replication symptom cause mechanism pathogenesis
        severity efficacy effectiveness safety origin evolution structure function advantage
        disadvantage limitation
        """
    )
}
_BY_MEANS = frozenset({"transmission", "inhibition", "activation", "regulation"})
_CAUSED = frozenset({"cause", "symptom"})
_NO_COMPOUND = frozenset({"activation", "inhibition"})
_PEOPLE = frozenset(
    {"patients", "women", "men", "children", "people", "adults", "infants"}
)  # risks of them, not to them


def nominal_questions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """Questions about what the nouns of a sentence name; the sentence is the answer."""
    span = (sentence.start_char, sentence.end_char)
    if is_announcement(sentence):
        return
    for token in sentence:
        if token.pos_ != "NOUN":
            continue
        lemma = token.lemma_.lower()
        if lemma in _TEMPLATES:
            if not _is_answered(token, lemma, sentence):
                continue
            thing = thing_of(token, ("of",), case, _NO_COMPOUND, CAREFUL)
            if thing is None:
                continue
            kind, templates = _TEMPLATES[lemma]
            be, do = ("are", "do") if thing[1] else ("is", "does")
            template = pick(templates, thing[0])
            yield Candidate(question(template.format(x=thing[0], be=be, do=do)), span, kind, number, 0.95)
        elif lemma in ("factor", RISK):
            yield from _risk(token, span, number, case)


def _is_answered(noun: Token, lemma: str, sentence: Span) -> bool:
    """Whether the sentence is likely to say what the template of the noun asks."""
    if lemma in _BY_MEANS:
        return is_served(noun) or (lemma == "transmission" and is_told_of(noun) and names_a_way(noun))
    if lemma in _CAUSED:
        told = noun.dep_ in ("nsubj", "nsubjpass") and noun.head.lemma_ in ("be", "include", "comprise", "involve")
        return told and not is_only_mentioned(noun)
    if noun.head.lemma_ not in ("be", "include", "involve", "comprise", "lie", "date", "consist") or any(
        child.lower_ in ("other", "another", "several", "various") for child in noun.lefts
    ):
        return False
    return is_told_of(noun) and not any(token.dep_ == "acomp" for token in noun.head.rights)


def _risk(token: Token, span: tuple[int, int], number: int, case: Case) -> Iterator[Candidate]:
    """ "risk factors for X", "the risk of X" ask what raises the risk of X."""
    factor = token.lemma_ == "factor"
    if factor and (not any(child.lower_ == RISK for child in token.lefts) or is_only_mentioned(token)):
        return
    if not factor and (token.dep_ != "dobj" or token.head.lemma_ not in ("increase", "raise", "elevate", "double")):
        return
    if factor and token.dep_ not in ("nsubj", "nsubjpass", "attr"):
        return
    thing = thing_of(token, ("for", "of") if factor else ("of",), case, _NO_COMPOUND, CAREFUL)
    if thing is not None and thing[0].split()[-1] not in _PEOPLE:
        openings = ("what increases the risk of", "what are the risk factors for")
        opening = pick(openings, thing[0]) if token.lemma_ == "factor" else openings[0]
        yield Candidate(question(opening, thing[0]), span, _C, number, 1.0)
