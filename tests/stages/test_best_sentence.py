"""The sentence of a hit that is shown first."""

from __future__ import annotations

from embtrainer_gui.stages.best_sentence import BestSentence

TEXT = "The plots were watered daily. Rice blast spreads in wet weather. The yield of the plots was weighed."


def shown(question: str, text: str = TEXT) -> str:
    best = BestSentence([TEXT, "The plots were large.", "The weather of the region was dry.", "The yield was low."])
    start, end = best.of(question, text)
    return text[start:end]


def test_that_the_sentence_with_the_rare_words_is_taken() -> None:
    assert shown("How does the blast of rice spread over the plots?") == "Rice blast spreads in wet weather."


def test_that_word_forms_count_as_the_same_word() -> None:
    assert shown("watering") == "The plots were watered daily."


def test_that_the_first_sentence_stands_in_where_no_word_is_shared() -> None:
    assert shown("xylophone") == "The plots were watered daily."
    assert shown("", "") == ""
