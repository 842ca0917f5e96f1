"""The Train page over a small real project; a fake child speaks for the training."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.messages import Metric, Progress, Status, Warned, to_line
from embtrainer_gui.core.records import PairState, QuestionKind, Split
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.models.run_history import SCORE
from embtrainer_gui.gui.pages.train_page import TrainPage
from embtrainer_gui.gui.session import Session

QUESTIONS_A_PASSAGE = 6
DEV = {"base": {"ndcg@10": 0.6}, "best": {"ndcg@10": 0.72}}


@pytest.fixture
def ready(session: Session) -> Session:
    """Enough accepted questions to train: six for each of the 24 passages."""
    project = session.project
    for passage in project.passages.in_use():
        project.pairs.add([question(passage.id, number) for number in range(QUESTIONS_A_PASSAGE)])
    accept(session, 10**6)
    return session


def question(passage_id: int, number: int) -> NewPair:
    return NewPair(
        uid=f"more-{passage_id}-{number}",
        passage_id=passage_id,
        question=f"What more is said, {number}, in passage {passage_id}?",
        answer="said",
        kind=QuestionKind.FACT,
        source="builtin",
        created_at=utc_now(),
        run_id="r",
        extra={},
        state=PairState.PENDING,
    )


def accept(session: Session, number: int) -> None:
    pairs = session.project.pairs
    train = [pair.id for pair in pairs.all(splits=(Split.TRAIN,))]
    others = [pair.id for pair in pairs.all(splits=(Split.DEV, Split.TEST))]
    pairs.decide([pair.id for pair in pairs.all()], PairState.PENDING, "undo", utc_now())
    pairs.decide(train[:number] + others, PairState.ACCEPTED, "accept", utc_now())


@pytest.fixture
def messages(feedback: Feedback) -> list[Message]:
    told: list[Message] = []
    feedback.banner.connect(told.append)
    feedback.toast.connect(told.append)
    return told


@pytest.fixture
def page(ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> Iterator[TrainPage]:
    yield from opened(ready, jobs, feedback, qtbot)


def opened(session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> Iterator[TrainPage]:
    page = TrainPage(session, jobs, feedback)
    page.resize(1040, 520)
    qtbot.addWidget(page)
    page.show()
    page.enter()
    read(page, qtbot)
    yield page
    read(page, qtbot)


def read(page: TrainPage, qtbot: QtBot) -> None:
    """What is read off the GUI thread has come."""
    qtbot.waitUntil(lambda: not page._background.is_busy and not page.live._background.is_busy, timeout=20_000)


def click(page: TrainPage, name: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def start_text(page: TrainPage) -> str:
    return page.findChild(QPushButton, "train.start").text()


def said(page: TrainPage) -> list[str]:
    return [found.text() for found in page.findChildren(QLabel, "train.remark") if found.isVisible()]


def figure(page: TrainPage, name: str) -> str:
    return str(page.view._figures[name].text())


def trained(session: Session, name: str, *, state: str = "done", best: float = 0.72, **config: object) -> Run:
    """A run of before, with its curves."""
    runs = session.project.runs
    number = runs.begin(name, TrainConfig().model_dump() | config, "print", utc_now())
    dev = {"base": {"ndcg@10": 0.6}, "best": {"ndcg@10": best}}
    summary = {"pairs": 64, "steps": 20, "best_step": 20, "seconds": 12.0, "dev": dev}
    runs.finish(number, state, summary if state == "done" else {}, utc_now())
    folder = session.project.models / name
    folder.mkdir()
    (folder / "events.jsonl").write_text("\n".join(map(to_line, curves(best))) + "\n", encoding="utf-8")
    found = runs.get(number)
    assert found is not None
    return found


def curves(best: float = 0.72) -> list[Metric]:
    told = [Metric(step=0, epoch=0, values={SCORE: 0.6})]
    for step in range(1, 21):
        values = {"loss": 2 - step / 20, "learning_rate": 5e-5, "grad_norm": 3.0}
        told.append(Metric(step=step, epoch=step / 10, values=values))
    return [*told, Metric(step=20, epoch=2, values={SCORE: best})]


def start(page: TrainPage, session: Session, jobs: FakeJobs, qtbot: QtBot) -> Job:
    """Start a run by the button; its row and folder come as the stage makes them."""
    click(page, "train.start", qtbot)
    name = session.project.runs.free_name()
    session.project.runs.begin(name, page.setup.config.model_dump(), "print", utc_now())
    (session.project.models / name).mkdir()
    jobs.say(Status(text="Loading the model..."))
    assert jobs.current is not None
    return jobs.current


# Before a run


def test_that_the_card_says_what_will_run(page: TrainPage, ready: Session) -> None:
    card = page.setup.card
    pairs = len(ready.project.pairs.all(splits=(Split.TRAIN,)))
    assert card.value("questions") == f"{pairs} on 8 passages"
    assert card.value("papers") == "1 to train, 1 to choose, 1 to test"
    assert card.value("batch").startswith("8 passages")
    assert card.value("steps") == "1 a pass, 3 in all"
    assert "no passage is over 256 tokens" in card.value("cut")
    assert start_text(page) == "Start training"


def test_that_a_time_is_shown_only_after_a_run_of_this_project(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    for page in opened(ready, jobs, feedback, qtbot):
        assert page.setup.card.value("time") == ""
        trained(ready, "run-1", epochs=2)
        ready.table_changed.emit("runs")
        read(page, qtbot)
        assert page.setup.card.value("time") == "under a minute, at 10.7 questions/s of an earlier run"  # 2 x 64 / 12 s
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


def test_that_start_waits_for_another_job(page: TrainPage, jobs: FakeJobs, messages: list[Message], qtbot: QtBot) -> None:
    jobs.start("generate", {})
    assert start_text(page) == "Wait for: Making questions"
    click(page, "train.start", qtbot)
    assert len(jobs.specs) == 1
    assert messages[-1].text == "Wait for: Making questions"
    jobs.finish()
    assert start_text(page) == "Start training"


def test_that_the_preset_that_fits_is_taken_until_settings_are_chosen(page: TrainPage, qtbot: QtBot) -> None:
    assert page.setup.config.epochs == 3
    assert page.findChild(QPushButton, "train.preset.small").isChecked()
    assert "Fits your" in page.findChild(QLabel, "train.preset-why").text()
    click(page, "train.preset.large", qtbot)
    assert (page.setup.config.epochs, page.setup.config.batch_size) == (1, 64)
    assert "is for over 10,000 questions; you have" in page.findChild(QLabel, "train.preset-why").text()
    page.setup.form.set_values({"epochs": 7})
    assert not any(page.findChild(QPushButton, f"train.preset.{key}").isChecked() for key in ("small", "large"))
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
        if metric.step:
            jobs.say(Progress(done=metric.step, total=20))
    jobs.say(Warned(text="The batch size is larger than the passages."))
    qtbot.waitUntil(lambda: page.live.is_complete)
    jobs.progress(20, 20)
    assert figure(page, "step") == "20 / 20"
    assert said(page) == [
        "Better than the untrained model by +0.120 at step 20.",
        "The batch size is larger than the passages.",
    ]
    with qtbot.waitSignal(page.view.plots.drawn):
        page.view.plots.refresh()
    assert page.view.plots.score.note.text() == "0.720 best, step 20 · untrained 0.600 (dashed)"


def test_that_pace_and_memory_are_those_of_the_process(
    page: TrainPage, ready: Session, jobs: FakeJobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(page, ready, jobs, qtbot)
    folder = ready.project.models / "run-1"
    note = {"pid": os.getpid(), "host": platform.node()}
    (folder / "run.lock.json").write_text(json.dumps(note), encoding="utf-8")
    (folder / "training_progress.json").write_text(json.dumps({"train_examples": 640}), encoding="utf-8")
    clock = iter(range(100, 200))
    monkeypatch.setattr("embtrainer_gui.gui.models.live_run.time.monotonic", lambda: next(clock))
    for step in range(1, 11):
        jobs.say(Metric(step=step, epoch=step / 10, values={"loss": 1.0}))
        jobs.say(Progress(done=step, total=20))
    monkeypatch.undo()
    qtbot.waitUntil(lambda: figure(page, "memory") != "–", timeout=10_000)
    assert figure(page, "pace") == "64.0"  # a step a second, ten steps a pass of 640
    assert figure(page, "remaining") == "10 s"
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
    ready.project.runs.begin("run-1", TrainConfig().model_dump(), "print", utc_now())
    (ready.project.models / "run-1").mkdir()
    job = Job("train", "Training", {"run": "run-1"}, attached=True, state="running")
    job.metrics = [Metric(step=step, epoch=step / 1000, values={"loss": 1.0}) for step in range(1, 20_001)]
    job.progress = (20_000, 40_000, "")
    jobs.current = job
    for page in opened(ready, jobs, feedback, qtbot):
        assert page.list.current is not None
        assert page.list.current.name == "run-1"
        qtbot.waitUntil(lambda: page.live.is_complete, timeout=20_000)
        assert page.live.history.last_step == 20_000
        page.live.told.emit()
        assert figure(page, "step") == "20\u202f000 / 40\u202f000"
        jobs.end_cancelled()


def test_that_a_long_history_does_not_hold_up_the_window(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    metric = {"loss": 1.0, "learning_rate": 1e-5, "grad_norm": 1.0}
    for page in opened(ready, jobs, feedback, qtbot):
        job = start(page, ready, jobs, qtbot)
        job.metrics = [Metric(step=step, epoch=step / 1000, values=metric) for step in range(1, 100_001)]
        longest, before = 0.0, time.perf_counter()
        page.live.follow(job)
        while not page.live.is_complete:
            qtbot.wait(0)
            longest, before = max(longest, time.perf_counter() - before), time.perf_counter()
        assert page.live.history.last_step == 100_000
        assert longest < 0.25  # 100 turns of some 10 ms; in one piece it takes 1 s


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


def test_that_a_run_that_made_nothing_better_is_not_praised(
    ready: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot
) -> None:
    run = trained(ready, "run-1", best=0.6)
    for page in opened(ready, jobs, feedback, qtbot):
        page.look_at(run)
        assert said(page)[0].startswith("Not better")


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


def test_that_another_project_shows_none_of_the_first(two: TrainPage, ready: Session, tmp_path: Path, qtbot: QtBot) -> None:
    two.setup.form.set_values({"epochs": 9})
    two.leave()
    ready.create(tmp_path / "other")
    two.enter()
    read(two, qtbot)
    assert two._stack.currentWidget() is two.setup
    assert not two.list.isVisible()
    assert two.setup.config.epochs == 3
    assert start_text(two) == "Add papers first"
