"""Whether the reading order that was made from the edges of a page's lines can be trusted."""

from __future__ import annotations

import re

from embtrainer_gui.extract.pdf_lines import TextLine

_LABEL = re.compile(r"[\[(]?\w{1,3}[\])]?[.:]? |\W ")  # of a reference or an item: a gap follows in any case
_CELL = 25  # characters: cells of tables are shorter, lines of a column longer
_SHARE = 0.3  # of the page's characters
_LEAST = 400  # characters, before a page is worth a second look


def is_doubtful(regions: list[list[TextLine]]) -> bool:
    """Whether much of a page stands in rows with a wide gap between running text: columns that were not seen."""
    every = across = 0
    for rows in regions:
        for row in rows:
            length = len(row.text)
            every += length
            cells = row.cells - (_LABEL.match(row.text) is not None) if row.cells > 1 else 1
            if cells > 1 and length > _CELL * row.cells:
                across += length
    return every > _LEAST and across > _SHARE * every
