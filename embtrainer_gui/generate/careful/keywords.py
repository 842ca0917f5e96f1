"""Keyword queries: the nouns of phrases that belong together, the way people type them ("virus spread hospital wards").

Words are taken from phrases that the parse links ("spread of the virus in hospital wards", subject and object of one
verb): words drawn from all over a sentence make queries that nobody would type.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate
from embtrainer_gui.generate.careful.assertions import is_only_mentioned, tells_what_lasts
from embtrainer_gui.generate.careful.generic_words import GENERIC
from embtrainer_gui.generate.careful.statistics import CorpusStatistics
from embtrainer_gui.generate.deixis import needs_paper
from embtrainer_gui.generate.keywords import between_blanks
from embtrainer_gui.generate.statistics import terms
from embtrainer_gui.generate.wordset import word_set

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_GENERAL = word_set(
    """
    round trend explanation finding challenge feature application manner copy event limit source location zone
    improvement reduction enhancement increase decrease decline induction inhibition accumulation rise loss study
    result show use find include report suggest high low level group significant different patient case number effect
    analysis method data datum addition although however present observe associate follow able likely important such
    respectively figure table author work paper previous recent current new several many various total first second
    other same similar good well also due base make take become see know indicate demonstrate reveal describe perform
    determine reason today late end year month day week time period january february march april may june july august
    september october november december matter term fact way part specific certain main major large small possible
    available common type example article information file difference change value university department institute
    ministry committee usa inc ltd company step procedure set overall general particular further supplementary role
    evidence basis importance presence aim goal purpose need lack majority variety range amount degree extent kind
    sort form issue point aspect factor ability potential possibility attempt order member variable parameter hand
    side top view idea interest attention concern question problem situation context condition process system approach
    technique sample participant subject individual people person man woman reader reviewer investigator researcher
    respondent experiment trial key critical essential necessary novel additional whole entire most more less best
    wide great strong clear contrast comparison conclusion hypothesis observation investigation limitation strength
    literature review equivalent comparable equal valuable improved sudden extensive beneficial respective random
    standard complete numerous robust crucial consistent qualitative subsequent exclusive maximum minimum promising
    successful research control average measured cumulative weekly daily consecutive speed restriction index
    completion product incidence frequency proportion percentage mean median positive negative normal primary
    secondary tertiary simulation scenario combination distribution field existence proximity population prominent
    empirical histological linear criterion outcome progress assumption fit optimal yield estimate advantage category
    description series unordered short long survey knowledge understanding date moment manufacturer protocol
    instruction section
    """
)
_PREPOSITIONS = word_set("of in on for to between against with from by during among through via under after within")
_COMES_BACK = 2
_NEAR = 8  # words
_OPEN = re.compile(  # figures of one study, and what is not known yet
    r"\d\s?%|\b\d+\.\d|\bP ?[<=]|\b\d+ of\b|\b(?:whether|in progress|future|further|unknown|unclear|not yet|to be)\b"
)
_PARTIES = frozenset({"nsubj", "nsubjpass", "dobj", "attr", "agent", "prep"})
_LINKING = frozenset({"dobj", "agent"})
_ASPECTS = word_set(  # what one looks for of a thing
    """
    extraction pathogenesis replication transmission resistance treatment therapy diagnosis biosynthesis synthesis
    degradation apoptosis prevalence mortality survival toxicity cytotoxicity expression regulation detection prevention
    evolution diversity virulence pathogenicity immunity vaccination vaccine infection inflammation symptom metabolism
    germination photosynthesis pollination fermentation nodulation domestication cultivation breeding phylogeny genome
    exacerbation phytotoxicity activity efficacy
    delivery secretion entry activation tolerance susceptibility surveillance epidemiology
    """
)
_OF_FIELD = word_set(  # what any paper of a field speaks of
    """
    countrie specie activitie propertie turn item country viruse expression overexpression genera row species
    stress rapid root shoot exon volatile
    particle exposure cellular clinical chemical physical biological molecular genetic therapeutic medical medicinal
    plant human animal oil extract compound leaf seed fruit food health public development treatment therapy growth
    production quality property function cell gene protein virus viral bacterial bacteria host drug vaccine vector
    strain genome sequence mechanism strategy pathway design history factor risk tissue body literature response blood
    life water professional healthcare care worker city region world experience specimen collection information
    """
)
_VAGUE = word_set(  # of one study, or of nothing: no query holds such a word
    """
    animal mice mouse rat group women men lesson experience core space peak difference agent tip defect value level
    time rate day set line advance link usage code success candidate demand household category disadvantage advantage
    extension alteration stimulation threat interference coverage module power edge capability result mutant loop
    interface correlation property campaign distance tree branch interaction image complex need region condition
    measure volunteer length map survey figure table conjugate assay academy university institute laboratory center
    centre hospital count score diverse elite ratio resident village symptom control absorbance regression accession
    cultivar variety number model site class component family name term size member author distinct later pattern
    opposite phase propertie thickness width diagram layer useful
    """
)
_RARE = 0.55  # of the largest idf: one word of a phrase must be in few passages
_ACRONYM = re.compile(r"[A-Z]{2,5}s?")
_KNOWN, _KNOWN_SHARE = 4, 0.01  # passages that hold an acronym which many people would type
_WHOLE = re.compile(r"(?:\d{1,4}-)?[^\W\d_][\w/-]*[^\W_]")
_GLUED = re.compile(r"-(?:an?|the|in|of|and|or|to|by|with|which|that)(?:-|$)|(?:-.*){4}")  # "exposure-a seafood market"
_MOST_WORDS, _LEAST_WORDS = 7, 3


@dataclass(frozen=True)
class Topics:
    """What a passage comes back to."""

    text: str
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Topics:
        return cls(text.lower(), frozenset(term for term, count in Counter(terms(text)).items() if count > 1))

    def count(self, phrase: str) -> int:
        """How many times the passage holds ``phrase``."""
        return self.text.count(phrase.lower())


def keyword_queries(
    sentence: Span, number: int, statistics: CorpusStatistics, topics: Topics, rng: random.Random
) -> Iterator[Candidate]:
    """The two best queries of two or three linked phrases of the sentence; ``topics`` are the terms that the passage
    comes back to."""
    if not tells_what_lasts(sentence) or _OPEN.search(sentence.text) or needs_paper(sentence.text):
        return
    phrases = {token.i: unit for token in sentence if (unit := _unit(token)) and statistics.recurs(unit)}
    units = {place: unit for place, unit in phrases.items() if _is_told(sentence.doc[place])}
    span = (sentence.start_char, sentence.end_char)
    found: dict[str, float] = {}
    for words in chain(_queries(sentence, units), _recurring(units, phrases, topics)):
        text = " ".join(words)
        size = len(text.split())
        seen = [term for word in words for term in terms(word)]
        if not _LEAST_WORDS <= size <= _MOST_WORDS or len(set(seen)) < len(seen) or needs_paper(text):
            continue
        known = len(topics.words.intersection(seen))
        specific = [_specific(word, statistics) or topics.count(word) > _COMES_BACK for word in words]
        of_passage = [bool(topics.words.intersection(terms(word))) for word in words]
        telling = [
            _tells_aspect(word) or _is_name(word) or (not is_general(word) and (" " in word or (rare and known)))
            for word, rare, known in zip(words, specific, of_passage, strict=True)
        ]
        if not any(rare and known for rare, known in zip(specific, of_passage, strict=True)) or not all(telling):
            continue
        if " " not in words[0] and _tells_aspect(words[0]) and not _is_name(words[0]):
            continue  # "expression genomic position": of what
        if (
            _VAGUE.intersection(seen)
            or not any(map(_tells_aspect, words))
            or not all(_is_known(word, statistics) for word in text.split())
            or max(map(topics.count, words)) < _COMES_BACK
        ):
            continue
        weights = sorted((max(statistics.weight(term) for term in terms(word)) for word in words), reverse=True)
        worth = sum(weights) / len(weights) / statistics.rarest
        found[text] = worth * (0.6 + 0.5 * known / len(seen)) * (1.1 if size >= 4 else 1.0) * rng.uniform(0.95, 1.05)
    for text, worth in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:2]:
        yield Candidate(text, span, QuestionKind.KEYWORD, number, min(0.5 + 0.6 * worth, 1.05))


def _is_known(word: str, statistics: CorpusStatistics) -> bool:
    """Whether a word is no acronym that one paper made for itself."""
    least = max(_KNOWN, _KNOWN_SHARE * statistics.passages)
    return not _ACRONYM.fullmatch(word) or statistics.frequency(word) >= least


def _recurring(units: Mapping[int, str], phrases: Mapping[int, str], topics: Topics) -> Iterator[list[str]]:
    """What the passage comes back to, with a term that the sentence says it in connection with."""
    for place, unit in units.items():
        if topics.count(unit) < (_COMES_BACK if _is_name(unit) else _COMES_BACK + 1) or is_general(unit):
            continue
        for other, phrase in phrases.items():
            back = " " in phrase and not is_general(phrase) and terms(phrase)[-1] in topics.words
            if back and 0 < abs(other - place) <= _NEAR:
                yield [unit, phrase] if place < other else [phrase, unit]


def is_general(unit: str) -> bool:
    """Whether every word of a phrase is one that any paper of the field uses."""
    return all(term in GENERIC or term in _GENERAL or term in _OF_FIELD for term in terms(unit))


def _is_told(noun: Token) -> bool:
    """Whether the main clause is about the noun: in its subject or object, and neither denied nor only planned."""
    token = noun
    while token.pos_ not in ("VERB", "AUX") and token.head.i != token.i:
        if token.head.pos_ in ("VERB", "AUX"):
            break
        token = token.head
    verb = token.head
    if token.dep_ not in _PARTIES or (verb.dep_ != "ROOT" and not (verb.dep_ == "conj" and verb.head.dep_ == "ROOT")):
        return False
    if any(child.dep_ in ("neg", "expl") for child in verb.children):
        return False
    return not is_only_mentioned(noun)


def _tells_aspect(unit: str) -> bool:
    return terms(unit)[-1] in _ASPECTS


def _specific(unit: str, statistics: CorpusStatistics) -> bool:
    """Whether a phrase holds a name, or a word that few passages hold."""
    words = unit.split()
    return any(_is_name(word) for word in words) or any(
        statistics.idf(terms(word)[0]) >= _RARE * statistics.rarest for word in words
    )


def _is_name(word: str) -> bool:
    return any(character.isupper() or character.isdigit() for character in word[1:])


def _queries(sentence: Span, units: Mapping[int, str]) -> Iterator[list[str]]:
    links: dict[int, list[tuple[bool, int]]] = {}
    for token in sentence:
        for first, second, turned in _links(token, units):
            links.setdefault(first, []).append((turned, second))
    for first, others in links.items():
        for turned, second in others:
            yield _joined(units[first], [units[second]], turned)
            for again, third in links.get(second, ()):
                if third != first:
                    yield _joined(units[first], _joined(units[second], [units[third]], again), turned)


def _joined(first: str, rest: list[str], turned: bool) -> list[str]:
    """ "spread of X" becomes "X spread", "spread in X" becomes "spread X"."""
    return [*rest, first] if turned else [first, *rest]


def _links(token: Token, units: Mapping[int, str]) -> Iterator[tuple[int, int, bool]]:
    """Pairs of units that ``token`` links: a noun and its attachments, or a verb's subject and what follows."""
    if token.i in units:
        for prep, target in _attached(token, units):
            yield token.i, target, prep == "of"
    elif token.pos_ == "NOUN":  # "the effect of A on B"
        inside = [target for _, target in _attached(token, units)]
        yield from ((first, second, False) for first, second in zip(inside, inside[1:], strict=False))
    elif token.pos_ in ("VERB", "AUX") and not any(child.dep_ == "neg" for child in token.children):
        subject = next((child for child in token.lefts if child.dep_ in ("nsubj", "nsubjpass")), None)
        first = _resolved(subject, units) if subject is not None else None
        if first is None:
            return
        for child in token.rights:
            if child.dep_ in _LINKING:
                noun = child if child.pos_ in ("NOUN", "PROPN") else _object(child)
                second = _resolved(noun, units) if noun is not None else None
                if second is not None and second != first:
                    yield first, second, False
                    return


def _attached(noun: Token, units: Mapping[int, str]) -> Iterator[tuple[str, int]]:
    for prep in noun.rights:
        if prep.dep_ == "prep" and prep.lower_ in _PREPOSITIONS:
            target = _object(prep)
            if target is not None and target.i in units:
                yield prep.lower_, target.i


def _object(prep: Token) -> Token | None:
    return next((child for child in prep.children if child.dep_ == "pobj"), None)


def _resolved(noun: Token, units: Mapping[int, str]) -> int | None:
    """The noun itself, or what it is about: X of "the role of X"."""
    if noun.i in units:
        return noun.i
    return next((target for _, target in _attached(noun, units)), None)


def _unit(noun: Token) -> str | None:
    """A noun with the words before it that make it specific; None where that says nothing, or a word is no word."""
    if noun.pos_ not in ("NOUN", "PROPN") or noun.dep_ in ("compound", "nmod", "npadvmod", "conj", "appos"):
        return None
    parts = [child for child in noun.lefts if child.dep_ in ("compound", "amod", "nmod") and child.pos_ in _BEFORE]
    tokens = sorted({token for part in parts for token in part.subtree if token.i < noun.i}, key=lambda one: one.i)
    tokens = [token for token in tokens if not (token.dep_ in ("amod", "advmod") and _says_nothing(token))]
    if any(token.pos_ not in _BEFORE and not token.is_punct for token in tokens):
        return None
    words: list[str] = []
    for token in (*tokens, noun):
        if token.is_punct:
            continue
        word = _whole(token)
        if word is None:
            return None
        if not words or words[-1] != word:
            words.append(word)
    if len(words) == 1 and len(words[0]) < 3:
        return None
    if len(words) > 4 or all(word.lower() in _GENERAL for word in words):
        return None
    if _says_nothing(noun) and not any(token.pos_ != "ADJ" and not _says_nothing(token) for token in tokens):
        return None
    if _says_nothing(noun) and (len(words) == 1 or noun.dep_ == "pobj" and noun.head.lower_ == "of"):
        return None
    return " ".join(words)


_BEFORE = frozenset({"NOUN", "PROPN", "ADJ"})


def _says_nothing(token: Token) -> bool:
    return token.lemma_.lower() in _GENERAL or token.is_stop


def _whole(token: Token) -> str | None:
    """The whole word between blanks that a token belongs to (MERS-CoV), None for other things than words."""
    text = re.sub(r"['’]s?$", "", between_blanks(token).strip(" ,.;:()\"'“”‘’"))
    if not _WHOLE.fullmatch(text) or len(text) < (2 if text.isupper() else 3) or _GLUED.search(text):
        return None
    return text[0].lower() + text[1:] if token.is_sent_start and text[1:].islower() and token.pos_ != "PROPN" else text
