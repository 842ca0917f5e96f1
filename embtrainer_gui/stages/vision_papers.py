"""Papers that a vision model reads: each page is kept in the project as it comes, and a reading process makes passages
of the whole paper."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.records import FileState, ReadPage
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.read_pages import ReadPageStore
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.page_range import in_words
from embtrainer_gui.extract.reading import FileResult
from embtrainer_gui.extract.sniff import PAGES_SUFFIX
from embtrainer_gui.stages.background import Background
from embtrainer_gui.stages.incoming import Incoming
from embtrainer_gui.stages.server_papers import ToParse, failed
from embtrainer_gui.stages.vision_reader import PageDone, PaperDone, PaperLost, VisionItem, VisionPaper, ask_vision

VISION = "vision"
SHOWN_REASONS = 3


class VisionPapers:
    """See ``server_papers.ServerPapers``.

    Args:
        on_page: is told, in words, which page was read.
    """

    def __init__(
        self,
        config: ImportConfig,
        papers: Mapping[Path, Incoming],
        scratch: Path,
        kept: ReadPageStore,
        on_page: Callable[[str], None],
        key: str,
    ) -> None:
        self._config, self._files, self._scratch = config, papers, scratch
        self._kept, self._on_page = kept, on_page
        self._settings = settings_of(config)
        self._papers = {
            path: VisionPaper(path, file.pages, file.password, self._read_before(file)) for path, file in papers.items()
        }
        self.server: Background[VisionItem] = Background(
            lambda put: ask_vision(config, key, list(self._papers.values()), scratch, put)
        )

    def _read_before(self, file: Incoming) -> dict[int, ReadPage]:
        """Its pages that need not be asked for; where the user wants it read again, those that were read badly are."""
        found = self._kept.get(file.hash, VISION, self._settings)
        if file.again is None:
            return found
        return {page: read for page, read in found.items() if (read.score or 0) >= self._config.vision_quality}

    def take(self, seconds: float) -> Iterator[ToParse | FileResult]:
        for item in self.server.items(seconds):
            match item:
                case PageDone():
                    self._keep(item)
                case PaperDone():
                    yield self._whole(item)
                case PaperLost():
                    yield failed(item.paper, item.problem)

    def _keep(self, done: PageDone) -> None:
        file = self._files[done.paper]
        self._kept.put(file.hash, VISION, self._settings, done.page, utc_now())
        text = mark("{name}, page {page} of {pages}")
        self._on_page(text.format(name=file.name, page=done.page.page, pages=done.pages))

    def _whole(self, done: PaperDone) -> ToParse | FileResult:
        """The file of a whole paper. Its words get the places that text recognition found, where the PDF has none."""
        file, paper = self._files[done.paper], self._papers[done.paper]
        read = [paper.read[page] for page in done.wanted if page in paper.read]
        if not read:
            state = FileState.STOPPED if paper.stopped else FileState.FAILED
            reason = _left_out(paper.missing) or mark("It has none of the pages {pages}.").format(pages=file.pages)
            return FileResult(done.paper, state, reason, done.pages)
        texts = [(page.page, page.text, page.words or self._kept.words(file.hash, page.page)) for page in read]
        target = self._scratch / f"{file.hash}{PAGES_SUFFIX}"
        content = {"name": Path(file.name).stem, "pages": done.pages, "texts": texts}
        target.write_text(json.dumps(content), encoding="utf-8")
        return ToParse(target, done.paper, partial(self._told, done, read, paper.missing))

    def _told(self, done: PaperDone, read: list[ReadPage], missing: dict[int, str], result: FileResult) -> FileResult:
        config, state = self._config, result.state
        notes = [result.reason, _left_out(missing)]
        is_cut = len(done.wanted) == config.max_pages < done.pages
        if is_cut:
            limit = mark("Only the first {n} of {pages} pages were read: that is the limit.")
            notes.append(limit.format(n=config.max_pages, pages=done.pages))
        poor = [page.page for page in read if page.score is not None and page.score < config.vision_quality]
        if poor:
            notes.append(mark("Read badly, look at them: pages {pages}.").format(pages=in_words(poor)))
        if state is FileState.DONE and (missing or is_cut):
            state = FileState.PARTIAL
        scores = [page.score for page in read if page.score is not None]
        return replace(
            result,
            state=state,
            reason=" ".join(note for note in notes if note),
            pages=done.pages,
            extractor=VISION,
            why=mark("As you chose, by {model}.").format(model=config.vision_model),
            score=round(sum(scores) / len(scores), 3) if scores else None,
        )


def settings_of(config: ImportConfig) -> str:
    """What tells one reading of a page from another one."""
    retries = f"quality {config.vision_quality}, {config.vision_retries} retries"
    return f"{config.vision_model.strip()}, {config.vision_dpi} dpi, {retries}"


def _left_out(missing: Mapping[int, str]) -> str:
    """Which pages were not read, and why."""
    pages_of_reason: dict[str, list[int]] = {}
    for page, reason in sorted(missing.items()):
        pages_of_reason.setdefault(reason, []).append(page)
    text = mark("Not read: page {pages} ({reason})")
    told = [
        text.format(pages=in_words(pages), reason=reason.rstrip("."))
        for reason, pages in list(pages_of_reason.items())[:SHOWN_REASONS]
    ]
    return "; ".join(told) + "." if told else ""
