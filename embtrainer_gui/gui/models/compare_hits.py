"""What the compared models found for a question, ready to be shown: from the project, or from the comparison itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.comparison import Comparison, Question
from embtrainer_gui.core.store import Project
from embtrainer_gui.gui.widgets.rankings import RankedColumn, RankedPassage


def paper_titles(project: Project, comparison: Comparison) -> Callable[[str], str]:
    """Titles by the name of their group; the name itself where there is none."""
    titles: Mapping[str, str] = comparison.result.get("titles", {})
    if comparison.in_project:
        titles = {str(document.id): document.title or document.file_name for document in project.documents.all()}
    return lambda name: titles.get(name, name)


def ranked_columns(
    project: Project, comparison: Comparison, question: Question, names: Mapping[str, str]
) -> dict[str, RankedColumn]:
    """A column for each model of ``names``."""
    passages = _passages(project, comparison, question, {hit for model in names for hit in question.top[model]})
    return {
        model: RankedColumn(name, [passages[hit] for hit in question.top[model]], question.rank[model])
        for model, name in names.items()
    }


def _passages(project: Project, comparison: Comparison, question: Question, hits: set[int]) -> dict[int, RankedPassage]:
    if not comparison.in_project:
        return {hit: RankedPassage(comparison.text(hit) or "", "", hit in question.relevant) for hit in hits}
    place = QCoreApplication.translate("CompareHits", "{title}, page {page}")
    gone = QCoreApplication.translate("CompareHits", "This passage is no longer in the project.")
    found, title_of = project.passages.get(hits), paper_titles(project, comparison)
    shown = {}
    for hit in hits:
        right = hit in question.relevant
        if passage := found.get(hit):
            where = place.format(title=title_of(str(passage.document_id)), page=passage.page)
            shown[hit] = RankedPassage(passage.text, where, right, hit)
        else:
            shown[hit] = RankedPassage(gone, "", right)
    return shown
