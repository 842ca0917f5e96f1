"""What every reader shares: its outcome types and the error that carries a file's state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import FileState, PassageDraft

OnPage = Callable[[int, int], None]
"""Called with ``(page, pages)`` before each page, so that the parent can time it."""


class Unreadable(UserError):
    """This file gives no text; ``state`` is what the list of files shows."""

    def __init__(self, state: FileState, message: str, hint: str = "", **values: object) -> None:
        super().__init__(message, hint, **values)
        self.state = state


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """One document with its passages, before it has a row. ``sketch``: see text.near_duplicate."""

    title: str
    pages: int
    passages: tuple[PassageDraft, ...]
    sketch: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FileBatch:
    """Some documents of a file that is still being read."""

    path: Path
    documents: tuple[DocumentDraft, ...]


@dataclass(frozen=True, slots=True)
class FileResult:
    """The last word on a file: all its batches came before."""

    path: Path
    state: FileState
    reason: str = ""  # one sentence; empty when DONE and nothing was left out
    pages: int = 0
    extractor: str = ""  # "text", "txt", "tei", "corpus"
