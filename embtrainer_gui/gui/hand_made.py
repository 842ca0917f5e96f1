"""The passage that a pair made by hand belongs to: the one in which the selected words stand."""

from __future__ import annotations

from embtrainer_gui.core.records import Passage
from embtrainer_gui.core.store import Project
from embtrainer_gui.gui.widgets.evidence import find_span


def passage_of(
    project: Project, document: int, page: int, text: str, shown: Passage | None
) -> tuple[Passage, str] | None:
    """``(passage, its own spelling of text)``: the ``shown`` one if it fits, else one on the page, else any."""
    passages = project.passages.of_document(document)
    on_page = [passage for passage in passages if any(box[0] == page for box in passage.boxes)]
    likeliest = [passage for passage in on_page if passage == shown]
    for passage in (*likeliest, *on_page, *passages):
        span = find_span(passage.text, text)
        if span:
            return passage, passage.text[slice(*span)]
    return None
