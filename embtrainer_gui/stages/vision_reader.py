"""A vision model reads papers page by page: pictures from a drawing process, each page put as soon as it is read, and
the whole paper when all of its pages are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from embtrainer_gui.core.chat import ChatClient
from embtrainer_gui.core.chat_facts import protocol_at, server_facts
from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.chat_types import ChatReply, ChatRequest, ServerPlace
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.keys import key_for
from embtrainer_gui.core.records import FileState, ReadPage
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.server_problems import KeyRefused, PlaceRefused, ServerAway, ServerBusy
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.page_pictures import PagePictures, PageShown
from embtrainer_gui.extract.page_range import in_words, pages_of
from embtrainer_gui.extract.reading import Unreadable
from embtrainer_gui.stages.background import Put
from embtrainer_gui.stages.server_gate import Gate
from embtrainer_gui.stages.vision_page import PageReading, read_page

PAPERS_AT_ONCE = 4
MOST_AT_ONCE = 32
MOST_LATE = 2  # pages of a paper that hit a limit while they are drawn: no further one is tried
CONTEXT_TOKENS = 12_288  # a picture takes up to 5,000, the answer 4,096; Ollama cuts what is over in silence
COUNTING_DPI = 10  # of the picture that only tells how many pages there are


@dataclass(slots=True)
class VisionPaper:
    """A paper to read; ``read`` are its pages that are read already, ``missing`` says of others why they are not."""

    path: Path
    wanted: str = ""  # pages, as ``ImportConfig.pages``
    password: str = field(default="", repr=False)
    read: dict[int, ReadPage] = field(default_factory=dict)
    missing: dict[int, str] = field(default_factory=dict)
    unanswered: dict[int, AppError] = field(default_factory=dict)  # pages that the server was at fault for
    stopped: str = ""  # why no further page is drawn
    late: int = 0

    def lose(self, page: int, problem: Unreadable) -> None:
        self.missing[page] = problem.message
        self.late += problem.state is FileState.STOPPED
        if self.late >= MOST_LATE:
            self.stopped = problem.message


@dataclass(frozen=True, slots=True)
class PageDone:
    """One of the ``pages`` of a paper is read."""

    paper: Path
    page: ReadPage
    pages: int


@dataclass(frozen=True, slots=True)
class PaperDone:
    """Nothing more comes of a paper; ``wanted`` are those of its ``pages`` that were to be read."""

    paper: Path
    pages: int
    wanted: list[int]


@dataclass(frozen=True, slots=True)
class PaperLost:
    paper: Path
    problem: AppError


VisionItem = PageDone | PaperDone | PaperLost


async def ask_vision(
    config: ImportConfig, key: str, papers: Sequence[VisionPaper], scratch: Path, put: Put[VisionItem]
) -> None:
    """Put each page of ``papers`` as it is read, and one PaperDone or PaperLost for each paper."""
    try:
        place, context = await _place(config, key)
    except AppError as problem:
        for paper in papers:
            put(PaperLost(paper.path, problem))
        return
    async with (
        ChatClient(place, config.recognition_seconds) as client,
        PagePictures(scratch, config.page_seconds) as pictures,
    ):
        reader = _Reader(config, client, context, pictures, put)
        some = asyncio.Semaphore(PAPERS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for paper in papers:
                group.create_task(reader.read(paper, some))


async def _place(config: ImportConfig, key: str) -> tuple[ServerPlace, int]:
    """Where the model is, and the context length to ask it for.

    Raises:
        UserError: no address, no model is named, or the server has none of that name.
        EnvironmentProblem: the server is away.
    """
    url, model = config.vision_url.strip(), config.vision_model.strip()
    if not url.startswith(("http://", "https://")) or not host_of(url):
        raise UserError(
            mark("{address!r} is no address of a server."),
            mark("It starts with http:// or https://, such as http://localhost:11434 (--vision-url)."),
            address=url,
        )
    key = key or await asyncio.to_thread(key_for, url)
    try:
        protocol = await protocol_at(url, key)
        place = ServerPlace(protocol, url, model, key)
        facts = await server_facts(place)
    except EnvironmentProblem as problem:
        raise EnvironmentProblem(
            mark("The vision model at {host} did not answer: {reason}"),
            mark("Start the server, or look at its address in the import settings (--vision-url); then retry."),
            host=host_of(url),
            reason=problem.message,
        ) from problem
    models = facts.models
    if not model or (models and not {model, f"{model}:latest"} & set(models)):
        fault = mark("{host} has no model {model}.") if model else mark("No vision model is named.")
        raise UserError(
            fault,
            mark("Name one of these in the import settings (--vision-model): {models}."),
            host=host_of(url),
            model=model,
            models=", ".join(models[:10]) or "-",
        )
    return place, min(CONTEXT_TOKENS, facts.context_tokens or CONTEXT_TOKENS)


def _unanswered(paper: VisionPaper) -> EnvironmentProblem:
    """Not a part of the paper's text left out in silence: a failure that Retry mends for the price of these pages."""
    first = next(iter(paper.unanswered.values()))
    return EnvironmentProblem(
        mark("Not read: page {pages} ({reason})."),
        mark("The other pages are kept; retry asks for these alone."),
        pages=in_words(list(paper.unanswered)),
        reason=first.message.rstrip("."),
    )


class _Reader:
    def __init__(
        self, config: ImportConfig, client: ChatClient, context: int, pictures: PagePictures, put: Put[VisionItem]
    ) -> None:
        self._config, self._client, self._context = config, client, context
        self._pictures, self._put = pictures, put
        self._gate = Gate(Pace(start=1, most=MOST_AT_ONCE, patience=config.recognition_seconds))

    async def read(self, paper: VisionPaper, some: asyncio.Semaphore) -> None:
        async with some:
            try:
                done = await self._paper(paper)
            except AppError as problem:
                self._put(PaperLost(paper.path, problem))
            else:
                self._put(done)

    async def _paper(self, paper: VisionPaper) -> PaperDone:
        config = self._config
        first = await self._pictures.picture(paper.path, 1, COUNTING_DPI, paper.password)
        wanted = pages_of(paper.wanted, first.pages)[: config.max_pages]
        begun = asyncio.Semaphore(MOST_AT_ONCE)  # pictures wait in memory
        try:
            async with asyncio.TaskGroup() as group:
                for page in wanted:
                    if page not in paper.read:
                        group.create_task(self._page(paper, page, begun))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        if paper.unanswered:
            raise _unanswered(paper)
        return PaperDone(paper.path, first.pages, wanted)

    async def _page(self, paper: VisionPaper, page: int, begun: asyncio.Semaphore) -> None:
        """Read one page; raises only what ends the whole paper."""
        async with begun:
            if self._gate.down is not None:
                raise self._gate.down
            if paper.stopped:
                paper.missing[page] = paper.stopped
                return
            try:
                shown = await self._pictures.picture(paper.path, page, self._config.vision_dpi, paper.password)
            except Unreadable as problem:
                paper.lose(page, problem)
                return
            try:
                reading = await self._reading(shown)
            except AppError as problem:
                if self._gate.down is not None:
                    raise
                if isinstance(problem, ServerAway | ServerBusy):
                    paper.unanswered[page] = problem
                else:
                    paper.missing[page] = problem.message
                return
        if reading.refused:
            paper.missing[page] = mark("The model refused to read it.")
            return
        paper.read[page] = ReadPage(page, reading.text, shown.words, reading.score)
        self._put(PageDone(paper.path, paper.read[page], shown.pages))

    async def _reading(self, shown: PageShown) -> PageReading:
        config = self._config
        try:
            return await read_page(self._ask, shown.png, len(shown.words), config.vision_quality, config.vision_retries)
        except (KeyRefused, PlaceRefused) as problem:
            self._gate.give_up(problem, all_of_it=True)
            raise

    async def _ask(self, request: ChatRequest) -> ChatReply:
        whole = replace(request, context_tokens=self._context)
        return await self._gate.ask(lambda: self._client.ask(whole))
