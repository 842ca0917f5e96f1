"""Reading order: columns, and what crosses them; then rows inside a column."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from embtrainer_gui.core.records import BlockKind
from embtrainer_gui.extract.pdf_lines import PageText, TextLine

_Sides = tuple[list[TextLine], list[TextLine]]
_DEPTH = 4  # columns inside columns
_WHITE = 20.0  # points of white that run across both columns
_LEAST = 3  # lines on each side of a gutter
_OVER, _HANGING = 2, 4  # points over the gutter: punctuation may hang over the edge a little


@dataclass(frozen=True, slots=True)
class Region:
    """Rows of one column that follow each other; ``kind`` where another reader tells it."""

    rows: list[TextLine]
    kind: BlockKind | None = None


class Layout:
    """Reading order of the pages of one document; the gutters of earlier pages help with later ones."""

    def __init__(self, right_to_left: bool = False) -> None:
        self._sides = (1, 0) if right_to_left else (0, 1)
        self._known: Counter[int] = Counter()

    def order(self, page: PageText) -> list[list[TextLine]]:
        """Regions of a page in reading order; a region is rows of one column that follow each other."""
        regions: list[list[TextLine]] = []
        if page.lines:
            lines = sorted(page.lines, key=lambda line: line.base)
            self._split(lines, _DEPTH, regions, column_edges(lines), whole=True)
        return regions

    def _split(
        self,
        lines: list[TextLine],
        depth: int,
        regions: list[list[TextLine]],
        edges: tuple[float, float],
        whole: bool = False,
    ) -> None:
        """Adds the regions of ``lines``; ``whole``: they span the page, so the document's own gutters may hold."""
        bands = self._best_bands(lines, whole) if depth and len(lines) > 1 else None
        if bands is None:
            regions.append(_rows(lines, edges))
            return
        columns = [column_edges([line for band in bands for line in band.sides[side]]) for side in (0, 1)]
        for band in bands:
            if band.other:
                self._split(band.other, depth - 1, regions, edges, whole)
            for sides in _across_white(band.sides):
                for side in self._sides:
                    if sides[side]:
                        self._split(sides[side], depth - 1, regions, columns[side])

    def _best_bands(self, lines: list[TextLine], whole: bool) -> list[_Band] | None:
        """The page cut at the gutter that has the most text beside it; None where nothing stands side by side.

        A gutter is tried at each left edge that several lines share. It need not run down the whole page: lines
        across it bound the bands in which it holds.
        """
        left = min([line.x0 for line in lines])
        right = max([line.x1 for line in lines])
        near = left + 0.12 * (right - left)
        starts = Counter([round(line.x0) for line in lines if line.x0 > near and len(line.text) > 3])
        around = {start: n + starts[start - 1] + starts[start + 1] for start, n in starts.most_common(5)}
        tried: list[tuple[int, int, int]] = []  # x, least lines on a side, weight
        for start, n in around.items():
            if n >= _LEAST and all(abs(start - other[0]) > 2 for other in tried):
                tried.append((start, _LEAST, 1))
        if whole:
            known = [start for start, _ in self._known.most_common(3)]
            tried += [(x, 1, 3) for x in known if starts[x] + starts[x - 1] + starts[x + 1]]
        best, chosen, found = 0, 0, None
        for start, least, weight in tried:
            if _most_beside(lines, start - 1.6, least) * weight <= best:
                continue
            bands, score = _bands(lines, start - 1.6, least)
            if score * weight > best:
                best, chosen, found = score * weight, start, bands
        if found is not None and whole:
            self._known[chosen] += 1
        return found


@dataclass(slots=True)
class _Band:
    """Lines in one column (``other``), and below them lines in two."""

    other: list[TextLine]
    sides: _Sides


def _most_beside(lines: list[TextLine], x: float, least: int) -> int:
    """A bound of the score that ``_bands`` gives, for a tenth of its time."""
    first, second = x + _OVER, x - _HANGING
    right = [len(line.text) for line in lines if line.x0 >= second]
    if len(right) < least:
        return 0
    left = [len(line.text) for line in lines if line.x1 <= first]
    return min(sum(left), sum(right)) if len(left) >= least else 0


def _bands(lines: list[TextLine], x: float, least: int) -> tuple[list[_Band], int]:
    """Bands of ``lines`` (sorted by baseline) at the gutter ``x``, and how many characters stand side by side."""
    bands: list[_Band] = []
    other: list[TextLine] = []
    run: list[tuple[int, TextLine]] = []
    score = 0
    last = -99.0  # baseline of the line across

    def close() -> None:
        nonlocal score, other
        sides: _Sides = ([], [])
        for side, line in run:
            sides[side].append(line)
        worth = _worth(sides, least)
        if worth:
            score += worth
            bands.append(_Band(other, sides))
            other = []
        else:
            other.extend(line for _, line in run)
        run.clear()

    first, second = x + _OVER, x - _HANGING
    for line in lines:
        side = 1 if line.x0 >= second else 0 if line.x1 <= first else None
        if side is not None and line.base - last > 0.4 * line.size:
            run.append((side, line))
            continue
        if side is None:
            beside = []
            while run and line.base - run[-1][1].base < 0.4 * line.size:
                beside.append(run.pop()[1])
            if run:
                close()
            other.extend(reversed(beside))
            last = line.base
        other.append(line)
    close()
    if other:
        bands.append(_Band(other, ([], [])))
    return bands, score


def _across_white(sides: _Sides) -> list[_Sides]:
    """Cut two columns where a smaller or larger text begins below white that runs across both: the parts follow."""
    if not sides[0] or not sides[1]:
        return [sides]
    starts = {round(b.base): n for n, (a, b) in enumerate(pairwise(sides[0]), 1) if b.y0 - a.y1 > _WHITE}
    for m, (a, b) in enumerate(pairwise(sides[1]), 1):
        n = next((starts[y] for y in (round(b.base), round(b.base) - 1, round(b.base) + 1) if y in starts), 0)
        if n and b.y0 - a.y1 > 8 and max(a.y1, sides[0][n - 1].y1) + _WHITE < min(b.y0, sides[0][n].y0):
            above, below = (sides[0][:n], sides[1][:m]), (sides[0][n:], sides[1][m:])
            sizes = [_usual_size(side) for side in (*above, *below)]
            if abs(sizes[0] - sizes[1]) < 0.3 and abs(sizes[2] - sizes[3]) < 0.3 and abs(sizes[0] - sizes[2]) > 0.4:
                return [above, below]
    return [sides]


def _usual_size(lines: list[TextLine]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _worth(sides: _Sides, least: int) -> int:
    """Characters on the sparser side of a band that stand beside text of the other; 0 if there are too few lines."""
    first, second = sides
    if len(first) < least or len(second) < least:
        return 0
    top = max(first[0].base, second[0].base) - 4
    foot = min(first[-1].base, second[-1].base) + 4
    if foot < top:
        return 0
    beside = [[line for line in side if top <= line.base <= foot] for side in sides]
    if min(len(beside[0]), len(beside[1])) < least:
        return 0
    return min(sum(len(line.text) for line in side) for side in beside)


def column_edges(lines: list[TextLine]) -> tuple[float, float]:
    """The column's left and right edge: where most of its long lines begin, and the furthest common end."""
    if not lines:
        return 0.0, 0.0
    least = 0.6 * max([line.x1 - line.x0 for line in lines])
    body = [line for line in lines if line.x1 - line.x0 > least] or lines
    lefts = Counter([round(line.x0) for line in body])
    rights = Counter([round(line.x1) for line in body])
    common = [x for x, n in lefts.items() if n >= 0.15 * len(body)] or list(lefts)
    far = [x for x, n in rights.items() if n >= 0.1 * len(body)] or list(rights)
    return float(min(common)), float(max(far))


def _rows(lines: list[TextLine], edges: tuple[float, float]) -> list[TextLine]:
    rows: list[TextLine] = []
    parts: list[TextLine] = []
    base = size = 0.0
    for line in lines:
        if parts and line.base - base < 0.45 * max(size, line.size) and _fits(parts, line):
            parts.append(line)
            if line.size > size:
                size, base = line.size, max(base, line.base)
            continue
        if parts:
            rows.append(_row(parts, edges))
        parts, base, size = [line], line.base, line.size
    if parts:
        rows.append(_row(parts, edges))
    return rows


def _fits(parts: list[TextLine], line: TextLine) -> bool:
    return all(line.x0 >= part.x1 - 2 or line.x1 <= part.x0 + 2 for part in parts)


def _row(parts: list[TextLine], edges: tuple[float, float]) -> TextLine:
    if len(parts) == 1:
        only = parts[0]
        only.left, only.right = edges
        return only
    parts.sort(key=lambda line: line.x0)
    main = max(parts, key=lambda line: len(line.text))
    text, cells = parts[0].text, 1
    for before, part in pairwise(parts):
        gap = part.x0 - before.x1
        cells += gap > 1.8 * main.size
        text += part.text if gap < 0.12 * main.size else " " + part.text
    return TextLine(
        text, main.page, parts[0].x0, min(p.y0 for p in parts), max(p.x1 for p in parts), max(p.y1 for p in parts),
        main.base, main.size, main.font, main.bold, main.italic, main.mono, cells, *edges,
    )  # fmt: skip
