"""One page and a vision model: asked in one way, then in others while the answer looks bad; the best one is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from embtrainer_gui.core.chat_types import ChatReply, ChatRequest
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_problems import BadReply, FormatRefused
from embtrainer_gui.core.settings import resource_path
from embtrainer_gui.extract.vision_answer import is_refusal, page_text, quality

MOST_TOKENS = 4096  # of an answer; a full page has about 1,500
STRATEGIES = (("standard", 0.1), ("detailed", 0.3), ("ocr-focused", 0.0))
LATER_HEAT = 0.2  # added to the temperature each time that all strategies have been tried
QUESTION = "Here is the page."
WORDS_OF_A_TEXT_PAGE = 20  # with so many words in its text layer an empty answer cannot be right

Ask = Callable[[ChatRequest], Awaitable[ChatReply]]


@dataclass(frozen=True, slots=True)
class PageReading:
    """The best text of a page and its quality, 0 to 1; ``refused``: no answer was anything but a refusal."""

    text: str
    score: float
    refused: bool = False


def tries(retries: int) -> Iterator[tuple[str, float]]:
    """``(strategy, temperature)`` of each try of a page: all strategies in turn, then again with more freedom."""

    def endless() -> Iterator[tuple[str, float]]:
        heat = 0.0
        while True:
            yield from ((name, round(temperature + heat, 2)) for name, temperature in STRATEGIES)
            heat = min(heat + LATER_HEAT, 0.8)

    return islice(endless(), retries + 1)


def prompt_of(strategy: str) -> str:
    return resource_path("prompts", f"vision-{strategy}.md").read_text(encoding="utf-8").strip()


async def read_page(ask: Ask, png: bytes, words: int, accept: float, retries: int) -> PageReading:
    """The text of the page on ``png``, from the first answer whose quality is at least ``accept``, else the best one.

    A refusal, and an answer that was cut off, are tried again whatever their quality.

    Args:
        words: how many the text layer of the page has.

    Raises:
        AppError: of the server; the last one where no try had an answer.
    """
    best: PageReading | None = None
    problem: AppError | None = None
    for strategy, temperature in tries(retries):
        request = ChatRequest(
            system=prompt_of(strategy),
            user=QUESTION,
            max_tokens=MOST_TOKENS,
            temperature=temperature,
            top_p=0.9,
            images=(png,),
        )
        try:
            reply = await _asked(ask, request)
        except BadReply as bad:
            problem = bad
            continue
        reading = _reading(reply.text)
        if best is None or (not reading.refused, reading.score) > (not best.refused, best.score):
            best = reading
        whole = reply.finish != "length" and not (words >= WORDS_OF_A_TEXT_PAGE and not reading.text)
        if whole and not reading.refused and reading.score >= accept:
            return reading
    if best is None:
        assert problem is not None  # there is at least one try
        raise problem
    return best


async def _asked(ask: Ask, request: ChatRequest) -> ChatReply:
    for _ in range(3):  # each time without one more setting that the server does not know
        try:
            return await ask(request)
        except FormatRefused as refusal:
            problem = refusal
    raise problem


def _reading(answer: str) -> PageReading:
    text = page_text(answer)
    refused = is_refusal(text)
    return PageReading("" if refused else text, quality(text), refused)
