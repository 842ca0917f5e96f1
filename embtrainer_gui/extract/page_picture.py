"""Pictures of the pages of a PDF, with the words on them; untrusted files, so only in a child under limits."""

from __future__ import annotations

import sys
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from embtrainer_gui.core.errors import EnvironmentProblem, PasswordNeeded, UserError
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.pdf_library import pymupdf

MEMORY_MB = 2048
CPU_SECONDS = 10.0  # for one page
MOST_PIXELS = 40_000_000
MOST_FILE_BYTES = 4 * MOST_PIXELS
MOST_WORDS = 20_000
OPEN_DOCUMENTS = 2  # the one that is read, and the one before
POINTS_PER_INCH = 72

_MUPDF_ERRORS = (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase)


@dataclass(frozen=True, slots=True)
class PagePicture:
    """Sizes of the picture in pixels, of the page in points; ``words`` are ``(x0, y0, x1, y1, text)`` in points."""

    width: int
    height: int
    page_width: float
    page_height: float
    pages: int
    words: list[tuple[float, float, float, float, str]]


def limit_process() -> None:
    """Bound what a hostile file can do to this process from now on. Windows has no such limits: there the clock of
    the parent is the only one."""
    if sys.platform == "win32":
        return
    import resource

    size = MEMORY_MB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))


class PagePainter:
    """Draws pages into PPM files; the last documents stay open, so that turning a page is quick.

    Args:
        passwords: those that the user typed for some file; an encrypted one is tried with each.
    """

    def __init__(self, passwords: Sequence[str] = ()) -> None:
        self._passwords = ("", *passwords)
        tools: Any = pymupdf.TOOLS
        tools.mupdf_display_errors(False)  # its messages may hold escape sequences from the file
        tools.mupdf_display_warnings(False)
        self._open: OrderedDict[Path, Any] = OrderedDict()

    def paint(self, path: Path, page: int, dpi: int, target: Path, kind: Literal["ppm", "png"] = "ppm") -> PagePicture:
        """Draw page ``page`` (from 1) of ``path`` into ``target``; fewer dots where it would be too large.

        Raises:
            UserError: no such page, or damaged.
            PasswordNeeded: encrypted.
            EnvironmentProblem: ``target`` cannot be written.
        """
        _limit_cpu()
        document = self._document(path)
        try:
            if not 1 <= page <= len(document):
                raise UserError(mark("{name} has no page {page}."), name=path.name, page=page)
            shown = document[page - 1]
            scale = _scale(shown.rect.width, shown.rect.height, dpi)
            pixmap = shown.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False, colorspace=pymupdf.csRGB)
            words = words_of(shown)
        except _MUPDF_ERRORS as problem:
            self._forget(path)
            raise UserError(mark("Page {page} is damaged and cannot be drawn."), page=page) from problem
        try:
            pixmap.save(str(target), output=kind)
        except (*_MUPDF_ERRORS, OSError) as problem:
            raise EnvironmentProblem(
                mark("The picture of the page cannot be written to {path}."),
                mark("Free some space on that disk."),
                path=target.parent,
            ) from problem
        width, height = shown.rect.width, shown.rect.height
        return PagePicture(pixmap.width, pixmap.height, width, height, len(document), words)

    def _document(self, path: Path) -> Any:
        if path in self._open:
            self._open.move_to_end(path)
            return self._open[path]
        open_document: Any = pymupdf.open
        try:
            document = open_document(path, filetype="pdf")
        except _MUPDF_ERRORS as problem:
            raise UserError(mark("{name} is damaged and cannot be opened."), name=path.name) from problem
        if document.needs_pass and not any(document.authenticate(password) for password in self._passwords):
            document.close()
            raise PasswordNeeded(mark("This file is protected by a password, so its pages cannot be shown."))
        self._open[path] = document
        while len(self._open) > OPEN_DOCUMENTS:
            self._forget(next(iter(self._open)))
        return document

    def _forget(self, path: Path) -> None:
        document = self._open.pop(path, None)
        if document is not None:
            document.close()


def _scale(width: float, height: float, dpi: int) -> float:
    scale = dpi / POINTS_PER_INCH
    pixels = width * height * scale * scale
    return float(scale if pixels <= MOST_PIXELS else scale * (MOST_PIXELS / pixels) ** 0.5 * 0.99)


def words_of(page: Any) -> list[tuple[float, float, float, float, str]]:
    """The words of a page and their places as it is shown: rotation applied, as in the boxes of passages."""
    turned = page.rotation_matrix
    found = []
    for x0, y0, x1, y1, text, *_ in page.get_text("words")[:MOST_WORDS]:
        box = pymupdf.Rect(x0, y0, x1, y1) * turned
        found.append((round(box.x0, 2), round(box.y0, 2), round(box.x1, 2), round(box.y1, 2), text))
    return found


def _limit_cpu() -> None:
    """A second line behind the parent's clock: processor time from now on."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + CPU_SECONDS) + 1, resource.RLIM_INFINITY))
