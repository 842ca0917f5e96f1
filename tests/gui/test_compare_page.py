"""The compare page says what the figures allow, lets every question be looked at, and never hides an old result."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from gui.compare_help import button_of, choose, click, opened, store_evaluation, store_run, store_runs_compared, text_of
from gui.fakes import FakeJobs
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.compared_models import USUAL
from embtrainer_gui.core.general_report import GeneralReport
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.main_window import MainWindow
from embtrainer_gui.gui.models.compare_choice import WITHOUT_RUNS
from embtrainer_gui.gui.pages.compare_page import ComparePage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.dot_plot import Dot, DotPlot
from embtrainer_gui.gui.widgets.excerpt import Excerpt
from embtrainer_gui.gui.widgets.test_sets_dialog import TestSetsDialog


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> ComparePage:
    return opened(session, jobs, feedback, qtbot)


def test_that_an_uncompared_model_is_compared_by_one_click(qtbot: QtBot, page: ComparePage, jobs: FakeJobs) -> None:
    page.enter()
    click(qtbot, page, "compare.start")
    assert [spec.stage for spec in jobs.specs] == ["compare"]
    assert not button_of(page, "compare.start").isEnabled()


def test_that_without_a_run_untrained_models_are_compared_and_old_results_are_shown(
    qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback
) -> None:
    window = MainWindow(session, jobs, feedback)
    qtbot.addWidget(window)
    window.start()
    window.show()
    window.wizard.go(Step.COMPARE)
    page = window.wizard.page
    assert isinstance(page, ComparePage)
    click(qtbot, page, "compare.start")
    assert jobs.specs[-1].config["models"] == list(WITHOUT_RUNS)
    jobs.fail()
    store_run(session)
    store_runs_compared(session)
    for run in session.project.runs.all():
        session.project.runs.delete(run)
    session.table_changed.emit("runs")
    assert page.findChild(QLabel, "compare.verdict").isVisible()
    window.end_at_once()


def test_that_the_test_sets_are_at_hand(page: ComparePage) -> None:
    page.enter()
    choose(page, "compare.test-sets")
    assert page.findChild(TestSetsDialog).isVisible()
    page.findChild(TestSetsDialog).close()


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
    plot.show_dots([Dot("a", 0.7, -0.875, 1.0)])  # a correlation
    start, end, step = plot.span()
    assert -1.0 <= start <= -0.875
    assert (end - start) / step <= 6
    plot.show_dots([Dot("a", 0.5, 0.5, 0.5)])
    start, end, _ = plot.span()
    assert start <= 0.5 <= end
    assert end > start
