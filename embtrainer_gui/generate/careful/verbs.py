"""Number of nouns, where the names of genes are told from plurals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embtrainer_gui.generate import verbs

if TYPE_CHECKING:
    from spacy.tokens import Token


def is_plural(noun: Token) -> bool:
    """As of ``verbs``, but names of genes are singular, whatever the tagger says."""
    is_gene = noun.text[-1:].isdigit() or noun.lower_ == "rnai"
    return verbs.is_joined(noun) or (verbs.is_plural(noun) and not is_gene)


def agrees(subject: Token, finite: Token) -> bool:
    """Whether the finite verb's form fits the subject."""
    return verbs.agrees(subject, finite, is_plural)
