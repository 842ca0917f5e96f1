"""Questions about where, what for, of which kinds, under which other name, and unlike what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, pick, question
from embtrainer_gui.generate.careful.clauses import Clause
from embtrainer_gui.generate.careful.phrases import bad_fragment, noun_phrase, surface, tells
from embtrainer_gui.generate.careful.verbs import is_plural
from embtrainer_gui.generate.clauses import span_of
from embtrainer_gui.generate.phrases import Case, words_in
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_HELD = word_set(
    """
    find locate house express produce store synthesize distribute concentrate localize localise secrete form bury embed
    situate deposit grow cultivate release
    """
)
_BEING = word_set("live reside occur grow accumulate localize replicate inhabit nest originate")
_PLACE_WORDS = word_set("in at on within along inside throughout between")
_NO_PLACE = word_set(
    """
    response addition order fact case term way form part relation accordance contrast manner time period season winter
    summer spring autumn year month week day age stage phase study literature number amount level patient condition
    presence absence combination general vitro vivo trial experiment century decade process role
    """
)
_ENDS = word_set(  # what something does these to, it does for an end
    """
    require need use produce secrete release employ form synthesize exploit utilize recruit deploy express activate bind
    hijack modify undergo
    """
)
_SORTS = word_set(
    "type kind class form group species strategy pathway stage category mechanism subtype component method"
)
_DESCRIBES = 4  # tokens of a subject that says what the term means
_NAMED = word_set("know call term refer")


def where_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X is found in Y", "X lives in Y" ask where."""
    if clause.lead not in ("is", "are", "does", "do") or clause.child("dobj", "acomp", "attr") is not None:
        return
    if clause.verb.lemma_ not in (_HELD if clause.passive else _BEING):
        return
    prep = next((token for token in clause.prepositions() if token.lower_ in _PLACE_WORDS), None)
    target = next((token for token in prep.children if token.dep_ == "pobj"), None) if prep is not None else None
    if prep is None or target is None or not tells(target) or target.lemma_.lower() in _NO_PLACE:
        return
    if any(token.dep_ == "nummod" for token in target.lefts) or target.text[0].isdigit():
        return
    if [token.lower_ for token in target.lefts] == ["the"] and not any(target.rights):
        return  # "in the countryside": of where
    text = question("where", clause.lead, clause.subject_text, clause.rest, clause.setting)
    yield Candidate(text, span_of(prep), QuestionKind.FACT, number, 1.0)


def purpose_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "Plants require oxygen to maintain ..." asks why."""
    if clause.verb.lemma_ not in _ENDS or clause.lead not in ("does", "do", "can") or clause.passive:
        return
    thing = clause.child("dobj")
    end = next((token for token in clause.verb.rights if token.dep_ in ("xcomp", "advcl") and token.tag_ == "VB"), None)
    if thing is None or end is None or end.i < thing.i or not any(mark.lower_ == "to" for mark in end.lefts):
        return
    text = clause.object_text(8)
    if text:
        why = question("why", clause.lead, clause.subject_text, clause.rest, text)
        yield Candidate(why, span_of(end), QuestionKind.CAUSE, number, 1.1)


def varying_questions(clause: Clause, number: int) -> Iterator[Candidate]:
    """ "X varies from A to B" asks how X varies."""
    ends = {token.lower_ for token in clause.verb.rights if token.dep_ == "prep"}
    if clause.verb.lemma_ != "vary" or clause.lead not in ("does", "do") or not ends >= {"from", "to"}:
        return
    if words_in(clause.subject_text) > 1:
        text = question("how", clause.lead, clause.subject_text, "vary")
        yield Candidate(text, clause.span, QuestionKind.FACT, number, 0.95)


def kind_questions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "There are three types of X: ..." asks which; "Two strategies are used by Y: ..." too."""
    colon = next((token for token in sentence if token.text == ":"), None)
    root = sentence.root
    subject = next((token for token in root.children if token.dep_ in ("nsubj", "nsubjpass", "attr")), None)
    if colon is None or subject is None or colon.i <= max(root.i, subject.i) or root.tag_ not in ("VBP", "VBN"):
        return
    count = next((token for token in subject.lefts if token.dep_ == "nummod"), None)
    if count is None or subject.tag_ != "NNS" or subject.lemma_.lower() not in _SORTS:
        return
    drop = frozenset({count.i, *(token.i for token in subject.lefts if token.dep_ in ("amod", "det"))})
    tokens = [token for token in subject.subtree if token.i < colon.i and token.i not in drop]
    name = surface(tokens, case)
    there = any(token.dep_ == "expl" for token in root.lefts)
    said = surface([token for token in sentence if token.i > subject.i and token.i < colon.i], case)
    be = next((token for token in root.lefts if token.dep_ == "auxpass"), None)
    span = (sentence.start_char, sentence.end_char)
    if there and " of " in name and root.lower_ == "are" and not bad_fragment(name) and words_in(name) <= 8:
        yield Candidate(question("what", name, "are there"), span, QuestionKind.FACT, number, 1.1)
    elif be is not None and be.lower_ == "are" and not bad_fragment(said) and 5 <= words_in(said) <= 14:
        text = question("what", surface(tokens[:1] if tokens[0] is subject else tokens, case), said)
        yield Candidate(text, span, QuestionKind.FACT, number, 1.0)


def contrast_questions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "Unlike A, B ..." asks how B differs from A."""
    root = sentence.root
    subject = next((token for token in root.lefts if token.dep_ == "nsubj"), None)
    if subject is None or root.tag_ not in ("VBZ", "VBP") and not any(token.tag_ == "MD" for token in root.lefts):
        return
    for prep in root.lefts:
        if prep.dep_ != "prep" or prep.i > subject.i or prep.lower_ not in ("unlike", "in"):
            continue
        if prep.lower_ == "in":
            prep = _object_and_to(prep) or prep
        other = next((token for token in prep.children if token.dep_ == "pobj"), None)
        if prep.lower_ == "in" or other is None or not (tells(other) and tells(subject)):
            continue
        a, b = noun_phrase(subject, case, 7), noun_phrase(other, case, 7)
        if a and b:
            do = "do" if is_plural(subject) else "does"
            span = (sentence.start_char, sentence.end_char)
            yield Candidate(question("how", do, a, "differ from", b), span, QuestionKind.COMPARISON, number, 1.1)


def _object_and_to(prep: Token) -> Token | None:
    """The "to" of "in contrast to"."""
    noun = next((token for token in prep.children if token.lower_ in ("contrast", "opposition")), None)
    return next((token for token in noun.rights if token.lower_ == "to"), None) if noun is not None else None


def term_questions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "The state in which ... is known as Y" asks what Y is."""
    verb = sentence.root
    subject = next((token for token in verb.lefts if token.dep_ == "nsubjpass"), None)
    if verb.lemma_ not in ("know", "call", "term") or subject is None or subject.pos_ != "NOUN":
        return
    if sum(1 for _ in subject.subtree) < _DESCRIBES or any(token.lower_ == "also" for token in verb.lefts):
        return
    as_ = next((token for token in verb.rights if token.lower_ == "as" or token.dep_ == "oprd"), None)
    target = as_ if as_ is None or as_.dep_ == "oprd" else next((x for x in as_.children if x.dep_ == "pobj"), None)
    name = noun_phrase(target, case, 4) if target is not None else None
    if name and target is not None and not name.startswith("the "):
        be = "are" if is_plural(target) else "is"
        span = (sentence.start_char, sentence.end_char)
        yield Candidate(question("what", be, name), span, QuestionKind.DEFINITION, number, 1.0)


def name_questions(sentence: Span, number: int, case: Case) -> Iterator[Candidate]:
    """ "X, also known as Y" asks what else X is called."""
    for verb in sentence:
        if verb.tag_ != "VBN" or verb.lemma_ not in _NAMED or verb.dep_ not in ("acl", "relcl", "amod"):
            continue
        if not any(token.lower_ in ("also", "commonly") for token in verb.lefts) or verb.head.i > verb.i:
            continue
        as_ = next((token for token in verb.rights if token.lower_ == "as" or token.dep_ == "oprd"), None)
        name = noun_phrase(verb.head, case, 6)
        if as_ is None or not name or name.startswith("the "):
            continue
        be = "are" if is_plural(verb.head) else "is"
        form = pick(("also known as", "also called"), name)
        yield Candidate(question("what", be, name, form), span_of(as_), QuestionKind.DEFINITION, number, 0.95)
