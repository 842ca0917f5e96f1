"""What the tests of the Train page share."""

from __future__ import annotations

from collections.abc import Iterator

from gui.fakes import FakeJobs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.messages import Metric, Status, to_line
from embtrainer_gui.core.records import PairState, QuestionKind, Split
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job import Job
from embtrainer_gui.gui.models.run_history import SCORE
from embtrainer_gui.gui.pages.train_page import TrainPage
from embtrainer_gui.gui.session import Session

QUESTIONS_A_PASSAGE = 6


def fill(session: Session) -> Session:
    """Enough accepted questions to train: six more for each of the 24 passages."""
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


def opened(session: Session, jobs: FakeJobs, feedback: Feedback, qtbot: QtBot) -> Iterator[TrainPage]:
    page = TrainPage(session, jobs, feedback)
    page.resize(1040, 520)
    qtbot.addWidget(page)
    page.show()
    page.enter()
    read(page, qtbot)
    yield page


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
