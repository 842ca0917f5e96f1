"""Text that no reader of a page sees: pale, tiny, invisible, covered, or on a layer that is off.

Whoever hides text in a paper means machines to read it. (MuPDF leaves out what lies off the page.) ``hidden_signs``
tells which pages are suspect; only those are looked at here, by MuPDF's trace of the text, its log of all that is
painted, and a picture of the part in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from embtrainer_gui.core.records import Block, BlockKind, Line
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.hidden_signs import speaks_to_machines
from embtrainer_gui.extract.page_images import image_pixels
from embtrainer_gui.extract.pdf_library import MUPDF_ERRORS, pymupdf
from embtrainer_gui.extract.pdf_lines import FontStyles, Hidden, PageText, TextLine, clean, is_under_image, read_page

SMALLEST = 1.5  # points: no printer and no screen shows smaller type
_PALE = 0.87  # of each colour: lighter is nearly white
_SEEN = 0.1  # opacity
_FLAT = 24  # of 255: a region with less contrast shows no text
_DPI = 60
_PAINT = frozenset({"fill-path", "fill-image", "fill-imgmask", "fill-shade"})
_MOST_PIXELS = 4_000_000
_SHOW, _HIDE = 0, 2  # of set_layer_ui_config
_LARGE = 0.9  # of a piece of text: what covers it, or lies under it
_WHOLE_LINE = 0.8  # of its width: such a line goes as a whole

Rect = tuple[float, float, float, float]


class Way(StrEnum):
    """In the words of the file's note."""

    PALE = mark("in the colour of the page")
    TINY = mark("too small to read")
    INVISIBLE = mark("invisible")
    COVERED = mark("covered")
    LAYER = mark("on a layer that is switched off")


def take_out(document: Any, page: PageText) -> None:
    """Move what is hidden of ``page.lines`` into ``page.hidden``, in place."""
    tiny = bool(page.lines) and min([line.size for line in page.lines]) < SMALLEST
    if not (page.suspect or tiny or _may_be_under_image(document, page)):
        return
    found = _traced(document[page.number - 1], page.number)
    if found:
        page.lines = [line for line in page.lines if _without(line, page, found)]
        page.hidden += found


def _may_be_under_image(document: Any, page: PageText) -> bool:
    """To load the images of a page takes long: only where its words are suspect."""
    if not page.looked_at or not speaks_to_machines("\n".join([line.text for line in page.lines])):
        return False
    return image_pixels(document, page.number) > 0 and is_under_image(document.this, page.number)


def look_again(document: Any, pages: Sequence[PageText], announce: Callable[[int], None]) -> None:
    """A file that hides something on one page is looked through on all, and so are the layers that are off.

    ``announce`` is called with each page that is read once more.
    """
    try:
        _look_everywhere(document, pages, announce)
        _on_layers_that_are_off(document, pages, announce)
    except MUPDF_ERRORS:
        pass  # what the first look found is out already


def _look_everywhere(document: Any, pages: Sequence[PageText], announce: Callable[[int], None]) -> None:
    if not any(page.hidden for page in pages):
        return
    styles = FontStyles()
    for page in pages:
        if not page.looked_at and page.read is None:
            announce(page.number)
            page.suspect = read_page(document.this, page.number, styles, look=True).suspect
            take_out(document, page)


def _on_layers_that_are_off(document: Any, pages: Iterable[PageText], announce: Callable[[int], None]) -> None:
    """Add the text of layers that are off to ``hidden`` of ``pages``: what is there only when they are on."""
    off = [layer["number"] for layer in document.layer_ui_configs() if not layer["on"] and not layer["locked"]]
    if not off:
        return
    for layer in off:
        document.set_layer_ui_config(layer, _SHOW)
    styles = FontStyles()
    for page in pages:
        if page.read is not None:
            continue
        announce(page.number)
        shown = {(line.text, round(line.x0), round(line.base)) for line in page.lines}
        for line in read_page(document.this, page.number, styles).lines:
            if (line.text, round(line.x0), round(line.base)) not in shown:
                page.hidden.append(Hidden(line.text, page.box(line), Way.LAYER))
    for layer in off:
        document.set_layer_ui_config(layer, _HIDE)


def blocks_of(pages: Iterable[PageText]) -> list[Block]:
    """A block for each way and page."""
    found = []
    for page in pages:
        for way in Way:
            pieces = [piece for piece in page.hidden if piece.way is way]
            if not pieces:
                continue
            lines, text = [], ""
            for piece in pieces:
                start = len(text) + bool(text)
                text = f"{text} {piece.text}" if text else piece.text
                lines.append(Line(start, len(text), piece.box))
            found.append(Block(BlockKind.HIDDEN, text, "", page.number, tuple(lines)))
    return found


def note_of(pages: Sequence[PageText]) -> str:
    """A sentence about what was left out; "" where nothing was."""
    ways = Counter(piece.way for page in pages for piece in page.hidden)
    if not ways:
        return ""
    one = mark("One hidden piece of text was left out: {ways}.")
    several = mark("{count} hidden pieces of text were left out: {ways}.")
    count = ways.total()
    return (one if count == 1 else several).format(count=count, ways=", ".join(ways))


@dataclass(frozen=True, slots=True)
class _Paint:
    """Something that is not text, ``place`` in the order of drawing; boxes are of the page as it is shown."""

    place: int
    box: Rect
    image: bool


class _Picture:
    """The part of a page that holds some boxes."""

    def __init__(self, page: Any, boxes: Sequence[Rect]) -> None:
        clip = pymupdf.Rect(
            min(box[0] for box in boxes), min(box[1] for box in boxes),
            max(box[2] for box in boxes), max(box[3] for box in boxes),
        )  # fmt: skip
        self._scale = min(_DPI / 72, (_MOST_PIXELS / max(1.0, clip.get_area())) ** 0.5)
        matrix = pymupdf.Matrix(self._scale, self._scale)
        self._pixels = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, clip=clip)

    def is_flat(self, box: Rect) -> bool:
        """Whether the region shows one colour only."""
        pixels = self._pixels
        x0, x1 = (round(value * self._scale) - pixels.x for value in (box[0], box[2]))
        y0, y1 = (round(value * self._scale) - pixels.y for value in (box[1], box[3]))
        x0, x1 = max(0, x0), min(pixels.width, max(x1, x0 + 1))
        rows = range(max(0, y0), min(pixels.height, max(y1, y0 + 1)))
        samples, stride = pixels.samples, pixels.stride
        for channel in range(3):
            cuts = [samples[y * stride + 3 * x0 + channel : y * stride + 3 * x1 : 3] for y in rows]
            found = [cut for cut in cuts if cut]
            if found and max(map(max, found)) - min(map(min, found)) > _FLAT:
                return False
        return True


def _traced(page: Any, number: int) -> list[Hidden]:
    """The hidden pieces of a page, one for each span of the trace."""
    turn = page.rotation_matrix
    painted = [
        _Paint(place, tuple(pymupdf.Rect(box) * turn), kind == "fill-image")
        for place, (kind, box) in enumerate(page.get_bboxlog())
        if kind in _PAINT
    ]
    found: list[tuple[str, Rect, Way, bool]] = []
    for span in page.get_texttrace():
        text = clean("".join(chr(char[0]) for char in span["chars"])).strip()
        box = tuple(pymupdf.Rect(span["bbox"]) * turn)
        way, sure = _way(span, box, painted)
        if text and way is not None:
            found.append((text, box, way, sure))
    doubtful = [box for _, box, _, sure in found if not sure]
    picture = _Picture(page, doubtful) if doubtful else None
    return [
        Hidden(text, (number, *box), way)
        for text, box, way, sure in found
        if sure or (picture is not None and picture.is_flat(box))
    ]


def _way(span: dict[str, Any], box: Rect, painted: Sequence[_Paint]) -> tuple[Way | None, bool]:
    """How a span is hidden (None: it is not), and whether that is sure or the picture must show one colour there."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    here = [paint for paint in painted if paint.box[0] <= x <= paint.box[2] and paint.box[1] <= y <= paint.box[3]]
    below = [paint for paint in here if paint.place < span["seqno"] and _share(box, paint.box) > 1 - _LARGE]
    above = [paint for paint in here if paint.place > span["seqno"] and _share(box, paint.box) > _LARGE]
    if span["type"] == 3 or span["opacity"] < _SEEN:
        scan = any(paint.image and _share(box, paint.box) > _LARGE for paint in (*below, *above))
        return (None if scan else Way.INVISIBLE), True  # the text layer of a scan is its text
    if span["size"] < SMALLEST:
        return Way.TINY, True
    if above:
        return Way.COVERED, False
    pale = all(value >= _PALE for value in _rgb(span["color"]))
    if pale or any(_share(box, paint.box) > _LARGE for paint in below):
        return Way.PALE, not below
    return None, True


def _rgb(colour: Sequence[float]) -> Sequence[float]:
    if len(colour) == 4:
        return [(1 - value) * (1 - colour[3]) for value in colour[:3]]
    return colour


def _share(inner: Rect, outer: Rect) -> float:
    """Of ``inner``, what lies in ``outer``."""
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return width * height / area if width > 0 and height > 0 and area > 0 else 0.0


def _without(line: TextLine, page: PageText, hidden: Sequence[Hidden]) -> bool:
    """Take the hidden pieces out of ``line``, in place; False where nothing of it is left."""
    box = page.box(line)[1:]
    if sum(_share(box, piece.box[1:]) for piece in hidden) > _WHOLE_LINE:
        return False
    inside = [piece for piece in hidden if _share(piece.box[1:], box) > 0.5]
    for piece in inside:
        before, found, after = line.text.partition(piece.text)
        line.text = f"{before.rstrip()} {after.lstrip()}".strip() if found else line.text
    return bool(line.text)
