"""Whether a prompt fits is known before it is sent."""

from __future__ import annotations

import pytest

from embtrainer_gui.core.token_budget import (
    OF_TEMPLATE,
    SAFETY,
    UNKNOWN_CONTEXT,
    DoesNotFit,
    TokenBudget,
    context_to_use,
)


def budget(context: int, reply: int = 1000) -> TokenBudget:
    return TokenBudget(lambda text: len(text.split()), context, reply)


def words(number: int) -> str:
    return "word " * number


def test_that_a_prompt_that_fits_keeps_all_questions_and_the_reply_its_length() -> None:
    assert budget(4096).plan(lambda count: words(500), 6) == (6, 1000)


def test_that_a_long_prompt_gets_a_shorter_reply_then_fewer_questions_then_none() -> None:
    shorter = budget(2000).plan(lambda count: words(700), 6)
    assert shorter[0] == 6
    assert 780 <= shorter[1] < 1000
    fewer, reply = budget(2000).plan(lambda count: words(1100), 6)
    assert 1 <= fewer < 6
    assert words(1100).count("word") * SAFETY + reply <= 2000
    with pytest.raises(DoesNotFit, match="2000") as caught:
        budget(2000).plan(lambda count: words(1400), 6)
    assert "context_tokens" in caught.value.hint


def test_that_the_count_of_the_server_takes_the_place_of_the_guess() -> None:
    learning = budget(4096)
    guess = learning.prompt_tokens(words(1000))
    assert guess == 1000 * SAFETY + OF_TEMPLATE
    for _ in range(3):
        learning.learn(words(1000), 1100 + OF_TEMPLATE)
    assert 1100 < learning.prompt_tokens(words(1000)) < guess
    learning.learn(words(1000), 3000)  # one worse text is enough: too long is cut without a word
    assert learning.prompt_tokens(words(1000)) > 3000
    learning.learn(words(1000), None)
    assert learning.prompt_tokens(words(1000)) > 3000


@pytest.mark.parametrize(
    ("wanted", "told", "needed", "settable", "context"),
    [
        (9000, 4096, 100, True, 9000),
        (0, 131072, 5000, True, 5120),
        (0, 131072, 100, True, UNKNOWN_CONTEXT),
        (0, 2048, 5000, True, 2048),
        (0, None, 5000, True, 5120),
        (0, 32768, 5000, False, 32768),
        (0, None, 5000, False, UNKNOWN_CONTEXT),
    ],
)
def test_that_the_context_is_what_is_wanted_told_or_needed(
    wanted: int, told: int | None, needed: int, settable: bool, context: int
) -> None:
    assert context_to_use(wanted, told, needed, settable) == context
