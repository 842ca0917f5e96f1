"""Writes hits that are shown into a file that the user names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.search_table import ENDINGS, write_hits

if TYPE_CHECKING:
    from embtrainer_gui.core.messages import HitRow
    from embtrainer_gui.gui.feedback import Feedback


def ask_for_table(parent: QWidget, name: str) -> Path | None:
    """Where to write a table, by a dialog; ``name`` is proposed. None where the user thought better of it."""
    types = _tr("Spreadsheet (*.csv);;JSON lines (*.jsonl)")
    chosen, kind = QFileDialog.getSaveFileName(parent, _tr("Save as"), name, types)
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() in ENDINGS:
        return path
    return path.with_name(path.name + (".jsonl" if "jsonl" in kind else ".csv"))


def save_hits(parent: QWidget, feedback: Feedback, question: str, hits: Mapping[str, Sequence[HitRow]]) -> None:
    """``hits`` of each ranking for ``question``; says what came of it."""
    path = ask_for_table(parent, "hits.csv")
    if path is None:
        return
    rows = [
        {
            "query": question,
            "model": model,
            "rank": hit.rank,
            "score": hit.score,
            "document": hit.file_name,
            "title": hit.title,
            "page": hit.page,
            "section": hit.section,
            "text": hit.text,
            "question": hit.question,
            "answer": hit.text[slice(*hit.sentence)] if hit.question else "",
        }
        for model, found in hits.items()
        for hit in found
    ]
    try:
        count = write_hits(path, rows)
    except AppError as problem:
        feedback.problem(problem)
        return
    feedback.say(_tr("{count} hits saved in {name}").format(count=count, name=path.name))


def _tr(text: str) -> str:
    return QCoreApplication.translate("SaveHits", text)
