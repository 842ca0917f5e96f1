"""Corpus statistics: how rare a word is, how words are capitalised, and what acronyms stand for."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

_TOKEN = re.compile(r"[^\W_]+(?:[-'’/.][^\W_]+)*")
_ACRONYM = re.compile(r"\(\s*([A-Z][A-Za-z0-9-]{1,9})\s*\)")
_WORDS_BEFORE = re.compile(r"(?:[^\s()\[\],;:]+\s){1,9}\Z")


def terms(text: str) -> list[str]:
    """Words and hyphenated compounds of ``text`` in lower case, plural -s taken off."""
    return [_singular(token.lower()) for token in _TOKEN.findall(text)]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def long_form(before: str, acronym: str) -> str | None:
    """The words of ``before`` that ``acronym`` abbreviates, or None.

    Walks both from the right, letter by letter; the first letter must begin a word
    (Schwartz & Hearst 2003, "A simple algorithm for identifying abbreviation definitions").
    """
    letters = [character.lower() for character in acronym if character.isalnum()]
    place = len(before)
    for number in range(len(letters) - 1, -1, -1):
        place = before.lower().rfind(letters[number], 0, place)
        while number == 0 and place > 0 and (before[place - 1].isalnum() or before[place - 1] in "-/"):
            place = before.lower().rfind(letters[0], 0, place)
        if place < 0:
            return None
    found = before[place:].strip()
    size = len(found.split())
    # Fewer words than half the letters, or many more than letters, is a chance match.
    if not len(letters) / 3 <= size <= len(letters) + 3 or len(found) < len(acronym) + 3:
        return None
    return found


def acronyms_in(text: str) -> Iterable[tuple[str, str, int]]:
    """``(acronym, long form, start of the long form)`` of each definition "long form (ACR)" in ``text``."""
    for match in _ACRONYM.finditer(text):
        acronym = match.group(1)
        reach = _WORDS_BEFORE.search(text, max(0, match.start() - 120), match.start())
        if reach is None or sum(character.isupper() for character in acronym) < 2:
            continue
        before = reach.group().rstrip()
        found = long_form(before, acronym[:-1] if acronym.endswith("s") else acronym)
        if found:
            yield acronym, found, reach.start() + len(before) - len(found)


class CorpusStatistics:
    """Document frequencies over passages; deterministic in their order and content."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.passages = 0
        self._frequency: Counter[str] = Counter()
        self._count: Counter[str] = Counter()
        lower: Counter[str] = Counter()
        capital: Counter[str] = Counter()
        forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for text in texts:
            self.passages += 1
            found_terms = terms(text)
            self._count.update(found_terms)
            self._frequency.update(set(found_terms))
            for match in _TOKEN.finditer(text):
                word = match.group()
                if word.islower():
                    lower[word] += 1
                elif match.start() > 1 and text[match.start() - 2] not in ".?!:" and word[1:].islower():
                    capital[word.lower()] += 1
            for acronym, full, _ in acronyms_in(text):
                forms[acronym][full.lower()] += 1
        self._names = {word for word, count in capital.items() if count > lower[word]}
        self._lower = frozenset(lower)
        self._defined = {acronym: sum(found.values()) for acronym, found in forms.items()}

    @property
    def rarest(self) -> float:
        """The largest idf that a word can have here."""
        return self.idf("")

    def idf(self, term: str) -> float:
        """Inverse document frequency, 0 for a word of every passage; an unseen one counts as seen once."""
        return math.log((self.passages + 1) / max(self._frequency[term], 1)) if self.passages else 1.0

    def weight(self, term: str) -> float:
        """How well a term tells what a passage is about.

        Rare, and where it occurs it occurs again (burstiness: Katz 1996, "Distribution of content words and
        phrases"); a word that stands in one passage once may be any word.
        """
        frequency = self._frequency[term]
        burst = self._count[term] / frequency if frequency else 1.0
        return self.idf(term) * min(0.4 + 0.5 * burst, 1.4) * (0.6 if frequency < 2 and burst < 2 else 1.0)

    def frequency(self, word: str) -> int:
        """Passages that hold ``word``."""
        return self._frequency[_singular(word.lower())]

    def definitions(self, acronym: str) -> int:
        """How many times the corpus says what an acronym stands for."""
        return self._defined.get(acronym, 0)

    def is_name(self, word: str) -> bool:
        """Whether ``word`` is written with a capital inside sentences more often than without."""
        return word.lower() in self._names

    def is_unseen_in_lower_case(self, word: str) -> bool:
        return word.lower() not in self._lower
