"""Questions about outcomes: how something changed, what affects it, what follows from what, what is one of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, pick, question
from embtrainer_gui.generate.careful.clauses import Clause, subject_span
from embtrainer_gui.generate.careful.phrases import noun_phrase, prepositional_phrase, tells
from embtrainer_gui.generate.careful.verbs import is_plural
from embtrainer_gui.generate.phrases import Case, words_in
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_CHANGING = word_set(
    """
    increase decrease rise fall decline drop reduce elevate diminish improve worsen suppress inhibit enhance
    upregulate downregulate impair lower raise attenuate accelerate delay abolish restore double
    """
)
_AFFECTED = _CHANGING | word_set(
    """
    block prevent stimulate activate promote facilitate limit disrupt damage protect
    """
)
_LOOSE_KIND = re.compile(
    r"\b(?:specific|adverse|acute|other|common|separate|main|major|important|relevant|potential|possible|electronic|diverse|"
    r"different|traditional|typical)\b|\d|"
    r"(?:samples?|concentrations?|databases?|factors?|mice|rats|groups?|issues?|aspects?|data|parameters?|levels?|changes|"
    r"sources?|entities|agents|substances|activities|tasks|countries|cities|places|conditions|processes|properties|tools|measures|areas|regions|studies|elements)$"
)
_WHERE = word_set("after during under upon following")
_PAST = word_set("was were did had")


def change_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X rose in Y" asks how X changed in Y; "X was reduced by Y" asks how Y affects X."""
    if clause.verb.lemma_ not in _AFFECTED or not clause.lead:
        return
    past = clause.lead in _PAST
    if clause.passive:
        agent = clause.child("agent")
        target = next((token for token in agent.children if token.dep_ == "pobj"), None) if agent is not None else None
        by = noun_phrase(target, clause.case, 8) if target is not None and tells(target) else None
        if by and target is not None:
            do = "did" if past else "do" if is_plural(target) else "does"
            text = question("how", do, by, pick(("affect", "influence"), by), clause.subject_text)
            yield Candidate(text, clause.span, QuestionKind.CAUSE, number, 1.1)
            return
    elif clause.child("dobj") is not None:
        return
    if clause.verb.lemma_ not in _CHANGING or (clause.auxiliaries and clause.auxiliaries[0].tag_ == "MD"):
        return
    if clause.lead in ("has", "have", "had"):
        return
    for prep in clause.prepositions():
        where = prepositional_phrase(prep, clause.case, 8) if prep.lower_ in _WHERE else None
        if where:
            do = "did" if past or clause.verb.tag_ == "VBD" else "do" if clause.plural else "does"
            text = question("how", do, clause.subject_text, "change", where)
            yield Candidate(text, clause.span, QuestionKind.CAUSE, number, 1.05)
            return


_STANDINGS = {
    "cause": "what can cause",
    "trigger": "what can trigger",
    "inhibitor": "what can inhibit",
    "regulator": "what regulates",
    "source": "what is a source of",
    "precursor": "what is a precursor of",
    "reservoir": "what is a reservoir of",
    "vector": "what is a vector of",
    "component": "what is a component of",
    "constituent": "what is a constituent of",
    "marker": "what is a marker of",
    "symptom": "what is a symptom of",
    "product": "what is a product of",
    "activator": "what can activate",
}


def standing_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X is a common cause of Y" asks what can cause Y."""
    attribute = clause.child("attr")
    if not clause.copula or clause.lead not in ("is", "are") or attribute is None or clause.resolved:
        return
    opening = _STANDINGS.get(attribute.lemma_.lower())
    of = next((token for token in attribute.rights if token.lower_ == "of"), None)
    target = next((token for token in of.children if token.dep_ == "pobj"), None) if of is not None else None
    thing = noun_phrase(target, clause.case, 9) if target is not None else None
    if opening and thing and tells(clause.subject):
        yield Candidate(question(opening, thing), subject_span(clause), QuestionKind.CAUSE, number, 1.0)


def effect_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X causes a reduction in Y", "X has no effect on Y": both say how X affects Y."""
    do = clause.lead
    if do not in ("does", "do", "did", "can", "could", "may", "might") or clause.verb.lemma_ not in _BRINGING | _HAVING:
        return
    for noun in _brought(clause):
        lemma = noun.lemma_.lower()
        if lemma in _CHANGES and clause.verb.lemma_ in _HAVING:
            continue
        prepositions = ("in", "of") if lemma in _CHANGES else ("on",) if lemma in _EFFECTS else ()
        prep = next((child for child in noun.rights if child.lower_ in prepositions), None)
        if prep is None and lemma in _EFFECTS:
            prep = next((child for child in clause.verb.rights if child.lower_ == "on"), None)
        target = next((token for token in prep.children if token.dep_ == "pobj"), None) if prep is not None else None
        thing = noun_phrase(target, clause.case, 9) if target is not None else None
        told = lemma in _CHANGES or any(token.lower_ in _DIRECTIONS for token in noun.lefts)
        if thing and told and not any(token.tag_ == "JJR" for token in noun.lefts):
            text = question("how", do, clause.subject_text, pick(("affect", "influence"), thing), thing)
            yield Candidate(text, clause.span, QuestionKind.CAUSE, number, 1.1)
            return


_BRINGING = word_set("cause produce induce exert lead result bring")
_HAVING = word_set("show have exhibit demonstrate")  # an effect, yet not a change: that is their own
_CHANGES = word_set(
    """
    increase decrease reduction decline rise drop fall elevation improvement inhibition loss enhancement suppression
    impairment activation upregulation downregulation accumulation
    """
)
_EFFECTS = word_set("effect impact influence")
_DIRECTIONS = word_set(
    """
    no little negative positive inhibitory stimulatory protective beneficial harmful adverse detrimental deleterious
    toxic suppressive antagonistic synergistic
    """
)


def _brought(clause: Clause) -> list[Token]:
    direct = [token for token in clause.verb.rights if token.dep_ == "dobj"]
    after = [token for prep in clause.prepositions()[:1] for token in prep.children if token.dep_ == "pobj"]
    return direct + (after if clause.verb.lemma_ in ("lead", "result") else [])


def difference_questions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "a difference in X between A and B", whether there was one or none, asks how X differs between them."""
    for token in sentence:
        if token.lemma_.lower() != "difference":
            continue
        found: dict[str, Token] = {}
        for prep in [*token.rights, *token.head.rights]:
            target = next((child for child in prep.children if child.dep_ == "pobj"), None)
            if prep.dep_ == "prep" and prep.lower_ in ("in", "between") and target is not None:
                found.setdefault(prep.lower_, target)
        if len(found) < len(("in", "between")) or not any(x.dep_ == "conj" for x in found["between"].children):
            continue
        thing, sides = noun_phrase(found["in"], case, 8), noun_phrase(found["between"], case, 9)
        if thing and sides and " and " in sides:
            do = "do" if is_plural(found["in"]) else "does"
            text = question("how", do, thing, "differ between", sides)
            yield Candidate(text, (sentence.start_char, sentence.end_char), QuestionKind.COMPARISON, number, 1.2)


def example_questions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "opportunistic infections such as A, B and C" asks for examples of them."""
    for token in sentence:
        listing = token.lower_ == "including" or (
            token.lower_ == "as" and token.i > sentence.start and token.nbor(-1).lower_ == "such"
        )
        if not listing or token.dep_ != "prep":
            continue
        whole, first = token.head, next((child for child in token.children if child.dep_ == "pobj"), None)
        if first is None or whole.tag_ not in ("NNS", "NNPS") or not any(x.dep_ == "conj" for x in first.children):
            continue
        name = noun_phrase(whole, case, 7)
        if (
            not name
            or words_in(name) < 2
            or " of " in name
            or not tells(whole)
            or _LOOSE_KIND.search(name)
            or name.split()[0].lower() in ("the", "many", "several", "some")
        ):
            continue
        tokens = list(first.subtree)
        if any(token.tag_ in ("VB", "VBZ", "VBP", "VBD", "WDT", "MD") for token in tokens):
            continue  # the list runs into what is said of it
        while tokens[-1].is_punct and tokens[-1].text not in ")]":
            tokens.pop()
        if _goes_on(tokens[-1]):
            continue  # the parse lost the rest of the list
        opening = pick(("what are examples of", "what are some examples of"), name)
        span = (tokens[0].idx, tokens[-1].idx + len(tokens[-1]))
        yield Candidate(question(opening, name), span, QuestionKind.FACT, number, 0.95)


def _goes_on(last: Token) -> bool:
    """Whether a comma and another thing follow."""
    after = list(last.doc[last.i + 1 : last.i + 3])
    return len(after) > 1 and after[0].text == "," and after[1].pos_ in ("NOUN", "PROPN", "ADJ")
