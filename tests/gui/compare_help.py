"""Comparisons in the store of a project, and a hand on the page that shows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gui.fakes import FakeJobs
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.compared_models import USUAL
from embtrainer_gui.core.comparison import evaluation_fingerprint, selection
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.general_report import GeneralReport
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.compare_page import ComparePage
from embtrainer_gui.gui.session import Session

CHANGES = (0.5, -0.25, 0.0, 1.0, -0.5, 0.125)


def store_run(session: Session) -> None:
    runs = session.project.runs
    number = runs.begin("run-1", TrainConfig().model_dump(), "f", utc_now())
    runs.finish(number, "done", {"run": "run-1", "pairs": 321, "steps": 9, "best_step": 6}, utc_now())


def scores(ndcg: float) -> dict[str, float]:
    return {"ndcg@10": ndcg, "mrr@10": ndcg, "recall@1": ndcg, "recall@5": ndcg, "recall@10": ndcg}


def store_evaluation(session: Session, name: str = "test", *, rankings: bool = True, **changes: Any) -> None:
    """As an earlier version stored it: only the intervals of nDCG@10, only the usual two against each other."""
    project = session.project
    ids = [passage.id for passage in project.passages.in_use()]
    models = {"base": 0.4268, "tuned": 0.5398, "bm25": 0.3, "hybrid": 0.6}
    result = {
        "set": name, "queries": 318, "passages": 24, "delta": 0.113, "ci95": [0.09, 0.137], "verdict": "BETTER",
        "models": {model: scores(value) for model, value in models.items()}, "papers": 2, "run": "run-1",
        "intervals": {model: [value - 0.05, value + 0.04] for model, value in models.items()},
    }  # fmt: skip
    figures = [figure(number, change, ids, rankings) for number, change in enumerate(CHANGES)]
    fingerprint = evaluation_fingerprint(project, name, USUAL)
    project.runs.add_evaluation(1, name, fingerprint, {**result, **changes}, figures, utc_now())


def figure(number: int, change: float, ids: list[int], rankings: bool) -> dict[str, Any]:
    base = max(0.0, -change)
    row: dict[str, Any] = {"question": f"Question {number}?", "document": number % 2}
    row["ndcg@10"] = {"base": base, "tuned": base + change, "bm25": 0.1, "hybrid": 0.1}
    if rankings:
        row["relevant"] = [ids[2]]
        row["top"] = {"base": ids[5:10], "tuned": [ids[2], *ids[6:10]], "bm25": [], "hybrid": []}
        row["rank"] = {"base": 0, "tuned": 1, "bm25": 0, "hybrid": 0}
    return row


def opened(session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> ComparePage:
    """The page of a project with one run."""
    store_run(session)
    page = ComparePage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.resize(1030, 560)
    page.show()
    return page


def text_of(page: QWidget, name: str) -> str:
    found = page.findChild(QLabel, name)
    assert found is not None
    return found.text()


def button_of(page: QWidget, name: str) -> QPushButton:
    found = page.findChild(QPushButton, name)
    assert found is not None
    return found


def choose(page: QWidget, name: str) -> None:
    """An entry of a menu."""
    action = page.findChild(QAction, name)
    assert action is not None
    action.trigger()


def pick(page: QWidget, name: str, data: str) -> None:
    """An entry of a box, as a user takes it."""
    box = page.findChild(QComboBox, name)
    assert box is not None
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def click(qtbot: QtBot, page: QWidget, name: str) -> None:
    qtbot.mouseClick(button_of(page, name), Qt.MouseButton.LeftButton)


RUNS = ("run:run-1", "run:run-2", "bm25")


def store_runs_compared(session: Session, *, name: str = "test", keep: bool = True) -> None:
    """Two more runs with models, and a comparison of them as this version stores it."""
    project = session.project
    for run in ("run-2", "run-3"):
        number = project.runs.begin(run, TrainConfig().model_dump(), "f", utc_now())
        project.runs.finish(number, "done", {"run": run}, utc_now())
    for run in ("run-1", "run-2", "run-3"):
        (project.models / run / "final_model").mkdir(parents=True)
    ids = [passage.id for passage in project.passages.in_use()]
    values = dict(zip(RUNS, (0.5, 0.7, 0.2), strict=True))
    told = {metric: {"delta": 0.2, "ci95": [0.1, 0.3]} for metric in scores(0)}
    lower = {metric: {"delta": -0.4, "ci95": [-0.5, -0.3]} for metric in scores(0)}
    result = {
        "set": name, "queries": 60, "passages": 24, "papers": 6, "verdict": "BETTER", "delta": 0.2, "ci95": [0.1, 0.3],
        "models": {model: scores(value) for model, value in values.items()}, "at": utc_now(),
        "bounds": {model: {metric: [value - 0.1, value + 0.1] for metric in scores(0)}
                   for model, value in values.items()},
        "pairs": [{"from": RUNS[0], "to": RUNS[1], "verdict": "BETTER", "metrics": told},
                  {"from": RUNS[0], "to": RUNS[2], "verdict": "WORSE", "metrics": lower},
                  {"from": RUNS[1], "to": RUNS[2], "verdict": "WORSE", "metrics": lower}],
        "by_kind": [{"name": "cause", "queries": 60, "scores": values,
                     "ci95": [[0.1, 0.3], [-0.5, -0.3], [-0.5, -0.3]]}],
        "forgetting": {RUNS[1]: asdict(GeneralReport(300, 400, 0.8, 0.75, -0.05, -0.06, -0.04))},
    }  # fmt: skip
    rows = [
        {"question": f"Question {number}?", "document": number, "ndcg@10": dict(zip(RUNS, each, strict=True)),
         "relevant": [ids[2]], "top": dict.fromkeys(RUNS, ids[2:7]), "rank": dict.fromkeys(RUNS, 1)}
        for number, each in enumerate([(0.1, 0.9, 0.0), (0.8, 0.2, 0.0), (0.5, 0.6, 0.6)])
    ]  # fmt: skip
    print_ = evaluation_fingerprint(project, name, RUNS)
    project.runs.add_evaluation(None, name, print_, result, rows, utc_now(), selection(RUNS))
    if keep:
        session.keep("compare", models=list(RUNS), set=name)
