"""The Train page after a run, and runs of before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from gui.train_help import click, curves, figure, opened, read, said, start, start_text, trained
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.general_report import GeneralReport
from embtrainer_gui.core.messages import Status
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.models.runs_table import SettingsTable
from embtrainer_gui.gui.pages.train_page import TrainPage
from embtrainer_gui.gui.session import Session

DEV = {"base": {"ndcg@10": 0.6}, "best": {"ndcg@10": 0.72}}


@pytest.fixture
def page(train_page: TrainPage) -> TrainPage:
    return train_page


# After a run


def test_that_the_end_is_a_verdict_and_the_way_to_the_comparison(
    page: TrainPage, ready: Session, jobs: FakeJobs, qtbot: QtBot
) -> None:
    start(page, ready, jobs, qtbot)
    for metric in curves():
        jobs.say(metric)
    run = ready.project.runs.all()[0]
    summary = {"run": "run-1", "pairs": 64, "steps": 20, "best_step": 20, "seconds": 190.0, "dev": DEV}
    ready.project.runs.finish(run.id, "done", summary, utc_now())
    jobs.finish(summary)
    read(page, qtbot)
    (words,) = said(page)
    assert words.startswith("Better on the dev questions: nDCG@10 0.600 → 0.720 (+0.120)")
    assert figure(page, "time") == "3 min 10 s"
    with qtbot.waitSignal(page.go_to) as gone:
        click(page, "train.compare", qtbot)
    assert gone.args == [Step.COMPARE]


def test_that_what_a_run_forgot_and_where_it_was_trained_is_told(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    run = trained(ready, "run-1")
    report = GeneralReport(300, 400, 0.8, 0.77, -0.03, -0.04, -0.02)
    more = {"general": asdict(report), "device": "cuda (a large card)"}
    ready.project.runs.finish(run.id, "done", {**run.summary, **more}, utc_now())
    for page in opened(ready, jobs, feedback, qtbot):
        page.look_at(ready.project.runs.all()[0])
        assert [line.split(":")[0] for line in said(page)[1:]] == ["It forgot", "It was trained on another computer"]


def test_that_a_run_that_made_nothing_better_is_not_praised(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    run = trained(ready, "run-1", best=0.6)
    for page in opened(ready, jobs, feedback, qtbot):
        page.look_at(run)
        assert said(page)[0].startswith("Not better")


def test_that_a_run_shows_what_it_went_on_from_and_can_be_trained_on(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    trained(ready, "run-1")
    run = trained(ready, "run-2", best=0.6, base_model="run-1", epochs=9)
    lineage = {"original": "base", "runs": [{"run": "run-1 of rice", "started_from": "x"}], "leaked": 3}
    summary = {**run.summary, "lineage": lineage, "dev_original": {"ndcg@10": 0.5}}
    ready.project.runs.finish(run.id, "done", summary, utc_now())
    for page in opened(ready, jobs, feedback, qtbot):
        page.look_at(page._runs[-1])
        words = said(page)
        assert words[0].endswith("The model that it went on from was kept.")
        assert [text for text in words if "goes on from run-1 of rice (base → run-1 of rice)" in text]
        assert [text for text in words if "untrained model scores 0.500" in text]
        assert [text for text in words if "3 dev or test papers were training papers" in text]
        click(page, "train.on", qtbot)
        assert page._stack.currentWidget() is page.setup
        assert page.setup.form.values()["base_model"] == "run-2"
        assert page.setup.form.values()["epochs"] == 9


def test_that_a_run_that_failed_says_why(ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> None:
    run = trained(ready, "run-1", state="failed")
    ready.project.runs.finish(run.id, "failed", {"error": "The loss is no longer a number."}, utc_now())
    for page in opened(ready, jobs, feedback, qtbot):
        assert said(page) == ["The loss is no longer a number."]


def test_that_a_failed_job_without_a_run_leads_back_to_the_settings(
    page: TrainPage, jobs: FakeJobs, messages: list[Message], qtbot: QtBot
) -> None:
    click(page, "train.start", qtbot)
    jobs.fail("There are no test papers.")
    assert page._stack.currentWidget() is page.setup
    assert messages[-1].text == "There are no test papers."


def test_that_an_interrupted_run_is_offered_and_resumed_with_its_own_settings(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    run = trained(ready, "run-1", state="stopped", epochs=7)
    for page in opened(ready, jobs, feedback, qtbot):
        assert page.view.resume.isVisible()
        click(page, "train.resume", qtbot)
        (spec,) = jobs.specs
        assert (spec.options, spec.config["epochs"]) == ({"resume": True}, 7)
        ready.project.runs.begin(run.name, run.config, "print", utc_now())
        jobs.say(Status(text="Loading the model..."))
        assert page.list.current is not None
        assert page.list.current.id == run.id
        assert page.view.stop.isVisible()


# Past runs


def test_that_settings_that_an_older_run_does_not_name_are_those_of_the_defaults() -> None:
    old = {name: value for name, value in TrainConfig().model_dump(mode="json").items() if name != "title_weight"}
    new = TrainConfig(matryoshka=(64, 32), query_prompt="query:").model_dump(mode="json")
    table = SettingsTable()
    table.show([Run(number, f"run-{number}", "done", config, "", {}) for number, config in enumerate((old, new))])
    rows = {
        table.headerData(row, Qt.Orientation.Vertical): [table.index(row, column).data() for column in range(2)]
        for row in range(table.rowCount())
    }
    assert rows["Shorter vectors"] == ["–", "64, 32"]
    assert rows["Before each question"] == ["–", "query:"]
    assert "Weight of titles" not in rows


@pytest.fixture
def two(ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> Iterator[TrainPage]:
    """A page on two runs that are done; the second is looked at."""
    trained(ready, "run-1")
    trained(ready, "run-2", best=0.75, epochs=5)
    for page in opened(ready, jobs, feedback, qtbot):
        page.look_at(page._runs[-1])
        read(page, qtbot)
        yield page


def tick(page: TrainPage, run: Run) -> None:
    page.list.table.setData(page.list.table.index_of(run.id), None, Qt.ItemDataRole.CheckStateRole)


def test_that_a_past_run_shows_its_curves(two: TrainPage) -> None:
    assert [run.name for run in two.view.plots._runs] == ["run-2"]
    assert two.view.plots.score.note.text().startswith("0.750 best, step 20")
    assert not two.view._differences.isVisible()


def test_that_ticking_lays_runs_over_each_other_and_shows_where_they_differ(two: TrainPage, qtbot: QtBot) -> None:
    tick(two, two._runs[0])
    read(two, qtbot)
    assert [(run.name, run.token) for run in two.view.plots._runs] == [("run-2", "accent"), ("run-1", "warn")]
    assert all(run.history.last_step == 20 for run in two.view.plots._runs)
    table = two.view._settings
    rows = {table.headerData(row, Qt.Orientation.Vertical): row for row in range(table.rowCount())}
    passes = rows["Passes over the passages"]
    assert [table.index(passes, column).data() for column in range(2)] == ["5", "2"]
    assert "Learning rate" not in rows
    assert "Dev nDCG@10, tuned" in rows
    tick(two, two._runs[0])
    assert [run.name for run in two.view.plots._runs] == ["run-2"]
    assert not two.view._differences.isVisible()


def test_that_a_run_is_renamed_noted_and_pinned(two: TrainPage, ready: Session, qtbot: QtBot) -> None:
    run = two._runs[0]
    two.look_at(run)
    two.list.table.setData(two.list.table.index_of(run.id), "Short passages")
    note = two.findChild(QPlainTextEdit, "train.note")
    note.setPlainText("Before the new papers.")
    click(two, "train.pin", qtbot)
    two.leave()
    found = ready.project.runs.get(run.id)
    assert found is not None
    assert (found.called, found.note, found.pinned) == ("Short passages", "Before the new papers.", True)
    assert two.list.table.runs[0].id == run.id
    assert two.list.current is not None
    assert two.list.current.id == run.id


def test_that_a_note_is_kept_when_another_run_is_looked_at(two: TrainPage, ready: Session) -> None:
    two.findChild(QPlainTextEdit, "train.note").setPlainText("Better.")
    two.list._view.setCurrentIndex(two.list.table.index_of(two._runs[0].id))
    assert [run.note for run in ready.project.runs.all()] == ["", "Better."]
    assert two.findChild(QPlainTextEdit, "train.note").toPlainText() == ""


def test_that_a_deleted_run_can_be_put_back(
    two: TrainPage, ready: Session, messages: list[Message], qtbot: QtBot
) -> None:
    click(two, "train.delete", qtbot)
    assert [run.name for run in ready.project.runs.all()] == ["run-1"]
    assert not (ready.project.models / "run-2").exists()
    assert messages[-1].action is not None
    messages[-1].action.run()
    read(two, qtbot)
    assert [run.name for run in ready.project.runs.all()] == ["run-1", "run-2"]
    assert two.list.current is not None
    assert two.list.current.name == "run-2"
    assert two.view.plots.score.note.text().startswith("0.750")


def test_that_the_list_says_what_came_of_a_run_and_what_disk_it_takes(two: TrainPage) -> None:
    words = [two.list.table.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert "+0.150" in words[0]
    assert "+0.120" in words[1]
    assert all("kB" in text for text in words)


def test_that_settings_of_a_run_can_be_used_again(two: TrainPage, qtbot: QtBot) -> None:
    click(two, "train.again", qtbot)
    assert two._stack.currentWidget() is two.setup
    assert two.setup.config.epochs == 5


def test_that_a_new_run_leads_to_the_form_and_back(two: TrainPage, qtbot: QtBot) -> None:
    click(two, "train.new", qtbot)
    assert two._stack.currentWidget() is two.setup
    assert two.list.current is None
    two.list._view.setCurrentIndex(two.list.table.index(0))
    assert two._stack.currentWidget() is two.view


def test_that_another_project_shows_none_of_the_first(
    two: TrainPage, ready: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    two.setup.form.set_values({"epochs": 9})
    two.leave()
    ready.create(tmp_path / "other")
    two.enter()
    read(two, qtbot)
    assert two._stack.currentWidget() is two.setup
    assert not two.list.isVisible()
    assert two.setup.config.epochs == 3
    assert start_text(two) == "Add papers first"
