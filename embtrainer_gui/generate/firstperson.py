"""Questions from sentences that say "we": turned into the passive, so that nobody has to know who "we" are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.clauses import span_of
from embtrainer_gui.generate.phrases import Case, noun_phrase, prepositional_phrase, tells, words_in
from embtrainer_gui.generate.verbs import is_plural
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_DOING = word_set(  # not "measure" and its like: how one study came to its figures, nobody asks of all
    """
    isolate purify diagnose generate construct produce extract infect treat culture immunize transfect sequence clone
    amplify
    """
)


def first_person_questions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "We cloned X by Y" asks how X was cloned."""
    for verb in sentence:
        if (
            verb.pos_ != "VERB"
            or verb.lemma_ not in _DOING
            or not any(token.lower_ == "we" for token in verb.lefts if token.dep_ == "nsubj")
        ):
            continue
        target = next((token for token in verb.rights if token.dep_ == "dobj"), None)
        if (
            target is None
            or not tells(target)
            or any(token.dep_ == "neg" for token in verb.children)
            or not verb.text.endswith("ed")
        ):
            continue
        yield from _done(verb, target, number, case)


def _done(verb: Token, found: Token, number: int, case: Case) -> Iterator[Candidate]:
    target = noun_phrase(found, case, 9)
    if not target:
        return
    be = "were" if is_plural(found) else "was"
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
                    if child.dep_ == "prep" and child.i != token.i and (text := prepositional_phrase(child, case))
                ),
                "",
            )
            tail = where if words_in(where) <= 6 else ""
            yield Candidate(
                question("how", be, target, verb.lower_, tail), span_of(token), QuestionKind.METHOD, number, 1.1
            )
