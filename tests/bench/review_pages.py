"""Review by keys with the pages beside the pairs: one JSON line a pace.

    python tests/bench/review_pages.py PROJECT [SECONDS ...]

PROJECT has at least 500 pairs; some of its pages should be scans that were recognised. It is copied, never changed. The
real window with its pages child is driven by key events, 500 decisions, with so many SECONDS of looking at each pair
(0: the next key comes as soon as the page stands). A decision takes from its key until the question of the next pair
and the page that it comes from, with its marks, are painted; ``work`` is the processor's time of the window alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PAIRS = 500
KEYS = ["A", "A", "X", "A", "A", " ", "A", "X", "A", "E"]  # one in ten is put off, one is edited
PACES = (1.0, 0.0)
LONGEST = 20.0  # seconds for one page


def measure(folder: Path, looks: float) -> dict[str, object]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QEvent, QObject, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QWidget

    from embtrainer_gui.core.records import PairState
    from embtrainer_gui.core.settings import Settings
    from embtrainer_gui.core.workflow import Step
    from embtrainer_gui.gui import theme
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.main_window import MainWindow
    from embtrainer_gui.gui.session import Session
    from embtrainer_gui.gui.widgets.pdf_view import PICTURE

    class Paints(QObject):
        """Which widgets were painted since ``clear``."""

        def __init__(self) -> None:
            super().__init__()
            self.seen: set[int] = set()

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint:
                self.seen.add(id(watched))
            return False

    app = QApplication([])
    theme.set_up(app, "light")
    session, feedback = Session(settings=Settings()), Feedback()
    session.open(folder)
    with session.project.database.transaction() as connection:
        connection.execute("UPDATE pairs SET state = ?", (PairState.PENDING,))
    jobs = JobManager(session, feedback)
    window = MainWindow(session, jobs, feedback)
    window.resize(1280, 800)
    window.start()
    window.wizard.go(Step.REVIEW)
    window.show()
    page: Any = window.wizard.page
    source, view = page._source, page._source._view
    paints, question = Paints(), page.findChild(QLabel, "review.question")
    watched: tuple[QWidget, ...] = (question, view._canvas)
    for widget in watched:
        widget.installEventFilter(paints)

    def stands() -> bool:
        """The pair and its page are painted, and the answer was looked for on it."""
        row = page.flow.current
        there = (view._document, view._stack.currentIndex()) == (row.document_id, PICTURE) and not source._unseen
        return there and all(id(widget) in paints.seen for widget in watched)

    def until(ready: Any, since: float) -> float:
        while not ready() and time.perf_counter() - since < LONGEST:
            app.processEvents()
        return 1000 * (time.perf_counter() - since)

    def look(seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            app.processEvents()
            time.sleep(0.002)

    first = until(stands, time.perf_counter())
    scans = set(session.project.read_pages.files("ocr"))
    recognised = {row[0] for row in session.project.database.rows(
        "SELECT d.id FROM documents d JOIN sources s ON s.id = d.source_id"
        f" WHERE s.hash IN ({','.join('?' * len(scans))})", tuple(scans)
    )}  # fmt: skip
    times: list[tuple[float, bool]] = []
    work: list[float] = []
    marked, at_hand = {True: 0, False: 0}, 0
    for number in range(PAIRS):
        look(looks)
        key = KEYS[number % len(KEYS)]
        if key == "E":
            QTest.keyClick(page, "E")
            field: Any = page.findChild(QPlainTextEdit, "review.edit-question")
            QTest.keyClicks(field, "What was found?")
            paints.seen.clear()
            started, worked = time.perf_counter(), time.process_time()
            QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        else:
            paints.seen.clear()
            started, worked = time.perf_counter(), time.process_time()
            QTest.keyClick(page, key)
        at_hand += view._cache.get(view._document, view._page) is not None
        took = until(stands, started)
        work.append(1000 * (time.process_time() - worked))
        is_scan = page.flow.current.document_id in recognised
        times.append((took, is_scan))
        marked[is_scan] += bool(view._strong)
    decided = session.project.pairs.counts()
    window.end_at_once()
    window.deleteLater()
    app.processEvents()
    work.sort()
    both, scanned = sorted(took for took, _ in times), sorted(took for took, is_scan in times if is_scan)
    return {
        "looks_s": looks,
        "pairs": len(both),
        "first_ms": round(first, 1),
        "p50_ms": round(both[len(both) // 2], 1),
        "p95_ms": round(both[int(len(both) * 0.95)], 1),
        "longest_ms": round(both[-1], 1),
        "work_p50_ms": round(work[len(work) // 2], 1),
        "work_p95_ms": round(work[int(len(work) * 0.95)], 1),
        "page_at_hand": f"{at_hand} of {len(both)}",
        "on_scans": len(scanned),
        "scans_p95_ms": round(scanned[int(len(scanned) * 0.95)], 1) if scanned else None,
        "answer_boxed": f"{marked[False]} of {len(both) - len(scanned)}",
        "answer_boxed_on_scans": f"{marked[True]} of {len(scanned)}",
        "counts": decided,
    }


def main() -> None:
    if sys.argv[1] == "--measure":
        print(json.dumps(measure(Path(sys.argv[2]), float(sys.argv[3]))), flush=True)
        return
    for looks in [float(seconds) for seconds in sys.argv[2:]] or PACES:
        with TemporaryDirectory(prefix="review-pages-") as scratch:
            folder = Path(scratch) / "project"
            shutil.copytree(sys.argv[1], folder)
            environment = {**os.environ, "XDG_CONFIG_HOME": scratch}
            command = [sys.executable, __file__, "--measure", str(folder), str(looks)]
            subprocess.run(command, check=True, env=environment)


if __name__ == "__main__":
    main()
