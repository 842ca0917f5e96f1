"""Noun phrases and prepositional phrases that can stand in a question, cut out of a dependency parse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from embtrainer_gui.generate.deixis import needs_paper
from embtrainer_gui.generate.generic_words import ANAPHORIC, GENERIC, VAGUE_HEADS
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Token

Case = Callable[["Token"], bool]
"""Tells whether a capital belongs to the word (Ebola) and not to its place in the sentence."""

_DROPPED = frozenset(
    {"relcl", "appos", "punct_", "advcl", "parataxis", "discourse", "ccomp", "meta", "dep", "preconj", "intj"}
)
_BAD_DETERMINERS = word_set(
    """
    this that these those such its their his her our my your another same other both which what whose whatever said
    either neither each all some any every no certain several many few
    """
)
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
    r"\b(?:groups?|lines?|stages?|clades?|strains?|patients?|cases?|samples?|sites?|sinks?|arms?|clusters?|models?|"
    r"experiments?|trials?|methods?|steps?|cohorts?|treatments?|lanes?|regions?|isolates?|mutants?|clones?|plots?|"
    r"scenarios?|equations?|layers?|days?|weeks?|rows?|columns?|questions?|hypothes[ei]s|parts?|panels?|peaks?|bands?|"
    r"compounds?|fractions?|subjects?|participants?|areas?|zones?|sets?|series|algorithms?) "
    r"(?:\d+[a-z]?|[A-Z]\d*|[IVX]+)\b"
)
_MISREAD = word_set("contributes exhibits shows confers leads causes results plays displays undergoes show affect")
_CHANGES = word_set("increase decrease reduction decline rise drop fall improvement change difference")
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
_SHORTENED = re.compile(r"\b(?:[A-Z]|var|spp?|subsp|cv|al|vs)\.?$|\b[Vv][Ss]\b")  # "C." of "C. ambrosioides"
_SIDE_REMARK = re.compile(  # "mainly cellular responses", "firmness and effectively extended life"
    r"\b(?:mainly|primarily|mostly|also|only|especially|particularly|generally|even|usually|often|likely|quantitatively)\b"
    r"|\b(?:and|or) \w+ly \w+ed\b"
)
_CITED = re.compile(r"[a-z]{3}s \d{1,3}$")  # "proteins 36": the number of a reference
_EXAMPLES = word_set("including such like as except despite along together than")
_FINITE = frozenset({"VBZ", "VBP", "VBD", "MD", "WDT", "WP", "WRB", "EX"})
_NAME = re.compile(r"[^\W\d_]{3}|[A-Z]{2}|[A-Z]\d|\d[A-Z]\w|[a-z][A-Z]|%$")
_EDGE = " ,;:–—-()[]\"'“”‘’.…•*"
_BAD_INSIDE = re.compile(r"[\[\](){}<>=≥≤;:\"“”‘•*|\\@#§†‡]|\.\.|[-–—]\s|,,|\d\s?°|\b[A-Z]\.\s(?![a-z]{3})")


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
        if token.lower_ in ("the", "a", "an"):
            text = token.lower_
        if token.is_sent_start and text[:1].isupper() and not keep_case(token):
            text = text[0].lower() + text[1:]
        out += text + (" " if token.whitespace_ else "")
        last = token.i
    return re.sub(r"\s+([,.;:])", r"\1", re.sub(r"\s+", " ", out)).strip()


def keep_case(token: Token) -> bool:
    """Whether a capital belongs to the word and not to its place: Ebola, HIV, mRNA."""
    text = token.text
    return not text[1:].islower() if len(text) > 1 else text not in ("A",)


def kept_tokens(head: Token, skip: frozenset[int] = frozenset()) -> list[Token]:
    """The subtree of ``head`` without clauses, appositions and parentheses."""
    out: list[Token] = []
    stack = [head]
    while stack:
        token = stack.pop()
        out.append(token)
        stack.extend(child for child in token.children if child.i not in skip and not _left_out(child))
    out.sort(key=lambda token: token.i)
    return _without_parentheses(out)


def _left_out(child: Token) -> bool:
    if child.dep_ in _DROPPED:
        return True
    if child.dep_ == "acl":
        return child.lemma_ in ("know", "call", "term") or sum(1 for _ in child.subtree) > 7
    return child.dep_ == "prep" and child.lower_ in _EXAMPLES


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
            if not _left_out(child) or child.i < token.i or child.lemma_ in ("know", "call", "term"):
                continue
            start = min(inner.i for inner in child.subtree)
            apart = start > 0 and child.doc[start - 1].text in ",(–—;"
            if child.dep_ in ("relcl", "acl", "ccomp", "dep") and not apart:
                return True
            if child.dep_ == "prep" and not apart and token.dep_ in ("acl", "amod"):
                return True
    return False


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
    tokens = kept_tokens(head)
    text = surface(tokens, case)
    if not text or words_in(text) > most or bad_fragment(text) or _anaphoric(head, tokens):
        return None
    if any(token.dep_ == "nummod" and token.head.tag_ == "NNS" and token.like_num for token in tokens):
        return None  # "in three lines": which three
    if head.dep_.startswith("nsubj") and tokens[0].i > 0 and tokens[0].nbor(-1).tag_ == "VBG":
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
    ):
        return None
    if ", " in text and not re.search(r" (?:and|or) ", text):
        return None
    if (
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
    ):
        return None
    return text


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


def acceptable_head(head: Token) -> bool:
    """Whether the noun names something by itself."""
    if head.pos_ not in ("NOUN", "PROPN") or not _NAME.search(head.text):
        return False
    if head.lemma_.lower() in VAGUE_HEADS or not any(character.isalpha() for character in head.text):
        return False
    return not any(
        child.lower_ in _BAD_DETERMINERS
        for child in head.lefts
        if child.dep_ in ("det", "poss", "amod", "predet", "nmod", "preconj")
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
    return (
        bool(_BAD_INSIDE.search(text))
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


def prepositional_phrase(prep: Token, case: Case, most: int = 7) -> str | None:
    """ "in hospitalised children": a preposition with an acceptable object, or None."""
    objects = [child for child in prep.children if child.dep_ == "pobj"]
    if (
        len(objects) != 1
        or prep.lower_ in _BAD_PREPOSITIONS
        or any(child.dep_ in ("prep", "cc", "pcomp") for child in prep.children)
    ):
        return None
    phrase = noun_phrase(objects[0], case, most - 1)
    if phrase is None or _CUT_OFF.match(phrase):
        return None
    return f"{prep.lower_} {phrase}"


_BAD_PREPOSITIONS = word_set(
    """
    like unlike than as including despite according such about regarding out up off per
    """
)
_CUT_OFF = re.compile(
    r"(?:addition|detail|turn|practice|essence|principle|contrast|general|particular|order|fact|brief|short|total|conclusion|summary|vivo$)\b",
    re.IGNORECASE,
)
