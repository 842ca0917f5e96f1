"""How late the window answers while a child works: one JSON line. Goal: p99 16 ms, longest 50 ms.

    python tests/bench/event_loop_lateness.py PROJECT [--seconds 300] [--during train|import] [--blame FILE]

A timer of 1 ms in the real window (as gui/app.py starts it, without a display on none) is late by what else the GUI
thread does ("busy"), or by what the system gives to others: "own" is lateness without the time in which the thread was
ready but no processor was free. All pages are opened once, then the clock starts and a script clicks through them.
PROJECT, trained and compared as ``embtrainer sample`` leaves it, is copied. ``--during import`` reads so many pages
that a round over the window fits in (1,000 take 3 s). ``--blame`` writes what each thread did whenever the GUI thread
was late by more than 30 ms; it makes the figures somewhat worse.
"""

from __future__ import annotations

import argparse
import json
import linecache
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared" / "data"
GOAL_P99_MS, GOAL_LONGEST_MS, BLAME_MS = 16, 50, 30
FEWEST_PAGES = 10_000
MOST_COPIES = 100
QUESTION = "Which plant compounds act against bacteria?"
Pause = float  # seconds


def copies_of_papers(folder: Path) -> list[Path]:
    """At least so many pages of real papers, none with the bytes of another."""
    rows = [line.split("\t") for line in (SHARED / "papers" / "MANIFEST.tsv").read_text("utf-8").splitlines()]
    place = rows[0].index("pages")
    pages = {row[0]: int(row[place]) for row in rows[1:] if row[place].isdigit() and not row[0].startswith("scan-")}
    copies, count = [], 0
    for copy in range(MOST_COPIES):
        for name in sorted(pages):
            if count >= FEWEST_PAGES:
                return copies
            path = folder / f"{copy}-{name}"
            path.write_bytes((SHARED / "papers" / name).read_bytes() + f"\n% {copy}\n".encode())
            copies.append(path)
            count += pages[name]
    return copies


class Clock:
    """Lateness of each tick of a timer of 1 ms, in ms; with ``blame`` also what the GUI thread did meanwhile."""

    def __init__(self, blame: Path | None) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.late: list[float] = []
        self.busy: list[float] = []  # of it, the processor time of the GUI thread
        self.kept_waiting: list[float] = []  # of it, ready to run while the processors worked for others
        self.doing = ""
        self._last = self._last_busy = self._last_waited = 0.0
        self._schedule = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._timer = QTimer(interval=1)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)
        self._blame, self._gui = blame, threading.get_ident()

    def start(self) -> None:
        self._last, self._last_busy, self._last_waited = self._read()
        self._timer.start()
        if self._blame is not None:
            self._blame.write_text("", encoding="utf-8")
            threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        self._timer.stop()

    def _on_timeout(self) -> None:
        now, busy, waited = self._read()
        self.late.append(1000 * (now - self._last) - 1)
        self.busy.append(1000 * (busy - self._last_busy))
        self.kept_waiting.append(1000 * (waited - self._last_waited))
        if self._blame is not None and self.late[-1] > BLAME_MS:
            figures = f"{self.busy[-1]:.0f} ms busy, {self.kept_waiting[-1]:.0f} ms kept waiting for a processor"
            with self._blame.open("a", encoding="utf-8") as file:
                file.write(f"=== {self.late[-1]:.0f} ms late, {figures}: {self.doing}\n")
        self._last, self._last_busy, self._last_waited = now, busy, waited

    def _read(self) -> tuple[float, float, float]:
        waited = int(os.pread(self._schedule, 100, 0).split()[1]) / 1e9
        return time.perf_counter(), time.thread_time(), waited

    def _watch(self) -> None:
        told = 0.0
        while self._timer.isActive():
            time.sleep(0.005)
            last = self._last
            late = 1000 * (time.perf_counter() - last)
            if late > BLAME_MS and last != told:
                told = last
                text = "".join(_where(number, self._gui, places) for number, places in _places().items())
                with self._blame.open("a", encoding="utf-8") as file:  # type: ignore[union-attr]
                    file.write(f"--- {late:.0f} ms and more at: {self.doing}\n{text}\n")


def _places() -> dict[int, list[tuple[str, int]]]:
    """File and line of each call of the other threads, innermost first. Frames are let go at once: what is held
    would keep their painters alive beyond the paint."""
    frames = sys._current_frames()
    del frames[threading.get_ident()]
    return {
        number: [(each.f_code.co_filename, line) for each, line in traceback.walk_stack(frame)][:8]
        for number, frame in frames.items()
    }


def _where(number: int, gui: int, places: list[tuple[str, int]]) -> str:
    lines = [f"  {file}:{line} {linecache.getline(file, line).strip()}\n" for file, line in reversed(places)]
    return "".join([f"{'GUI thread' if number == gui else f'thread {number}'}:\n", *lines])


class Clicker:
    """A round over all pages as an iterator: each turn does one thing and says how long to look at it."""

    def __init__(self, hands: object) -> None:
        from window_hands import Hands

        assert isinstance(hands, Hands)
        self._hands, self._chance = hands, random.Random(1)
        self.clicks = 0
        self.doing = ""

    def round(self) -> Iterator[Pause]:
        for page, play in (
            ("step-papers", self._papers),
            ("step-questions", self._scroll),
            ("step-review", self._review),
            ("step-train", self._train),
            ("step-compare", self._compare),
            ("step-search", self._search),
            ("step-export", self._scroll),
            ("settings", self._scroll),
            ("help", self._help),
        ):
            yield self._click(f"shell.{page}")
            yield from play()

    def _click(self, name: str, pause: Pause = 0.4) -> Pause:
        """Click a part if it is there to be clicked; a person would look first, too."""
        found = [part for part in self._hands.all(name) if part.isEnabled()]
        if not found:
            return 0.0
        self.doing = f"click on {name}"
        self.clicks += 1
        self._click_part(found[0])
        return pause

    def _click_part(self, part: object, at: object = None) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        QTest.mouseClick(part, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at or part.rect().center())  # type: ignore[attr-defined]

    def _row(self, name: str, pause: Pause = 0.5) -> Pause:
        """Click some row of a list or table that is in sight."""
        from PySide6.QtCore import QPoint
        from PySide6.QtWidgets import QAbstractItemView

        views = self._hands.all(name, QAbstractItemView)
        if not views or not views[0].model().rowCount():
            return 0.0
        view = views[0]
        rectangle = view.visualRect(view.model().index(self._chance.randrange(min(8, view.model().rowCount())), 0))
        self.doing = f"row of {name}"
        self.clicks += 1
        self._click_part(view.viewport(), QPoint(rectangle.left() + 40, rectangle.center().y()))
        return pause

    def _key(self, name: str, pause: Pause = 0.3) -> Pause:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QApplication

        self.doing = f"key {name}"
        self.clicks += 1
        QTest.keyClick(QApplication.focusWidget() or self._hands.window, getattr(Qt.Key, f"Key_{name}"))
        return pause

    def _scroll(self) -> Iterator[Pause]:
        from PySide6.QtWidgets import QScrollArea

        areas = [area for area in self._hands.window.findChildren(QScrollArea) if area.isVisible()]
        for area in areas:
            for place in (3, 1, 0):
                bar = area.verticalScrollBar()
                self.doing = f"scroll {area.objectName()}"
                bar.setValue(bar.maximum() * place // 3)
                yield 0.15

    def _papers(self) -> Iterator[Pause]:
        for _ in range(3):
            yield self._row("papers.table")
            yield self._row("papers.passages")
        yield self._click("page.next")

    def _review(self) -> Iterator[Pause]:
        for name in ("A", "X", "Space", "Backspace", "Right", "Left"):
            yield self._key(name)

    def _train(self) -> Iterator[Pause]:
        yield self._row("train.runs")
        yield self._click("train.new")
        yield from self._scroll()
        yield self._row("train.runs", 1.0)
        yield self._click("train.log")

    def _compare(self) -> Iterator[Pause]:
        yield self._click("compare.next")
        yield self._click("compare.next")
        yield from self._scroll()

    def _search(self) -> Iterator[Pause]:
        from PySide6.QtWidgets import QLineEdit

        boxes = self._hands.all("search.box", QLineEdit)
        if not boxes:
            return
        self.doing = "typing a question"
        boxes[0].setFocus()
        boxes[0].setText(QUESTION if boxes[0].text() != QUESTION else "What limits the yield?")
        yield self._key("Return", 2.0)
        from embtrainer_gui.gui.widgets.hit_card import HitCard

        cards = [card for card in self._hands.window.findChildren(HitCard) if card.isVisible()]
        if cards:
            self.doing = "click on a hit"
            self.clicks += 1
            self._click_part(cards[0])
            yield 1.0
            yield self._click("search.close-page")

    def _help(self) -> Iterator[Pause]:
        yield self._row("help.topics")
        yield self._row("help.topics")


class Play:
    """Opens everything once, starts the child, then the clock; ends by itself."""

    def __init__(self, hands: object, during: str, papers: list[Path], seconds: float, blame: Path | None) -> None:
        from PySide6.QtCore import QTimer
        from window_hands import Hands

        assert isinstance(hands, Hands)
        self._window, self._during, self._papers, self._seconds = hands.window, during, papers, seconds
        self._clicker, self._clock = Clicker(hands), Clock(blame)
        self._turns = self._script()
        self._timer = QTimer(hands.window, singleShot=True)
        self._timer.timeout.connect(self._on_timeout)
        self.result: dict[str, object] = {}
        self._timer.start(0)

    def _on_timeout(self) -> None:
        try:
            pause = next(self._turns)
        except StopIteration:
            self._window.close()
            return
        except BaseException:  # noqa: BLE001 - the window must close whatever happened
            traceback.print_exc()
            self._window.end_at_once()
            return
        self._clock.doing = self._clicker.doing
        self._timer.start(round(1000 * pause))

    def _script(self) -> Iterator[Pause]:
        jobs = self._window._jobs
        yield from self._clicker.round()
        yield 10.0  # the search child loads its model
        yield from self._clicker.round()
        job = self._start()
        while job.state != "ended" and not self._works(job):
            yield 0.05
        if self._during == "train":
            yield from self._clicker.round()  # the pages as they look while it works; an import is too short for it
        self._clicker.clicks = 0
        self._clock.start()
        began = time.monotonic()
        while time.monotonic() - began < self._seconds:
            if job.state == "ended":
                if job.failure is not None or self._during == "import":
                    break
                job = self._start()  # a small project is trained before the time is over
            for pause in self._clicker.round():
                yield pause
                if job.state == "ended" or time.monotonic() - began >= self._seconds:
                    break
        self._clock.stop()
        self._tell(job, time.monotonic() - began)
        if job.state != "ended":
            jobs.cancel(job)
        while jobs.current is not None:
            yield 0.1

    def _start(self) -> object:
        from embtrainer_gui.core.config import ImportConfig, TrainConfig

        jobs = self._window._jobs
        if self._during == "import":
            job = jobs.start("import", ImportConfig(), sources=self._papers)
        else:
            job = jobs.start("train", TrainConfig(epochs=100, evaluations=100))
        assert job is not None
        return job

    def _works(self, job: object) -> bool:
        return bool(job.metrics) if self._during == "train" else bool(job.progress[1])  # type: ignore[attr-defined]

    def _tell(self, job: object, seconds: float) -> None:
        late = sorted(self._clock.late)
        self.result = {
            "during": self._during,
            "seconds": round(seconds, 1),
            "clicks": self._clicker.clicks,
            "ticks": len(late),
            "p50_ms": round(late[len(late) // 2], 2),
            "p99_ms": round(late[int(len(late) * 0.99)], 2),
            "longest_ms": round(late[-1], 2),
            "over_16_ms_percent": round(100 * sum(each > GOAL_P99_MS for each in late) / len(late), 3),
            "over_50_ms": sum(each > GOAL_LONGEST_MS for each in late),
            "longest_busy_ms": round(max(self._clock.busy), 2),
            "longest_own_ms": round(max(map(float.__sub__, self._clock.late, self._clock.kept_waiting)), 2),
            "job": str(job.failure or job.state),  # type: ignore[attr-defined]
            "files": len(self._papers),
            "pages": FEWEST_PAGES if self._papers else 0,
            "goal_ms": {"p99": GOAL_P99_MS, "longest": GOAL_LONGEST_MS},
            "load_average": round(os.getloadavg()[0], 2),
        }


def measure(project: Path, during: str, papers: list[Path], seconds: float, blame: Path | None) -> dict[str, object]:
    sys.path.insert(0, str(HERE.parent / "e2e"))
    from window_hands import when_painted

    from embtrainer_gui.gui import app

    plays: list[Play] = []
    begin: Callable[[object], None] = lambda hands: plays.append(Play(hands, during, papers, seconds, blame))  # noqa: E731
    when_painted(begin)
    app.run(project)
    return plays[0].result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--during", choices=["train", "import"], default="train")
    parser.add_argument("--blame", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lateness-") as scratch:
        folder = Path(scratch)
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(folder / name.lower())
        if not os.environ.get("DISPLAY"):
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        shutil.copytree(options.project, folder / "project")
        (folder / "papers").mkdir()
        papers = copies_of_papers(folder / "papers") if options.during == "import" else []
        print(json.dumps(measure(folder / "project", options.during, papers, options.seconds, options.blame)))


if __name__ == "__main__":
    main()
