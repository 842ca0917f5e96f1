"""Questions that compare two things, where nothing that the comparison hangs on is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.generate import comparisons
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.careful.assertions import is_only_mentioned
from embtrainer_gui.generate.careful.phrases import CAREFUL, surface
from embtrainer_gui.generate.clauses import Clause
from embtrainer_gui.generate.comparisons import COMPARISON, DIFFERENCES, SIMILARITY, both_of, comparative
from embtrainer_gui.generate.phrases import Case

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_TOLD = DIFFERENCES - {"comparison"}
_MORE = frozenset({"xcomp", "ccomp"})  # "more willing to ..."


class Comparisons(comparisons.Comparisons):
    """Nothing of the past: that is a reading of one study."""

    asks_past = False

    def is_whole(self, adjective: Token) -> bool:
        return not any(token.dep_ in _MORE for token in adjective.children)

    def says_in_what(self, clause: Clause, adjective: Token, than: Token) -> bool:
        """Not so of "more suitable for sand than Y"."""
        beside = (*adjective.rights, *clause.verb.rights)
        return not any(child.dep_ == "prep" and child.i != than.i for child in beside)

    def against_object(self, clause: Clause, found: Token, than: Token) -> str | None:
        if any(child.dep_ == "prep" and child.i < than.i for child in found.rights):
            return None
        target = super().against_object(clause, found, than)
        return f"{target} in {_respect(found, clause.case)}" if target else None


def _respect(noun: Token, case: Case) -> str:
    """ "photosynthesis" of "higher photosynthesis than Y"."""
    kept = [token for token in noun.lefts if token.dep_ in ("compound", "amod") and not comparative(token)]
    return surface([*kept, noun], case)


def noun_differences(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "the difference between A and B" asks how they differ."""
    span = (sentence.start_char, sentence.end_char)
    for token in sentence:
        lemma = token.lemma_.lower()
        text = (
            both_of(token, case, CAREFUL)
            if lemma in DIFFERENCES - {"comparison"} and not is_only_mentioned(token)
            else None
        )
        if text:
            form = ("how similar are", text) if lemma == SIMILARITY else ("how do", text, "differ")
            yield Candidate(question(*form), span, COMPARISON, number, 1.15)
