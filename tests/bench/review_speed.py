"""How fast the Review page is on 100,000 and 1,000,000 pairs: one JSON line each.

    python tests/bench/review_speed.py FOLDER [ROWS ...]

FOLDER is any project with pairs; it is copied, never changed. Each size runs in a process of its own. "Painted" means
that the card's question has been painted with its new text. The page pictures come from the real pages child.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw

SIZES = (100_000, 1_000_000)
DECISIONS, JUMPS = 200, 200
COPY = (
    "INSERT INTO pairs (uid, passage_id, question, answer, kind, source, state, reasons, checked, created_at, run_id,"
    " extra, severity) SELECT lower(hex(randomblob(16))), passage_id, question, answer, kind, source, state, reasons,"
    " 1, created_at, run_id, extra, severity FROM pairs WHERE id <= ? LIMIT ?"
)


def make_project(original: Path, folder: Path, rows: int) -> None:
    """A copy with so many pairs, all to review."""
    shutil.copytree(original, folder)
    from embtrainer_gui.core.store import row_sums

    connection = apsw.Connection(str(folder / "project.db"))
    row_sums.register(connection)
    connection.pragma("synchronous", "off")
    with connection:
        connection.execute("UPDATE pairs SET state = 'pending'")
        newest, count = next(iter(connection.execute("SELECT max(id), count(*) FROM pairs")))
        while count < rows:
            connection.execute(COPY, (newest, rows - count))
            count += connection.changes()
    connection.close()


def measure(folder: Path) -> dict[str, object]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import psutil
    from PySide6.QtCore import QEvent, QObject, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QLabel

    from embtrainer_gui.core.settings import Settings
    from embtrainer_gui.gui import theme
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.pages.review_page import ReviewPage
    from embtrainer_gui.gui.session import Session

    class Painted(QObject):
        """Counts the paints of a widget."""

        count = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            self.count += event.type() is QEvent.Type.Paint
            return False

    app = QApplication([])
    theme.set_up(app, "light")
    session = Session(settings=Settings())
    session.open(folder)
    feedback = Feedback()
    jobs = JobManager(session, feedback)
    page_before = ReviewPage(session, jobs, feedback)  # classes, style sheet and icons are read once a session
    page_before.deleteLater()
    app.processEvents()
    process = psutil.Process()
    memory = process.memory_info().rss

    def until_painted(run: object) -> float:
        seen = painted.count
        started = time.perf_counter()
        run()  # type: ignore[operator]
        while painted.count == seen:
            app.processEvents()
        return 1000 * (time.perf_counter() - started)

    painted = Painted()
    started = time.perf_counter()
    page = ReviewPage(session, jobs, feedback)
    page.resize(1032, 560)
    question = page.findChild(QLabel, "review.question")
    question.installEventFilter(painted)
    page.show()
    page.enter()
    while not painted.count:
        app.processEvents()
    opened = 1000 * (time.perf_counter() - started)
    longest = 0.0
    while not page.flow.queue.is_complete:
        lap = time.perf_counter()
        app.processEvents()
        longest = max(longest, 1000 * (time.perf_counter() - lap))
    loaded = 1000 * (time.perf_counter() - started)
    grown_open = (process.memory_info().rss - memory) / 1e6
    decisions = sorted(
        until_painted(lambda key=key: QTest.keyClick(page, key)) for key in ["A", "X", "A", "A"] * (DECISIONS // 4)
    )
    dice = random.Random(0)
    rows = [dice.randrange(len(page.flow.queue)) for _ in range(JUMPS)]
    jumps = sorted(until_painted(lambda row=row: page.flow.go(row)) for row in rows)
    started = time.perf_counter()
    page._filter.show_table(True)
    page.repaint()
    table = 1000 * (time.perf_counter() - started)
    page._filter.show_table(False)
    lap, search = time.perf_counter(), 0.0
    page._filter._text.setText("myocardial reperfusion")
    page._filter._tell()
    started = time.perf_counter()
    while not page.flow.queue.is_complete:
        lap = time.perf_counter()
        app.processEvents()
        search = max(search, 1000 * (time.perf_counter() - lap))
    searched = 1000 * (time.perf_counter() - started)
    grown = (process.memory_info().rss - memory) / 1e6
    QTest.keyClick(page, Qt.Key.Key_Escape)
    jobs.shut_down()
    result = {
        "pairs": sum(page.flow.counts.values()),
        "opens_ms": round(opened, 1),
        "all_read_ms": round(loaded, 1),
        "longest_hold_ms": round(longest, 1),
        "decision_p50_ms": round(decisions[len(decisions) // 2], 1),
        "decision_p95_ms": round(decisions[int(len(decisions) * 0.95)], 1),
        "jump_p95_ms": round(jumps[int(len(jumps) * 0.95)], 1),
        "table_ms": round(table, 1),
        "search_ms": round(searched, 1),
        "search_longest_hold_ms": round(search, 1),
        "memory_open_mb": round(grown_open, 1),
        "memory_end_mb": round(grown, 1),  # with 24 pictures of pages
    }
    page.close()
    session.close()
    return result


def main() -> None:
    if sys.argv[1] == "--measure":
        print(json.dumps(measure(Path(sys.argv[2]))))
        return
    original, sizes = Path(sys.argv[1]), [int(size) for size in sys.argv[2:]] or SIZES
    for rows in sizes:
        with TemporaryDirectory(prefix="review-speed-") as scratch:
            folder = Path(scratch) / "project"
            make_project(original, folder, rows)
            environment = {**os.environ, "XDG_CONFIG_HOME": scratch}
            subprocess.run([sys.executable, __file__, "--measure", str(folder)], check=True, env=environment)


if __name__ == "__main__":
    main()
