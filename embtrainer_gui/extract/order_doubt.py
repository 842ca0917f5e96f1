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
    split = [row for rows in regions for row in rows if row.cells > 1 and len(row.text) > _CELL * row.cells]
    across = sum([len(row.text) for row in split if row.cells > 2 or not _LABEL.match(row.text)])
    if not across:
        return False
    every = sum([len(row.text) for rows in regions for row in rows])
    return every > _LEAST and across > _SHARE * every
