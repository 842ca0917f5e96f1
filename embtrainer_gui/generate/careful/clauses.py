"""Finite clauses of a parse, taken apart: subject, auxiliaries, verb, objects, complements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from embtrainer_gui.generate import clauses as clauses_of_any
from embtrainer_gui.generate.careful.assertions import is_procedure
from embtrainer_gui.generate.careful.phrases import CAREFUL, noun_phrase, prepositional_phrase
from embtrainer_gui.generate.careful.verbs import agrees, is_plural
from embtrainer_gui.generate.clauses import (
    HEADS,
    SUBJECTS,
    TURNING,
    heads_clause,
    open_ended,
    span_of,
    subject_and_auxiliaries,
)
from embtrainer_gui.generate.phrases import Case, Cutting, words_in
from embtrainer_gui.generate.verbs import third_person
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_SETTINGS = word_set("in under during after among at for within")
_SHOWN_TO = word_set("show find report demonstrate know see observe")
_LINKS = word_set(  # of "in addition", "for example", "in the present study"
    """
    addition contrast example instance fact general particular summary conclusion study turn way manner respect regard
    review work paper result hand line accordance agreement comparison reality practice theory essence literature year
    decade date word case time part effect reason finding report
    """
)
_PRONOUNS = word_set("it they")
_EARLY = 3  # words before the pronoun
_SUPPOSING = word_set(
    "hypothesize hypothesise speculate assume postulate propose suspect conjecture wonder suppose imply"
)
_NO_PART = frozenset({"advmod", "cc", "conj", "prt", "parataxis", "npadvmod", "intj"})


@dataclass(frozen=True, slots=True)
class Clause(clauses_of_any.Clause):
    """A clause with a subject that a question can name, and what must not be lost of it."""

    cut: ClassVar[Cutting] = CAREFUL
    raised: bool = False  # "X was shown to inhibit Y" says that X inhibits Y
    resolved: bool = False  # "it" and "they": the subject stands in the sentence before

    @property
    def lead(self) -> str:
        """What a question puts before the subject: the first auxiliary, or do."""
        if self.raised:
            return "do" if self.plural else "does"
        return super(Clause, self).lead

    @property
    def span(self) -> tuple[int, int]:
        """Characters of the clause; of the whole sentence when the clause is its main one."""
        return (self.sentence.start_char, self.sentence.end_char) if self.raised else super(Clause, self).span

    @property
    def procedure(self) -> bool:
        """Whether it tells a step of somebody's work, which is worth no question of fact."""
        return is_procedure(self.verb, passive=self.passive)

    def object_text(self, most: int = 8) -> str | None:
        """The direct object, where there is one that a question can name."""
        found = self.child("dobj")
        return noun_phrase(found, self.case, most) if found is not None else None

    @property
    def complete(self) -> bool:
        """Whether the question may do without asking for the object: there is none, or it can be named."""
        return self.child("dobj") is None or self.object_text(10) is not None

    def tail(self, *, without: frozenset[int] = frozenset(), most: int = 12) -> str:
        """Object and prepositional phrases after the verb, up to the first that does not fit into ``most`` words."""
        return self._tail(without, most)[0]

    def whole_tail(self, *, without: frozenset[int] = frozenset(), most: int = 12) -> str:
        """The same, "" where anything that belongs to the verb would be missing."""
        text, whole = self._tail(without, most)
        return text if whole else ""

    def _tail(self, without: frozenset[int], most: int) -> tuple[str, bool]:
        parts: list[str] = []
        for token in self.verb.rights:
            if token.i in without or token.dep_ in _NO_PART or token.is_punct:
                continue
            text = None
            if token.dep_ == "dobj":
                text = noun_phrase(token, self.case, 10)
            elif token.dep_ in ("prep", "agent"):
                text = prepositional_phrase(token, self.case, 10)
            if not text or words_in(" ".join([*parts, text])) > most:
                return " ".join(parts), False
            parts.append(text)
        setting = self._setting(without)
        if setting and words_in(" ".join([*parts, setting])) <= most + 2:
            parts.append(setting)
        return " ".join(parts), True

    @property
    def setting(self) -> str:
        """What stands before the subject: "under waterlogged conditions"; "" where nothing does."""
        return self._setting(frozenset())

    def _setting(self, without: frozenset[int]) -> str:
        """ "Under waterlogged conditions, roots suffer ...": what stands before the subject."""
        for token in self.verb.lefts:
            if (
                token.dep_ == "prep"
                and token.i < self.subject.i
                and token.i not in without
                and token.lower_ in _SETTINGS
            ):
                return prepositional_phrase(token, self.case, 6) or ""
        return ""


def clauses(sentence: Span, case: Case) -> Iterator[Clause]:
    """Clauses that say something by themselves: affirmative, finite, with a subject that names what it is."""
    for verb in sentence:
        raised = _raised(sentence, verb, case)
        if raised is not None:
            yield raised
        if not heads_clause(verb):
            continue
        clause = _clause(sentence, verb, case)
        if clause is not None:
            yield clause


def _raised(sentence: Span, verb: Token, case: Case) -> Clause | None:
    """The clause inside "X was shown to inhibit Y"; None where there is none."""
    outer = verb.head
    if verb.dep_ != "xcomp" or verb.tag_ != "VB" or outer.lemma_ not in _SHOWN_TO or outer.tag_ != "VBN":
        return None
    if any(token.dep_ in ("neg", "auxpass", "aux") and token.lower_ != "to" for token in verb.lefts):
        return None
    if verb.lemma_ == "be" or _is_open_ended(verb) or any(token.dep_ == "neg" for token in outer.children):
        return None
    subject, auxiliaries = _subject_and_auxiliaries(outer)
    if subject is None or not auxiliaries or not agrees(subject, auxiliaries[0]):
        return None
    text = noun_phrase(subject, case, 12)
    if text is None or any(token.dep_ == "nummod" and token.like_num for token in subject.lefts):
        return None
    return Clause(sentence, verb, subject, text, (), False, is_plural(subject), case, raised=True)


def purposeful_clauses(sentence: Span, case: Case) -> Iterator[Clause]:
    """Clauses with an infinitive that tells what for: "plants require oxygen to maintain ..."."""
    for verb in sentence:
        if verb.pos_ != "VERB" or verb.dep_ not in HEADS or not (verb.text.isalpha() and verb.text.islower()):
            continue
        if any(token.dep_ in ("xcomp", "advcl") and token.tag_ == "VB" for token in verb.rights):
            clause = _clause(sentence, verb, case, purposeful=True)
            if clause is not None:
                yield clause


def denied_clauses(sentence: Span, case: Case) -> Iterator[Clause]:
    """Clauses that say that something is not so: they answer whether, and nothing else."""
    for verb in sentence:
        if verb.pos_ in ("VERB", "AUX") and verb.dep_ in ("ROOT", "conj", "ccomp") and verb.text.isalpha():
            clause = _clause(sentence, verb, case, negated=True)
            if clause is not None:
                yield clause


def _clause(
    sentence: Span, verb: Token, case: Case, *, negated: bool = False, purposeful: bool = False
) -> Clause | None:
    subject, auxiliaries = _subject_and_auxiliaries(verb)
    if subject is None or any(token.dep_ in ("neg", "expl") for token in verb.children) is not negated:
        return None
    if any(token.lower_ in ("to", "not", "'s", "being", "having") for token in auxiliaries[:1]):
        return None
    if auxiliaries and auxiliaries[0].lower_ in ("do", "does", "did") and not negated:
        return None
    if not auxiliaries and verb.tag_ not in ("VBZ", "VBP", "VBD"):
        return None
    if verb.tag_ == "VBZ" and third_person(verb.lemma_.lower()) != verb.lower_:
        return None  # a noun that the tagger took for a verb, or a lemma that it got wrong
    if verb.tag_ == "VBG" or (verb.lemma_ == "be" and auxiliaries) or any(t.lower_ == "had" for t in auxiliaries[:1]):
        return None
    if any(token.i < subject.i for token in auxiliaries):
        return None
    named = _antecedent(sentence, verb, subject) or subject
    if not agrees(named, auxiliaries[0] if auxiliaries else verb):
        return None
    if any(token.lower_ in ("if", "unless", "whether") for token in verb.lefts if token.dep_ == "mark"):
        return None
    if any(token.lower_ in TURNING or token.tag_ == "WRB" for token in verb.children if token.dep_ == "advmod"):
        return None
    if verb.dep_ == "ccomp" and verb.head.lemma_ in _SUPPOSING:
        return None
    if (
        not purposeful
        and _is_open_ended(verb)
        or (verb.lemma_ in _SHOWN_TO and any(token.dep_ == "xcomp" for token in verb.children))
    ):
        return None
    text = noun_phrase(named, case, 12)
    if (
        text is None
        or named.lemma_.lower()[:6] == verb.lemma_.lower()[:6]
        or any(token.dep_ == "nummod" and token.like_num for token in named.lefts)
    ):
        return None
    passive = any(token.dep_ == "auxpass" for token in auxiliaries)
    resolved = named.i != subject.i
    clause = Clause(sentence, verb, named, text, auxiliaries, passive, is_plural(named), case, resolved=resolved)
    return None if _loses_its_setting(clause) else clause


def _loses_its_setting(clause: Clause) -> bool:
    """Whether what stands before the subject ("for many RNA viruses, ...") says when it holds, and cannot be asked."""
    for token in clause.verb.lefts:
        if (
            token.dep_ != "prep"
            or (token.i > clause.subject.i and not clause.resolved)
            or token.lower_ not in _SETTINGS | {"for", "on", "with"}
        ):
            continue
        named = next((child for child in token.children if child.dep_ == "pobj"), None)
        if named is not None and named.lemma_.lower() not in _LINKS and not clause.setting:
            return True
    return False


def _antecedent(sentence: Span, verb: Token, subject: Token) -> Token | None:
    """What "it" or "they" at the head of a sentence stands for: the named subject of the copula or name before it.

    Only the surest case: one sentence on, same number, and a subject that the sentence before defines or names.
    """
    if subject.lower_ not in _PRONOUNS or verb.dep_ != "ROOT" or sentence.start == 0:
        return None
    if subject.i - sentence.start > _EARLY or any(child.dep_ in ("ccomp", "acomp", "xcomp") for child in verb.children):
        return None
    before = sentence.doc[sentence.start - 1].sent.root
    named = next((token for token in before.lefts if token.dep_ in SUBJECTS), None)
    if named is None or is_plural(named) != (subject.lower_ == "they"):
        return None
    if before.lemma_ != "be" and named.pos_ != "PROPN":
        return None
    rivals = [token for token in before.rights if token.dep_ == "dobj" and is_plural(token) == is_plural(named)]
    return None if rivals else named


def _is_open_ended(verb: Token) -> bool:
    """Whether the verb needs more than objects and prepositions, an infinitive with a subject of its own too."""
    if verb.lemma_ in ("cause", "enable", "allow", "force", "help", "lead", "prompt") and any(
        token.tag_ == "VB" and any(mark.lower_ == "to" for mark in token.lefts) for token in verb.rights
    ):
        return True
    return open_ended(verb)


def _subject_and_auxiliaries(verb: Token) -> tuple[Token | None, tuple[Token, ...]]:
    """As for any question, but where "and" may join other things than the parse says."""
    subject, auxiliaries = subject_and_auxiliaries(verb, _unclear)
    first = verb.head
    joined = verb.dep_ == "conj" and not any(token.dep_ in SUBJECTS for token in verb.lefts)
    if joined and first.pos_ in ("VERB", "AUX") and not auxiliaries:
        if verb.tag_ in ("VBZ", "VBP") and first.tag_ in ("VBN", "VBD"):
            return None, ()
        if verb.tag_ == "VBD" and any(token.dep_ == "auxpass" for token in first.lefts):
            return None, ()
    return subject, auxiliaries


def _unclear(verb: Token, pronoun: Token) -> bool:
    """Whether a relative clause may speak of another noun, or of the whole sentence, than the parse says."""
    named = verb.head
    if named.i > pronoun.i:
        return True
    if verb.doc[pronoun.i - 1].text == ",":
        if verb.tag_ == "VBD" or named.i != pronoun.i - 2 or named.dep_ not in ("nsubj", "nsubjpass", "attr"):
            return True
    elif named.i < pronoun.i - 1 and pronoun.lower_ != "that":
        return True
    outer = named.head.head if named.dep_ == "pobj" else named
    return outer.i != named.i and outer.pos_ in ("NOUN", "PROPN") and is_plural(outer) == is_plural(named)


def subject_span(clause: Clause) -> tuple[int, int]:
    """Characters of the subject without the clause that hangs on it."""
    inside = {token.i for token in clause.verb.subtree}
    if clause.subject.i in inside:
        return span_of(clause.subject)
    tokens = [token for token in clause.subject.subtree if token.i not in inside]
    start, end = tokens[0], tokens[0]
    for token in tokens[1:]:  # up to the first gap
        if token.i != end.i + 1:
            break
        end = token
    while end.i > start.i and (end.is_punct and end.text not in ")]%"):
        end = end.nbor(-1)
    return start.idx, end.idx + len(end)
