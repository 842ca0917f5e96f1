"""The passages that a generator could make nothing of, with the reason and where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from embtrainer_gui.core.store import Project


@dataclass(frozen=True, slots=True)
class FailedPassage:
    """``reason`` is a sentence in English, as the stage that failed on it wrote it."""

    file_name: str
    page: int
    text: str
    reason: str


def failed_passages(project: Project, generator: str) -> list[FailedPassage]:
    """In the order of the passages; those of removed papers do not count."""
    reasons = {passage_id: reason for passage_id, _, reason in project.server_runs.failures(generator)}
    if not reasons:
        return []
    names = {document.id: document.file_name for document in project.documents.all()}
    found = sorted(project.passages.get(reasons).values(), key=lambda passage: passage.id)
    return [
        FailedPassage(names[passage.document_id], passage.page, passage.text, reasons[passage.id])
        for passage in found
        if passage.document_id in names
    ]


def by_reason(failed: Sequence[FailedPassage]) -> dict[str, int]:
    """The most frequent reason first."""
    return dict(Counter(passage.reason for passage in failed).most_common())
