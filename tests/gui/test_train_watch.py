"""The check before training and the watch in the window; a fake child speaks for the jobs."""

from __future__ import annotations

from typing import Any

import pytest
import qasync
from fake_chat import fake_chat
from gui.fakes import FakeJobs
from gui.train_help import click, read, said, start, start_text, trained
from gui.window_loop import run_until
from PySide6.QtWidgets import QLabel, QPushButton, QTextEdit
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.estimate import Cost, Estimate, machine, write_estimate
from embtrainer_gui.core.messages import Metric, Noticed, to_line
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.pages.train_page import TrainPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.check_dialog import CheckDialog

RISES = Noticed(
    fault="learning-rate",
    step=20,
    text="The loss rises again.",
    cure="Set the learning rate to 1e-05",
    changes={"learning_rate": 1e-5},
)
LEAK = Noticed(fault="leak", step=0, text="It leaks.", cure="Look at the questions", page="review")


@pytest.fixture
def page(train_page: TrainPage) -> TrainPage:
    return train_page


def summary(**more: Any) -> dict[str, Any]:
    parts = [{"name": "steps", "times": 39, "wall": 150.0, "cpu": 280.0}]
    parts.append({"name": "load", "times": 1, "wall": 2.0, "cpu": 3.0})
    text = {"read": "[CLS] rice [SEP]", "tokens": 3, "whole": 3, "cut": ""}
    cut = {"read": "[CLS] soil carbon [SEP]", "tokens": 4, "whole": 6, "cut": "is lost"}
    return {
        "device": "cpu (2 threads)",
        "memory": {"needed": 2 * 10**9, "free": 8 * 10**9, "taken": 10**9, "fit": "fits"},
        "disk": {"needed": 10**9, "free": 10**10, "fits": True},
        "data": {"pairs": 64, "passages": 24, "alike": 2},
        "truncated": {"passages": 0.04, "questions": 0.0},
        "steps": 39,
        "evaluations": 5,
        "estimate": {"told": {"wall": 163.0, "cpu": 300.0}, "parts": parts},
        "first_batch": [
            {"role": "passage", "passage": 1, "text": cut},
            {"role": "question", "passage": 1, "text": text},
        ],
        "held": [],
        "launch": "",
        "seconds": 21.0,
        **more,
    }


def texts(dialog: CheckDialog) -> str:
    return "\n".join(part.text() for part in dialog.findChildren(QLabel))


def dialog_of(page: TrainPage) -> CheckDialog:
    (dialog,) = [part for part in page.window().findChildren(CheckDialog) if part.isVisible()]
    return dialog


def test_that_the_check_shows_what_it_found_and_starts_the_run(page: TrainPage, jobs: FakeJobs, qtbot: QtBot) -> None:
    page.setup.form.set_values({"epochs": 4})
    click(page, "train.check", qtbot)
    (spec,) = jobs.specs
    assert (spec.stage, spec.config["epochs"]) == ("preflight", 4)
    assert start_text(page) == "Wait for: Check before training"
    assert not page.setup.card.check.isEnabled()
    jobs.finish(summary())
    dialog = dialog_of(page)
    shown = texts(dialog)
    for words in (
        "about 2 min 40 s",
        "cpu (2 threads)",
        "39 times, 2 min 30 s",
        "4.0 % of the passages",
        "nearly equal",
    ):
        assert words in shown
    batch = dialog.findChild(QTextEdit, "check.batch").toPlainText()
    assert "Passage 1, 4 of 6 tokens\n[CLS] soil carbon [SEP] is lost\nQuestion, 3 tokens\n[CLS] rice [SEP]" in batch
    dialog.findChild(QPushButton, "check.start").click()
    assert [spec.stage for spec in jobs.specs] == ["preflight", "train"]
    read(page, qtbot)


def test_that_a_check_of_several_processes_says_that_one_was_tried(
    page: TrainPage, jobs: FakeJobs, qtbot: QtBot
) -> None:
    command = "torchrun --nproc-per-node 2"
    page.setup.launch.set_values({"launch": command})
    click(page, "train.check", qtbot)
    assert jobs.specs[-1].options == {"launch": command}
    jobs.finish(summary(launch=command))
    shown = texts(dialog_of(page))
    assert "One process alone would take about 2 min 40 s" in shown
    assert "Each of the processes that train together takes this much memory" in shown


def test_that_memory_held_by_a_local_server_is_told_and_freed_by_a_button(
    page: TrainPage, jobs: FakeJobs, qtbot: QtBot, loop: qasync.QEventLoop
) -> None:
    with fake_chat() as server:
        click(page, "train.check", qtbot)
        jobs.finish(summary(held=[{"address": server.address, "model": "small-model", "bytes": 5 * 10**9}]))
        dialog = dialog_of(page)
        assert "small-model" in texts(dialog)
        assert server.asked == []  # the check's own child has asked; the window does so only by its button
        dialog.findChild(QPushButton, "check.free").click()
        run_until(loop, lambda: "The memory is free." in texts(dialog))
        assert server.asked[-1].body == {"model": "small-model", "keep_alive": 0}
    dialog.reject()


def test_that_a_check_that_was_stopped_shows_nothing(page: TrainPage, jobs: FakeJobs, qtbot: QtBot) -> None:
    click(page, "train.check", qtbot)
    jobs.end_cancelled()
    assert not page.window().findChildren(CheckDialog)
    assert start_text(page) == "Start training"


def test_that_the_time_of_a_check_stands_until_a_setting_is_changed(
    page: TrainPage, ready: Session, qtbot: QtBot
) -> None:
    facts, config = page.setup._facts, page.setup.config
    assert facts is not None
    told = Estimate(
        config.model_dump(mode="json"), facts.pairs, facts.passages, machine("auto"), Cost(), Cost(163, 300)
    )
    write_estimate(ready.project.models, told)
    page.enter()
    read(page, qtbot)
    assert page.setup.card.value("time") == "about 2 min 40 s, measured by a check"
    page.setup.launch.set_values({"launch": "torchrun --nproc-per-node 2"})  # which was not measured
    assert page.setup.card.value("time") == ""
    page.setup.launch.set_values({"launch": ""})
    assert start_text(page) == "Start training (about 2 min 40 s)"
    page.setup.form.set_values({"epochs": 9})
    assert page.setup.card.value("time") == ""


def test_that_a_setting_that_cannot_do_what_it_says_has_a_note(page: TrainPage) -> None:
    note = page.findChild(QLabel, "form.batch_size.note")
    assert note.isHidden()
    page.setup.form.set_values({"batch_size": 500})
    assert "all of them make one batch" in note.text()
    assert not note.isHidden()
    page.setup.form.set_values({"batch_size": 4})
    assert note.isHidden()


def test_that_recommended_puts_back_what_fits_with_its_reasons(page: TrainPage, qtbot: QtBot) -> None:
    recommended = page.setup.config
    page.setup.form.set_values({"epochs": 9, "batch_size": 500})
    click(page, "train.preset.recommended", qtbot)
    assert page.setup.config == recommended
    why = page.findChild(QLabel, "train.preset-why").text()
    assert "steps a pass" in why
    assert "core" in why
    assert "GB" in why


def test_that_what_the_watch_says_stands_beside_the_curves_with_its_cure(
    page: TrainPage, ready: Session, jobs: FakeJobs, qtbot: QtBot
) -> None:
    start(page, ready, jobs, qtbot)
    jobs.say(Metric(step=1, epoch=0.1, values={"loss": 1.0}))
    jobs.say(RISES)
    jobs.say(RISES)  # a resumed run may say it again
    qtbot.waitUntil(lambda: page.live.is_complete)
    assert said(page).count("The loss rises again.") == 1
    cures = [part for part in page.findChildren(QPushButton, "train.remark-cure") if part.isVisible()]
    assert [part.text() for part in cures] == ["Set the learning rate to 1e-05"]
    cures[0].click()
    assert page.setup.isVisible()
    assert page.setup.config.learning_rate == 1e-5
    assert page.setup.config.epochs * page.setup.config.soup == page.live.epochs  # the rest is that of the run
    jobs.finish()
    read(page, qtbot)


def test_that_a_run_of_before_still_says_what_was_wrong(page: TrainPage, ready: Session, qtbot: QtBot) -> None:
    run = trained(ready, "run-1", learning_rate=3e-4)
    with (ready.project.models / "run-1" / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write(f"{to_line(LEAK)}\n{to_line(RISES)}\n")
    ready.table_changed.emit("runs")
    page.look_at(run)
    read(page, qtbot)
    assert {"It leaks.", "The loss rises again."} <= set(said(page))
    (leak, _) = [part for part in page.findChildren(QPushButton, "train.remark-cure") if part.isVisible()]
    with qtbot.waitSignal(page.go_to) as went:
        leak.click()
    assert went.args == [Step.REVIEW]


def test_that_a_finished_run_tells_how_far_its_check_was_off(page: TrainPage, ready: Session, qtbot: QtBot) -> None:
    run = trained(ready, "run-1")
    told = Estimate(TrainConfig().model_dump(), 1, 1, "here", Cost(50, 90), Cost(50, 100))
    more = {"estimate": told.record(), "spent": Cost(60, 112).record()}
    ready.project.runs.finish(run.id, "done", run.summary | more, "")
    page.enter()
    page.look_at(ready.project.runs.all()[-1])
    read(page, qtbot)
    assert any("the check before it had told 1 min 40 s (+12 %)" in text for text in said(page))
