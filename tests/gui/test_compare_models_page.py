"""The compare page with any models: chosen, held against each other, looked at by kind, reported, and missed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gui.compare_help import RUNS, button_of, click, opened, pick, store_evaluation, store_runs_compared, text_of
from gui.fakes import FakeJobs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QListWidget, QTableView, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.models.compare_choice import available_models, offered
from embtrainer_gui.gui.pages.compare_page import ComparePage
from embtrainer_gui.gui.session import Session


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> ComparePage:
    return opened(session, jobs, feedback, qtbot)


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
    assert "+0.400" in sentence
    assert "0.300 to 0.500" in sentence
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


def test_that_the_newest_run_is_ticked_also_where_it_was_compared_by_its_name(page: ComparePage) -> None:
    newest = page.session.project.runs.latest()
    assert newest is not None
    compared = [f"run:{newest.name}", f"hybrid:{newest.name}", "bm25"]
    ticked = offered(page.session.project, compared)
    assert ticked == {"tuned", "hybrid", "bm25"}
    assert ticked <= set(available_models(page.session.project))


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
