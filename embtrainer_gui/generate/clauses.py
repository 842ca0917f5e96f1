"""Finite clauses of a parse, taken apart: subject, auxiliaries, verb, objects, complements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from embtrainer_gui.generate.phrases import ROUGH, Case, Cutting, noun_phrase, prepositional_phrase, words_in
from embtrainer_gui.generate.verbs import agrees, do_form, is_plural
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

HEADS = frozenset({"ROOT", "conj", "ccomp", "advcl", "parataxis", "relcl"})
TURNING = word_set(
    """
    poorly rarely hardly barely seldom scarcely never little only less least neither nor incompletely unlikely
    """
)
SUBJECTS = frozenset({"nsubj", "nsubjpass"})


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with a subject that a question can name; ``finite`` is its first auxiliary or the verb itself."""

    sentence: Span
    verb: Token
    subject: Token
    subject_text: str
    auxiliaries: tuple[Token, ...]
    passive: bool
    plural: bool
    case: Case
    cut: ClassVar[Cutting] = ROUGH

    @property
    def copula(self) -> bool:
        return self.verb.lemma_ == "be" and not self.auxiliaries

    @property
    def lead(self) -> str:
        """What a question puts before the subject: the first auxiliary, or do."""
        if self.auxiliaries:
            return self.auxiliaries[0].lower_
        return self.verb.lower_ if self.copula else (do_form(self.verb) or "")

    @property
    def rest(self) -> str:
        """The verb group after the subject of a question."""
        if self.copula:
            return ""
        later = [token.lower_ for token in self.auxiliaries[1:]]
        main = self.verb.lower_ if self.auxiliaries else self.verb.lemma_.lower()
        particle = [child.lower_ for child in self.verb.children if child.dep_ == "prt"]
        return " ".join([*later, main, *particle])

    @property
    def span(self) -> tuple[int, int]:
        """Characters of the clause; of the whole sentence when the clause is its main one."""
        if self.verb.dep_ in ("ROOT", "conj", "relcl"):
            return self.sentence.start_char, self.sentence.end_char
        start, end = span_of(self.verb)
        mark = self.child("mark")
        if mark is not None and mark.idx == start:
            start = mark.nbor(1).idx
        return start, end

    def child(self, *roles: str) -> Token | None:
        return next((token for token in self.verb.children if token.dep_ in roles), None)

    def prepositions(self) -> list[Token]:
        return [token for token in self.verb.children if token.dep_ in ("prep", "agent") and token.i > self.verb.i]

    def object_text(self, most: int = 8) -> str | None:
        """The direct object, where there is one that a question can name."""
        found = self.child("dobj")
        return noun_phrase(found, self.case, most) if found is not None else None

    @property
    def complete(self) -> bool:
        """Whether the question may do without asking for the object: there is none, or it can be named."""
        return self.child("dobj") is None or self.object_text(7) is not None

    def tail(self, *, without: frozenset[int] = frozenset(), most: int = 9) -> str:
        """Object and prepositional phrases after the verb, as many as fit into ``most`` words; "" if none does."""
        parts: list[str] = []
        for token in self.verb.rights:
            if token.i in without:
                continue
            text = None
            if token.dep_ == "dobj":
                text = noun_phrase(token, self.case, 7)
            elif token.dep_ == "prep":
                text = prepositional_phrase(token, self.case)
            if text and words_in(" ".join([*parts, text])) <= most:
                parts.append(text)
        return " ".join(parts)


def heads_clause(verb: Token) -> bool:
    """Whether it is the verb of a clause that may say something by itself."""
    is_verb = verb.pos_ in ("VERB", "AUX") and verb.dep_ in HEADS
    return is_verb and verb.text.islower() and verb.text.isalpha()


def clauses(sentence: Span, case: Case) -> Iterator[Clause]:
    """Clauses that say something by themselves: affirmative, finite, with a subject that names what it is."""
    for verb in sentence:
        if not heads_clause(verb):
            continue
        clause = _clause(sentence, verb, case)
        if clause is not None:
            yield clause


def _clause(sentence: Span, verb: Token, case: Case) -> Clause | None:
    subject, auxiliaries = subject_and_auxiliaries(verb)
    if subject is None or any(token.dep_ in ("neg", "expl") for token in verb.children):
        return None
    if any(token.lower_ in ("to", "not", "do", "does", "did", "'s", "being", "having") for token in auxiliaries[:1]):
        return None
    if not auxiliaries and verb.tag_ not in ("VBZ", "VBP", "VBD"):
        return None
    if any(token.i < subject.i for token in auxiliaries) or not agrees(
        subject, auxiliaries[0] if auxiliaries else verb
    ):
        return None
    if any(token.lower_ in ("if", "unless", "whether") for token in verb.lefts if token.dep_ == "mark"):
        return None
    if any(token.lower_ in TURNING for token in verb.children if token.dep_ == "advmod"):
        return None
    if open_ended(verb):
        return None
    text = noun_phrase(subject, case, 8)
    if text is None or any(token.dep_ == "nummod" and token.like_num for token in subject.lefts):
        return None
    passive = any(token.dep_ == "auxpass" for token in auxiliaries)
    return Clause(sentence, verb, subject, text, auxiliaries, passive, is_plural(subject), case)


def open_ended(verb: Token) -> bool:
    """Whether the verb needs more than objects and prepositions: "X seems to be", "X shows that", "X makes Y rare"."""
    return any(
        token.dep_ in ("ccomp", "oprd", "dative")
        or (token.dep_ in ("attr", "acomp") and verb.lemma_ != "be")
        or (token.dep_ == "xcomp" and token.tag_ not in ("VBG", "VB"))
        for token in verb.children
    ) or any(token.dep_ == "xcomp" and token.tag_ == "VB" and verb.tag_ != "VBN" for token in verb.children)


def _stands_later(verb: Token, pronoun: Token) -> bool:
    return verb.head.i > pronoun.i


def subject_and_auxiliaries(
    verb: Token, unclear: Callable[[Token, Token], bool] = _stands_later
) -> tuple[Token | None, tuple[Token, ...]]:
    """The verb's own subject; that of the verb it is joined to by "and"; what a relative pronoun stands for."""
    own = next((token for token in verb.lefts if token.dep_ in SUBJECTS), None)
    auxiliaries = tuple(token for token in verb.lefts if token.dep_ in ("aux", "auxpass"))
    if verb.dep_ == "relcl":
        if own is None or own.lower_ not in ("which", "that", "who") or unclear(verb, own):
            return None, ()
        named = next((token for token in verb.head.head.lefts if token.dep_ == "nsubj"), None)
        if verb.head.dep_ == "attr" and named is not None:  # "X is a hormone that ..." speaks of X
            return named, auxiliaries
        return verb.head, auxiliaries
    if own is not None or verb.dep_ != "conj" or verb.head.pos_ not in ("VERB", "AUX"):
        return own, auxiliaries
    first = verb.head
    subject = next((token for token in first.lefts if token.dep_ in SUBJECTS), None)
    if subject is None or any(token.dep_ == "neg" for token in first.children):
        return None, ()
    if not auxiliaries and verb.tag_ in ("VBN", "VB", "VBG"):
        auxiliaries = tuple(token for token in first.lefts if token.dep_ in ("aux", "auxpass"))
        if verb.tag_ != first.tag_ and not (auxiliaries and {verb.tag_, first.tag_} <= {"VBN", "VBD"}):
            return None, ()
    return subject, auxiliaries


def span_of(token: Token) -> tuple[int, int]:
    """Characters of the subtree of ``token`` from its first to its last word, closing marks left out."""
    tokens = list(token.subtree)
    while len(tokens) > 1 and (tokens[-1].is_punct or tokens[-1].is_space) and tokens[-1].text not in ")]%":
        tokens.pop()
    while len(tokens) > 1 and (tokens[0].is_punct or tokens[0].is_space or tokens[0].lower_ == "that"):
        tokens.pop(0)
    return tokens[0].idx, tokens[-1].idx + len(tokens[-1])
