"""Writes what was compared last as one HTML file or as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from embtrainer_gui import __version__
from embtrainer_gui.core.comparison import Comparison, model_titles, read_comparison
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import atomic_write_text
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.export.comparison_content import FoundPassage, Passages, comparison_content
from embtrainer_gui.export.comparison_html import comparison_html
from embtrainer_gui.export.comparison_markdown import comparison_markdown
from embtrainer_gui.stages.context import Context

HTML, MARKDOWN = (".html", ".htm"), (".md", ".markdown")
EXCERPT = 400  # characters of a passage


def run(
    ctx: Context, out: Path, name: str, models: tuple[str, ...], pair: Sequence[str] | None = None
) -> dict[str, Any]:
    """``{"path", "as"}``. ``pair``: which two the verdict and the lists are about; else the first two.

    Raises:
        UserError: these models were not compared on that set, or the file's ending is neither.
        EnvironmentProblem: the file cannot be written.
    """
    checked_out(out)
    comparison = read_comparison(ctx.project, name, models)
    if comparison is None:
        raise UserError(
            mark("These models have not been compared on {name} yet."), mark("Compare them first."), name=name
        )
    chosen = tuple(pair or comparison.models[:2])
    if len(chosen) != 2 or not set(chosen) <= set(comparison.models):
        raise UserError(
            mark("{pair} are not two of the compared models."),
            mark("Choose two of: {models}."),
            pair=", ".join(chosen),
            models=", ".join(comparison.models),
        )
    names = model_titles(comparison, ctx.project)
    report = comparison_content(
        comparison,
        names,
        (chosen[0], chosen[1]),
        ctx.project.folder.resolve().name,
        _passages(ctx.project, comparison),
        _papers(ctx.project, comparison),
    )
    program = f"Embedding Trainer {__version__}"
    is_html = out.suffix.lower() in HTML
    atomic_write_text(out, (comparison_html if is_html else comparison_markdown)(report, program))
    return {"path": str(out), "as": "html" if is_html else "markdown"}


def checked_out(out: Path) -> None:
    """Raises UserError for a file name that is neither HTML nor Markdown."""
    if out.suffix.lower() not in (*HTML, *MARKDOWN):
        raise UserError(
            mark("{path}: a report is an .html or an .md file."), mark("Give it one of these endings."), path=out
        )


def _papers(project: Project, comparison: Comparison) -> Mapping[str, str]:
    if not comparison.in_project:
        return dict(comparison.result.get("titles", {}))
    return {str(document.id): document.title or document.file_name for document in project.documents.all()}


def _passages(project: Project, comparison: Comparison) -> Passages:
    if not comparison.in_project:
        return lambda hits: {hit: FoundPassage(comparison.text(hit) or "", "", right=False) for hit in hits}
    papers = _papers(project, comparison)
    gone = FoundPassage(mark("This passage is no longer in the project."), "", right=False)

    def look_up(hits: Sequence[int]) -> Mapping[int, FoundPassage]:
        found = project.passages.get(set(hits))
        shown = {}
        for hit in hits:
            passage = found.get(hit)
            if passage is None:
                shown[hit] = gone
                continue
            text = " ".join(passage.text.split())
            text = text if len(text) <= EXCERPT else text[:EXCERPT].rsplit(" ", 1)[0] + "…"
            place = mark("{title}, page {page}").format(
                title=papers.get(str(passage.document_id), ""), page=passage.page
            )
            shown[hit] = FoundPassage(text, place, right=False)
        return shown

    return look_up
