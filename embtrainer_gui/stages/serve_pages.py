"""The pages child: a picture and the words of any page of the project's papers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from embtrainer_gui.core.errors import PasswordNeeded, UserError
from embtrainer_gui.core.messages import PageImage, PageLocked, RenderPage, Request
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.page_picture import PagePainter, limit_process
from embtrainer_gui.stages.context import Context


class PageService:
    """Reads the copies in ``papers/``; pictures go to ``scratch``, a folder that the parent empties."""

    def __init__(self, ctx: Context, scratch: Path, passwords: Sequence[str] = ()) -> None:
        self._project, self._scratch = ctx.project, scratch
        self._painter = PagePainter(passwords)
        limit_process()

    def answer(self, request: Request) -> PageImage | PageLocked:
        """Raises UserError where a document has no such page or no pages at all."""
        if not isinstance(request, RenderPage):
            raise UserError(mark("This service draws pages only."))
        target = self._scratch / f"{request.ticket}.ppm"
        paper, file_name, hash_ = self._paper(request.document)
        try:
            picture = self._painter.paint(paper, request.page, request.dpi, target)
        except PasswordNeeded:
            return PageLocked(ticket=request.ticket, path=str(paper), file_name=file_name)
        return PageImage(
            ticket=request.ticket,
            path=str(target),
            width=picture.width,
            height=picture.height,
            page_width=picture.page_width,
            page_height=picture.page_height,
            pages=picture.pages,
            words=list(self._project.read_pages.words(hash_, request.page)) or picture.words,
        )

    def _paper(self, document: int) -> tuple[Path, str, str]:
        """The project's copy, and the name and the hash of the file that was imported."""
        stored = self._project.database.rows(
            "SELECT s.stored, s.file_name, s.hash FROM documents d JOIN sources s ON s.id = d.source_id WHERE d.id = ?",
            (document,),
        )
        if not stored:
            raise UserError(mark("This paper is no longer in the project."))
        name, file_name = Path(str(stored[0][0])).name, str(stored[0][1])
        if not name.lower().endswith(".pdf"):
            raise UserError(mark("{name} is text without pages, so there is no picture of it."), name=file_name)
        path = self._project.papers / name
        if not path.is_file():
            raise UserError(
                mark("The project's copy of {name} is gone."), mark("Import the paper again."), name=file_name
            )
        return path, file_name, str(stored[0][2])
