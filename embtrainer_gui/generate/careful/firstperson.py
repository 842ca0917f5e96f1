"""Questions from sentences that say "we": turned into the passive, so that nobody has to know who "we" are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.generate.candidate import Candidate
from embtrainer_gui.generate.careful.phrases import CAREFUL, tells
from embtrainer_gui.generate.firstperson import how_it_was_done
from embtrainer_gui.generate.phrases import Case
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span

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
        yield from how_it_was_done(verb, target, number, case, CAREFUL)
