"""One page and a vision model: other strategies while the answer looks bad, and the best answer is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from embtrainer_gui.core.chat_types import ChatReply, ChatRequest
from embtrainer_gui.core.server_problems import BadReply, FormatRefused, ServerAway
from embtrainer_gui.stages.vision_page import PageReading, prompt_of, read_page, tries

GOOD = "Rice blast is a disease that a fungus causes. It spreads in warm and wet weather over large fields of rice."
LOOP = "the rice the rice the rice " * 10
POOR = "one two three four five six seven eight nine ten " * 5
REFUSAL = "I'm sorry, but I cannot read this picture, since it is too small and too dark for me to see anything."


def read(
    *answers: str | Exception | ChatReply, accept: float = 0.6, retries: int = 3, words: int = 0
) -> tuple[PageReading, list[ChatRequest]]:
    asked: list[ChatRequest] = []
    left = list(answers)

    async def ask(request: ChatRequest) -> ChatReply:
        asked.append(request)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, ChatReply) else ChatReply(answer, "stop", 1, 1, 0.1)

    return asyncio.run(read_page(ask, b"\x89PNG", words, accept, retries)), asked


def systems(asked: Sequence[ChatRequest]) -> list[str]:
    return [request.system.split(".")[0] for request in asked]


def test_that_a_good_answer_ends_it_and_the_picture_goes_along() -> None:
    reading, asked = read(f"```\n{GOOD}\n```")
    assert reading == PageReading(GOOD, 1.0)
    assert asked[0].images == (b"\x89PNG",)
    assert asked[0].schema is None
    assert asked[0].system == prompt_of("standard")


def test_that_bad_answers_are_tried_again_in_each_way_and_the_best_one_is_kept() -> None:
    reading, asked = read(LOOP, POOR, LOOP, LOOP, accept=0.9)
    assert reading == PageReading(POOR.strip(), 0.7)
    assert systems(asked) == systems(asked[:3]) + systems(asked[:1])
    assert len(set(systems(asked))) == 3


def test_that_no_more_is_asked_than_the_retries_allow() -> None:
    assert len(read(LOOP, retries=0)[1]) == 1
    assert [name for name, _ in tries(10)][:4] == ["standard", "detailed", "ocr-focused", "standard"]
    heats = [temperature for _, temperature in tries(100)]
    assert heats[3] > heats[0]
    assert max(heats) <= 1.2


def test_that_a_refusal_is_never_the_text() -> None:
    assert read(REFUSAL, GOOD)[0] == PageReading(GOOD, 1.0)
    assert read(REFUSAL, LOOP, REFUSAL, REFUSAL)[0].text == LOOP.strip()
    reading = read(REFUSAL, REFUSAL, retries=1)[0]
    assert reading.refused
    assert reading.text == ""


def test_that_an_answer_that_was_cut_off_is_tried_again() -> None:
    cut = ChatReply(GOOD, "length", 1, 4096, 1.0)
    assert read(cut, f"{GOOD} {GOOD}")[0].text == f"{GOOD} {GOOD}"
    assert read(cut, cut, retries=1)[0].text == GOOD


def test_that_an_empty_answer_is_believed_only_of_a_page_without_words() -> None:
    assert read("[no text]")[0].text == ""
    assert read("[no text]", GOOD, words=300)[0].text == GOOD


def test_that_faults_of_an_answer_cost_a_try_and_faults_of_the_server_end_it() -> None:
    assert read(BadReply("no text"), GOOD)[0].text == GOOD
    assert read(FormatRefused("unknown: think"), GOOD, retries=0)[0].text == GOOD
    with pytest.raises(BadReply):
        read(BadReply("a"), BadReply("b"), retries=1)
    with pytest.raises(ServerAway):
        read(ServerAway("away"), GOOD)
