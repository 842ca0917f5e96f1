"""Questions that ask what something is: copulas, acronyms, appositions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.careful.clauses import Clause
from embtrainer_gui.generate.careful.generic_words import GENERIC
from embtrainer_gui.generate.careful.phrases import noun_phrase, tells
from embtrainer_gui.generate.careful.statistics import CorpusStatistics, acronyms_in
from embtrainer_gui.generate.careful.verbs import is_plural
from embtrainer_gui.generate.clauses import span_of
from embtrainer_gui.generate.definitions import is_apposition
from embtrainer_gui.generate.phrases import Case, words_in
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span

_EVALUATING = word_set(  # "X is an important cause" does not say what X is
    """
    cause component part problem concern challenge issue threat priority question factor member source step example
    target risk option tool candidate feature aspect reason burden one need limitation advantage result consequence
    key evidence indicator sign reflection way approach indication proof basis hallmark trend purveyor attribute
    choice control agent mediator tool
    model participant barrier layer characteristic home concern part way area field set number form group member
    """
)
_USED = 2  # passages that hold the acronym, or times that a passage does
_SAID = 3  # passages that write it out
_ABBREVIATED = re.compile(r"\b(?!RNA|DNA)[A-Z]{2,}")  # a long form that wants one itself
_SCRAP = re.compile(r"\bthe\b|\b(?!of|in|by|to|on|or)[A-Za-z]{1,2}\b")  # words before a long form, or a symbol in it
_TELLING = 3  # letters: shorter ones mean many things
_PRAISE = word_set("important major key common serious significant popular good great valid main essential useful")
_DEFINING = word_set("define know call term classify characterize")


def clause_definitions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X is a Y that ...", "X is known as Y", "X consists of Y"."""
    attribute = clause.child("attr")
    if (
        clause.copula
        and clause.verb.tag_ in ("VBZ", "VBP")
        and attribute is not None
        and attribute.pos_ in ("NOUN", "PROPN")
    ):
        indefinite = any(token.lower_ in ("a", "an", "one") for token in attribute.lefts) or (
            attribute.tag_ == "NNS" and not any(token.dep_ in ("det", "poss") for token in attribute.lefts)
        )
        if any(token.tag_ in ("JJR", "RBR") or token.like_num for token in attribute.lefts) or _is_unnamed(clause):
            indefinite = False
        if clause.lead == "are" and " and " not in clause.subject_text and clause.subject_text[-1:] not in "sae":
            indefinite = False  # a word of a compound whose noun was lost
        if all(
            child.lemma_.lower() in GENERIC or child.pos_ not in ("NOUN", "PROPN", "ADJ") for child in attribute.lefts
        ) and not any(child.dep_ in ("prep", "acl", "relcl") for child in attribute.rights):
            indefinite = False  # "X is a recently discovered virus"
        if any(token.lower_ in ("also", "not") for token in clause.verb.children):
            indefinite = False  # a further thing that is true of it
        praised = any(token.lemma_.lower() in _PRAISE for token in attribute.lefts)
        if praised and not any(token.dep_ in ("prep", "acl", "relcl") for token in attribute.rights):
            indefinite = False  # "X is an important mechanism" does not say what X is
        if indefinite and words_in(clause.subject_text) <= 6 and attribute.lemma_.lower() not in _EVALUATING:
            yield Candidate(
                question("what", clause.lead, clause.subject_text),
                clause.span,
                QuestionKind.DEFINITION,
                number,
                1.0,
            )
    if clause.passive and clause.verb.lemma_ in _DEFINING and clause.auxiliaries[0].lower_ in ("is", "are"):
        as_ = next(
            (
                token
                for token in clause.verb.rights
                if token.dep_ == "prep" and token.lower_ == "as" and token.i == clause.verb.i + 1
            ),
            None,
        )
        if as_ is not None:
            lead, rest = clause.lead, clause.rest
            text = (
                question("how", lead, clause.subject_text, rest)
                if clause.verb.lemma_ != "know"
                else question("what", lead, clause.subject_text, rest, "as")
            )
            span = span_of(as_) if clause.verb.lemma_ == "know" else clause.span
            yield Candidate(text, span, QuestionKind.DEFINITION, number, 1.0)
    if (
        clause.verb.lemma_ in ("consist", "comprise", "contain", "encode", "include")
        and not clause.passive
        and not clause.auxiliaries
        and clause.lead in ("does", "do")
    ):
        target = clause.child("dobj", "prep")
        also = any(token.lower_ == "also" for token in clause.verb.children)
        listed = target is not None and any(child.dep_ == "conj" for child in target.children)
        if clause.verb.lemma_ == "include" and not listed:
            return
        if target is not None and not also and (target.dep_ == "prep" or tells(target)):
            tail = " of" if clause.verb.lemma_ == "consist" else ""
            yield Candidate(
                question("what", clause.lead, clause.subject_text, clause.rest + tail),
                span_of(target),
                QuestionKind.DEFINITION,
                number,
                0.95,
            )


def _is_unnamed(clause: Clause) -> bool:
    """Whether a subject with "the" or with an attachment is no name: "the UPR pathway" is one."""
    if any(token.dep_ in ("prep", "acl") for token in clause.subject.rights):
        return True
    named = any(character.isupper() for word in clause.subject_text.split()[1:] for character in word)
    return clause.subject_text.startswith("the ") and not named


def acronym_definitions(sentence: Span, number: int, statistics: CorpusStatistics, passage: str) -> Iterator[Candidate]:
    """ "acute respiratory distress syndrome (ARDS)" asks what ARDS stands for, where few passages say it."""
    for acronym, full, start in acronyms_in(sentence.text):
        alone = statistics.definitions(acronym) <= 1 and statistics.frequency(acronym) >= _USED
        again = statistics.definitions(acronym) <= _SAID and passage.count(acronym) > _USED
        if (
            not (alone or again)
            or len(acronym) < _TELLING
            or "-" in acronym
            or " " not in full
            or _ABBREVIATED.search(full)
            or _SCRAP.search(full)
        ):
            continue
        if sum(character.islower() for character in acronym[:-1]) > 1:
            continue  # HeLa is a name
        begin = sentence.start_char + start
        yield Candidate(
            question("what do" if acronym.endswith("s") else "what does", acronym, "stand for"),
            (begin, begin + len(full)),
            QuestionKind.DEFINITION,
            number,
            0.6,
        )


def appositions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "hepcidin, a hormone made in the liver, ..." asks what hepcidin is."""
    for token in sentence:
        if not is_apposition(token):
            continue
        if any(inner.like_num or inner.text == "%" for inner in token.subtree):
            continue
        after = list(token.subtree)[-1]
        if not after.is_punct and (after.i + 1 >= sentence.end or not after.nbor(1).is_punct):
            continue  # not an apposition but the subject: "in addition to X, a part of them die"
        name = noun_phrase(token.head, case, 5)
        if name and not name.startswith(("the ", "a ", "an ")) and token.lemma_.lower() not in _EVALUATING:
            be = "are" if is_plural(token.head) else "is"
            yield Candidate(question("what", be, name), span_of(token), QuestionKind.DEFINITION, number, 0.95)
