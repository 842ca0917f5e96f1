"""What every reader shares: its outcome types and the error that carries a file's state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import ExtractedDocument, FileState, PassageDraft, ReadPage
from embtrainer_gui.core.reference import NOTHING_KNOWN, Reference

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig


class OnPage(Protocol):
    """Called before each page, so that the parent can time it; ``seconds`` is a limit of this page's own, and what
    the file's limit grows by (0: a usual page)."""

    def __call__(self, page: int, pages: int, /, seconds: float = 0.0) -> None: ...


class PageMemory(Protocol):
    """What slow readers have read of a file before, and where they leave what they read now."""

    def get(self, page: int) -> ReadPage | None: ...

    def put(self, read: ReadPage, settings: str) -> None: ...


class NoMemory:
    """Nothing is known, nothing is kept."""

    def get(self, page: int) -> ReadPage | None:
        return None

    def put(self, read: ReadPage, settings: str) -> None: ...


class Extractor(Protocol):
    """One way to read a PDF; ``name`` is its word in ``ImportConfig.extractor``."""

    @property
    def name(self) -> str: ...

    def read(self, path: Path, config: ImportConfig, on_page: OnPage, password: str = "") -> ExtractedDocument:
        """Read ``path`` within the limits of ``config``.

        The document says by what it was read and why (``extractor``, ``why``, ``score``).

        Raises:
            Unreadable: it gives no text, with the state to show.
            UserError: this extractor is not installed.
        """
        ...


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
    reference: Reference = NOTHING_KNOWN


@dataclass(frozen=True, slots=True)
class FileBatch:
    """Some documents of a file that is still being read."""

    path: Path
    documents: tuple[DocumentDraft, ...]


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """How one file is to be read; "" and None are as the config says."""

    name: str = ""  # to say which file it is
    extractor: str = ""
    pages: str | None = None
    known: tuple[ReadPage, ...] = ()  # pages that a slow reader has read before
    pdf: Path | None = None  # whose pages a TEI is about


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page that took seconds, as soon as it is read; ``settings`` tell one way to read it from another."""

    path: Path
    read: ReadPage
    settings: str


@dataclass(frozen=True, slots=True)
class FileResult:
    """The last word on a file: all its batches came before."""

    path: Path
    state: FileState
    reason: str = ""  # one sentence; empty when DONE and nothing was left out
    pages: int = 0
    extractor: str = ""  # "text", "layout", "ocr", "text+ocr"..., "txt", "tei", "corpus"
    why: str = ""  # why that one, in words
    score: float | None = None  # how well it could be read, 0 to 1, where the extractor tells
