"""Questions that a number answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, question
from embtrainer_gui.generate.clauses import Clause, span_of
from embtrainer_gui.generate.phrases import (
    ROUGH,
    Case,
    Cutting,
    noun_phrase,
    words_in,
)
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_UNCOUNTED = word_set(
    """
    day week month year hour minute second percent % time fold mm cm m km nm µm ml l mg g kg µg ng degree dose mol
    kb kda bp °c hpi dpi h min s nt aa case
    """
)
_VAGUE_COUNTED = word_set(
    """
    one other study author group set thing way reason example aspect point step type
    """
)
MEASURES = word_set(
    """
    rate ratio prevalence incidence mortality age number percentage proportion period size length duration weight
    temperature concentration risk sensitivity specificity frequency average mean median dose volume cost score
    titer level half-life accuracy interval value distance density coverage density capacity genome range limit
    total time
    """
)
RANGING = frozenset({"range", "estimate", "vary", "increase", "decrease", "report", "find", "calculate"})


def has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def quantity_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "The median age of X was 45 years" asks for it; "30 % of X died" asks what share."""
    head = clause.subject.lemma_.lower()
    if clause.copula and head in MEASURES:
        value = value_of(clause)
        if value is not None and has_digit(" ".join(token.text for token in value.subtree)):
            for most in (8, 6, 4):  # the whole phrase may count as copied
                subject = noun_phrase(clause.subject, clause.case, most)
                if subject:
                    text = question("what", clause.lead, subject)
                    yield Candidate(text, span_of(value), QuestionKind.QUANTITY, number, 1.15)
    elif head in MEASURES and clause.verb.lemma_ in RANGING:
        yield from first_value(clause, clause.prepositions(), number)
    if clause.lead:
        yield from how_many(clause, number)


def value_of(clause: Clause) -> Token | None:
    """What "is" says of a measure."""
    return next((token for token in clause.verb.rights if token.dep_ in ("attr", "acomp", "prep", "npadvmod")), None)


def first_value(clause: Clause, prepositions: Iterable[Token], number: int) -> Iterator[Candidate]:
    """What a measure is, from the first of the phrases that holds a number: "ranged from 2 to 5"."""
    for prep in prepositions:
        start, end = span_of(prep)
        if has_digit(prep.doc.text[start:end]):
            text = question("what", _be(clause), clause.subject_text)
            yield Candidate(text, (start, end), QuestionKind.QUANTITY, number, 1.05)
            return


def how_many(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X has three Y" asks how many Y."""
    target = clause.child("dobj")
    if target is None or clause.passive or target.tag_ != "NNS":
        return
    count = _count(target)
    counted = _counted(target, count, clause) if count is not None else None
    if count is not None and counted:
        tail = clause.tail(without=frozenset({target.i}), most=7)
        text = question("how many", counted, clause.lead, clause.subject_text, clause.rest, tail)
        yield Candidate(text, span_of(count), QuestionKind.QUANTITY, number, 1.15)


_AMOUNT = re.compile(
    r"by (?:about |approximately |up to |at least |over |more than |nearly |almost |around |"
    r"only )?[\d.,–-]+ ?(?:%|-?fold|percent|points|days|years|log)"
)
_DURATION = re.compile(
    r"\bfor (?:about |approximately |up to |at least |over |more than |nearly )?[\d.,–-]+ ?(?:h|min|hours?|"
    r"minutes?|days?|weeks?|months?|years?)\b"
)


def duration_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "... for 5 days" asks how long; "rose by 30 %" asks by how much."""
    if not clause.lead or not clause.complete:
        return
    for prep in clause.prepositions():
        yield from of_extent(clause, prep, clause.tail(without=frozenset({prep.i}), most=7), number)


def of_extent(clause: Clause, prep: Token, tail: str, number: int, *, lasting: bool = True) -> Iterator[Candidate]:
    """How long or by how much, where ``prep`` tells it; how long only of what is ``lasting``."""
    start, end = span_of(prep)
    text = prep.doc.text[start:end]
    rest = (clause.lead, clause.subject_text, clause.rest, tail)
    if _DURATION.match(text) and lasting:
        yield Candidate(question("how long", *rest), (start, end), QuestionKind.QUANTITY, number, 1.0)
    elif _AMOUNT.match(text) and clause.verb.lemma_ in _CHANGING:
        yield Candidate(question("by how much", *rest), (start, end), QuestionKind.QUANTITY, number, 1.1)


_CHANGING = word_set(
    """
    increase decrease reduce rise fall drop decline grow improve lower raise exceed shorten
    """
)


def _be(clause: Clause) -> str:
    past = clause.lead in ("was", "were", "did", "had")
    return ("were" if past else "are") if clause.plural else ("was" if past else "is")


def _count(noun: Token) -> Token | None:
    return next(
        (token for token in noun.lefts if token.dep_ == "nummod" and (token.text[0].isdigit() or token.like_num)), None
    )


def _counted(noun: Token, count: Token, clause: Clause) -> str | None:
    if noun.lemma_.lower() in _UNCOUNTED or noun.lemma_.lower() in _VAGUE_COUNTED:
        return None
    drop = frozenset(token.i for token in count.subtree)
    tokens = [
        token
        for token in clause.cut.kept_tokens(noun, drop)
        if token.lower_ not in ("the", "about", "approximately", "over", "only", "these", "all")
    ]
    return _short(tokens, clause.case, clause.cut)


def _short(tokens: list[Token], case: Case, cut: Cutting) -> str | None:
    text = cut.surface(tokens, case)
    return text if text and words_in(text) <= 7 and not cut.bad_fragment(text) and not has_digit(text) else None


def counted_subjects(sentence: Span, case: Case, number: int) -> Iterator[Candidate]:
    """ "45 patients were admitted to ..." and "30 % of patients died": subjects that are numbers themselves."""
    for _, subject, predicate in told_of_subjects(sentence, case):
        yield from count_questions(subject, predicate, case, number)


def told_of_subjects(sentence: Span, case: Case, cut: Cutting = ROUGH) -> Iterator[tuple[Token, Token, str]]:
    """Each verb that tells something by itself, its subject, and what it tells."""
    for verb in sentence:
        if verb.dep_ not in ("ROOT", "conj", "ccomp") or verb.pos_ not in ("VERB", "AUX"):
            continue
        subject = next((token for token in verb.lefts if token.dep_ in ("nsubj", "nsubjpass")), None)
        if subject is None or any(token.dep_ == "neg" for token in verb.children):
            continue
        predicate = _predicate(verb, case, cut)
        if predicate is not None:
            yield verb, subject, predicate


def is_share(subject: Token) -> bool:
    return subject.text == "%" or subject.lower_ in ("percent", "percentage")


def count_questions(
    subject: Token, predicate: str, case: Case, number: int, cut: Cutting = ROUGH
) -> Iterator[Candidate]:
    """Which share, or how many, do what the predicate says."""
    if is_share(subject):
        of = next((token for token in subject.rights if token.lower_ == "of"), None)
        target = next((token for token in of.children if token.dep_ == "pobj"), None) if of is not None else None
        value = next((token for token in subject.lefts if token.like_num), None)
        whole = cut.noun_phrase(target, case, 8) if target is not None else None
        if whole and value is not None:
            text = question("what percentage of", whole, predicate)
            yield Candidate(text, (value.idx, subject.idx + len(subject)), QuestionKind.QUANTITY, number, 1.2)
    elif subject.tag_ == "NNS" and subject.lemma_.lower() not in _VAGUE_COUNTED:
        count = _count(subject)
        if count is None or subject.lemma_.lower() in _UNCOUNTED:
            return
        tokens = [
            token
            for token in cut.kept_tokens(subject, frozenset(inner.i for inner in count.subtree))
            if token.lower_ not in ("the", "a", "about", "approximately", "over", "only", "these", "all", "total", "of")
            or (token.lower_ == "of" and token.i > subject.i)
        ]
        counted = _short(tokens, case, cut)
        if counted:
            text = question("how many", counted, predicate)
            yield Candidate(text, span_of(count), QuestionKind.QUANTITY, number, 1.15)


def _predicate(verb: Token, case: Case, cut: Cutting) -> str | None:
    """Auxiliaries, verb and what follows it, as it stands; None if nothing that tells follows."""
    auxiliaries = [token.lower_ for token in verb.lefts if token.dep_ in ("aux", "auxpass")]
    if not auxiliaries and verb.tag_ not in ("VBZ", "VBP", "VBD"):
        return None
    parts = [*auxiliaries, verb.lower_]
    for token in verb.rights:
        if token.dep_ == "dobj":
            text = cut.noun_phrase(token, case, 7)
        elif token.dep_ in ("prep", "agent"):
            text = cut.prepositional_phrase(token, case)
        elif token.dep_ == "acomp":
            text = token.lower_ if token.pos_ == "ADJ" else None
        elif token.dep_ == "attr":
            text = cut.noun_phrase(token, case, 6)
        else:
            continue
        if text is None:
            if token.dep_ in ("dobj", "attr", "acomp"):
                return None
            continue
        if words_in(" ".join([*parts, text])) <= 10:
            parts.append(text)
    return " ".join(parts) if len(parts) > len(auxiliaries) + 1 else None
