"""What a vision model answers: only the page's text is taken, and bad answers are told from good ones."""

from __future__ import annotations

import pytest

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.extract.vision_answer import is_refusal, page_text, quality

GOOD = (
    "Rice blast is a disease that a fungus causes. It spreads in warm and wet weather over large fields, and costs"
    " growers in many countries a tenth of their yield."
)


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f"<think>The page has two columns.</think>\n{GOOD}",
        f"The template held the tag</think>{GOOD}",
        f"```markdown\n{GOOD}\n```",
        f"Here is the text of the page:\n\n```\n{GOOD}\n```\nLet me know if you need more.",
        f"Sure, here is the extracted text:\n\n{GOOD}",
        f"{GOOD}\n\nLet me know if you need anything else!",
        f"  \r\n{GOOD}\x00\x1b\ud800\r\n",
    ],
)
def test_that_only_the_text_of_the_page_is_taken(answer: str) -> None:
    assert page_text(answer) == GOOD


def test_that_paragraphs_stay_apart_and_code_inside_a_paper_stays() -> None:
    text = f"# 1 Methods\n\n{GOOD}\n\n```\nprint(1)\n```\n\n{GOOD}"
    assert page_text(text) == text


@pytest.mark.parametrize("answer", ["[no text]", "**[no text]**.", "<think>[no]</think>[No Text]", "", "  \n"])
def test_that_a_page_without_text_is_empty(answer: str) -> None:
    assert page_text(answer) == ""


@pytest.mark.parametrize(
    ("text", "score"),
    [
        (GOOD, 1.0),
        ("", 0.7),
        ("Short.", 0.2),  # one word is all of it, and it is short
        ("Only a few words stand here", 0.7),
        ("the rice the blast the field the farm the leaf the root the seed the wind", 0.5),
        ("one two three four five six " * 20, 0.7),
        ("word " * 40, 0.2),
        ("a1 ??? b2 !!! c3 ;;; d4 ,,, e5 ... f6 ### g7 $$$ h8 %%% i9 &&&", 0.8),
        ("I'm sorry, but I can't read the text in this picture, as it is too small for me.", 0.6),
        ("I cannot help.", 0.0),  # short, three words, a refusal
    ],
)
def test_that_quality_is_what_the_predecessor_counted(text: str, score: float) -> None:
    assert quality(text) == pytest.approx(score)


def test_that_what_the_predecessor_accepted_is_accepted_by_default() -> None:
    assert quality(GOOD) >= ImportConfig().vision_quality > quality("word " * 40)


@pytest.mark.parametrize(
    "text",
    [
        "I’m sorry, I cannot assist with that.",
        "As an AI, I do not see an image.",
        "I am unable to extract text from this image because it is blurred.",
        "Unfortunately, no image was provided.",
        "I can't clearly make out the text.",
    ],
)
def test_that_refusals_are_recognised(text: str) -> None:
    assert is_refusal(text)


def test_that_a_paper_that_quotes_a_refusal_is_none() -> None:
    assert not is_refusal(GOOD)
    assert not is_refusal(GOOD * 3 + ' The model answered "I\'m sorry, I cannot assist with that."')
    assert not is_refusal("Participants said: I cannot sleep. They were unable to rest.")
