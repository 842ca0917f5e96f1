"""Noun phrases and prepositional phrases that can stand in a question, cut out of a dependency parse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from embtrainer_gui.generate import phrases
from embtrainer_gui.generate.careful.generic_words import ANAPHORIC, GENERIC, VAGUE_HEADS
from embtrainer_gui.generate.careful.verbs import is_plural
from embtrainer_gui.generate.phrases import Case, Cutting, is_left_out, words_in
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Token


_ONLY_ONE = word_set(
    """
    system world brain heart liver kidney lung immune population climate earth sun placenta uterus rhizosphere soil
    atmosphere blood gut intestine airway nucleus cytoplasm bloodstream skin eye bone marrow spleen mouth nose retina
    cortex cerebellum thymus ocean sea tropic stomach pancreas colon bladder epidermis cytosol thorax abdomen larynx
    trachea hippocampus hypothalamus endosome ribosome chloroplast mitochondrion phloem xylem
    """
)
_WHOSE = word_set("system immune population")  # "the immune system", yet not "the system"
_LABELLED = re.compile(  # "group B", "line V1": what that is only the paper tells
    r"\b(?i:groups?|lines?|stages?|clades?|strains?|patients?|cases?|samples?|sites?|sinks?|arms?|clusters?|models?|"
    r"experiments?|trials?|methods?|steps?|cohorts?|treatments?|lanes?|regions?|isolates?|mutants?|clones?|plots?|"
    r"scenarios?|equations?|layers?|days?|weeks?|rows?|columns?|questions?|hypothes[ei]s|parts?|panels?|peaks?|bands?|"
    r"compounds?|fractions?|subjects?|participants?|areas?|zones?|sets?|series|algorithms?) "
    r"(?:\d+[a-z]?|[A-Z]\d*|[IVX]+)\b"
)
_MISREAD = word_set("contributes exhibits shows confers leads causes results plays displays undergoes show affect")
_PARTICIPLES = frozenset({"VBG", "VBN", "VBD"})
_CHANGES = word_set("increase decrease reduction decline rise drop fall improvement change difference")
_TO_WHAT = word_set("sensitivity resistance tolerance susceptibility response exposure adaptation adherence")
_SOME = word_set(
    """
    each every both second third fourth still total but not rather no certain some several various numerous many
    different few any other others such particular similar identified provided said
    """
)
_LOOSELY = word_set("wide broad variety range")
_POINTING = word_set(
    """
    this that these those such its their his her our my your another same other similar what which whose
    """
)
_ARTICLE = re.compile(r"(?<![\w-])(?:The|An)(?= )")
_SHORTENED = re.compile(r"\b(?:[A-Z]|var|spp?|subsp|cv|al|vs)\.?$|\b[Vv][Ss]\b")  # "C." of "C. ambrosioides"
_SIDE_REMARK = re.compile(  # "mainly cellular responses", "firmness and effectively extended life"
    r"\b(?:mainly|primarily|mostly|also|only|especially|particularly|generally|even|usually|often|likely|quantitatively)\b"
    r"|\b(?:and|or) \w+ly \w+ed\b"
)
_CITED = re.compile(r"[a-z]{3}s \d{1,3}$")  # "proteins 36": the number of a reference
_BAD_INSIDE = re.compile(r"[\[\](){}<>=≥≤;:\"“”‘•*|\\@#§†‡]|\.\.|[-–—]\s|,,|\d\s?°|\b[A-Z]\.\s(?![a-z]{3})")


def surface(tokens: Iterable[Token], case: Case) -> str:
    """Tokens written as in the text, articles in small letters."""
    return _ARTICLE.sub(lambda match: match.group().lower(), phrases.surface(tokens, case))


def kept_tokens(head: Token, skip: frozenset[int] = frozenset()) -> list[Token]:
    """The subtree of ``head`` without clauses, appositions, parentheses and other names."""
    return phrases.kept_tokens(head, skip, _is_left_out)


def _is_left_out(child: Token) -> bool:
    return is_left_out(child) or (child.dep_ == "acl" and child.lemma_ in ("know", "call", "term"))


def _has_hole(tokens: list[Token]) -> bool:
    """Whether words are missing inside that no comma or bracket sets apart: "cells [vs] the control group"."""
    for before, after in zip(tokens, tokens[1:], strict=False):
        missing = before.doc[before.i + 1] if after.i > before.i + 1 else None
        if missing is not None and not missing.is_punct and missing.lower_ not in ("such", "as", "both", "either"):
            return True
    return False


def _says_which(head: Token, tokens: list[Token]) -> bool:
    """Whether what is left out of a phrase says which thing is meant: "mice that were treated with X"."""
    for token in tokens:
        for child in token.children:
            if not _is_left_out(child) or child.i < token.i or child.lemma_ in ("know", "call", "term"):
                continue
            start = min(inner.i for inner in child.subtree)
            apart = start > 0 and child.doc[start - 1].text in ",(–—;"
            if child.dep_ in ("relcl", "acl", "ccomp", "dep") and not apart:
                return True
            if child.dep_ == "prep" and not apart and token.dep_ in ("acl", "amod"):
                return True
    return False


def noun_phrase(head: Token, case: Case, most: int = 9) -> str | None:
    """The phrase of a noun as a question may hold it, or None: vague, anaphoric, deictic, broken or too long."""
    if not phrases.acceptable_head(head, VAGUE_HEADS):
        return None
    tokens = kept_tokens(head)
    text = surface(tokens, case)
    if not text or words_in(text) > most or bad_fragment(text) or _anaphoric(head, tokens):
        return None
    if any(token.dep_ == "nummod" and token.head.tag_ == "NNS" and token.like_num for token in tokens):
        return None  # "in three lines": which three
    if head.dep_.startswith("nsubj") and tokens[0].i > 0 and tokens[0].nbor(-1).tag_ in _PARTICIPLES:
        return None  # "having a male child is associated with": the having is
    if head.lemma_.lower() in _CHANGES and not any(child.dep_ in ("det", "amod", "compound") for child in head.lefts):
        return None  # "decrease in X" wants its article
    if (
        any(token.lower_ in _MISREAD for token in tokens)
        or any(token.lower_ in _SOME or token.dep_ == "pcomp" for token in tokens)
        or _has_hole(tokens)
        or _CITED.search(text)
        or _SHORTENED.search(text)
        or _SIDE_REMARK.search(text)
        or _says_which(head, tokens)
        or _cut_inside_a_word(tokens)
        or _LABELLED.search(text)
        or _wants_more(tokens)
    ):
        return None
    return None if phrases.is_broken(tokens, text) else text


def _wants_more(tokens: list[Token]) -> bool:
    """Whether a phrase ends before what it wants: "sensitivity of plants" of "sensitivity of plants to drought"."""
    end = tokens[-1].i + 1
    goes_on = end < len(tokens[-1].doc) and tokens[-1].doc[end].lower_ == "to"
    return goes_on and any(token.lemma_.lower() in _TO_WHAT for token in tokens)


def tells(noun: Token) -> bool:
    """Whether a noun may be an answer: it names something, more than "other studies" or "these amounts" do."""
    if noun.pos_ not in ("NOUN", "PROPN"):
        return False
    if any(child.lower_ in _POINTING for child in noun.lefts):
        return False
    if noun.lemma_.lower() in GENERIC and any(child.lower_ in _SOME | _LOOSELY for child in noun.lefts):
        return False  # "many biological processes"
    content = [child for child in noun.subtree if child.pos_ in ("NOUN", "PROPN", "ADJ", "NUM") and child.i != noun.i]
    if _SHORTENED.search(noun.text):
        return False
    specific = any(child.lemma_.lower() not in GENERIC for child in content)
    return specific or noun.lemma_.lower() not in GENERIC


def is_second_half(token: Token) -> bool:
    """Whether a noun or adjective follows that "and" or "or" joins to what stands before ``token``."""
    if token.lower_ not in ("and", "or") or token.i + 1 >= len(token.doc):
        return False
    after = token.nbor(1)
    if after.pos_ == "ADV" and after.i + 1 < len(token.doc):
        after = after.nbor(1)
    if after.pos_ not in ("NOUN", "ADJ", "PROPN", "NUM"):
        return False
    heads = (after, after.head, after.head.head)
    return not any(
        child.dep_ in ("nsubj", "nsubjpass") and child.i >= after.i for head in heads for child in head.lefts
    )


def _cut_inside_a_word(tokens: list[Token]) -> bool:
    """Whether the phrase begins or ends between two characters that no blank separates: "OsCu/" of "OsCu/Zn-SOD"."""
    first, last = tokens[0], tokens[-1]
    before = first.nbor(-1) if first.i > 0 else None
    after = last.nbor(1) if last.i + 1 < len(last.doc) else None
    if before is not None and not before.whitespace_ and (before.text[-1].isalnum() or before.text[-1] in "-–/:.,+="):
        return True
    if before is not None and before.text in ")]" and first.i == before.i + 1 and not first.is_sent_start:
        return True  # "volatiles" of "grape (cv. Isabella) volatiles"
    if last.text.endswith(("/", "-")):
        return True
    if after is None:
        return False
    if not last.whitespace_ and after.text[0] in "-–/:+=<>":
        return True
    if after.tag_ == "VBN" and after.i + 1 < len(last.doc) and after.nbor(1).pos_ in ("NOUN", "PROPN"):
        return True  # "HMs" of "HMs contaminated soils"
    # "17.5" of "17.5 µM", "fertilizer" of "fertilizer N": a word of the phrase that the parse hung elsewhere
    return (
        is_second_half(after)
        or after.pos_ in ("NOUN", "PROPN")
        or (last.like_num and not after.is_punct and after.pos_ in ("X", "SYM", "ADJ"))
    )


def _anaphoric(head: Token, tokens: list[Token]) -> bool:
    """ "the virus", "spread of the virus": a generic noun that nothing in the phrase makes specific."""
    kept = {token.i for token in tokens}
    if _unspecific(head, tokens, alone=True):
        return True
    for token in tokens:
        if token.pos_ != "NOUN" or token.i == head.i or token.dep_ in ("compound", "nmod", "npadvmod"):
            continue
        if not any(child.lower_ == "the" for child in token.lefts):
            continue
        own = [child for child in token.subtree if child.i in kept]
        if _unspecific(token, own, alone=False):
            return True
    return False


_THE_AND_NAME = 2
_NAMED_BY_PAPERS = word_set("line plant group cohort mutant strain sample treatment arm plot isolate animal site")


def _unspecific(head: Token, tokens: list[Token], *, alone: bool) -> bool:
    content = [token for token in tokens if token.pos_ in ("NOUN", "PROPN", "ADJ", "NUM", "VERB") and token.i != head.i]
    if head.lemma_.lower() in _ONLY_ONE - _WHOSE:
        return False
    if alone and not content and len(tokens) <= _THE_AND_NAME and any(child.lower_ == "the" for child in head.lefts):
        return True  # "the siRNA": which
    specific = [token for token in content if token.lemma_.lower() not in GENERIC]
    if specific and not (_points_back(head) and all(token.head.i == head.i for token in specific)):
        return False
    if specific and _is_label(head):
        return True
    if specific:
        return not any(_is_name(token) for token in (*specific, head)) and head.lemma_.lower() not in _ONLY_ONE
    definite = any(child.lower_ == "the" for child in head.lefts)
    if head.lemma_.lower() in ANAPHORIC:
        return alone or definite
    return definite and not (head.pos_ == "PROPN" or head.text.isupper())


def _is_label(head: Token) -> bool:
    """ "the LTR lines", "the OX plants": a name that one paper gave."""
    return head.lemma_.lower() in _NAMED_BY_PAPERS and any(child.lower_ == "the" for child in head.lefts)


def _points_back(head: Token) -> bool:
    """ "the antimicrobial properties": whose, an earlier sentence says, where no noun stands before or after it."""
    if not any(child.lower_ == "the" for child in head.lefts):
        return False
    return not any(child.dep_ in ("prep", "acl") for child in head.rights)


def _is_name(token: Token) -> bool:
    return token.pos_ == "PROPN" or any(character.isupper() or character.isdigit() for character in token.text[1:])


def bad_fragment(text: str) -> bool:
    """Whether a fragment would spoil a question: brackets, operators, deixis, pronouns, odd edges."""
    return phrases.bad_fragment(text, _BAD_INSIDE)


def prepositional_phrase(prep: Token, case: Case, most: int = 7) -> str | None:
    """ "in hospitalised children": a preposition with an acceptable object, or None."""
    return phrases.prepositional_phrase(prep, case, most, cut=noun_phrase, cut_off=_CUT_OFF)


_CUT_OFF = re.compile(
    r"(?:addition|detail|turn|practice|essence|principle|contrast|general|particular|order|fact|brief|short|total|conclusion|summary|vivo$)\b",
    re.IGNORECASE,
)

CAREFUL = Cutting(noun_phrase, prepositional_phrase, kept_tokens, surface, bad_fragment, is_plural)
