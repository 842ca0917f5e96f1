"""Questions from sentences that say "we": turned into the passive, so that nobody has to know who "we" are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, pick, question
from embtrainer_gui.generate.clauses import span_of
from embtrainer_gui.generate.phrases import ROUGH, Case, Cutting, noun_phrase, words_in
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_USING = word_set("use employ apply utilize adopt")
_DOING = word_set(
    """
    measure determine detect assess quantify evaluate analyze analyse identify calculate estimate obtain isolate
    purify diagnose examine test generate construct compare collect select model predict compute define classify
    extract monitor characterize screen produce investigate infect treat culture immunize transfect sequence clone
    amplify normalize
    """
)


def first_person_questions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "We measured X by Y" asks how X was measured; "we used Y to detect X" what was used for it."""
    for verb in sentence:
        lemma = verb.lemma_
        if (
            verb.pos_ != "VERB"
            or lemma not in _USING | _DOING
            or not any(token.lower_ == "we" for token in verb.lefts if token.dep_ == "nsubj")
        ):
            continue
        target = next((token for token in verb.rights if token.dep_ == "dobj"), None)
        if target is None or any(token.dep_ == "neg" for token in verb.children) or not verb.text.endswith("ed"):
            continue
        if lemma in _USING:
            yield from _used(verb, target, number, case)
        else:
            yield from how_it_was_done(verb, target, number, case)


def _used(verb: Token, tool: Token, number: int, case: Case) -> Iterator[Candidate]:
    for token in [*verb.rights, *tool.rights]:
        if token.tag_ != "VB" or not any(mark.lower_ == "to" for mark in token.lefts):
            continue
        found = next((child for child in token.children if child.dep_ == "dobj"), None)
        target = noun_phrase(found, case, 9) if found is not None else None
        if target:
            opening = pick(("what can be used to", "what was used to"), target)
            yield Candidate(question(opening, token.lower_, target), span_of(tool), QuestionKind.METHOD, number, 1.05)


def how_it_was_done(verb: Token, found: Token, number: int, case: Case, cut: Cutting = ROUGH) -> Iterator[Candidate]:
    """ "We measured X by Y" asks how X was measured."""
    target = cut.noun_phrase(found, case, 9)
    if not target:
        return
    be = "were" if cut.is_plural(found) else "was"
    for token in verb.rights:
        means = token.lower_ in ("by", "using", "through", "via", "with") and token.dep_ in (
            "prep",
            "advcl",
            "xcomp",
            "acl",
        )
        if means:
            where = next(
                (
                    text
                    for child in verb.rights
                    if child.dep_ == "prep" and child.i != token.i and (text := cut.prepositional_phrase(child, case))
                ),
                "",
            )
            tail = where if words_in(where) <= 6 else ""
            yield Candidate(
                question("how", be, target, verb.lower_, tail), span_of(token), QuestionKind.METHOD, number, 1.1
            )
