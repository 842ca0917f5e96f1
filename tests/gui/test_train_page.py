"""The Train page before and during a run; a fake child speaks for the training."""

from __future__ import annotations

import json
import os
import platform

import pytest
from gui.fakes import FakeJobs
from gui.train_help import accept, click, curves, figure, opened, read, said, start, start_text, trained
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.messages import Metric, Progress, Status, Warned
from embtrainer_gui.core.records import PairState, Split
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.pages.train_page import TrainPage
from embtrainer_gui.gui.session import Session


@pytest.fixture
def page(train_page: TrainPage) -> TrainPage:
    return train_page


# Before a run


def test_that_the_card_says_what_will_run(page: TrainPage, ready: Session) -> None:
    card = page.setup.card
    pairs = len(ready.project.pairs.all(splits=(Split.TRAIN,)))
    assert card.value("questions") == f"{pairs} on 8 passages"
    assert card.value("papers") == "1 to train, 1 to choose, 1 to test"
    assert card.value("batch").startswith("8 passages")
    assert card.value("steps") == "1 a pass, 6 in all"
    assert "no passage is over 256 tokens" in card.value("cut")
    assert start_text(page) == "Start training"


def test_that_the_loss_says_which_settings_count(page: TrainPage) -> None:
    form, card = page.setup.form, page.setup.card
    idle = ("random_negatives", "contrastive_margin", "negative_margin")
    assert [form.editor(name).isEnabled() for name in idle] == [False] * 3
    help_ = form.findChild(QLabel, "form.random_negatives.help")
    assert help_.text() == "No effect under this loss: all other passages of the batch are wrong answers already."
    assert card.value("negatives") == ""
    page.setup.set_values({"hard_negatives": 3})
    assert [form.editor(name).isEnabled() for name in idle] == [False, False, True]
    assert card.value("negatives") == "up to 3 hard ones a question, and the batch"
    page.setup.set_values({"loss": "ContrastiveLoss", "hard_negatives": None})
    assert [form.editor(name).isEnabled() for name in idle] == [True] * 3
    assert help_.text() == "Passages of other papers that each question is told are wrong."
    assert card.value("negatives") == "up to 2 hard and 2 random ones a question"


def test_that_a_loss_that_would_make_all_texts_alike_cannot_start_and_says_the_cure(
    page: TrainPage, qtbot: QtBot
) -> None:
    page.setup.set_values({"loss": "CosineSimilarityLoss", "hard_negatives": 0, "random_negatives": 0})
    assert "alike" in page.findChild(QLabel, "form.random_negatives.error").text()
    assert start_text(page) == "Correct one setting"
    page.setup.set_values({"random_negatives": 1})
    assert start_text(page) == "Start training"


def test_that_a_launch_command_starts_the_run_and_a_wrong_one_stands_in_its_way(
    page: TrainPage, ready: Session, jobs: FakeJobs, qtbot: QtBot
) -> None:
    editor = page.setup.launch.editor("launch")
    assert not editor.isVisible()  # it is one of the advanced settings
    page.setup.launch.set_values({"launch": "mpirun -n 2"})
    assert "must begin with torchrun" in page.findChild(QLabel, "form.launch.error").text()
    assert start_text(page) == "Correct one setting"
    assert editor.isVisible()
    command = "torchrun --nproc-per-node 2"
    page.setup.launch.set_values({"launch": command})
    start(page, ready, jobs, qtbot)
    assert jobs.specs[-1].options == {"launch": command}
    assert "launch" not in jobs.specs[-1].config
    assert ready.kept("train")["form"]["launch"] == command
    page.setup.forget()
    assert page.setup.launch_options == {}


@pytest.mark.parametrize(
    ("free", "badge", "warned"),
    [
        (16, "Fits this computer", ""),
        (2.5, "Memory tight", "Memory is tight: close other programs before you start."),
        (1, "Too little memory", "Close other programs, or choose a smaller model."),
    ],
)
def test_that_the_badge_says_whether_the_memory_is_enough(
    page: TrainPage, monkeypatch: pytest.MonkeyPatch, free: float, badge: str, warned: str
) -> None:
    monkeypatch.setattr("embtrainer_gui.core.hardware.available_memory", lambda: int(free * 10**9))
    page.setup.set_values({"batch_size": 16})
    assert page.findChild(QLabel, "train.fit").text() == badge
    assert page.setup.card.value("memory").endswith(f" of {free:.1f} GB free")
    assert warned in page.findChild(QLabel, "train.warning").text()


def test_that_memory_is_left_out_where_a_graphics_card_trains(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embtrainer_gui.core.hardware.graphics_card", lambda: "NVIDIA GPU")
    for page in opened(ready, jobs, feedback, qtbot):
        assert page.setup.card.value("memory") == ""
        ready.change_settings(device="cpu")
        page.enter()
        read(page, qtbot)
        assert page.setup.card.value("memory").startswith("about ")


def test_that_a_time_is_shown_only_after_a_run_of_this_project(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    for page in opened(ready, jobs, feedback, qtbot):
        assert page.setup.card.value("time") == ""
        trained(ready, "run-1", epochs=2)
        ready.table_changed.emit("runs")
        read(page, qtbot)
        assert (
            page.setup.card.value("time") == "under a minute, at 21.3 questions/s of an earlier run"
        )  # 2 x 2 x 64 / 12 s
        assert start_text(page) == "Start training (under a minute)"


@pytest.mark.parametrize(
    ("accepted", "text", "step"),
    [
        (12, "Accept 8 more questions", Step.REVIEW),
        (19, "Accept one more question", Step.REVIEW),
        (0, "Accept 20 more questions", Step.REVIEW),
    ],
)
def test_that_start_names_the_questions_that_are_missing(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot, accepted: int, text: str, step: Step
) -> None:
    accept(ready, accepted)
    for page in opened(ready, jobs, feedback, qtbot):
        assert start_text(page) == text
        assert page.findChild(QPushButton, "train.start").isEnabled()
        with qtbot.waitSignal(page.go_to) as gone:
            click(page, "train.start", qtbot)
        assert gone.args == [step]
        assert jobs.specs == []


def test_that_start_sends_to_questions_where_there_are_too_few(
    session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    pairs = session.project.pairs
    few = [pair.id for pair in pairs.all(splits=(Split.TRAIN,))][:10]
    pairs.decide(few, PairState.REJECTED, "reject", utc_now())
    for page in opened(session, jobs, feedback, qtbot):
        assert start_text(page) == "Make questions first"
        with qtbot.waitSignal(page.go_to) as gone:
            click(page, "train.start", qtbot)
        assert gone.args == [Step.QUESTIONS]


def test_that_start_sends_to_papers_where_there_are_none(
    empty_session: Session, feedback: Feedback, qtbot: QtBot
) -> None:
    jobs = FakeJobs(empty_session, feedback)
    for page in opened(empty_session, jobs, feedback, qtbot):
        assert start_text(page) == "Add papers first"
        with qtbot.waitSignal(page.go_to) as gone:
            click(page, "train.start", qtbot)
        assert gone.args == [Step.PAPERS]


def test_that_a_setting_out_of_bounds_is_named_and_found(page: TrainPage, jobs: FakeJobs, qtbot: QtBot) -> None:
    page.setup.form.set_values({"batch_size": 1})
    assert start_text(page) == "Correct one setting"
    click(page, "train.start", qtbot)
    assert jobs.specs == []
    assert page.setup.form.editor("batch_size").hasFocus() or not page.isActiveWindow()
    page.setup.form.set_values({"batch_size": 2})
    assert start_text(page) == "Start training"


def test_that_a_model_that_is_not_here_is_said_at_its_field(page: TrainPage) -> None:
    page.setup.form.set_values({"base_model": "someone/other-model"})
    assert "is not on this machine" in page.setup.form.errors()["base_model"]
    assert start_text(page) == "Correct one setting"


def test_that_start_waits_for_another_job(
    page: TrainPage, jobs: FakeJobs, messages: list[Message], qtbot: QtBot
) -> None:
    jobs.start("generate", {})
    assert start_text(page) == "Wait for: Making questions"
    click(page, "train.start", qtbot)
    assert len(jobs.specs) == 1
    assert messages[-1].text == "Wait for: Making questions"
    jobs.finish()
    assert start_text(page) == "Start training"


def test_that_the_preset_that_fits_is_taken_until_settings_are_chosen(page: TrainPage, qtbot: QtBot) -> None:
    assert page.setup.config.epochs == 3
    assert page.findChild(QPushButton, "train.preset.recommended").isChecked()
    assert "processor" in page.findChild(QLabel, "train.preset-why").text()
    click(page, "train.preset.large", qtbot)
    assert (page.setup.config.epochs, page.setup.config.batch_size) == (1, 32)
    assert "is for over 10\u202f000 questions; you have" in page.findChild(QLabel, "train.preset-why").text()
    page.setup.form.set_values({"epochs": 7})
    assert not any(page.findChild(QPushButton, f"train.preset.{key}").isChecked() for key in ("recommended", "large"))
    page.enter()
    read(page, qtbot)
    assert page.setup.config.epochs == 7


def test_that_start_trains_with_the_settings_of_the_form(page: TrainPage, jobs: FakeJobs, qtbot: QtBot) -> None:
    page.setup.form.set_values({"epochs": 4, "learning_rate": 1e-5})
    click(page, "train.start", qtbot)
    (spec,) = jobs.specs
    assert (spec.stage, spec.options) == ("train", {})
    assert TrainConfig.model_validate(spec.config) == page.setup.config
    assert (spec.config["epochs"], spec.config["learning_rate"]) == (4, 1e-5)


def test_that_typed_settings_are_there_in_the_next_window(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    for page in opened(ready, jobs, feedback, qtbot):
        page.setup.form.set_values({"epochs": 9})
        page.leave()
    for page in opened(ready, jobs, feedback, qtbot):
        assert page.setup.config.epochs == 9


def test_that_an_accepted_question_counts_at_once(page: TrainPage, ready: Session, qtbot: QtBot) -> None:
    accept(ready, 30)
    ready.table_changed.emit("pairs")
    read(page, qtbot)
    assert page.setup.card.value("questions").startswith("30 on")


# During a run


def test_that_a_run_is_watched_as_it_goes(page: TrainPage, ready: Session, jobs: FakeJobs, qtbot: QtBot) -> None:
    start(page, ready, jobs, qtbot)
    assert page.list.current is not None
    assert page.list.current.name == "run-1"
    assert said(page) == ["Loading the model..."]
    for metric in curves():
        jobs.say(metric)
    jobs.say(Warned(text="The batch size is larger than the passages."))
    qtbot.waitUntil(lambda: page.live.is_complete)
    jobs.say(Status(text="Searching the dev questions..."))
    jobs.progress(3, 500)
    assert figure(page, "step") == "20 / 60"  # ten steps a pass, three passes, two rounds
    assert said(page) == [
        "Better than the untrained model by +0.120 at step 20.",
        "The batch size is larger than the passages.",
    ]
    with qtbot.waitSignal(page.view.plots.drawn):
        page.view.plots.refresh()
    assert page.view.plots.score.note.text() == "0.720 best, step 20 · untrained 0.600 (dashed)"


def test_that_pace_and_memory_are_those_of_the_process(
    page: TrainPage, ready: Session, jobs: FakeJobs, qtbot: QtBot
) -> None:
    start(page, ready, jobs, qtbot)
    folder = ready.project.models / "run-1"
    note = {"pid": os.getpid(), "host": platform.node()}
    (folder / "run.lock.json").write_text(json.dumps(note), encoding="utf-8")
    (folder / "training_progress.json").write_text(json.dumps({"train_examples": 640}), encoding="utf-8")
    clock = iter(range(100, 200))
    page.live.clock = lambda: float(next(clock))
    for step in range(1, 11):
        jobs.say(Metric(step=step, epoch=step / 10, values={"loss": 1.0}))
    qtbot.waitUntil(lambda: figure(page, "memory") != "–", timeout=10_000)
    assert figure(page, "pace") == "64.0"  # a step a second, ten steps a pass of 640
    assert figure(page, "remaining") == "50 s"  # three passes, two rounds
    assert "MB" in figure(page, "memory") or "GB" in figure(page, "memory")


def test_that_stop_and_save_asks_the_run_to_stop(page: TrainPage, ready: Session, jobs: FakeJobs, qtbot: QtBot) -> None:
    job = start(page, ready, jobs, qtbot)
    click(page, "train.stop", qtbot)
    assert jobs.stopped == [job]
    assert page.view.stop.text() == "Stopping..."
    assert not page.view.stop.isEnabled()
    run = ready.project.runs.all()[0]
    ready.project.runs.finish(run.id, "stopped", {}, utc_now())
    jobs.end_cancelled("checkpoint-5")
    read(page, qtbot)
    assert page.view.resume.isVisible()
    assert "Resume goes on from its last checkpoint" in said(page)[0]


def test_that_a_run_of_before_can_be_looked_at_meanwhile(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    past = trained(ready, "run-1")
    for page in opened(ready, jobs, feedback, qtbot):
        start(page, ready, jobs, qtbot)
        page.list._view.setCurrentIndex(page.list.table.index_of(past.id))
        read(page, qtbot)
        assert page.view.compare.isVisible()
        assert not page.view.stop.isVisible()
        jobs.say(Progress(done=1, total=20))
        assert page.view.compare.isVisible()
        page.list._view.setCurrentIndex(page.list.table.index_of(page._live_run.id))
        assert page.view.stop.isVisible()


def test_that_a_run_that_goes_on_since_an_earlier_window_shows_its_whole_history(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    ready.project.runs.begin("run-1", TrainConfig(epochs=40, soup=1).model_dump(), "print", utc_now())
    (ready.project.models / "run-1").mkdir()
    job = Job("train", "Training", {"run": "run-1"}, attached=True, state="running")
    job.metrics = [Metric(step=step, epoch=step / 1000, values={"loss": 1.0}) for step in range(1, 20_001)]
    job.progress = (20_000, 40_000, "")
    jobs.current = job
    for page in opened(ready, jobs, feedback, qtbot):
        assert page.list.current is not None
        assert page.list.current.name == "run-1"
        live = page.live
        qtbot.waitUntil(lambda live=live: live.is_complete, timeout=20_000)
        assert live.history.last_step == 20_000
        page.live.told.emit()
        assert figure(page, "step") == "20\u202f000 / 40\u202f000"  # a thousand steps a pass
        jobs.end_cancelled()


def test_that_the_training_of_a_whole_job_is_live_until_its_comparison_begins(
    page: TrainPage, ready: Session, jobs: FakeJobs, qtbot: QtBot
) -> None:
    jobs.start("sample", {})
    jobs.say(Status(text="Reading the papers..."))
    assert not page.view.isVisible()
    number = ready.project.runs.begin("run-1", TrainConfig(epochs=2).model_dump(), "print", utc_now())
    (ready.project.models / "run-1").mkdir()
    jobs.say(Status(text="Training..."))
    for metric in curves():
        jobs.say(metric)
    qtbot.waitUntil(lambda: page.live.is_complete)
    assert page.live.history.last_step == 20
    assert page.view.stop.isVisible()
    assert not page.view.resume.isVisible()
    ready.project.runs.finish(number, "done", {"steps": 20}, utc_now())
    jobs.say(Status(text="Comparing..."))
    read(page, qtbot)
    assert page.live.job is None
    assert page.view.compare.isVisible()
    jobs.finish()
    read(page, qtbot)
    assert page.view.compare.isVisible()


def test_that_a_long_history_does_not_hold_up_the_window(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot, qapp: QApplication
) -> None:
    metric = {"loss": 1.0, "learning_rate": 1e-5, "grad_norm": 1.0}
    for page in opened(ready, jobs, feedback, qtbot):
        job = start(page, ready, jobs, qtbot)
        job.metrics = [Metric(step=step, epoch=step / 1000, values=metric) for step in range(1, 100_001)]
        turns = 0
        page._follow(job)
        while not page.live.is_complete:
            qapp.processEvents()
            turns += 1
        assert page.live.history.last_step == 100_000
        assert turns >= 100  # of some 10 ms each; in one piece it takes 1 s
