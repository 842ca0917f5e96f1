"""The whole job by hand, in the real window: python tests/e2e/drive_sample.py FOLDER PAPERS

Prints what a user sees at each step, one JSON object a line. ``test_window_sample.py`` runs it and judges.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import psutil
import shiboken6
from PySide6.QtCore import Qt, QThread
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView, QWidget
from window_hands import Hands, when_painted

from embtrainer_gui.core.store import Project
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import app
from embtrainer_gui.gui.widgets.hit_card import HitCard
from embtrainer_gui.gui.widgets.report_dialog import ReportDialog

LONG = 600.0
QUESTION = "Which plant compounds act against bacteria?"
EPOCHS = 1
ROUNDS = 1
A, X, BACKSPACE, RETURN = Qt.Key.Key_A, Qt.Key.Key_X, Qt.Key.Key_Backspace, Qt.Key.Key_Return


class SampleByHand:
    def __init__(self, hands: Hands, folder: Path, papers: Path) -> None:
        self._hands, self._folder, self._papers = hands, folder, papers

    def do(self) -> None:
        for step in (
            self.new_project,
            self.add_papers,
            self.make_questions,
            self.review,
            self.train,
            self.compare,
            self.search,
            self.export,
        ):
            tell(step.__name__, **step())
        tell("end", faults=self._hands.window.findChild(ReportDialog) is not None)

    @property
    def _project(self) -> Project:
        return self._hands.window._session.project

    def _side(self, step: Step) -> str:
        """What the sidebar says of a step."""
        return self._hands.find(f"shell.step-{step}").accessibleDescription()

    def _step_is(self, step: Step, word: str, *, seconds: float = LONG) -> None:
        self._hands.wait(f"{step} is {word}", lambda: word in self._side(step), seconds=seconds)

    def new_project(self) -> dict[str, Any]:
        self._hands.name_in_dialog("welcome.new", self._folder)
        self._hands.wait("the papers page", lambda: self._hands.sees("papers.drop"), seconds=30)
        return {
            "title": self._hands.window.windowTitle(),
            "project": self._hands.text("shell.project"),
            "train": self._side(Step.TRAIN),
            "papers": self._side(Step.PAPERS),
        }

    def add_papers(self) -> dict[str, Any]:
        files = sorted(self._papers.glob("*.pdf"))
        self._hands.drop("papers", files)
        self._hands.wait("the job strip", lambda: self._hands.sees("job"), seconds=30)
        self._step_is(Step.PAPERS, "Done")
        table = self._hands.find("papers.table", QTableView)
        return {
            "files": len(files),
            "summary": self._hands.text("papers.summary"),
            "rows": table.model().rowCount(),
            "stored": [self._project.documents.count(), self._project.passages.count_in_use()],
        }

    def make_questions(self) -> dict[str, Any]:
        self._hands.click("shell.next")
        todo = self._hands.text("questions.todo")
        self._hands.click("questions.start")
        self._hands.find("questions.progress")
        self._hands.wait("the outcome", lambda: self._hands.sees("questions.outcome"), seconds=LONG)
        self._step_is(Step.QUESTIONS, "Done")
        return {"todo": todo, "side": self._side(Step.QUESTIONS), "stored": self._project.pairs.counts()}

    def review(self) -> dict[str, Any]:
        self._hands.click("questions.review")
        first = self._hands.text("review.question")
        self._hands.wait("the page of the pair", lambda: self._hands.sees("pdf.scroll"), seconds=60)
        counts = []
        for key in (A, X, BACKSPACE, A):
            self._hands.key(key)
            counts.append(self._project.pairs.counts())
        second, line = self._hands.text("review.question"), self._hands.text("review.counts")
        self._hands.click("review.accept-clean")
        self._hands.wait("all without a reason are accepted", self._clean_are_accepted, seconds=120)
        self._hands.wait("the counts", lambda: self._hands.text("review.counts") != line, seconds=30)
        return {
            "first": first,
            "next": second,
            "after_keys": [[each.get("accepted", 0), each.get("rejected", 0)] for each in counts],
            "counts": self._hands.text("review.counts"),
            "stored": self._project.pairs.counts(),
        }

    def _clean_are_accepted(self) -> bool:
        return self._project.pairs.counts().get("accepted", 0) > 2 and self._hands.find("review.more").isVisible()

    def train(self) -> dict[str, Any]:
        self._hands.click("shell.next")
        self._hands.type("form.epochs", str(EPOCHS))
        self._hands.wait("Start", lambda: "Start training" in self._hands.text("train.start"), seconds=60)
        self._hands.wait("the plan", lambda: "a pass" in self._hands.text("train.plan.steps"), seconds=60)
        steps = self._hands.text("train.plan.steps")
        self._hands.type("form.soup", str(ROUNDS))
        self._hands.wait("the plan anew", lambda: self._hands.text("train.plan.steps") != steps, seconds=60)
        typed = self._hands.text("train.plan.steps")
        self._hands.click("train.start")
        self._hands.wait("the first step", lambda: self._hands.sees("train.stop"), seconds=60)
        self._hands.wait("the end of the run", lambda: self._hands.sees("train.compare"), seconds=LONG)
        run = self._project.runs.latest()
        assert run is not None
        return {
            "plan": steps,
            "plan_as_typed": typed,
            "remarks": [str(part.property("text")) for part in self._hands.all("train.remark")],
            "epochs": run.config["epochs"],
            "rounds": run.config["soup"],
            "state": run.state,
            "dev": {name: scores["ndcg@10"] for name, scores in run.summary["dev"].items()},
        }

    def compare(self) -> dict[str, Any]:
        self._hands.click("train.compare")
        self._hands.click("compare.start")
        self._hands.wait("the verdict", lambda: self._hands.sees("compare.verdict"), seconds=LONG)
        return {
            "verdict": self._hands.text("compare.verdict"),
            "note": self._hands.text("compare.note"),
            "rows": self._hands.find("compare.improved", QTableView).model().rowCount(),
        }

    def search(self) -> dict[str, Any]:
        self._hands.click("shell.next")
        self._hands.type("search.box", QUESTION)
        self._hands.key(RETURN)
        columns = {name: self._hands.find(f"search.column-{name}") for name in ("base", "tuned")}
        self._hands.wait("hits of both", lambda: all(map(_cards, columns.values())), seconds=LONG)
        hits = {name: len(_cards(column)) for name, column in columns.items()}
        first = _cards(columns["tuned"])[0]
        self._hands.click_at(first)
        self._hands.wait("the page", lambda: self._hands.sees("search.page"), seconds=30)
        page = self._hands.find("search.page")
        self._hands.wait("its picture with boxes", lambda: _marked_pixels(page) > 100, seconds=120)
        return {
            "hits": hits,
            "time": self._hands.text("search.time"),
            "opened": first.accessibleName(),
            "page": [str(part.property("text")) for part in self._hands.all("page.place")],
            "marked": _marked_pixels(page),
        }

    def export(self) -> dict[str, Any]:
        self._hands.click("shell.next")
        self._hands.click("export.save-settings")
        self._hands.wait("it is saved", lambda: self._hands.sees("export.where-settings"), seconds=120)
        return {
            "where": self._hands.text("export.where-settings"),
            "files": sorted(path.name for path in (self._folder / "exports").iterdir()),
        }


def _cards(column: QWidget) -> list[HitCard]:
    """In the order of the ranking."""
    return sorted((card for card in column.findChildren(HitCard) if card.isVisible()), key=lambda card: card.hit.rank)


def _marked_pixels(part: QWidget) -> int:
    """How many pixels have the colour of a marker."""
    if not part.isVisible():
        return 0
    image = part.grab().toImage()
    colors = (QColor(image.pixel(x, y)) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4))
    return sum(color.red() > 200 and color.red() - color.blue() > 60 and color.green() > 170 for color in colors)


def tell(step: str, **seen: Any) -> None:
    print(json.dumps({"step": step, **seen}), flush=True)


def leftovers() -> dict[str, Any]:
    """Threads and processes that still run."""
    threads = [each for each in gc.get_objects() if isinstance(each, QThread) and shiboken6.isValid(each)]
    return {
        "qt_threads": [str(each) for each in threads if each.isRunning()],
        "threads": [each.name for each in threading.enumerate() if each is not threading.main_thread()],
        "children": [each.name() for each in psutil.Process().children(recursive=True)],
    }


def main(folder: Path, papers: Path) -> int:
    failures: list[BaseException] = []

    def act(hands: Hands) -> None:
        try:
            hands.window.resize(1280, 800)
            SampleByHand(hands, folder, papers).do()
        except BaseException as problem:  # noqa: BLE001 - said at the end; the window closes in any case
            failures.append(problem)
            traceback.print_exc()
            hands.window.grab().save(str(folder.parent / "where-it-failed.png"))
            hands.window.end_at_once()
        else:
            QTest.keyClick(hands.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
            hands.window.close()

    when_painted(act)
    code = app.run()
    tell("closed", code=code, lock=(folder / "project.lock.json").exists(), **leftovers())
    return 1 if failures else code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
