"""The export page says what each file holds, never writes over anything, and says where it went."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from gui.fakes import FakeJobs
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.gui.feedback import Feedback
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.models.export_facts import free_path
from embtrainer_gui.gui.pages.export_page import ExportPage
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.question import Question


def accept(session: Session, number: int) -> None:
    pairs = session.project.pairs
    pairs.decide([pair.id for pair in pairs.all()[:number]], PairState.ACCEPTED, "accept", utc_now())


def train(session: Session) -> None:
    number = session.project.runs.begin("run-1", TrainConfig().model_dump(), "f", utc_now())
    session.project.runs.finish(number, "done", {}, utc_now())
    model = session.project.models / "run-1" / "final_model"
    model.mkdir(parents=True)
    (model / "config.json").write_text('{"hidden_size": 32}', encoding="utf-8")
    (model / "model.safetensors").write_bytes(b"x" * 2_000_000)


@pytest.fixture
def page(qtbot: QtBot, session: Session, jobs: FakeJobs, feedback: Feedback) -> ExportPage:
    page = ExportPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.resize(1030, 560)
    page.show()
    return page


def holds(page: ExportPage, name: str) -> str:
    return page.findChild(QLabel, f"export.holds-{name}").text()


def where(page: ExportPage, name: str) -> QLabel:
    return page.findChild(QLabel, f"export.where-{name}")


def part(page: ExportPage, name: str) -> QPushButton:
    return page.findChild(QPushButton, f"export.{name}")


def click(qtbot: QtBot, page: ExportPage, name: str) -> None:
    qtbot.mouseClick(part(page, name), Qt.MouseButton.LeftButton)


def written(jobs: FakeJobs) -> Path:
    """Do what the child would: write the file."""
    out = Path(str(jobs.specs[-1].options["out"]))
    out.write_text("x" * 1200, encoding="utf-8")
    jobs.finish({"path": str(out), "items": 1})
    return out


def test_that_an_untrained_project_says_what_is_missing(page: ExportPage) -> None:
    page.enter()
    assert "train one first" in holds(page, "model")
    assert "No question is accepted" in holds(page, "pairs")
    for name in ("save-model", "save-methods", "save-pairs", "save-onnx", "save-bundle"):
        assert not part(page, name).isEnabled()
    for name in ("save-faiss", "save-settings"):
        assert part(page, name).isEnabled()
    assert not page._snippet.isVisible()


def test_that_cards_say_what_they_hold_and_how_large_it_is(page: ExportPage) -> None:
    train(page.session)
    accept(page.session, 7)
    page.enter()
    assert "run-1" in holds(page, "model")
    assert "2.0 MB" in holds(page, "model")
    assert holds(page, "pairs").startswith("7 accepted pairs")
    assert "24 passages, vectors of the tuned model" in holds(page, "faiss")


@pytest.mark.parametrize(
    ("name", "what"), [("faiss", "faiss"), ("settings", "settings"), ("methods", "methods"), ("model", "model")]
)
def test_that_save_starts_the_export_into_the_project(
    qtbot: QtBot, page: ExportPage, jobs: FakeJobs, name: str, what: str
) -> None:
    train(page.session)
    page.enter()
    click(qtbot, page, f"save-{name}")
    spec = jobs.specs[-1]
    assert (spec.stage, spec.options["what"]) == ("export", what)
    assert Path(str(spec.options["out"])).parent == page.session.project.folder / "exports"
    assert part(page, f"save-{name}").text() == "Saving..."


def test_that_pairs_are_saved_in_the_chosen_format(qtbot: QtBot, page: ExportPage, jobs: FakeJobs) -> None:
    accept(page.session, 5)
    page.enter()
    formats = page.findChild(QComboBox, "export.format-pairs")
    assert [formats.itemData(row) for row in range(formats.count())] == ["jsonl", "csv", "json", "parquet", "beir"]
    formats.setCurrentIndex(1)
    click(qtbot, page, "save-pairs")
    spec = jobs.specs[-1]
    assert (spec.stage, spec.options["format"], spec.options["state"]) == ("pairs-export", "csv", "accepted")
    assert str(spec.options["out"]).endswith("-pairs.csv")


def test_that_a_saved_file_is_shown_and_its_folder_opened(
    qtbot: QtBot, page: ExportPage, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    page.enter()
    click(qtbot, page, "save-settings")
    out = written(jobs)
    assert where(page, "settings").isVisible()
    assert where(page, "settings").text() == f"Saved to exports/{out.name} (1 kB)"
    click(qtbot, page, "open-settings")
    assert [Path(url.toLocalFile()) for url in opened] == [out.parent]


def test_that_a_saved_file_is_remembered_until_it_is_gone(
    qtbot: QtBot, page: ExportPage, jobs: FakeJobs, feedback: Feedback
) -> None:
    page.enter()
    click(qtbot, page, "save-settings")
    out = written(jobs)
    again = ExportPage(page.session, jobs, feedback)
    qtbot.addWidget(again)
    again.enter()
    assert out.name in where(again, "settings").text()
    out.unlink()
    again.enter()
    assert where(again, "settings").text() == ""


def test_that_nothing_is_written_over(qtbot: QtBot, page: ExportPage, jobs: FakeJobs) -> None:
    page.enter()
    click(qtbot, page, "save-settings")
    first = written(jobs)
    click(qtbot, page, "save-settings")
    assert Path(str(jobs.specs[-1].options["out"])).name == f"{first.stem}-2.json"
    assert free_path(first.parent, first.name).name == f"{first.stem}-2.json"


def test_that_another_folder_can_be_chosen_and_is_not_kept_in_the_project(
    qtbot: QtBot, page: ExportPage, jobs: FakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(other))
    page.enter()
    click(qtbot, page, "choose-settings")
    out = written(jobs)
    assert out.parent == other
    assert str(out) in where(page, "settings").text()
    assert str(other) not in json.dumps(page.session.kept("export"))


def test_that_a_failed_export_says_no_place(qtbot: QtBot, page: ExportPage, jobs: FakeJobs, feedback: Feedback) -> None:
    page.enter()
    click(qtbot, page, "save-settings")
    with qtbot.waitSignal(feedback.banner) as shown:
        jobs.fail("The disk is full.", kind="environment")
    assert shown.args[0].text == "The disk is full."
    assert not where(page, "settings").isVisible()
    assert part(page, "save-settings").isEnabled()


def test_that_a_busy_project_leaves_the_card_ready(qtbot: QtBot, page: ExportPage, jobs: FakeJobs) -> None:
    page.enter()
    jobs.start("check", {})
    click(qtbot, page, "save-settings")
    assert len(jobs.specs) == 1
    assert part(page, "save-settings").text() == "Save"


def test_that_the_snippet_loads_this_model_and_can_be_copied(qtbot: QtBot, page: ExportPage) -> None:
    train(page.session)
    page.enter()
    click(qtbot, page, "copy")
    code = QGuiApplication.clipboard().text()
    assert str((page.session.project.models / "run-1" / "final_model").resolve()) in code
    compile(code, "snippet", "exec")
    assert part(page, "copy").text() == "Copied"


def test_that_a_run_is_packed_with_the_settings_of_the_train_page(
    qtbot: QtBot, page: ExportPage, jobs: FakeJobs
) -> None:
    accept(page.session, 5)
    page.enter()
    click(qtbot, page, "save-bundle")
    spec = jobs.specs[-1]
    assert (spec.stage, spec.config, spec.options["preset"]) == ("bundle", {}, True)
    jobs.fail("The disk is full.", kind="environment")
    page.session.keep("train", form={"epochs": 7})
    click(qtbot, page, "save-bundle")
    assert (jobs.specs[-1].config, jobs.specs[-1].options["preset"]) == ({"epochs": 7}, False)


def test_that_a_run_that_trained_elsewhere_is_brought_back(
    qtbot: QtBot, page: ExportPage, jobs: FakeJobs, feedback: Feedback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(tmp_path))
    page.enter()
    click(qtbot, page, "back-bundle")
    spec = jobs.specs[-1]
    assert (spec.stage, spec.options) == ("import-run", {"folder": str(tmp_path)})
    with qtbot.waitSignal(feedback.toast) as told:
        jobs.finish({"run": "run-3"})
    assert told.args[0].text.startswith("run-3 is back.")


def test_that_the_fate_of_the_int8_model_is_told(
    qtbot: QtBot, page: ExportPage, jobs: FakeJobs, feedback: Feedback
) -> None:
    train(page.session)
    page.enter()
    click(qtbot, page, "save-onnx")
    assert jobs.specs[-1].options["what"] == "onnx"
    Path(str(jobs.specs[-1].options["out"])).mkdir()
    with qtbot.waitSignal(feedback.toast) as told:
        jobs.finish({"as": "onnx", "int8": "The int8 model was left out."})
    assert told.args[0].text == "The int8 model was left out."
    assert where(page, "onnx").isVisible()


def test_that_a_model_is_uploaded_only_once_the_user_agreed_to_what_goes_where(
    qtbot: QtBot, page: ExportPage, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(page.session)
    page.enter()
    upload, name = part(page, "hub-upload"), page.findChild(QLineEdit, "export.hub-name")
    for text, usable in (("", False), ("oils", False), ("somebody/oils", True)):
        name.setText(text)
        assert upload.isEnabled() == usable
    asked: list[str] = []
    answers = iter(["", "upload"])

    def ask(question: Question) -> str:
        asked.append(" ".join(part.text() for part in question.findChildren(QLabel)))
        return next(answers)

    monkeypatch.setattr(Question, "ask", ask)
    click(qtbot, page, "hub-upload")
    assert jobs.specs == []
    assert "somebody/oils" in asked[0]
    assert "Only you" in asked[0]
    page.findChild(QCheckBox, "export.hub-public").setChecked(True)
    click(qtbot, page, "hub-upload")
    assert "Anyone" in asked[1]
    assert (jobs.specs[0].stage, jobs.specs[0].options) == ("push", {"repository": "somebody/oils", "public": True})
    assert not upload.isEnabled()
    jobs.finish({"as": "hub", "path": "https://hub.example.org/somebody/oils"})
    assert where(page, "hub").text() == "https://hub.example.org/somebody/oils"
    assert where(page, "hub").isVisible()
    assert upload.isEnabled()


@pytest.fixture
def real_page(qtbot: QtBot, session: Session, feedback: Feedback) -> Iterator[tuple[ExportPage, JobManager]]:
    jobs = JobManager(session, feedback)
    page = ExportPage(session, jobs, feedback)
    qtbot.addWidget(page)
    page.show()
    yield page, jobs
    jobs.shut_down()


def test_that_a_real_child_writes_the_settings(qtbot: QtBot, real_page: tuple[ExportPage, JobManager]) -> None:
    page, jobs = real_page
    page.enter()
    with qtbot.waitSignal(jobs.job_ended, timeout=60_000):
        click(qtbot, page, "save-settings")
    saved = list((page.session.project.folder / "exports").glob("*-settings.json"))
    assert len(saved) == 1
    assert json.loads(saved[0].read_text(encoding="utf-8"))["data"]["documents"] == 3
    assert where(page, "settings").isVisible()
