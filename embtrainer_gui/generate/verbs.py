"""English verb forms that questions need: do-support, third person singular, agreement."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Token

_PLURAL_ACRONYM = re.compile(r"[A-Z0-9]s$")
_IRREGULAR = {"be": "is", "have": "has", "do": "does", "go": "goes"}


def third_person(lemma: str) -> str:
    """ "carry" -> "carries": the form after a singular subject."""
    if lemma in _IRREGULAR:
        return _IRREGULAR[lemma]
    if lemma.endswith(("s", "x", "z", "ch", "sh", "o")):
        return lemma + "es"
    if lemma.endswith("y") and lemma[-2:-1] not in "aeiou":
        return lemma[:-1] + "ies"
    return lemma + "s"


def do_form(verb: Token) -> str | None:
    """The auxiliary that a finite main verb asks for in a question."""
    return {"VBZ": "does", "VBP": "do", "VBD": "did"}.get(verb.tag_)


def is_plural(noun: Token) -> bool:
    """Whether a subject takes a plural verb: plural noun, or several joined by "and"."""
    return is_joined(noun) or noun.tag_ in ("NNS", "NNPS") or bool(_PLURAL_ACRONYM.search(noun.text))


def is_joined(noun: Token) -> bool:
    """Whether "and" joins another noun to it."""
    return any(child.dep_ == "conj" for child in noun.children) and any(
        child.dep_ == "cc" and child.lower_ == "and" for child in noun.children
    )


def agrees(subject: Token, finite: Token, is_plural: Callable[[Token], bool] = is_plural) -> bool:
    """Whether the finite verb's form fits the subject; past and modal forms fit all but "was" and "were"."""
    plural = is_plural(subject)
    if finite.lower_ in ("is", "was", "has") or finite.tag_ == "VBZ":
        return not plural
    if finite.lower_ in ("are", "were", "have") or finite.tag_ == "VBP":
        return plural
    return True
