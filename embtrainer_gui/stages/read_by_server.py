"""Files that a server reads (GROBID, a vision model): asked of it in the background while reading processes take the
others, its answers then parsed under the same limits. The results come as those of ``ReaderPool.read``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.consent import SERVER_EXTRACTORS, consent_needed, is_allowed, read_by
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.store import Project
from embtrainer_gui.extract.pool import Message, ReaderPool
from embtrainer_gui.extract.reading import FileBatch, FileResult, ReadOrder, Unreadable
from embtrainer_gui.extract.sniff import Format, recognise
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.incoming import Incoming
from embtrainer_gui.stages.orders import orders_of
from embtrainer_gui.stages.server_wait import ServerWait

if TYPE_CHECKING:
    from embtrainer_gui.stages.server_papers import ServerPapers, ToParse

POLL_SECONDS = 0.1


def read_files(
    ctx: Context,
    config: ImportConfig,
    pool: ReaderPool,
    files: Mapping[Path, Incoming],
    on_page: Callable[[str], None],
    key: str = "",
) -> Iterator[Message]:
    """Batches of documents and one result for each of ``files``, whoever reads it.

    Args:
        on_page: is told, in words, which page a server has read.
        key: of the server with the vision model, where this process cannot find it (core.keys).

    Raises:
        ConsentNeeded: pages would go to another machine for the first time; nothing was sent or read.
        Cancelled, EnvironmentProblem: as ``ReaderPool.read``.
    """
    passwords = {path: file.password for path, file in files.items() if file.password}
    orders = orders_of(ctx.project, files.values())
    asked = _asked(config, files)
    if not asked:
        yield from pool.read(list(files), ctx, passwords, orders)
        return
    _raise_without_consent(ctx.project, config, asked)
    near = [path for path in files if not any(path in papers for papers in asked.values())]
    wait = ServerWait(ctx, [read_by(config, name)[0] for name in asked])

    def on_server_page(text: str) -> None:
        wait.came()
        on_page(text)

    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="embtrainer-", ignore_cleanup_errors=True))
        servers = [
            _papers_of(name, papers, ctx, config, Path(folder), on_server_page, key) for name, papers in asked.items()
        ]
        for each in servers:
            stack.enter_context(each.server)
        looking = _Looking(ctx, servers, wait)
        for message in pool.read(near, looking, passwords, orders):
            yield message
            yield from looking.failures()
        while not looking.ended:
            ctx.raise_if_cancelled()
            looking.look(POLL_SECONDS)
            yield from looking.failures()
            yield from _parsed(pool, looking)


def _asked(config: ImportConfig, files: Mapping[Path, Incoming]) -> dict[str, dict[Path, Incoming]]:
    """``{extractor: PDFs}`` of the files that a server reads."""
    asked: dict[str, dict[Path, Incoming]] = {}
    for path, file in files.items():
        if file.extractor in SERVER_EXTRACTORS and _is_pdf(path, config):
            asked.setdefault(file.extractor, {})[path] = file
    return asked


def _is_pdf(path: Path, config: ImportConfig) -> bool:
    try:
        return recognise(path, config) is Format.PDF
    except Unreadable:
        return False  # a reading process says why


def _raise_without_consent(project: Project, config: ImportConfig, asked: Iterable[str]) -> None:
    for extractor in sorted(asked):
        host, what = read_by(config, extractor)
        if not is_allowed(project, host):
            raise consent_needed(host, what)


def _papers_of(
    name: str,
    papers: Mapping[Path, Incoming],
    ctx: Context,
    config: ImportConfig,
    scratch: Path,
    on_page: Callable[[str], None],
    key: str,
) -> ServerPapers:
    """Loaded only where a server is asked: their libraries would keep every other import waiting."""
    if name == "grobid":
        from embtrainer_gui.stages.grobid_papers import GrobidPapers

        return GrobidPapers(config, papers, scratch)
    from embtrainer_gui.stages.vision_papers import VisionPapers

    return VisionPapers(config, papers, scratch, ctx.project.read_pages, on_page, key)


def _parsed(pool: ReaderPool, looking: _Looking) -> Iterator[Message]:
    """What the servers said by now, as reading processes understand it."""
    answers = looking.answers()
    orders = {file: ReadOrder(pdf=answer.paper) for file, answer in answers.items()}
    for message in pool.read(list(answers), looking, orders=orders):
        answer = answers[message.path]
        if isinstance(message, FileBatch):
            yield replace(message, path=answer.paper)
        elif isinstance(message, FileResult):
            yield replace(answer.told(message), path=answer.paper)
            answer.file.unlink(missing_ok=True)


class _Looking:
    """The reporter of the reading pool: each time that it asks whether to stop, the servers are looked at, so that a
    page is kept as soon as it is read."""

    def __init__(self, reporter: Reporter, servers: Sequence[ServerPapers], wait: ServerWait) -> None:
        self._reporter, self._servers, self._wait = reporter, servers, wait
        self._failures: list[FileResult] = []
        self._answers: dict[Path, ToParse] = {}

    @property
    def ended(self) -> bool:
        """Nothing more will come, and all that came was taken."""
        return not self._failures and not self._answers and all(each.server.ended for each in self._servers)

    def look(self, seconds: float = 0.0) -> None:
        if not all(each.server.ended for each in self._servers):
            self._wait.look()
        for each in self._servers:
            for taken in each.take(seconds):
                self._wait.came()
                if isinstance(taken, FileResult):
                    self._failures.append(taken)
                else:
                    self._answers[taken.file] = taken

    def failures(self) -> list[FileResult]:
        """Papers of which nothing is to be read, since the last call."""
        found, self._failures = self._failures, []
        return found

    def answers(self) -> dict[Path, ToParse]:
        """Files to read, since the last call."""
        found, self._answers = self._answers, {}
        return found

    def raise_if_cancelled(self) -> None:
        self._reporter.raise_if_cancelled()
        self.look()

    def status(self, text: str) -> None:
        self._reporter.status(text)

    def progress(self, done: int, total: int, item: str = "") -> None:
        self._reporter.progress(done, total, item)

    def metric(self, step: int, epoch: float, values: dict[str, float]) -> None:
        self._reporter.metric(step, epoch, values)

    def warn(self, text: str) -> None:
        self._reporter.warn(text)
