"""Many questions from a file at once, their hits into a file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import SearchConfig
from embtrainer_gui.core.question_file import read_questions
from embtrainer_gui.core.records import Hit
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.core.search_table import check_ending, write_hits
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library
from embtrainer_gui.stages.search import Searcher

MOST_NAMED = 20  # rows that were left out


def run(
    ctx: Context, config: SearchConfig, questions: Path, out: Path, filters: SearchFilters | None = None
) -> dict[str, Any]:
    """Gives the object that ``search --queries --json`` prints. Stopping it leaves no file.

    Args:
        filters: those of the window, which names papers by their ids; else the words of ``config`` count.

    Raises:
        UserError: a file that cannot be used, or what ``search`` refuses.
        EnvironmentProblem: ``out`` cannot be written.
    """
    check_ending(out)
    found, left_out = read_questions(questions)
    for problem in left_out[:MOST_NAMED]:
        ctx.warn(mark("{file}, {problem}").format(file=questions.name, problem=problem))
    library = Library(ctx.project)
    searcher = Searcher(ctx, config, library, filters)
    ctx.status(mark("Searching..."))
    without: list[str] = []
    started = time.perf_counter()

    def rows() -> Iterator[dict[str, Any]]:
        for number, question in enumerate(found, 1):
            ctx.raise_if_cancelled()
            hits = searcher.hits(question)
            if not hits:
                without.append(question)
            for hit in hits:
                yield _row(question, config.model, hit, library.document_of[hit.passage.document_id].title)
            ctx.progress(number, len(found), question)

    written = write_hits(out, rows())
    return {
        "path": str(out),
        "questions": len(found),
        "left_out": len(left_out),
        "without_hits": len(without),
        "hits": written,
        "seconds": round(time.perf_counter() - started, 1),
    }


def _row(question: str, model: str, hit: Hit, title: str) -> dict[str, Any]:
    return {
        "query": question,
        "model": model,
        "rank": hit.rank,
        "score": round(hit.score, 4),
        "document": hit.document,
        "title": title,
        "page": hit.passage.page,
        "section": hit.passage.section,
        "text": hit.passage.text,
        "question": hit.pair.question if hit.pair else "",
        "answer": hit.pair.answer if hit.pair else "",
    }
