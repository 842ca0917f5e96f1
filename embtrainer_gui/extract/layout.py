"""Reading order by PyMuPDF's layout network: for pages whose columns cannot be told from the edges of their lines.

Source: the package ``pymupdf-layout`` that PyMuPDF 2.0 brings along (a graph network over the text boxes of a page,
its model inside the package). It takes 0.6 s to load and about 0.4 s a page, so it is loaded for the first page that
needs it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from embtrainer_gui.core.records import BlockKind
from embtrainer_gui.extract.pdf_layout import Layout, Region
from embtrainer_gui.extract.pdf_lines import PageText, TextLine

_FURNITURE = frozenset({"page-header", "page-footer"})
_KINDS = {
    "table": BlockKind.TABLE,
    "picture": BlockKind.TABLE,
    "formula": BlockKind.FORMULA,
    "caption": BlockKind.CAPTION,
    "footnote": BlockKind.FOOTNOTE,
}
_NEAR = 2.0  # points that a line may stand out of its box


@dataclass(slots=True)
class _Box:
    x0: float
    y0: float
    x1: float
    y1: float
    name: str
    lines: list[TextLine]

    def distance(self, line: TextLine) -> float:
        """From the line's middle to the box, in points; 0 inside."""
        x, y = (line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2
        return max(self.x0 - x, x - self.x1, 0.0) + max(self.y0 - y, y - self.y1, 0.0)


def layout_regions(document: Any, page: PageText, right_to_left: bool = False) -> list[Region] | None:
    """The lines of ``page`` in the network's reading order, running headers and footers left out.

    None where it has nothing to say: a page without boxes, or whose text stands on its side.
    """
    import pymupdf.layout  # noqa: F401 - it hooks itself into PyMuPDF

    if page.turn:
        return None
    shown = document[page.number - 1]
    shown.get_layout()
    found_boxes = shown.layout_information or ()
    boxes = [_Box(x0, y0, x1, y1, str(name), []) for x0, y0, x1, y1, name in found_boxes]
    if not boxes:
        return None
    for line in page.lines:
        _home(boxes, line).lines.append(line)
    found = []
    for box in boxes:
        if box.lines and box.name not in _FURNITURE:
            order = Layout(right_to_left).order(replace(page, lines=box.lines))
            found += [Region(rows, _KINDS.get(box.name)) for rows in order]
    return found


def _home(boxes: list[_Box], line: TextLine) -> _Box:
    """The box that holds the line, the smallest where several do, else the nearest one."""
    holding = [box for box in boxes if box.distance(line) <= _NEAR]
    if holding:
        return min(holding, key=lambda box: (box.x1 - box.x0) * (box.y1 - box.y0))
    return min(boxes, key=lambda box: box.distance(line))
