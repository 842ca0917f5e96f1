"""One picture of every page of the window: python tests/e2e/take_window_pictures.py OUT [--project DIR] [--size WxH]

Drives the real window over a finished sample project (a copy of DIR, or made afresh by ``embtrainer sample``), light
and dark. Without a display it draws on none. ``packaging/pictures.py`` makes those of the manual and the README of
them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QListView, QTableView
from window_hands import Hands, when_painted

from embtrainer_gui.core.settings import Settings, save_settings
from embtrainer_gui.gui import app
from embtrainer_gui.gui.widgets.hit_card import HitCard

QUESTION = "essential oils against fungi"
LONG = 120.0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--theme", choices=["light", "dark"], help="only this one")
    parser.add_argument("--page", help="only this one")
    options = parser.parse_args()
    if options.theme is None:
        return both_themes(options)
    if options.project is None:
        parser.error("--theme needs --project")
    width, height = map(int, options.size.split("x"))
    with tempfile.TemporaryDirectory() as home:
        prepare(Path(home), options.theme)
        return take(options.out, options.project, (width, height), options.theme, options.page)


def both_themes(options: argparse.Namespace) -> int:
    """Each theme in a window of its own, on a copy: the pictures are those of a first visit."""
    with tempfile.TemporaryDirectory() as folder:
        made = options.project or sample(Path(folder) / "embtrainer-sample")
        codes = []
        for theme in ("light", "dark"):
            project = Path(folder) / theme / "embtrainer-sample"
            shutil.copytree(made, project)
            command = [sys.executable, __file__, str(options.out), "--project", str(project), "--size", options.size]
            command += ["--theme", theme, *(["--page", options.page] if options.page else [])]
            codes.append(subprocess.run(command, check=False).returncode)
    return max(codes)


def sample(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "embtrainer_gui", "sample", str(folder), "--no-open"], check=True)
    return folder


def prepare(home: Path, theme: str) -> None:
    """Settings of nobody, in an empty home."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        os.environ[name] = str(home / name.lower())
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    save_settings(Settings(theme=theme))


def take(out: Path, project: Path, size: tuple[int, int], theme: str, only: str | None) -> int:
    failed: list[BaseException] = []

    def act(hands: Hands) -> None:
        try:
            Camera(hands, out, f"{size[0]}x{size[1]}-{theme}", size).take_all(only)
        except BaseException as problem:  # noqa: BLE001 - the window must close whatever happened
            failed.append(problem)
        hands.window.close()

    when_painted(act)
    code = app.run(project)
    for problem in failed:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
    return 1 if failed else code


class Camera:
    """Goes from page to page, brings each to where it shows most, and takes its picture."""

    def __init__(self, hands: Hands, out: Path, suffix: str, size: tuple[int, int]) -> None:
        self._hands, self._out, self._suffix = hands, out, suffix
        out.mkdir(parents=True, exist_ok=True)
        hands.window.resize(*size)

    def take_all(self, only: str | None = None) -> None:
        pages: dict[str, Callable[[], None]] = {
            "papers": self._papers,
            "questions": self._questions,
            "train": self._train,
            "train-run": self._train_run,
            "compare": self._compare,
            "search": self._search,
            "export": lambda: self._go("shell.step-export"),
            "settings": lambda: self._go("shell.settings"),
            "help": lambda: self._go("shell.help"),
            "review": self._review,  # its decisions make the steps after it out of date
            "welcome": self._welcome,
        }
        for name, bring in pages.items():
            if only in (None, name):
                bring()
                self._snap(name)

    def _go(self, button: str) -> None:
        self._hands.click(button)
        self._rest(400)

    def _rest(self, milliseconds: int) -> None:
        QTest.qWait(milliseconds)

    def _papers(self) -> None:
        self._go("shell.step-papers")
        table = self._hands.find("papers.table", QTableView)
        self._hands.click_at(table.viewport(), QPoint(60, table.rowHeight(0) // 2))
        self._page_has_come()
        passages = self._hands.find("papers.passages", QListView)
        self._hands.click_at(passages.viewport(), QPoint(60, 40))
        self._rest(800)

    def _page_has_come(self) -> None:
        self._hands.wait("the page is drawn", lambda: self._hands.sees("pdf.scroll"), seconds=LONG)
        self._rest(1500)

    def _questions(self) -> None:
        self._go("shell.step-questions")
        self._hands.click("questions.preview")
        self._hands.wait("the preview", lambda: self._hands.sees("questions.next-sample"), seconds=LONG)
        if self._hands.sees("job.close"):
            self._hands.click("job.close")
        self._rest(300)

    def _review(self) -> None:
        self._go("shell.step-review")
        for key in (Qt.Key.Key_A, Qt.Key.Key_A, Qt.Key.Key_X, Qt.Key.Key_A):
            self._hands.key(key)
            self._rest(100)
        self._page_has_come()

    def _train(self) -> None:
        self._go("shell.step-train")
        if self._hands.sees("train.figure.best"):
            self._hands.click("train.new")
        self._rest(1500)

    def _train_run(self) -> None:
        self._go("shell.step-train")
        runs = self._hands.find("train.runs", QAbstractItemView)
        self._hands.click_at(runs.viewport(), QPoint(runs.viewport().width() // 2, 20))
        self._hands.wait("the run", lambda: self._hands.sees("train.figure.best"), seconds=LONG)
        self._rest(1500)

    def _compare(self) -> None:
        self._go("shell.step-compare")
        self._hands.find("compare.verdict")
        self._rest(500)

    def _search(self) -> None:
        self._go("shell.step-search")
        self._hands.type("search.box", QUESTION)
        self._hands.key(Qt.Key.Key_Return)

        def cards() -> list[HitCard]:
            column = self._hands.all("search.column-tuned")
            return column[0].findChildren(HitCard) if column else []

        self._hands.wait("hits", lambda: bool(cards()) and not self._hands.sees("search.busy"), seconds=LONG)
        self._hands.click_at(cards()[0])
        self._page_has_come()

    def _welcome(self) -> None:
        self._hands.window.door.close()
        self._rest(500)

    def _snap(self, name: str) -> None:
        self._hands.window.grab().save(str(self._out / f"{name}-{self._suffix}.png"))


if __name__ == "__main__":
    sys.exit(main())
