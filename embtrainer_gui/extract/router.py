"""By what each page of a PDF is read: its own text, text recognition (OCR) or the layout network, and why.

A born-digital page costs one look at figures that are there already (``page_measure``); only a page whose text layer
is missing or broken is recognised, only one whose reading order is in doubt is shown to the layout network.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from embtrainer_gui.core.extractors import is_installed
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.hidden import take_out
from embtrainer_gui.extract.order_doubt import is_doubtful
from embtrainer_gui.extract.page_images import image_pixels
from embtrainer_gui.extract.page_measure import PageMeasure, measure, odd_words
from embtrainer_gui.extract.page_range import in_words
from embtrainer_gui.extract.pdf_layout import Region
from embtrainer_gui.extract.pdf_library import MUPDF_ERRORS
from embtrainer_gui.extract.pdf_lines import FontStyles, PageText, TextLine, read_page
from embtrainer_gui.extract.reading import OnPage, PageMemory
from embtrainer_gui.extract.recognised import page_text
from embtrainer_gui.extract.recognition import SETTINGS

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig
    from embtrainer_gui.extract.ocr import OcrReader

COVERING = 0.5  # share of a page that images cover: more is a scan, where there is hardly any text
LARGE = 400_000  # pixels of a page's images together: an A4 page at 65 dpi
WHOLE = 0.85  # of a scan that has a text layer as well
DAMAGED = 0.2  # share of the characters; drawings and tables of signs have some among readable text
ODD = 0.25  # share of the words, in a scanner's own text layer
_GLANCE_DPI = 20  # enough to see that a page is not blank
_POOR = 0.3  # score of a page whose own text will not do and could not be replaced
_LOOKED_AT = 2  # pages at the start of a file that are asked for images even where they have text

SCAN = mark("a picture of text")
NO_TEXT = mark("without a text layer, its letters are drawn")
DAMAGE = mark("characters without a meaning")
GARBLED = mark("letters that stand for other ones")
RUN_TOGETHER = mark("words without spaces")
POOR_LAYER = mark("a scan whose own text layer is poor")
DOUBTFUL = mark("columns that cannot be told from the edges of their lines")


class Router:
    """One for each file. After the reading ``extractor``, ``why`` and ``score`` say what was done."""

    def __init__(self, config: ImportConfig, wanted: str, on_page: OnPage, memory: PageMemory) -> None:
        self._config, self._wanted, self._on_page, self._memory = config, wanted, on_page, memory
        self._recognises = wanted == "ocr" or (wanted == "auto" and is_installed("ocr"))
        self._reader: OcrReader | None = None
        self._scanned = False  # a page of this file was a scan: the images of all pages are measured
        self._by: dict[str, list[int]] = defaultdict(list)
        self._reasons: dict[str, list[int]] = defaultdict(list)
        self._scores: list[float] = []
        self._seen = 0  # pages

    def read_page(self, document: Any, number: int, total: int, styles: FontStyles) -> PageText:
        """The page's lines: its own text, or recognised. Raises what MuPDF raises for a broken page."""
        self._on_page(number, total)
        self._seen += 1
        if self._wanted == "ocr":
            page = self._recognise(document, number, total)
            self._count_recognised(page)
            return page
        auto = self._wanted == "auto"
        page = read_page(document.this, number, styles)
        found = measure(page)
        if auto and self._may_be_picture(document, number, found, styles):
            with contextlib.suppress(*MUPDF_ERRORS):  # an image that cannot be loaded: the page's text stands
                page = read_page(document.this, number, styles, images=True)
                found = measure(page)
                self._scanned |= found.picture > WHOLE
        fault = self._fault(page, found) if auto else ""
        if fault:
            self._reasons[fault].append(number)
        if fault and self._recognises:
            better = self._better(document, page, total, fault)
            if better is not None:
                return better
        take_out(document, page)
        self._by["text"].append(number)
        self._scores.append(_POOR if fault else 1.0 - found.damaged)
        return page

    def drawn(self, document: Any, page: PageText, total: int) -> PageText:
        """A page of a file that has no text at all, recognised where it is not blank: its letters may be drawn."""
        if self._wanted != "auto" or not self._recognises or page.number in self._by["ocr"]:
            return page
        self._on_page(page.number, total, self._config.page_seconds)
        try:
            if document[page.number - 1].get_pixmap(dpi=_GLANCE_DPI, alpha=False).is_unicolor:
                return page
            found = self._better(document, page, total, NO_TEXT)
        except MUPDF_ERRORS:
            return page
        if found is None:
            return page
        self._by["text"].remove(page.number)
        self._reasons[NO_TEXT].append(page.number)
        return found

    def regions(self, document: Any, total: int, page: PageText, ours: list[list[TextLine]]) -> list[Region] | None:
        """The page's lines in the layout network's order; None where ``ours`` stands."""
        if self._wanted not in ("auto", "layout") or page.number in self._by["ocr"]:
            return None
        if self._wanted == "auto" and not is_doubtful(ours):
            return None
        if self._memory.get(page.number) is not None or not is_installed("layout"):
            return None  # the look at it ended a process before
        from embtrainer_gui.extract.layout import layout_regions

        self._on_page(page.number, total, self._config.page_seconds)
        try:
            found = layout_regions(document, page)
        except Exception:  # noqa: BLE001 - a network is a second opinion: whatever ails it, the first one stands
            return None
        if found is not None:
            self._by["layout"].append(page.number)
            self._by["text"].remove(page.number)
            self._reasons[DOUBTFUL].append(page.number)
        return found

    @property
    def extractor(self) -> str:
        """``text``, ``text+ocr``, ``layout``..."""
        used = [name for name in ("text", "layout", "ocr") if self._by[name]]
        return "+".join(used) or "text"

    @property
    def why(self) -> str:
        if self._wanted != "auto":
            return mark("As you chose.")
        if not self._reasons:
            return mark("Its text layer is whole and its columns are clear.")
        text = " ".join(_sentence(reason, pages, self._seen) for reason, pages in self._reasons.items())
        faulty = [number for reason, pages in self._reasons.items() if reason != DOUBTFUL for number in pages]
        if faulty and not self._recognises:
            text += " " + mark("Text recognition is not installed.")
        return text

    @property
    def score(self) -> float | None:
        """Mean of the pages, 0 to 1: how much of the text is what the page shows, as far as can be told."""
        return round(sum(self._scores) / len(self._scores), 3) if self._scores else None

    def _may_be_picture(self, document: Any, number: int, found: PageMeasure, styles: FontStyles) -> bool:
        """Whether to measure the images of a page, which means to load them: not where it would tell nothing.

        The text layer of a scanner is set in fonts that no file brings along, as their subsets (ABCDEF+Name) would be.
        """
        layer = self._seen <= _LOOKED_AT and not any("+" in name for name in styles.known)
        if not (found.sparse or self._scanned or layer):
            return False
        return not found.characters or image_pixels(document, number) >= LARGE

    def _fault(self, page: PageText, found: PageMeasure) -> str:
        """Why the page's own text will not do; "" where it will."""
        if found.sparse:
            if found.damaged > DAMAGED and page.damaged >= 20:
                return DAMAGE
            if found.picture > COVERING:
                return SCAN
            return ""
        if found.damaged > DAMAGED:
            return DAMAGE
        if found.garbled:
            return GARBLED
        if found.run_together:
            return RUN_TOGETHER
        return POOR_LAYER if found.picture > WHOLE and odd_words(page) > ODD else ""

    def _better(self, document: Any, page: PageText, total: int, fault: str) -> PageText | None:
        """The page recognised; None where its own text tells more."""
        try:
            found = self._recognise(document, page.number, total)
        except MUPDF_ERRORS:  # it cannot be drawn
            if not page.lines:
                raise
            return None
        length, own = (sum(len(line.text) for line in each.lines) for each in (found, page))
        if not length or (fault == SCAN and length < own):
            return None
        self._count_recognised(found)
        return found

    def _recognise(self, document: Any, number: int, total: int) -> PageText:
        from embtrainer_gui.extract.ocr import OcrReader, page_size

        read = self._memory.get(number)
        if read is None:
            self._on_page(number, total, self._config.recognition_seconds)
            self._reader = self._reader or OcrReader()
            read = self._reader.recognise(document, number)
            self._memory.put(read, SETTINGS)
        return page_text(read, *page_size(document, number))

    def _count_recognised(self, page: PageText) -> None:
        self._by["ocr"].append(page.number)
        if page.read is not None and page.read.score is not None:
            self._scores.append(page.read.score)


def _sentence(reason: str, pages: list[int], seen: int) -> str:
    if len(pages) == seen > 1:
        return mark("All pages: {reason}.").format(reason=reason)
    text = mark("Page {pages}: {reason}.") if len(pages) == 1 else mark("Pages {pages}: {reason}.")
    return text.format(pages=in_words(pages), reason=reason)
