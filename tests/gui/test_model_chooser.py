"""The list of models beside the form: states, a download with a stop, any folder, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_hub import FakeHub, files_of, serve
from gui.fakes import FakeJobs
from gui.train_help import click
from model_files import write_json, write_model
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QProgressBar, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import Progress
from embtrainer_gui.core.model_catalogue import CATALOGUE, in_catalogue
from embtrainer_gui.core.model_store import model_state, store_folder
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.models.catalogue_table import SEARCH, SIZE, SPEED, STATE, CatalogueTable
from embtrainer_gui.gui.pages.train_page import TrainPage
from embtrainer_gui.gui.widgets.model_chooser import ModelChooser

NAME = "intfloat/e5-small-v2"
MODEL = in_catalogue(NAME)
assert MODEL is not None


class Hands:
    """What a person sees and presses in the list of models."""

    def __init__(self, dialog: ModelChooser, qtbot: QtBot) -> None:
        self.dialog, self._qtbot = dialog, qtbot
        self.chosen: list[str] = []
        dialog.chosen.connect(self.chosen.append)

    def press(self, name: str) -> None:
        self._qtbot.mouseClick(self.dialog.findChild(QPushButton, f"models.{name}"), Qt.MouseButton.LeftButton)

    def button(self, name: str) -> QPushButton:
        return self.dialog.findChild(QPushButton, f"models.{name}")

    def says(self, name: str) -> str:
        found = self.dialog.findChild(QLabel, f"models.{name}")
        return "" if found.isHidden() else str(found.text())

    def select(self, name: str) -> None:
        row = next(row for row, model in enumerate(CATALOGUE) if model.name == name)
        self.dialog.findChild(QTableView, "models.table").selectRow(row)


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")


@pytest.fixture
def hands(jobs: FakeJobs, qtbot: QtBot, online: None) -> Iterator[Hands]:
    yield from shown(jobs, qtbot)


def shown(jobs: JobManager, qtbot: QtBot, current: str = NAME) -> Iterator[Hands]:
    dialog = ModelChooser(jobs, current)
    qtbot.addWidget(dialog)
    dialog.show()
    yield Hands(dialog, qtbot)


def arrive() -> None:
    write_model(store_folder(NAME) / MODEL.revision)


def test_that_each_model_tells_its_state_size_and_figures(qtmodeltester: object) -> None:
    table = CatalogueTable(CATALOGUE)
    arrive()
    table.set_states([model_state(model) for model in CATALOGUE])
    qtmodeltester.check(table)  # type: ignore[attr-defined]
    rows = {model.name: [table.index(row, place).data() for place in range(7)] for row, model in enumerate(CATALOGUE)}
    assert rows["sentence-transformers/all-MiniLM-L6-v2"][STATE] == "bundled"
    assert rows[NAME][STATE] == "on this disk"
    mpnet = rows["sentence-transformers/all-mpnet-base-v2"]
    assert (mpnet[STATE], mpnet[SIZE], mpnet[SEARCH]) == ("to download", "438 MB", "43.81")
    assert rows["ibm-granite/granite-embedding-small-english-r2"][SPEED] == "–"
    spoken = table.index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "sentence-transformers/all-mpnet-base-v2: needs a download of 438 MB"


def test_that_every_figure_stands_with_its_source(hands: Hands) -> None:
    told = hands.dialog._facts.text()
    assert "49.04 nDCG@10" in told
    assert "huggingface.co/BAAI/bge-small-en-v1.5" in told
    assert '"query: " before questions and "passage: " before passages' in told
    hands.select("sentence-transformers/multi-qa-MiniLM-L6-cos-v1")
    told = hands.dialog._facts.text()
    assert "nDCG@10" not in told
    assert "51.83 mean of the 6 search sets" in told
    assert "It wants no prompts." in told


def test_that_the_host_is_named_before_anything_is_contacted(
    hands: Hands, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "huggingface.co" in hands.says("host")
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example.org")
    hands.select("BAAI/bge-small-en-v1.5")
    assert "hub.example.org" in hands.says("host")
    hands.select(CATALOGUE[0].name)
    assert hands.says("host") == "Using it contacts nobody."
    assert jobs.specs == []


def test_that_a_download_shows_bytes_rate_and_rest_and_ends_with_the_model_ready(hands: Hands, jobs: FakeJobs) -> None:
    assert hands.button("main").text() == "Download 133 MB"
    hands.press("main")
    assert (jobs.specs[-1].stage, jobs.specs[-1].options) == ("get-model", {"model": NAME})
    assert not hands.button("main").isEnabled()
    for at, done in enumerate((10_000_000, 30_000_000)):
        hands.dialog._rate.add(at - 100.0, done, 133_000_000)
    jobs.say(Progress(done=50_000_000, total=133_000_000, item="model.safetensors", unit="bytes"))
    assert hands.says("figures").startswith("50 MB of 133 MB")
    bar = hands.dialog.findChild(QProgressBar, "models.progress")
    assert (bar.value(), bar.maximum()) == (50_000_000, 133_000_000)
    arrive()
    jobs.finish({})
    assert hands.button("main").text() == "Use this model"
    hands.press("main")
    assert hands.chosen == [NAME]
    assert hands.dialog.isHidden()


def test_that_a_stopped_download_can_be_gone_on_with(hands: Hands, jobs: FakeJobs) -> None:
    hands.press("main")
    hands.press("stop")
    assert jobs.stopped == [jobs.current]
    assert not hands.button("stop").isEnabled()
    partial = store_folder(NAME) / f"{MODEL.revision}.partial"
    partial.mkdir(parents=True)
    (partial / "model.safetensors").write_bytes(bytes(2_000_000))
    jobs.end_cancelled()
    assert hands.button("main").text() == "Go on downloading (2.0 MB are here)"
    assert hands.button("stop").isHidden()


def test_that_a_failed_download_says_why_and_what_helps(hands: Hands, jobs: FakeJobs) -> None:
    hands.press("main")
    jobs.fail("The download broke off.", "Check the connection.", kind="environment")
    assert hands.says("fault") == "The download broke off. Check the connection."
    assert hands.button("main").isEnabled()
    hands.select("BAAI/bge-small-en-v1.5")
    assert hands.says("fault") == ""


def test_that_downloads_that_are_switched_off_are_told_at_once(
    hands: Hands, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hands.press("main")
    assert "HF_HUB_OFFLINE" in hands.says("fault")
    assert jobs.specs == []


def test_that_a_download_waits_for_the_job_that_runs(hands: Hands, jobs: FakeJobs) -> None:
    jobs.start("check", {})
    assert not hands.button("main").isEnabled()
    assert "Checking questions is still running" in hands.says("host")
    hands.select(CATALOGUE[0].name)
    assert hands.button("main").isEnabled()
    jobs.finish({})
    hands.select(NAME)
    assert hands.button("main").isEnabled()


def test_that_a_folder_is_taken_and_a_poisoned_one_is_refused_by_its_file(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_model(tmp_path / "mine")
    write_json(folder / "config.json", {"auto_map": {"AutoModel": "evil.Model"}})
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    hands.press("folder")
    assert "config.json has the entry auto_map" in hands.says("fault")
    assert hands.chosen == []
    assert hands.dialog.isVisible()
    write_json(folder / "config.json", {"hidden_size": 8})
    hands.press("folder")
    assert hands.chosen == [str(folder)]


def test_that_the_choice_goes_into_the_form_and_a_finished_download_clears_its_error(
    train_page: TrainPage, jobs: FakeJobs, qtbot: QtBot
) -> None:
    train_page.setup.form.set_values({"base_model": NAME})
    assert "a download of 133 MB" in train_page.setup.form.errors()["base_model"]
    jobs.start("get-model", {}, model=NAME)
    arrive()
    jobs.finish({})
    assert train_page.setup.form.errors() == {}
    click(train_page, "train.choose-model", qtbot)
    dialog = train_page.window().findChild(ModelChooser)
    hands = Hands(dialog, qtbot)
    hands.select(CATALOGUE[0].name)
    hands.press("main")
    assert train_page.setup.form.values()["base_model"] == CATALOGUE[0].name


def test_that_a_real_worker_downloads_from_a_hub(
    real_jobs: JobManager, qtbot: QtBot, online: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = FakeHub(NAME, files_of(write_model(tmp_path / "served")), commit=MODEL.revision)
    with serve(hub) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        hands = next(shown(real_jobs, qtbot))
        assert hub.asked == []
        hands.press("main")
        qtbot.waitUntil(lambda: hands.button("main").text() == "Use this model", timeout=20_000)
    assert model_state(MODEL).kind == "here"
