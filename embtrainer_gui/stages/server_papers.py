"""What the readings by a server have in common: files for a reading process to parse, and results of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.grobid import GrobidRefused
from embtrainer_gui.core.records import FileState
from embtrainer_gui.extract.reading import FileResult, Unreadable
from embtrainer_gui.stages.background import Background


@dataclass(frozen=True, slots=True)
class ToParse:
    """``file`` holds what a server said of ``paper``; ``told`` makes the paper's result of the file's."""

    file: Path
    paper: Path
    told: Callable[[FileResult], FileResult]


class ServerPapers(Protocol):
    """Papers that one server reads in the background, which its user enters and leaves."""

    server: Background[Any]

    def take(self, seconds: float) -> Iterator[ToParse | FileResult]:
        """What has come, after at most ``seconds`` of waiting for the first; only in the stage's own thread."""
        ...


def failed(paper: Path, problem: AppError) -> FileResult:
    """The result of a paper that a server did not read."""
    state = FileState.FAILED
    if isinstance(problem, Unreadable):
        state = problem.state
    elif isinstance(problem, GrobidRefused) and problem.is_empty:
        state = FileState.EMPTY
    return FileResult(paper, state, str(problem))


def file_name_of(name: str) -> str:
    """The stem of a paper's file name as one that every file system takes; it becomes the title where none is found."""
    stem = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else " " for c in Path(name).stem)
    return " ".join(stem.split())[:60].strip(". ") or "paper"
