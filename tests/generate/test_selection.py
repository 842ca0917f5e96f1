"""The choice among candidate questions of one passage."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from embtrainer_gui.core.records import QuestionKind
from embtrainer_gui.generate.candidate import Candidate, pick
from embtrainer_gui.generate.careful import selection as careful_selection
from embtrainer_gui.generate.selection import choose
from embtrainer_gui.generate.statistics import CorpusStatistics

FILLER = ["The weather of the region changes with the seasons and with the height above the sea."] * 40


@pytest.fixture(scope="module")
def statistics() -> CorpusStatistics:
    rare = (
        "Hepcidin septicemia macrophages duodenum erythropoiesis ferritin transferrin inflammation interleukin calves."
    )
    return CorpusStatistics([rare, *FILLER])


def candidate(text: str, sentence: int, kind: QuestionKind = QuestionKind.FACT) -> Candidate:
    return Candidate(text, (0, 5), kind, sentence)


def chosen(candidates: list[Candidate], most: int, statistics: CorpusStatistics, seed: int = 1) -> list[str]:
    return [candidates[i].question for i in choose(candidates, most, statistics, random.Random(seed))]


def test_that_another_sentence_is_asked_before_the_same_one_again(statistics: CorpusStatistics) -> None:
    first = candidate("What does hepcidin lower in macrophages?", 0)
    again = candidate("What does ferritin raise in the duodenum?", 0)
    later = candidate("What does transferrin carry in calves?", 3)
    for seed in range(20):
        assert chosen([first, again, later], 2, statistics, seed)[-1] == later.question


def test_that_the_same_words_are_not_asked_twice(statistics: CorpusStatistics) -> None:
    pair = [
        candidate("What does hepcidin lower in macrophages?", 0),
        candidate("Does hepcidin lower ferritin in macrophages?", 1),
    ]
    assert len(chosen(pair, 2, statistics)) == 1


def test_that_common_words_make_no_question(statistics: CorpusStatistics) -> None:
    assert chosen([candidate("What changes with the weather of the region?", 0)], 3, statistics) == []


def test_that_open_questions_come_last_and_keyword_queries_are_limited(statistics: CorpusStatistics) -> None:
    definite = [candidate("What does hepcidin lower in macrophages?", 0)]
    general = [replace(candidate("What is known about ferritin in calves?", 1), open=True)]
    keywords = [
        candidate(text, 2, QuestionKind.KEYWORD)
        for text in ("hepcidin septicemia", "duodenum erythropoiesis", "transferrin interleukin", "inflammation calves")
    ]
    found = chosen(definite + general + keywords, 3, statistics)
    assert definite[0].question in found
    assert sum(text in found for text in (query.question for query in keywords)) == 1
    assert chosen(definite + general, 1, statistics) == [definite[0].question]


def test_that_carefully_what_x_does_and_what_is_done_to_x_are_two_questions(statistics: CorpusStatistics) -> None:
    asked = Candidate("What does hepcidin lower in macrophages?", (10, 20), QuestionKind.FACT, 0)
    turned = replace(asked, question="What is known to lower ferritin in macrophages?", answer=(0, 8))
    again = replace(turned, question="What can lower ferritin in macrophages?")
    assert len(careful_selection.choose([asked, turned, again], 3, statistics, random.Random(1))) == 2


def test_that_a_wording_is_picked_by_its_key_alone() -> None:
    assert {pick(("a", "b"), f"key {i}") for i in range(20)} == {"a", "b"}
    assert [pick(("a", "b"), "hepcidin") for _ in range(3)] == [pick(("a", "b"), "hepcidin")] * 3
