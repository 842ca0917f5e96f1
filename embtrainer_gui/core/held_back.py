"""What labelled test sets keep out of training, so that their scores say something.

A pair is held back where its question is one of a test set, or nearly one, and where its passage is right for one, or
shares half of its text with such a passage. The rest of a paper still trains: marks set in Search stand on papers that
the user wants to learn from. No numpy here: the window counts what it may train on with it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil

from embtrainer_gui.core.shingles import ShingleIndex
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark

ALIKE = 0.8  # share of the content words of two questions, small words aside, that are in both
SHARED = 0.5  # share of the shingles of the shorter of two passages
_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s)$")
_SMALL = frozenset(
    "a an and are as at be been by can could did do does for from had has have how in into is it its many much of on or"
    " should than that the their them there these they this those to was were what when where which who whom whose why"
    " will with would der die das ein eine einer und oder ist sind war waren wie was wer wo wann warum welche welcher"
    " welches von zu im in auf mit le la les un une des et ou est sont el los las una y es son que".split()
)

_QUESTIONS = (
    " FROM test_sets t JOIN test_questions q ON q.set_id = t.id JOIN test_judgements j ON j.question_id = q.id"
    " WHERE t.ready AND j.relevance > 0 AND (?1 = '' OR j.at <= ?1) AND (?2 = '' OR t.name = ?2)"
)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Questions, as they were given, and passages by id."""

    questions: frozenset[str] = frozenset()
    passages: frozenset[int] = frozenset()

    def holds(self, question: str, passage_id: int) -> bool:
        return passage_id in self.passages or question in self.questions


def held_back(
    project: Project, questions: Iterable[str], texts: Callable[[], Mapping[int, str]], as_of: str = "", only: str = ""
) -> HeldBack:
    """Which of ``questions`` and of the passages that ``texts`` gives (by id) may not train.

    Only what was judged up to ``as_of`` (UTC) counts, where it is given: a run that goes on has the data that it began
    with. ``only`` is the name of the one set that counts.
    """
    asked = [row[0] for row in project.database.rows(f"SELECT DISTINCT q.question{_QUESTIONS}", (as_of, only))]
    if not asked:
        return HeldBack()
    right = project.database.rows(
        f"SELECT id, text FROM passages WHERE id IN (SELECT j.passage_id{_QUESTIONS})", (as_of, only)
    )
    return HeldBack(
        frozenset(alike_questions(asked, questions)),
        frozenset(alike_passages(dict(right), texts())),
    )


def held_back_words(pairs: int) -> str:
    """What is told of pairs that are held back."""
    text = mark(
        "{count} accepted questions stay out of training: a labelled test set asks them or rests on their text."
    )
    one = mark("One accepted question stays out of training: a labelled test set asks it or rests on its text.")
    return one if pairs == 1 else text.format(count=pairs)


def known_before_words(pairs: int) -> str:
    """What is told when a test set comes in that holds pairs back."""
    more = mark("A model that was trained before knows them: train again before you compare on this set.")
    return f"{held_back_words(pairs)} {more}"


def alike_questions(known: Iterable[str], questions: Iterable[str]) -> set[str]:
    """Those of ``questions`` that ask what one of ``known`` does, but for small words, endings and the order."""
    sets = [_content(question) for question in known]
    given = {question: _content(question) for question in questions}
    frequency = Counter(word for words in (*sets, *given.values()) for word in words)

    def prefix(words: frozenset[str]) -> list[str]:
        """So many of the rarest words that two alike sets share one (prefix filter of all-pairs search)."""
        rarest = sorted(words, key=lambda word: (frequency[word], word))
        return rarest[: len(rarest) - ceil(ALIKE * len(rarest)) + 1]

    by_word: dict[str, set[frozenset[str]]] = defaultdict(set)
    for words in sets:
        for word in prefix(words):
            by_word[word].add(words)
    return {
        question
        for question, words in given.items()
        if any(_jaccard(words, other) >= ALIKE for word in prefix(words) for other in by_word.get(word, ()))
    }


def alike_passages(known: Mapping[int, str], texts: Mapping[int, str]) -> set[int]:
    """The ids of ``known`` among ``texts``, and of those that share much of their text with one of them."""
    found = known.keys() & texts.keys()
    index = ShingleIndex(known.values())
    for passage, text in texts.items():
        if passage not in found and any(
            count >= SHARED * min(size, index.sizes[number]) for number, count, size in index.shared(text)
        ):
            found.add(passage)
    return found


def _jaccard(one: frozenset[str], two: frozenset[str]) -> float:
    return len(one & two) / len(one | two)


def _content(question: str) -> frozenset[str]:
    words = _WORD.findall(question.casefold())
    return frozenset(_ENDING.sub("", word) for word in words if word not in _SMALL) or frozenset(words)
