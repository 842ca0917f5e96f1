"""Pictures of pages that were looked at, or will be soon: the newest few stay in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtGui import QImage

from embtrainer_gui.core.messages import Word

MOST_PICTURES = 12  # some 2.6 MB each


@dataclass(frozen=True, slots=True)
class PagePicture:
    """``width`` and ``height`` are those of the page in PDF points; ``pages`` is the length of its document."""

    image: QImage
    dpi: int
    width: float
    height: float
    pages: int
    words: list[Word]


class PageCache:
    """The last ``most`` pictures that were used, one for each page."""

    def __init__(self, most: int = MOST_PICTURES) -> None:
        self._most = most
        self._pictures: OrderedDict[tuple[int, int], PagePicture] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pictures)

    def get(self, document: int, page: int) -> PagePicture | None:
        picture = self._pictures.get((document, page))
        if picture is not None:
            self._pictures.move_to_end((document, page))
        return picture

    def put(self, document: int, page: int, picture: PagePicture) -> None:
        self._pictures[document, page] = picture
        self._pictures.move_to_end((document, page))
        while len(self._pictures) > self._most:
            self._pictures.popitem(last=False)

    def clear(self) -> None:
        self._pictures.clear()
