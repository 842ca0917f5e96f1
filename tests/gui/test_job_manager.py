"""The manager of jobs, with a fake child and with real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gui.fakes import FakeJobs
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import GenerateConfig, TrainConfig
from embtrainer_gui.core.messages import ItemsChanged, Metric, PageImage, RenderPage, Status, Warned
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.session import Session


@pytest.fixture
def shown(feedback: Feedback) -> list[Message]:
    messages: list[Message] = []
    feedback.banner.connect(messages.append)
    return messages


@pytest.fixture
def real_jobs(session: Session, feedback: Feedback) -> Iterator[JobManager]:
    jobs = JobManager(session, feedback)
    yield jobs
    jobs.shut_down()


def test_that_a_job_tells_its_story(jobs: FakeJobs, qtbot: QtBot) -> None:
    told: list[Any] = []
    jobs.job_started.connect(lambda job: told.append(("started", job.stage)))
    jobs.job_event.connect(lambda job, event: told.append(event.type))
    jobs.job_ended.connect(lambda job: told.append(("ended", job.ended_well)))
    job = jobs.start("generate", GenerateConfig())
    assert job is jobs.current
    assert job is not None
    jobs.say(Status(text="Making..."))
    jobs.progress(3, 10, "paper.pdf")
    assert (job.state, job.status_text, job.progress) == ("running", "Making...", (3, 10, "paper.pdf"))
    jobs.say(Metric(step=1, epoch=0.1, values={"loss": 2.0}))
    jobs.say(Warned(text="careful"))
    assert ([metric.step for metric in job.metrics], job.warnings) == ([1], ["careful"])
    jobs.finish({"made": 4})
    assert (job.state, job.summary, jobs.current) == ("ended", {"made": 4}, None)
    assert told == [
        ("started", "generate"), "started", "status", "progress", "metric", "warned", "finished", ("ended", True),
    ]  # fmt: skip


def test_that_a_second_job_is_refused_with_a_banner(jobs: FakeJobs, shown: list[Message]) -> None:
    jobs.start("generate", {})
    assert jobs.start("train", TrainConfig()) is None
    assert len(jobs.specs) == 1
    assert "Making questions" in shown[0].text


def test_that_tables_are_told_after_the_end(jobs: FakeJobs, session: Session) -> None:
    changed: list[str] = []
    session.table_changed.connect(changed.append)
    jobs.start("pairs-import", {}, file=Path("x.csv"))
    jobs.say(ItemsChanged(table="runs", count=1))
    assert changed == []
    jobs.finish({})
    assert changed == ["documents", "pairs", "runs", "test_sets"]


def test_that_secrets_are_in_no_spec(jobs: FakeJobs) -> None:
    jobs.start("import", {}, sources=[Path("/a.pdf")], passwords={Path("/a.pdf"): "hush"}, key="sk-1")
    assert jobs.specs[0].options == {"sources": ["/a.pdf"]}
    assert "hush" not in jobs.specs[0].model_dump_json()
    assert jobs.secrets[0].values() == ["sk-1", "hush"]
    assert "hush" not in repr(jobs.secrets[0])


def test_that_cancelling_is_acknowledged_at_once_and_counts_once(jobs: FakeJobs) -> None:
    job = jobs.start("train", TrainConfig())
    assert job is not None
    told: list[str] = []
    jobs.job_event.connect(lambda _, event: told.append(event.type))
    jobs.cancel(job)
    jobs.cancel(job)
    assert (job.state, job.status_text, told, jobs.stopped) == ("stopping", "Stopping...", ["status"], [job])
    jobs.say(Status(text="Saving..."))
    assert job.status_text == "Stopping..."
    jobs.end_cancelled("checkpoint-4")
    assert (job.state, job.cancelled, job.checkpoint, job.ended_well) == ("ended", True, "checkpoint-4", False)


def test_that_a_problem_of_the_machine_offers_retry_and_retry_starts_again(
    jobs: FakeJobs, shown: list[Message]
) -> None:
    jobs.start("generate", GenerateConfig(seed=7))
    jobs.fail("The disk is full.", "Free some space.", kind="environment")
    assert (shown[0].text, shown[0].hint) == ("The disk is full.", "Free some space.")
    assert shown[0].action is not None
    shown[0].action.run()
    assert jobs.current is not None
    assert jobs.specs[1] == jobs.specs[0]
    jobs.finish()


def test_that_a_bug_goes_to_the_report(jobs: FakeJobs, feedback: Feedback, shown: list[Message]) -> None:
    bugs: list[str] = []
    feedback.bug.connect(bugs.append)
    jobs.start("generate", {})
    jobs.fail("A fault", kind="bug", trace="Traceback")
    assert (bugs, shown) == (["Traceback"], [])


def test_that_a_newer_request_of_the_same_slot_replaces_a_waiting_one(jobs: FakeJobs) -> None:
    service = jobs.fake_service("pages")
    got: list[int] = []
    for page in (1, 2, 3):
        service.ask(RenderPage(slot="view", document=1, page=page, dpi=100), lambda reply, page=page: got.append(page))
    other = service.ask(RenderPage(slot="ahead", document=1, page=9, dpi=100), lambda _: got.append(9))
    service.drop(other)
    image = PageImage(ticket=0, path="/nowhere", width=1, height=1, page_width=1, page_height=1)
    service.answer(image)
    service.answer(image)
    assert got == [1, 3]
    assert [request.page for request in service.asked] == [1, 3]  # type: ignore[union-attr]


def test_that_the_picture_of_a_dropped_request_is_deleted(jobs: FakeJobs, tmp_path: Path) -> None:
    service = jobs.fake_service("pages")
    picture = tmp_path / "page.ppm"
    picture.write_bytes(b"P6")
    ticket = service.ask(RenderPage(document=1, page=1, dpi=100), lambda _: pytest.fail("it was dropped"))
    service.drop(ticket)
    service.answer(PageImage(ticket=0, path=str(picture), width=1, height=1, page_width=1, page_height=1))
    assert not picture.exists()


def test_that_a_real_preview_comes_back_and_stores_nothing(
    real_jobs: JobManager, session: Session, qtbot: QtBot
) -> None:
    before = session.project.pairs.counts()
    ids = [passage.id for passage in session.project.passages.in_use()][:2]
    with qtbot.waitSignal(real_jobs.job_ended, timeout=120_000) as ended:
        job = real_jobs.start("preview", GenerateConfig(), passages=ids)
    assert job is not None
    assert ended.args == [job]
    assert job.failure is None, job.log_tail()
    assert [row["passage"] for row in job.summary["passages"]] == ids  # type: ignore[index]
    assert session.project.pairs.counts() == before


def test_that_a_real_job_without_a_project_to_read_ends_in_plain_words(
    real_jobs: JobManager, shown: list[Message], qtbot: QtBot
) -> None:
    with qtbot.waitSignal(real_jobs.job_ended, timeout=120_000):
        job = real_jobs.start("export", {}, what="model", out=Path("/tmp/never"))
    assert job is not None
    assert job.failure is not None
    assert job.failure.kind == "user"
    assert "no tuned model" in shown[0].text


def test_that_shutting_down_ends_a_running_job_and_its_thread(
    real_jobs: JobManager, qtbot: QtBot, session: Session
) -> None:
    ended: list[Job] = []
    real_jobs.job_ended.connect(ended.append)
    ids = [passage.id for passage in session.project.passages.in_use()]
    with qtbot.waitSignal(real_jobs.job_event, timeout=120_000):
        job = real_jobs.start("preview", GenerateConfig(), passages=ids)
    assert not real_jobs.can_close()
    real_jobs.shut_down()
    assert real_jobs.can_close()
    assert ended == [job]
    assert job is not None
    assert job.cancelled
