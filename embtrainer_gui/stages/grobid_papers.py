"""Papers that GROBID reads: each is sent, and its TEI kept in a file for a reading process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from embtrainer_gui.core.chat_pace import Pace
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.grobid import GrobidClient, NoGrobid
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.page_range import pages_of
from embtrainer_gui.extract.reading import FileResult
from embtrainer_gui.stages.background import Background, Put
from embtrainer_gui.stages.incoming import Incoming
from embtrainer_gui.stages.server_gate import Gate
from embtrainer_gui.stages.server_papers import ToParse, failed, file_name_of

GROBID = "grobid"
FIRST_AT_ONCE, MOST_AT_ONCE = 4, 16  # GROBID itself takes 10 unless it is told otherwise


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of one paper: its TEI, else the problem."""

    paper: Path
    problem: AppError | None = None


class GrobidPapers:
    """See ``server_papers.ServerPapers``."""

    def __init__(self, config: ImportConfig, papers: Mapping[Path, Incoming], scratch: Path) -> None:
        self._config, self._files = config, papers
        self._targets: dict[Path, Path] = {}
        for number, (path, file) in enumerate(papers.items()):
            folder = scratch / f"grobid-{number}"
            folder.mkdir()
            self._targets[path] = folder / f"{file_name_of(file.name)}.tei.xml"
        self.server: Background[_Answer] = Background(self._ask_all)
        self._version = ""

    def take(self, seconds: float) -> Iterator[ToParse | FileResult]:
        for answer in self.server.items(seconds):
            if answer.problem is None:
                yield ToParse(self._targets[answer.paper], answer.paper, self._told)
            else:
                yield failed(answer.paper, answer.problem)

    def _told(self, result: FileResult) -> FileResult:
        if result.state in (FileState.DONE, FileState.PARTIAL):
            return replace(
                result, extractor=GROBID, why=mark("As you chose, by GROBID {version}.").format(version=self._version)
            )
        return replace(result, reason=mark("What GROBID answered: {reason}").format(reason=result.reason))

    async def _ask_all(self, put: Put[_Answer]) -> None:
        config = self._config
        gate = Gate(Pace(start=FIRST_AT_ONCE, most=MOST_AT_ONCE, patience=config.recognition_seconds))
        try:
            async with GrobidClient(config.grobid_url, config.recognition_seconds) as client:
                self._version = await client.version()
                async with asyncio.TaskGroup() as group:
                    for paper in self._targets:
                        group.create_task(self._ask(client, gate, paper, put))
        except AppError as problem:  # before any paper was sent
            for paper in self._targets:
                put(_Answer(paper, problem))

    async def _ask(self, client: GrobidClient, gate: Gate, paper: Path, put: Put[_Answer]) -> None:
        try:
            await gate.ask(lambda: client.process(paper, self._targets[paper], self._pages(paper)))
            put(_Answer(paper))
        except AppError as problem:
            if isinstance(problem, NoGrobid):
                gate.give_up(problem, all_of_it=True)
            put(_Answer(paper, problem))
        except OSError as problem:  # the paper or the temporary folder
            text = mark("It cannot be sent: {detail}.")
            put(_Answer(paper, AppError(text, detail=problem.strerror or problem)))

    def _pages(self, paper: Path) -> tuple[int, int] | None:
        """From the first to the last page that is wanted: GROBID takes no others."""
        asked = self._files[paper].pages
        wanted = pages_of(asked, self._config.max_pages) if asked.strip() else []
        return (wanted[0], wanted[-1]) if wanted else None
