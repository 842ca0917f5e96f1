"""The built-in generator in careful wording: fewer questions, worded by rules that rather ask nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.records import MadeQuestion, QuestionKind
from embtrainer_gui.generate.builtin import UNFINISHED, BuiltinGenerator, usable_sentence
from embtrainer_gui.generate.candidate import Candidate
from embtrainer_gui.generate.careful.assertions import has_vague_subject, is_bench_step, is_boilerplate
from embtrainer_gui.generate.careful.causes import cause_questions, method_questions
from embtrainer_gui.generate.careful.circumstances import (
    contrast_questions,
    kind_questions,
    name_questions,
    purpose_questions,
    term_questions,
    varying_questions,
    where_questions,
)
from embtrainer_gui.generate.careful.clauses import clauses, denied_clauses, purposeful_clauses
from embtrainer_gui.generate.careful.cleaning import cited_names, clean
from embtrainer_gui.generate.careful.comparisons import Comparisons, noun_differences
from embtrainer_gui.generate.careful.definitions import acronym_definitions, appositions, clause_definitions
from embtrainer_gui.generate.careful.facts import denied_questions, fact_questions
from embtrainer_gui.generate.careful.firstperson import first_person_questions
from embtrainer_gui.generate.careful.generic_words import GENERIC
from embtrainer_gui.generate.careful.grammar import is_grammatical
from embtrainer_gui.generate.careful.headings import heading_queries
from embtrainer_gui.generate.careful.keywords import Topics, keyword_queries
from embtrainer_gui.generate.careful.nominals import nominal_questions
from embtrainer_gui.generate.careful.outcomes import (
    change_questions,
    difference_questions,
    effect_questions,
    example_questions,
    standing_questions,
)
from embtrainer_gui.generate.careful.phrases import is_second_half
from embtrainer_gui.generate.careful.quantities import counted_subjects, duration_questions, quantity_questions
from embtrainer_gui.generate.careful.selection import choose
from embtrainer_gui.generate.careful.standing import is_own_name, stands_alone
from embtrainer_gui.generate.careful.statistics import CorpusStatistics, acronyms_in
from embtrainer_gui.generate.careful.topics import relation_questions
from embtrainer_gui.generate.checks import check_text
from embtrainer_gui.generate.cleaning import CleanText
from embtrainer_gui.generate.statistics import terms
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

_COMPARISONS = Comparisons()
_SHORT_SUBJECT = 1
_IS_AND_NAME = 2
_NAMES = 2
_SHORT_ANSWER = 40  # characters
_PAST = re.compile(r"(?:\w+ )?(?:did|was|were) ", re.IGNORECASE)
_RARE = 0.5  # of the largest idf
_KNOWN_SHARE = 0.02  # of the passages: an acronym in more of them needs no explanation
_LONGEST = 24  # words of a question
_ACRONYM = re.compile(r"(?<![\w-])[A-Z][A-Za-z]*[A-Z0-9][A-Za-z0-9]*(?![\w-])")
_BARE = re.compile(r"What (?:is|are) ([A-Z]{2,5}s?)(?: and ([A-Z]{2,5}s?))?\?")
_REST = re.compile(r"[/–-][^\s,;()]*[^\s,;:.()]")
_EMPTIED = re.compile(r"\s*(?:\([\s;,]*\)|\[[\s;,]*\])$")  # what was cited is gone
_WORD = re.compile(r"[^\W_][\w’'-]*[^\W_]")
_MEASURED = word_set(
    """
    measure determine detect assess quantify evaluate analyze analyse identify calculate estimate isolate purify
    diagnose generate construct predict produce extract synthesize obtain examine classify define create treat prevent
    """
)
_FEW = 4
_SMALL = word_set("the a an of in by to for with on and or as substrate enzyme")
_SCRAP = re.compile(r"a result\b|i\.e\.|not only\b", re.IGNORECASE)  # an answer does not begin so
_FUTURE = re.compile(r"\bfuture\b")
_FINITE = frozenset({"VBZ", "VBP", "VBD", "MD"})
_BROKEN = re.compile(  # an answer over the end of a sentence, or one that sends elsewhere
    r"(?<![A-Z(])(?<!\b[a-z]{2})(?<!\b[a-zA-Z]{3})[.?!]\s+[A-Z]"
    r"|\b(?:the following|as (?:previously )?described|as follows|described (?:above|below|elsewhere|previously))\b"
)
_NAME = re.compile(r"\b[A-Z][\w’'-]+")
_SHORTENED = re.compile(r"(?<![\w-])(?:[A-Z]|cv|var|spp?|subsp|ssp|vs|al|[Ff]igs?|[Rr]efs?|approx|resp)\.\s*$")
_SHORTENING = 8  # characters
_LEGEND = re.compile(  # sentences that explain a picture, and questions that the paper itself asks
    r"\?|\b(?:panels?|diagrams?|error bars?|scale bars?|asterisks?|illustrations?|rectangles?|triangles?|"
    r"sliding window|arrows?|arrowheads?|(?:dashed|dotted|solid|gr[ae]y|red|blue|black|green|gold) (?:and \w+ )?"
    r"(?:lines?|columns?|curves?|squares?|dots?|circles?|bars?))\b",
    re.IGNORECASE,
)


class CarefulGenerator(BuiltinGenerator):
    """As ``BuiltinGenerator``, by rules that rather ask nothing: few questions, most of which read well."""

    label = "basic, careful wording"
    _statistics: CorpusStatistics

    def __init__(self, config: GenerateConfig) -> None:
        super().__init__(config)
        self._statistics = CorpusStatistics(())

    def prepare(self, texts: Sequence[str]) -> None:
        """Count the corpus; call it with every passage before ``make``."""
        self._statistics = CorpusStatistics(texts)

    def _clean(self, text: str) -> CleanText:
        return clean(text)

    def _questions(self, item: CleanText, document: Doc) -> list[MadeQuestion]:
        rng = random.Random(f"{self.config.seed}:{item.source}")
        topics = Topics.of(item.text)
        explained = {acronym: full for acronym, full, _ in acronyms_in(item.text)}
        cited = cited_names(item.source)
        made = []
        for candidate in self._candidates(item, document, topics, rng):
            if candidate.kind is not QuestionKind.KEYWORD and not self._says_of_what(candidate.question, topics.words):
                continue
            readable = self._readable(candidate, explained)
            candidate = replace(candidate, question=readable, answer=_closed(item.text, *candidate.answer))
            answer = item.original(*candidate.answer)
            if not self._is_known(readable):
                continue
            if not _is_cut(document, item.text, *candidate.answer) and _is_sound(candidate, answer, item.source, cited):
                made.append((candidate, answer))
        chosen = choose([candidate for candidate, _ in made], self.config.per_passage, self._statistics, rng)
        return [MadeQuestion(made[i][0].question, made[i][1], made[i][0].kind) for i in chosen]

    def _candidates(self, item: CleanText, document: Doc, topics: Topics, rng: random.Random) -> Iterator[Candidate]:
        for number, sentence in enumerate(document.sents):
            if not _is_whole(sentence) or is_boilerplate(sentence):
                continue
            if is_bench_step(sentence):
                yield from self._of_bench_step(sentence, number)
            else:
                yield from self._of_plain_sentence(sentence, number, topics, rng)
        yield from heading_queries(item, document, self._statistics)

    def _is_known(self, question: str) -> bool:
        """Whether it does not ask what an acronym is that its passage does not write out and few passages hold."""
        asked = _BARE.match(question)
        least = _KNOWN_SHARE * self._statistics.passages
        return not asked or all(self._statistics.frequency(name) >= least for name in asked.groups() if name)

    def _readable(self, candidate: Candidate, explained: Mapping[str, str]) -> str:
        """The question with the first rare acronym written out that its passage explains."""
        question = candidate.question
        if candidate.kind is QuestionKind.KEYWORD or "stand for" in question:
            return question
        for match in _ACRONYM.finditer(question):
            acronym = match.group()
            full = self._in_sentence(explained.get(acronym, ""))
            rare = self._statistics.frequency(acronym) < _KNOWN_SHARE * self._statistics.passages
            if full.endswith("s") is not acronym.endswith("s"):
                continue  # "does BRT" would become "does boosted regression trees"
            if full and rare and full.lower() not in question.lower() and len(f"{question} {full}".split()) <= _LONGEST:
                return f"{question[: match.start()]}{full} ({acronym}){question[match.end() :]}"
        return question

    def _in_sentence(self, words: str) -> str:
        """With a small letter, where the capital is that of a sentence."""
        first = words.partition(" ")[0]
        return words if not first[1:].islower() or self._statistics.is_name(first) else words[0].lower() + words[1:]

    def _says_of_what(self, question: str, topics: frozenset[str]) -> bool:
        """Whether a question names something: two names or rare words, or one that its passage comes back to."""
        words = _WORD.findall(question)[1:]
        if len(words) == _IS_AND_NAME:
            return terms(words[-1])[0] in topics  # "What is orientin?"
        named = {terms(word)[0] for word in words if _is_name(word) or self._is_rare(word)}
        names = sum(map(_is_name, words))
        if _PAST.match(question) and names < _NAMES and not (names and len(named & topics) > 1):
            return False  # of one study, and the question does not say of which
        return len(named) > 1 or bool(named & topics)

    def _is_rare(self, word: str) -> bool:
        return self._statistics.idf(terms(word)[0]) >= _RARE * self._statistics.rarest

    def _of_bench_step(self, sentence: Span, number: int) -> Iterator[Candidate]:
        """How something was measured is all that anybody asks of such a sentence."""
        for clause in clauses(sentence, self._case):
            words = len(clause.subject_text.removeprefix("the ").split())
            if words > _SHORT_SUBJECT and clause.verb.lemma_ in _MEASURED:  # "How was it read?" may be of any paper
                yield from method_questions(clause, number)
        yield from first_person_questions(sentence, number, self._case)

    def _of_plain_sentence(
        self, sentence: Span, number: int, topics: Topics, rng: random.Random
    ) -> Iterator[Candidate]:
        for clause in clauses(sentence, self._case):
            yield from fact_questions(clause, number)
            yield from clause_definitions(clause, number)
            yield from cause_questions(clause, number)
            yield from method_questions(clause, number)
            yield from _COMPARISONS.questions(clause, number)
            yield from quantity_questions(clause, number)
            yield from duration_questions(clause, number)
            yield from relation_questions(clause, number)
            yield from change_questions(clause, number)
            yield from effect_questions(clause, number)
            yield from standing_questions(clause, number)
            yield from where_questions(clause, number)
            yield from varying_questions(clause, number)
        for clause in purposeful_clauses(sentence, self._case):
            yield from purpose_questions(clause, number)
        for clause in denied_clauses(sentence, self._case):
            yield from denied_questions(clause, number)
        yield from first_person_questions(sentence, number, self._case)
        yield from counted_subjects(sentence, self._case, number)
        yield from acronym_definitions(sentence, number, self._statistics, sentence.doc.text)
        yield from appositions(sentence, number, self._case)
        if not has_vague_subject(sentence):
            yield from nominal_questions(sentence, number, self._case)
            yield from noun_differences(sentence, number, self._case)
            yield from difference_questions(sentence, number, self._case)
            yield from keyword_queries(sentence, number, self._statistics, topics, rng)
            yield from contrast_questions(sentence, number, self._case)
            yield from kind_questions(sentence, number, self._case)
            yield from name_questions(sentence, number, self._case)
            yield from term_questions(sentence, number, self._case)
        yield from example_questions(sentence, number, self._case)


def _is_sound(candidate: Candidate, answer: str, source: str, cited: set[str]) -> bool:
    """Whether question and answer are whole, can be put to anybody, and are not about people that the text cites."""
    spoken = candidate.kind is not QuestionKind.KEYWORD
    if spoken and not (is_grammatical(candidate.question) and stands_alone(candidate.question)):
        return False
    named = f"{candidate.question} {answer}" if len(answer) < _SHORT_ANSWER else candidate.question
    if cited & set(_NAME.findall(named)):
        return False
    if answer.count("(") != answer.count(")") or _SCRAP.match(answer):
        return False
    if len(answer) < _SHORT_ANSWER and is_own_name(answer):
        return False
    if spoken and (_FUTURE.search(answer) or _tells_itself(candidate.question, answer)):
        return False
    if answer.endswith("et al") or answer.rsplit(None, 1)[-1].lower() in UNFINISHED:
        return False
    return not _BROKEN.search(answer[:-1].lstrip()) and not check_text(
        candidate.question, answer, source, candidate.kind
    )


def _tells_itself(question: str, answer: str) -> bool:
    """Whether a short answer says nothing that its question does not: "ACC" of "What does ACC oxidase convert?"."""
    told = [term for term in terms(answer) if term not in GENERIC | _SMALL]
    return len(told) <= _FEW and set(terms(question)) >= set(told)


def _is_name(word: str) -> bool:
    return any(character.isupper() or character.isdigit() for character in word)


def _closed(text: str, start: int, end: int) -> tuple[int, int]:
    """The answer with the rest of its last word ("45 ng/ml") and the closing bracket that the parse left outside."""
    if text[end : end + 1] in ("/", "-", "–"):
        rest = _REST.match(text, end)
        end = rest.end() if rest else end
    emptied = _EMPTIED.search(text, start, end)
    if emptied:
        end = emptied.start()
    closes = text[end : end + 1] == ")" and text.count("(", start, end) > text.count(")", start, end)
    return start, end + closes


def _is_cut(document: Doc, text: str, start: int, end: int) -> bool:
    """Whether an answer ends within a word, or before the second half of "growth and yield"."""
    if text[end : end + 1].isalnum() or text[end : end + 1] in tuple("-–/") or text[start - 1 : start].isalnum():
        return True
    after = document.char_span(end, len(text), alignment_mode="contract")
    if after is None:
        return False
    if text[end - 1].isdigit() and after[0].pos_ in ("NOUN", "PROPN"):
        return True  # "between 0 and 9" of "9 cM"
    answer = document.char_span(start, end, alignment_mode="contract")
    if answer is not None and answer.start > 0 and document[answer.start - 1].lower_ == "only":
        return True  # "not only in X, but also ..."
    if answer is not None and answer[-1].pos_ in ("VERB", "ADJ") and after[0].pos_ in ("NOUN", "PROPN", "ADJ", "DET"):
        return True  # "A increases B whereas C imparts" of "C imparts tolerance"
    subject = answer is not None and any(
        token.dep_ in ("nsubj", "nsubjpass") and token.head.i >= after[0].i for token in answer
    )
    return is_second_half(after[0]) or (after[0].tag_ in _FINITE and not subject)


def _is_whole(sentence: Span) -> bool:
    """Whether a sentence is whole and prose, with a verb: else it is a heading or a legend."""
    start = sentence.start_char
    before = sentence.doc.text[max(0, start - _SHORTENING) : start]
    if _SHORTENED.search(before) or _SHORTENED.search(sentence.text.rstrip()):
        return False  # cut after "cv." or "E."
    return sentence.root.pos_ in ("VERB", "AUX") and usable_sentence(sentence, _LEGEND)
