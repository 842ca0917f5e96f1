"""Text without raised numbers of references too, and the names of the people that a text cites."""

from __future__ import annotations

import re

from embtrainer_gui.generate import cleaning
from embtrainer_gui.generate.cleaning import CleanText

_RAISED = re.compile(r"(?<=[a-z)]{2}[.,;])\d{1,3}(?:[-–,]\d{1,3})*(?=\s|\Z)")  # "growth.1 Fungi"
_CITED = re.compile(
    r"\b([A-Z][\w’'-]+)(?:,? (?:and|&) ([A-Z][\w’'-]+))?(?:(?: and (?:co-?workers|colleagues)| et al\.?),?)"
    r"|\b([A-Z][\w’'-]+) (?:and|&) ([A-Z][\w’'-]+),? ?(?:\[[\d\]]|\(\d{1,3}[),]|\(?(?:19|20)\d\d)"
    r"|\b([A-Z][a-z][\w’'-]+) (?:\[\d{1,3}[\],]|\((?:19|20)\d\d[a-z]?\))(?=,? [a-z]+ed\b)"
    r"|\b(?:Drs?|Prof|Professor|Mr|Ms|Mrs)\.? (?:([A-Z][\w’'.-]+) )?([A-Z][\w’'-]+)"
)


def clean(source: str) -> CleanText:
    """As of ``cleaning``, and without the raised numbers of references."""
    return cleaning.clean(source, (*cleaning.MARKERS, _RAISED))


def cited_names(source: str) -> set[str]:
    """Names of people that a text cites or quotes ("Smith et al.", "Dr. Jones"): no question is about them."""
    return {name for match in _CITED.finditer(source) for name in match.groups() if name}
