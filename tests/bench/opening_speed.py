"""How long Papers and Questions take to open in a project of 100,000 documents: one JSON line.

python tests/bench/opening_speed.py [--documents N] [--passages N] [--folder DIR]

The project is made (and kept where a folder is named). Each page is entered ten times after the first; no display is
needed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from embtrainer_gui.core.store import create_project, open_project
from embtrainer_gui.core.workflow import Step

ROUNDS = 10
TEXT = "Rice blast is a disease of rice that a fungus causes; it spreads in warm, wet weather over fields. " * 5


def make(folder: Path, documents: int, passages: int) -> None:
    with create_project(folder) as project, project.database.transaction() as connection:
        connection.executemany(
            "INSERT INTO sources (id, hash, file_name, state, pages, extractor, stored, added_at)"
            " VALUES (?1, 'h' || ?1, 'paper' || ?1 || '.pdf', 'done', 8, 'pdf', 'h' || ?1 || '.pdf', '2026')",
            ((number,) for number in range(1, documents + 1)),
        )
        connection.executemany(
            "INSERT INTO documents (id, source_id, title, pages, sketch, group_id, split)"
            " VALUES (?1, ?1, 'On subject ' || ?1, 8, zeroblob(512), ?1, 'train')",
            ((number,) for number in range(1, documents + 1)),
        )
        connection.executemany(
            "INSERT INTO passages (key, document_id, number, kind, section, page, text, boxes, tokens)"
            " VALUES (?1 || '-' || ?2, ?1, ?2, ?3, 'Results', 1, ?4, '[[1, 72, 100, 300, 112]]', 120)",
            rows(documents, passages),
        )
        connection.execute(
            "INSERT INTO pairs (uid, passage_id, question, answer, kind, source, state, reasons, created_at, run_id,"
            " extra) SELECT 'u' || id, id, 'What of ' || id || '?', 'That.', 'fact', 'builtin (basic)', 'pending',"
            " '[]', '2026', 'r', '{}' FROM passages WHERE number = 1"
        )


def rows(documents: int, passages: int) -> Iterator[tuple[int, int, str, str]]:
    for document in range(1, documents + 1):
        for number in range(1, passages + 1):
            yield document, number, "reference" if number % 5 == 0 else "body", f"{document} {number} {TEXT}"


def entered(folder: Path) -> dict[str, dict[str, float]]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.main_window import MainWindow
    from embtrainer_gui.gui.session import Session

    app = QApplication([])
    session, feedback = Session(), Feedback()
    session.open(folder)
    jobs = JobManager(session, feedback)
    window = MainWindow(session, jobs, feedback)
    window.start()
    window.show()
    found: dict[str, dict[str, float]] = {}
    for step in (Step.PAPERS, Step.QUESTIONS):
        took = []
        for _ in range(1 + ROUNDS):
            window.wizard.go(Step.EXPORT)
            app.processEvents()
            began = time.perf_counter()
            window.wizard.go(step)
            app.processEvents()
            took.append(1000 * (time.perf_counter() - began))
        found[step.value] = {"first_ms": round(took[0]), "median_ms": round(statistics.median(took[1:]))}
    window.end_at_once()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--passages", type=int, default=1, help="of each document")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CONFIG_HOME"] = home
        folder = options.folder or Path(home) / "project"
        if not folder.exists():
            make(folder, options.documents, options.passages)
        with open_project(folder) as project:
            size = {"documents": project.documents.count(), "passages": project.passages.count_in_use()}
        print(json.dumps({**size, **entered(folder)}))


if __name__ == "__main__":
    main()
