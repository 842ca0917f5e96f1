"""A recognised page, which has words and their boxes, as the lines that the text reader works on."""

from __future__ import annotations

from collections import Counter
from statistics import median

from embtrainer_gui.core.records import ReadPage
from embtrainer_gui.extract.pdf_lines import PageText, TextLine, clean, turned

ASCENT, DESCENT = 0.8, 0.22  # of the size: what a word's box holds above and below its baseline
FONT = "recognised"
_LEAST_SKEW = 0.002  # 0.1 degrees: less is noise
_SAME_SIZE = 0.14  # a line this near to the size of the running text has it: sizes are measured in few pixels
_NEAR_TYPE = 0.25  # how far the running text of a scan may be off that of the file's other pages
_WordBox = tuple[float, float, float, float, str]


def page_text(read: ReadPage, width: float, height: float) -> PageText:
    """The lines of a page of ``width`` by ``height`` points; without places of words only text lines in order."""
    rows = _rows(read)
    turn = _turn(rows)
    rows = [[(*turned(word[:4], turn, width, height), word[4]) for word in row] for row in rows]
    if turn in (90, 270):
        width, height = height, width
    skew = _skew(rows)
    lines = [_line(row, read.page, skew, width, height) for row in rows]
    return PageText(read.page, width, height, lines, turn, skew=skew, read=read)


def _rows(read: ReadPage) -> list[list[_WordBox]]:
    words = iter(read.words)
    found = [[word for _, word in zip(line.split(), words, strict=False)] for line in read.text.splitlines()]
    return [row for row in found if row]


def _turn(rows: list[list[_WordBox]]) -> int:
    """How the text is turned: the way from the first to the last word of each line, added up."""
    across = down = 0.0
    for row in rows:
        first, last = row[0], row[-1]
        across += (last[0] + last[2] - first[0] - first[2]) / 2
        down += (last[1] + last[3] - first[1] - first[3]) / 2
    if abs(down) > abs(across):
        return 90 if down < 0 else 270
    return 180 if across < 0 else 0


def _skew(rows: list[list[_WordBox]]) -> float:
    """The slope of the lines: how far they fall on their way to the right."""
    slopes = []
    for row in rows:
        first, last = row[0], row[-1]
        across = (last[0] + last[2] - first[0] - first[2]) / 2
        if len(row) > 3 and across > 0:
            slopes.append((last[1] + last[3] - first[1] - first[3]) / 2 / across)
    slope = median(slopes) if len(slopes) > 2 else 0.0
    return slope if abs(slope) > _LEAST_SKEW else 0.0


def _line(row: list[_WordBox], page: int, skew: float, width: float, height: float) -> TextLine:
    """``row`` as a line of the level page; a box around slanted words is higher than they are."""
    box_height = median(y1 - y0 - abs(skew) * (x1 - x0) for x0, y0, x1, y1, _ in row)
    size = max(1.0, box_height / (ASCENT + DESCENT))
    middle = median((y0 + y1) / 2 - skew * ((x0 + x1) / 2 - width / 2) for x0, y0, x1, y1, _ in row)
    base = middle + size * (ASCENT - DESCENT) / 2
    shift = skew * (middle - height / 2)
    text = clean(" ".join(word[4] for word in row))
    return TextLine(
        text, page, row[0][0] + shift, base - ASCENT * size, row[-1][2] + shift, base + DESCENT * size,
        base, size, FONT, False, False, False,
    )  # fmt: skip


def settle_sizes(pages: list[PageText]) -> None:
    """Give the lines of recognised pages sizes that repeat, as the sizes of type do; in place.

    Their sizes are measured with an error of a tenth. The running text gets one size and one font, those of the
    file's other pages where they are near; larger and smaller lines get the usual size of those like them.
    """
    lines = [line for page in pages if page.read is not None for line in page.lines]
    if not lines:
        return
    body = _usual([(line.size, len(line.text)) for line in lines])
    typed = [line for page in pages if page.read is None for line in page.lines]
    font = FONT
    if typed:
        size = _usual([(line.size, len(line.text)) for line in typed])
        if abs(size - body) < _NEAR_TYPE * size:
            scale, body = size / body, size
            font = Counter({line.font: len(line.text) for line in typed}).most_common(1)[0][0]
            for line in lines:
                line.size *= scale
    others = []
    for line in lines:
        line.font = font
        if abs(line.size - body) <= _SAME_SIZE * body:
            line.size = body
        else:
            others.append(line)
    others.sort(key=lambda line: line.size)
    while others:
        alike = [line for line in others if line.size <= others[0].size * (1 + 2 * _SAME_SIZE)]
        del others[: len(alike)]
        size = _usual([(line.size, len(line.text)) for line in alike])
        for line in alike:
            line.size = size


def _usual(sizes: list[tuple[float, int]]) -> float:
    """The median of ``(size, characters)``."""
    sizes.sort()
    half, seen = sum(n for _, n in sizes) / 2, 0
    for size, n in sizes:
        seen += n
        if seen >= half:
            return round(size * 2) / 2
    return sizes[-1][0]
