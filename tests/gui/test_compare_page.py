"""The compare page says what the figures allow, lets every question be looked at, and never hides an old result."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QListWidget, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.compared_models import USUAL
from embtrainer_gui.core.comparison import evaluation_fingerprint, selection
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.general_report import GeneralReport
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.pages.compare_page import ComparePage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.dot_plot import Dot, DotPlot
from embtrainer_gui.gui.widgets.excerpt import Excerpt

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


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> ComparePage:
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


def test_that_an_uncompared_model_is_compared_by_one_click(qtbot: QtBot, page: ComparePage, jobs: FakeJobs) -> None:
    page.enter()
    click(qtbot, page, "compare.start")
    assert [spec.stage for spec in jobs.specs] == ["compare"]
    assert not button_of(page, "compare.start").isEnabled()


def test_that_the_result_appears_when_the_job_ends(qtbot: QtBot, page: ComparePage, jobs: FakeJobs) -> None:
    page.enter()
    click(qtbot, page, "compare.start")
    store_evaluation(page.session)
    jobs.finish({"verdict": "BETTER"})
    assert page.findChild(QLabel, "compare.verdict").isVisible()
    assert button_of(page, "compare.again").isEnabled()


def test_that_the_sentence_holds_scores_interval_questions_and_papers(page: ComparePage) -> None:
    store_evaluation(page.session)
    page.enter()
    sentence = text_of(page, "compare.verdict")
    for words in (
        "Better",
        "0.427 → 0.540",
        "+0.113",
        "95 % interval 0.090 to 0.137",
        "318 questions",
        "2 unseen papers",
    ):
        assert words in sentence
    assert "3 questions improved, 2 got worse, 1 stayed the same." in text_of(page, "compare.note")
    assert page.findChild(QLabel, "compare.verdict").accessibleDescription()


@pytest.mark.parametrize(("delta", "words"), [(-0.004, "no loss beyond 0.01"), (-0.03, "It forgot")])
def test_that_what_was_forgotten_stands_under_the_verdict(page: ComparePage, delta: float, words: str) -> None:
    report = GeneralReport(300, 400, 0.8, 0.8 + delta, delta, delta - 0.01, delta + 0.01)
    store_evaluation(page.session, general=asdict(report))
    page.enter()
    assert words in text_of(page, "compare.general")
    assert page.findChild(QLabel, "compare.general").isVisible()


def test_that_a_comparison_without_the_forgetting_check_shows_no_line_of_it(page: ComparePage) -> None:
    store_evaluation(page.session)
    page.enter()
    assert not page.findChild(QLabel, "compare.general").isVisible()


def test_that_an_interval_across_zero_keeps_its_signs(page: ComparePage) -> None:
    store_evaluation(page.session, verdict="NO CLEAR DIFFERENCE", delta=0.01, ci95=[-0.02, 0.04])
    page.enter()
    assert "−0.020 to +0.040" in text_of(page, "compare.verdict")
    assert "No clear difference" in text_of(page, "compare.verdict")


def test_that_the_table_shows_three_decimals_and_signed_changes(page: ComparePage) -> None:
    store_evaluation(page.session)
    page.enter()
    assert "0.540" in page._view.table.text_of("tuned", "ndcg@10")
    assert "+0.113" in page._view.table.text_of("tuned", "ndcg@10")
    assert "−0.127" in page._view.table.text_of("bm25", "mrr@10")
    assert page._view.table.text_of("base", "recall@5") == "0.427"


def test_that_lists_begin_with_the_largest_change(page: ComparePage) -> None:
    store_evaluation(page.session)
    page.enter()
    improved, worse = page._view.questions.left.model, page._view.questions.right.model
    assert [improved.change(row) for row in range(improved.rowCount())] == [1.0, 0.5, 0.125]
    assert [worse.change(row) for row in range(worse.rowCount())] == [-0.5, -0.25]


def test_that_a_question_opens_both_rankings_with_the_right_passage_marked(qtbot: QtBot, page: ComparePage) -> None:
    store_evaluation(page.session)
    page.enter()
    table = page._view.questions.left.table
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.model().index(1, 0)).center()
    )
    assert text_of(page, "compare.question") == "Question 0?"
    before, after = (page.findChild(QWidget, f"compare.ranking-{model}") for model in ("base", "tuned"))
    assert not marked(before)
    assert marked(after) == 1
    assert any("first hit" in label.text() for label in after.findChildren(QLabel))
    assert any("On rice blast, page 1" in label.text() for label in after.findChildren(QLabel))


def marked(column: QWidget) -> int:
    return sum(label.text() == "Right passage" for label in column.findChildren(QLabel))


def test_that_next_goes_through_the_list_and_escape_back_to_it(qtbot: QtBot, page: ComparePage) -> None:
    store_evaluation(page.session)
    page.enter()
    page._view.questions.right.opened.emit(0)
    click(qtbot, page, "compare.next")
    assert text_of(page, "compare.question") == "Question 1?"
    assert not button_of(page, "compare.next").isEnabled()
    qtbot.keyClick(button_of(page, "compare.back"), Qt.Key.Key_Escape)
    assert page._view.questions.right.isVisible()
    assert not page._view.rankings.isVisible()


def test_that_an_old_comparison_without_hits_says_how_to_get_them(page: ComparePage, feedback: Feedback) -> None:
    banner = QSignalSpy(feedback.banner)
    store_evaluation(page.session, rankings=False)
    page.enter()
    page._view.questions.left.opened.emit(0)
    assert "Compare again" in banner.at(0)[0].hint
    assert not page._view.rankings.isVisible()


def test_that_a_stale_result_says_so_and_is_renewed_from_there(qtbot: QtBot, page: ComparePage, jobs: FakeJobs) -> None:
    store_evaluation(page.session)
    page.enter()
    stale = page.findChild(QWidget, "compare.stale")
    assert not stale.isVisible()
    pair = page.session.project.pairs.all()[0]
    page.session.project.pairs.decide([pair.id], PairState.ACCEPTED, "accept", utc_now())
    page.session.table_changed.emit("pairs")
    assert stale.isVisible()
    click(qtbot, page, "compare.stale-again")
    assert jobs.specs[-1].stage == "compare"


@pytest.mark.parametrize("step", [Step.REVIEW, Step.QUESTIONS, Step.TRAIN])
def test_that_each_cause_of_a_worse_model_leads_to_its_step(qtbot: QtBot, page: ComparePage, step: Step) -> None:
    store_evaluation(page.session, verdict="WORSE", delta=-0.1, ci95=[-0.2, -0.05])
    page.enter()
    with qtbot.waitSignal(page.go_to) as went:
        click(qtbot, page, f"compare.cause-{step.value}")
    assert went.args == [step]
    assert any("321 question-passage pairs" in label.text() for label in page._view.causes.findChildren(QLabel))


def test_that_causes_stay_away_from_a_better_model(page: ComparePage) -> None:
    store_evaluation(page.session)
    page.enter()
    assert not page._view.causes.isVisible()


def test_that_an_own_set_without_its_files_is_refused_by_name(
    qtbot: QtBot, page: ComparePage, jobs: FakeJobs, feedback: Feedback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "corpus.jsonl").write_text("", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(tmp_path))
    store_evaluation(page.session)
    page.enter()
    banner = QSignalSpy(feedback.banner)
    choose(page, "compare.own-folder")
    assert "queries.jsonl, qrels.tsv" in banner.at(0)[0].text
    assert not jobs.specs


def test_that_an_own_set_gets_a_result_beside_the_project_s(
    qtbot: QtBot, page: ComparePage, jobs: FakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"):
        (folder / name).write_text("", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(folder))
    store_evaluation(page.session)
    page.enter()
    choose(page, "compare.own-folder")
    assert jobs.specs[-1].options == {"set": str(folder)}
    store_evaluation(page.session, "folder/mine", queries=40)
    jobs.finish({"name": "folder/mine", "compared": list(USUAL)})
    sentence = text_of(page, "compare.verdict")
    assert "40 questions" in sentence
    assert "2 documents" in sentence
    assert "unseen" not in sentence
    assert "few questions" in text_of(page, "compare.note")
    assert str(folder) not in json.dumps(page.session.kept("compare"))


def test_that_hits_of_an_own_set_show_its_own_texts(page: ComparePage) -> None:
    ids = [passage.id for passage in page.session.project.passages.in_use()]
    page.session.keep("compare", set="folder/mine")
    store_evaluation(page.session, "folder/mine", texts={str(number): f"Own text {number}" for number in ids})
    page.enter()
    page._view.questions.left.opened.emit(0)
    column = page.findChild(QWidget, "compare.ranking-tuned")
    assert [excerpt.toolTip() for excerpt in column.findChildren(Excerpt)][0] == f"Own text {ids[2]}"
    assert marked(column) == 1


def test_that_the_axis_holds_every_interval(qtbot: QtBot) -> None:
    plot = DotPlot()
    qtbot.addWidget(plot)
    plot.show_dots([Dot("a", 0.609, 0.6, 0.62), Dot("b", 0.953, 0.9, 0.999)])
    start, end, step = plot.span()
    assert start <= 0.6
    assert 0.999 <= end <= 1.0
    assert (end - start) / step <= 6
    plot.show_dots([Dot("a", 0.5, 0.5, 0.5)])
    start, end, _ = plot.span()
    assert start <= 0.5 <= end
    assert end > start


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


def test_that_two_runs_are_held_against_each_other_by_name(page: ComparePage) -> None:
    page.session.project.runs.rename(1, "Long passages")
    store_runs_compared(page.session)
    page.enter()
    sentence = text_of(page, "compare.verdict")
    for words in ("Better", "0.500 Long passages", "0.700 run-2", "0.100 to 0.300", "60 questions"):
        assert words in sentence
    assert "+0.200" in page._view.table.text_of("run:run-2", "mrr@10")
    assert "0.600 to 0.800" in page._view.table.tip_of("run:run-2", "mrr@10")
    assert "−0.050" in page._view.table.text_of("run:run-2", "general")
    assert "It forgot" in text_of(page, "compare.general")


def test_that_any_two_models_can_be_looked_at(page: ComparePage) -> None:
    store_runs_compared(page.session)
    page.enter()
    pick(page, "compare.after", "bm25")
    assert "Worse" in text_of(page, "compare.verdict")
    pick(page, "compare.before", "bm25")  # which is on the other side: they change places
    sentence = text_of(page, "compare.verdict")
    assert "Better" in sentence
    assert "0.200 BM25 → 0.500 run-1" in sentence
    assert "+0.300" in sentence.replace("to 0.500", "") or "0.300 to 0.500" in sentence
    pick(page, "compare.view", "extreme")
    best, worst = page._view.questions.left.model, page._view.questions.right.model
    assert (best.question(0).text, worst.question(0).text) == ("Question 1?", "Question 0?")


def test_that_kinds_have_their_change_and_interval(page: ComparePage) -> None:
    store_runs_compared(page.session)
    page.enter()
    pick(page, "compare.view", "by_kind")
    table = page.findChild(QTableView, "compare.groups")
    assert table.isVisible()
    model = table.model()
    shown = [model.index(0, column).data() for column in range(model.columnCount())]
    assert shown[1:] == ["60", "0.500", "0.700", "+0.200", "+0.100 … +0.300"]
    assert not page._view.questions.left.isVisible()


def test_that_a_hit_opens_its_page_with_the_passage_boxed(qtbot: QtBot, page: ComparePage, jobs: FakeJobs) -> None:
    store_runs_compared(page.session)
    page.enter()
    page._view.questions.left.opened.emit(0)
    column = page.findChild(QWidget, "compare.ranking-run:run-2")
    right = next(each for each in column.findChildren(QWidget) if each.accessibleName().startswith("1: "))
    qtbot.mouseClick(right, Qt.MouseButton.LeftButton)
    side = page.findChild(QWidget, "compare.page")
    assert side.isVisible()
    (asked,) = jobs.fake_service("pages").asked
    passage = list(page.session.project.passages.in_use())[2]
    assert (asked.document, asked.page) == (passage.document_id, passage.page)
    assert page._side.view._strong == tuple(passage.boxes)
    click(qtbot, page, "compare.page-close")
    assert not side.isVisible()


def test_that_figures_of_a_deleted_run_stay_and_say_that_it_is_gone(page: ComparePage) -> None:
    store_runs_compared(page.session)
    project = page.session.project
    project.runs.delete(next(run for run in project.runs.all() if run.name == "run-2"))
    page.enter()
    assert "0.700" in page._view.table.text_of("run:run-2", "ndcg@10")
    assert "No longer in the project: run-2" in text_of(page, "compare.stale-text")
    assert not button_of(page, "compare.stale-again").isVisible()


def test_that_models_are_chosen_in_a_dialog_and_compared_at_once(
    qtbot: QtBot, page: ComparePage, jobs: FakeJobs
) -> None:
    store_evaluation(page.session)
    store_runs_compared(page.session, keep=False)
    page.enter()
    click(qtbot, page, "compare.models")
    listed = page.findChild(QListWidget, "compare.models-list")
    names = [listed.item(place).data(Qt.ItemDataRole.UserRole) for place in range(listed.count())]
    assert names[:4] == ["base", "tuned", "run:run-2", "run:run-1"]
    assert {"bm25", "hybrid", "hybrid:run-1", "hybrid:base"} <= set(names)
    for place, name in enumerate(names):
        wanted = name in ("run:run-1", "hybrid:run-1")
        listed.item(place).setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
    click(qtbot, page, "compare.models-ok")
    assert jobs.specs[-1].config["models"] == ["run:run-1", "hybrid:run-1"]
    jobs.finish({})


def test_that_a_single_model_is_nothing_to_compare(qtbot: QtBot, page: ComparePage) -> None:
    page.enter()
    click(qtbot, page, "compare.models")
    listed = page.findChild(QListWidget, "compare.models-list")
    for place in range(listed.count()):
        listed.item(place).setCheckState(Qt.CheckState.Unchecked)
    assert not button_of(page, "compare.models-ok").isEnabled()
    click(qtbot, page, "compare.models-cancel")


def test_that_a_labelled_set_is_compared_on_by_its_name(page: ComparePage, jobs: FakeJobs, qtbot: QtBot) -> None:
    page.session.project.test_sets.create("Mine", "hand")
    page.enter()
    pick(page, "compare.set", "set/Mine")
    click(qtbot, page, "compare.start")
    assert jobs.specs[-1].options == {"set": "set/Mine"}


def test_that_the_report_is_about_what_is_on_show(
    qtbot: QtBot,
    page: ComparePage,
    jobs: FakeJobs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    messages: list[Any],
) -> None:
    store_runs_compared(page.session)
    page.enter()
    pick(page, "compare.after", "bm25")
    chosen = str(tmp_path / "out")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: (chosen, "Markdown (*.md)"))
    click(qtbot, page, "compare.report")
    spec = jobs.specs[-1]
    assert spec.stage == "compare-report"
    assert spec.config["models"] == list(RUNS)
    assert spec.options == {"set": "test", "out": chosen + ".md", "pair": ["run:run-1", "bm25"]}
    jobs.finish({"path": chosen + ".md"})
    assert "out.md" in messages[-1].text
