"""Questions from nominalisations: "the transmission of X" asks how X is transmitted, "X treatment" how X is treated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, pick, question
from embtrainer_gui.generate.phrases import ROUGH, Case, Cutting, words_in

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_C, _M, _F, _Q = QuestionKind.CAUSE, QuestionKind.METHOD, QuestionKind.FACT, QuestionKind.QUANTITY
# {x} the thing, {be} is/are, {do} does/do. Only what a sentence about the noun is likely to answer.
TEMPLATES: dict[str, tuple[QuestionKind, tuple[str, ...]]] = {
    "transmission": (_F, ("how {be} {x} transmitted", "how {do} {x} spread")),
    "treatment": (_M, ("how {be} {x} treated", "what can be used to treat {x}")),
    "therapy": (_M, ("how {be} {x} treated",)),
    "diagnosis": (_M, ("how {be} {x} diagnosed",)),
    "detection": (_M, ("how {be} {x} detected", "how can {x} be detected")),
    "prevention": (_M, ("how can {x} be prevented",)),
    "inhibition": (_C, ("what inhibits {x}",)),
    "activation": (_C, ("what activates {x}", "how {be} {x} activated")),
    "regulation": (_C, ("how {be} {x} regulated", "what regulates {x}")),
    "replication": (_F, ("how {do} {x} replicate",)),
    "symptom": (_F, ("what are the symptoms of {x}",)),
    "cause": (_C, ("what causes {x}",)),
    "prevalence": (_Q, ("how common {be} {x}", "what is the prevalence of {x}")),
    "incidence": (_Q, ("how often {do} {x} occur", "what is the incidence of {x}")),
    "mechanism": (_F, ("what is the mechanism of {x}",)),
    "pathogenesis": (_F, ("what is known about the pathogenesis of {x}",)),
    "severity": (_F, ("how severe {be} {x}",)),
    "efficacy": (_F, ("how effective {be} {x}",)),
    "effectiveness": (_F, ("how effective {be} {x}",)),
    "safety": (_F, ("how safe {be} {x}",)),
    "origin": (_F, ("where {do} {x} come from",)),
    "evolution": (_F, ("how did {x} evolve",)),
    "structure": (_F, ("what is the structure of {x}",)),
    "function": (_F, ("what is the function of {x}",)),
    "advantage": (_F, ("what are the advantages of {x}", "what are the benefits of {x}")),
    "disadvantage": (_F, ("what are the disadvantages of {x}",)),
    "limitation": (_F, ("what are the limitations of {x}",)),
    "application": (_F, ("what {be} {x} used for",)),
    "synthesis": (_M, ("how {be} {x} synthesized",)),
    "production": (_M, ("how {be} {x} produced",)),
    "measurement": (_M, ("how {be} {x} measured",)),
    "estimation": (_M, ("how {be} {x} estimated",)),
    "identification": (_M, ("how {be} {x} identified",)),
    "management": (_M, ("how should {x} be managed",)),
    "control": (_M, ("how can {x} be controlled",)),
}
_PREPOSITIONS = {"treatment": ("of", "for"), "therapy": ("of", "for"), "control": ("of",)}
_NO_COMPOUND = frozenset({"treatment", "therapy", "activation", "inhibition", "control", "application", "production"})
RISK = "risk"


def nominal_questions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """Questions about what the nouns of a sentence name; the sentence is the answer."""
    span = (sentence.start_char, sentence.end_char)
    for token in sentence:
        if token.pos_ != "NOUN":
            continue
        lemma = token.lemma_.lower()
        if lemma in TEMPLATES:
            thing = thing_of(token, _PREPOSITIONS.get(lemma, ("of",)), case)
            if thing is None:
                continue
            kind, templates = TEMPLATES[lemma]
            be, do = ("are", "do") if thing[1] else ("is", "does")
            template = pick(templates, thing[0])
            yield Candidate(question(template.format(x=thing[0], be=be, do=do)), span, kind, number, 0.95)
        elif lemma in ("factor", RISK):
            yield from _risk(token, span, number, case)


def _risk(token: Token, span: tuple[int, int], number: int, case: Case) -> Iterator[Candidate]:
    """ "risk factors for X", "the risk of X" ask what raises the risk of X."""
    if token.lemma_ == "factor" and not any(child.lower_ == RISK for child in token.lefts):
        return
    thing = thing_of(token, ("for", "of"), case)
    if thing is not None:
        openings = ("what increases the risk of", "what are the risk factors for")
        opening = pick(openings, thing[0]) if token.lemma_ == "factor" else openings[0]
        yield Candidate(question(opening, thing[0]), span, _C, number, 1.0)


def thing_of(
    noun: Token,
    prepositions: tuple[str, ...],
    case: Case,
    no_compound: frozenset[str] = _NO_COMPOUND,
    cut: Cutting = ROUGH,
) -> tuple[str, bool] | None:
    """What the noun is about, and whether that is plural: its "of" phrase, else the compound before it."""
    for prep in noun.rights:
        if prep.dep_ == "prep" and prep.lower_ in prepositions:
            target = next((child for child in prep.children if child.dep_ == "pobj"), None)
            text = cut.noun_phrase(target, case, 8) if target is not None else None
            return (text, cut.is_plural(target)) if text and target is not None else None
    compound = next((child for child in noun.lefts if child.dep_ == "compound" and child.i == noun.i - 1), None)
    if (
        noun.lemma_.lower() in no_compound
        or compound is None
        or compound.pos_ not in ("NOUN", "PROPN")
        or compound.tag_ in ("NNS", "NNPS")
    ):
        return None
    inner = [
        child
        for child in noun.lefts
        if child.dep_ in ("compound", "amod", "nmod") and child.i < compound.i and child.pos_ == "PROPN"
    ]
    text = cut.surface([*inner, *sorted(compound.subtree, key=lambda token: token.i)], case)
    if (
        not text
        or words_in(text) > 4
        or cut.bad_fragment(text)
        or not (compound.pos_ == "PROPN" or compound.text.isupper())
    ):
        return None
    return text, False
