"""Noun phrases and prepositional phrases that can stand in a question, cut out of a dependency parse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from embtrainer_gui.generate.deixis import needs_paper
from embtrainer_gui.generate.verbs import is_plural
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Token

Case = Callable[["Token"], bool]
"""Tells whether a capital belongs to the word (Ebola) and not to its place in the sentence."""
NounPhrase = Callable[["Token", Case, int], str | None]

_DROPPED = frozenset(
    {"relcl", "appos", "punct_", "advcl", "parataxis", "discourse", "ccomp", "meta", "dep", "preconj", "intj"}
)
_VAGUE_HEADS = word_set(  # never the name of a thing, whatever follows
    """
    study paper work author result finding datum data article report review experiment observation section aim goal
    purpose objective figure table fact thing way case one other others some many most none part order addition term
    kind sort type point regard contrast hand instance conclusion hypothesis investigator researcher survey attempt
    idea question issue view basis lot step reason today reference discussion text opinion context
    """
)
_ANAPHORIC = word_set(  # "the virus" alone: which one stands elsewhere in the paper
    """
    virus disease infection patient protein gene model method outbreak epidemic vaccine treatment sample cell animal
    participant group country population drug antibody test system process strain pathogen person child infant mouse
    condition approach region site area hospital program project technique assay effect mechanism role trial
    intervention factor individual subject clone peptide sequence mutant compound agent product structure change
    increase decrease reaction symptom rate level analysis species host genome particle domain residue vector
    plasmid construct mixture plate slide control cohort questionnaire respondent parameter variable ratio period
    time year day month week date end beginning rest remainder company team committee former latter same rule policy
    measure problem event response dose phage bacterium organism tissue membrane complex state value city province
    village district school ward isolate band peak curve line primer reagent kit instrument device number amount
    majority variety set list presence difference use evidence support possibility need interest knowledge
    understanding concern situation literature example manner extent lack challenge content reading example
    criterion addition effort consideration feature
    """
)
_BAD_DETERMINERS = word_set(
    """
    this that these those such its their his her our my your another same other both which what whose whatever said
    either neither each all some any every no certain several many few
    """
)
_LONGEST_PARTICIPLE = 7  # words
_EXAMPLES = word_set("including such like as except despite along together than")
_FINITE = frozenset({"VBZ", "VBP", "VBD", "MD", "WDT", "WP", "WRB", "EX"})
_NAME = re.compile(r"[^\W\d_]{3}|[A-Z]{2}|[A-Z]\d|\d[A-Z]\w|[a-z][A-Z]|%$")
_EDGE = " ,;:–—-()[]\"'“”‘’.…•*"
_BAD_INSIDE = re.compile(r"[\[\](){}<>=≥≤;:\"“”‘•*|\\@#§†‡]|\.\.|[-–—]\s|,,|\d\s?°|\b[A-Z]\.\s")


def words_in(text: str) -> int:
    return len(text.split())


def surface(tokens: Iterable[Token], keep_case: Case) -> str:
    """Tokens written as in the text; a gap becomes one space; a sentence's first word loses its capital."""
    out = ""
    last = None
    for token in tokens:
        if last is not None and token.i != last + 1 and not out.endswith(" ") and not token.is_punct:
            out += " "
        text = token.text
        if token.is_sent_start and text[:1].isupper() and not keep_case(token):
            text = text[0].lower() + text[1:]
        out += text + (" " if token.whitespace_ else "")
        last = token.i
    return re.sub(r"\s+([,.;:])", r"\1", re.sub(r"\s+", " ", out)).strip()


def keep_case(token: Token) -> bool:
    """Whether a capital belongs to the word and not to its place: Ebola, HIV, mRNA."""
    text = token.text
    return not text[1:].islower() if len(text) > 1 else text not in ("A",)


def is_left_out(child: Token) -> bool:
    """Whether what hangs on a noun does not belong into a question: a clause, an apposition, an example."""
    if child.dep_ == "acl":
        return sum(1 for _ in child.subtree) > _LONGEST_PARTICIPLE
    return child.dep_ in _DROPPED or (child.dep_ == "prep" and child.lower_ in _EXAMPLES)


def kept_tokens(
    head: Token, skip: frozenset[int] = frozenset(), left_out: Callable[[Token], bool] = is_left_out
) -> list[Token]:
    """The subtree of ``head`` without clauses, appositions and parentheses."""
    out: list[Token] = []
    stack = [head]
    while stack:
        token = stack.pop()
        out.append(token)
        for child in token.children:
            if child.i not in skip and not left_out(child):
                stack.append(child)
    out.sort(key=lambda token: token.i)
    return _without_parentheses(out)


def _without_parentheses(tokens: list[Token]) -> list[Token]:
    depth = 0
    out = []
    for token in tokens:
        if token.text in "([{":
            depth += 1
        elif token.text in ")]}":
            depth -= 1
        elif depth == 0:
            out.append(token)
    while out and (
        (out[-1].is_punct and out[-1].text != "%")
        or out[-1].dep_ in ("cc", "prep", "det")
        or out[-1].pos_ in ("CCONJ", "SCONJ")
    ):
        out.pop()
    while out and (out[0].is_punct or out[0].dep_ == "cc"):
        out.pop(0)
    return out


def noun_phrase(head: Token, case: Case, most: int = 9) -> str | None:
    """The phrase of a noun as a question may hold it, or None: vague, anaphoric, deictic, broken or too long."""
    if not acceptable_head(head):
        return None
    skip: set[int] = set()
    while True:
        tokens = kept_tokens(head, frozenset(skip))
        text = surface(tokens, case)
        if words_in(text) <= most:
            break
        cut = _last_attachment(head, tokens)
        if cut is None:
            return None
        skip.add(cut)
    if not text or bad_fragment(text) or _anaphoric(head, tokens):
        return None
    return None if is_broken(tokens, text) else text


def is_broken(tokens: list[Token], text: str) -> bool:
    """Whether a phrase is a list without an end, holds a finite verb or ends in a word that wants another."""
    if ", " in text and not re.search(r" (?:and|or) ", text):
        return True
    return (
        tokens[0].pos_ in ("ADP", "SCONJ", "CCONJ")
        or any(token.tag_ in _FINITE for token in tokens)
        or tokens[-1].pos_
        in (
            "ADJ",
            "ADP",
            "ADV",
            "DET",
            "PART",
            "PRON",
        )
    )


def _last_attachment(head: Token, tokens: list[Token]) -> int | None:
    """The rightmost prepositional or participial attachment in the phrase; "of" stays."""
    loose = [token.i for token in tokens if token.i > head.i and token.dep_ in ("prep", "acl") and token.lower_ != "of"]
    return max(loose, default=None)


def acceptable_head(head: Token, vague: frozenset[str] = _VAGUE_HEADS) -> bool:
    """Whether the noun names something by itself."""
    if head.pos_ not in ("NOUN", "PROPN") or not _NAME.search(head.text):
        return False
    if head.lemma_.lower() in vague or not any(character.isalpha() for character in head.text):
        return False
    return not any(
        child.lower_ in _BAD_DETERMINERS
        for child in head.lefts
        if child.dep_ in ("det", "poss", "amod", "predet", "nmod", "preconj")
    )


def _anaphoric(head: Token, tokens: list[Token]) -> bool:
    """ "the virus", "viruses of the group": a generic noun that nothing in the phrase makes specific."""
    content = [token for token in tokens if token.pos_ in ("NOUN", "PROPN", "ADJ", "NUM", "VERB") and token.i != head.i]
    if any(token.lemma_.lower() not in _ANAPHORIC and token.lemma_.lower() not in _VAGUE_HEADS for token in content):
        return False
    definite = any(child.lower_ == "the" for child in head.lefts)
    return (definite and not (head.pos_ == "PROPN" or head.text.isupper())) or head.lemma_.lower() in _ANAPHORIC


def bad_fragment(text: str, inside: re.Pattern[str] = _BAD_INSIDE) -> bool:
    """Whether a fragment would spoil a question: brackets, operators, deixis, pronouns, odd edges."""
    return (
        bool(inside.search(text))
        or text[:1] in _EDGE
        or text[-1:] in _EDGE
        or needs_paper(text)
        or bool(_PRONOUN.search(text))
    )


_PRONOUN = re.compile(
    r"\b(?:it|its|itself|they|them|their|themselves|he|she|his|him|her|you|your|who|whom|whose|which|such|same|"
    r"respectively|respective|various|"
    r"former|latter|aforementioned|how|what|why|when|where|whether|that|if|while|including|other|others|another|"
    r"e\.g|i\.e|etc|vs|thus|hence|therefore|however|moreover|furthermore|also)\b",
    re.IGNORECASE,
)


_BAD_PREPOSITIONS = word_set(
    """
    like unlike than as including despite according such about regarding out up off per
    """
)
CUT_OFF = re.compile(
    r"(?:addition|contrast|general|particular|order|fact|brief|short|total|conclusion|summary|vivo$)\b", re.IGNORECASE
)


def prepositional_phrase(
    prep: Token,
    case: Case,
    most: int = 7,
    *,
    cut: NounPhrase = noun_phrase,
    cut_off: re.Pattern[str] = CUT_OFF,
) -> str | None:
    """ "in hospitalised children": a preposition with an acceptable object, or None."""
    objects = [child for child in prep.children if child.dep_ == "pobj"]
    if (
        len(objects) != 1
        or prep.lower_ in _BAD_PREPOSITIONS
        or any(child.dep_ in ("prep", "cc", "pcomp") for child in prep.children)
    ):
        return None
    phrase = cut(objects[0], case, most - 1)
    if phrase is None or cut_off.match(phrase):
        return None
    return f"{prep.lower_} {phrase}"


class Cutting(NamedTuple):
    """How the phrases of one wording are cut out of a parse, for the templates that all wordings share."""

    noun_phrase: NounPhrase
    prepositional_phrase: Callable[[Token, Case], str | None]
    kept_tokens: Callable[[Token, frozenset[int]], list[Token]]
    surface: Callable[[Iterable[Token], Case], str]
    bad_fragment: Callable[[str], bool]
    is_plural: Callable[[Token], bool]


ROUGH = Cutting(noun_phrase, prepositional_phrase, kept_tokens, surface, bad_fragment, is_plural)
