"""A settings file brings the same papers to the same numbers, and says where it cannot."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commandline import CommandLine, assert_plain
from small_project import small_project
from tiny_model import make_tiny_model

from embtrainer_gui.cli.parser import build_parser
from embtrainer_gui.core.config import ImportConfig, TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.messages import Warned
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.settings import resource_path
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.stages import export_project, whole_job
from embtrainer_gui.stages.context import Context, JobContext
from embtrainer_gui.stages.recipe import Recipe, differences, note, read_recipe, recipe_record

Events = list[Any]


def context(project: Project) -> Context:
    return Context(project, lambda event: None, threading.Event())


def quiet(events: Events | None = None) -> JobContext:
    return JobContext((events if events is not None else []).append, threading.Event())


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Of a small project that was never trained."""
    with small_project(tmp_path / "small") as project:
        note(project, "import", ImportConfig(passage_tokens=150, workers=3))
        export_project.run(context(project), "settings", tmp_path / "settings.json")
    return tmp_path / "settings.json"


def edited(path: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
    record = json.loads(path.read_text(encoding="utf-8"))
    edit(record)
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Texts of the bundled general set as six papers of ten passages."""
    rows = resource_path("general", "corpus.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    found = [{**json.loads(row), "title": f"Paper {number // 10}"} for number, row in enumerate(rows)]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
    return tmp_path / "corpus.jsonl"


def test_that_the_same_papers_and_settings_give_the_same_verdict(tmp_path: Path, papers: Path) -> None:
    tiny = make_tiny_model(tmp_path)
    train = TrainConfig(base_model=str(tiny), epochs=1, max_seq_length=48, evaluations=1, seed=5, learning_rate=1e-3)
    recipe = Recipe(ImportConfig(passage_tokens=120), train=train, split_seed=11, split_version=2)
    with create_project(tmp_path / "first") as project:
        first = whole_job.run(context(project), [papers], recipe=recipe)
        export_project.run(context(project), "settings", tmp_path / "settings.json")
    assert str(tmp_path) not in (tmp_path / "settings.json").read_text(encoding="utf-8")
    read = read_recipe(tmp_path / "settings.json", quiet(), str(tiny))
    with create_project(tmp_path / "second") as project:
        again = whole_job.run(context(project), [papers], recipe=read)
        assert recipe_record(project)["import"]["passage_tokens"] == 120
        assert recipe_record(project)["split"] == {"seed": 11, "version": 2}
        for name in ("verdict", "queries", "passages", "delta", "ci95", "models"):
            assert again[name] == first[name]
        assert again["differences"] == []
        changed = {**first, "delta": first["delta"] + 0.01}
        assert any("delta" in line for line in differences(read, project, changed))


def test_that_the_command_line_takes_the_file_or_a_seed(tmp_path: Path, embtrainer: CommandLine) -> None:
    options = build_parser().parse_args(["run", "project", "paper.pdf", "--from", "settings.json"])
    assert (options.settings, options.seed) == (Path("settings.json"), None)
    ran = embtrainer("run", tmp_path / "project", tmp_path, "--from", tmp_path / "missing.json")
    assert_plain(ran, 2, "missing.json cannot be read", "--as settings")
    assert not (tmp_path / "project").exists()


def test_that_the_file_keeps_what_shapes_the_result_and_no_address(settings: Path) -> None:
    recipe = read_recipe(settings, quiet())
    assert recipe.reading.passage_tokens == 150
    assert recipe.reading.workers == 0  # how fast, not what
    told = json.loads(settings.read_text(encoding="utf-8"))["recipe"]
    assert not [name for part in told.values() if isinstance(part, dict) for name in part if "url" in name]


def test_that_the_wording_of_the_questions_is_a_key_of_the_file(settings: Path) -> None:
    changed = edited(settings, lambda record: record["recipe"]["generate"].update(wording="careful"))
    assert read_recipe(changed, quiet()).generate.wording == "careful"


def test_that_questions_decided_by_hand_are_counted_and_told(tmp_path: Path) -> None:
    with small_project(tmp_path / "small") as project:
        project.pairs.decide([1, 2], PairState.ACCEPTED, "accept clean", utc_now())
        project.pairs.decide([3], PairState.REJECTED, "reject", utc_now())
        export_project.run(context(project), "settings", tmp_path / "settings.json")
        recipe = read_recipe(tmp_path / "settings.json", quiet())
        assert recipe.expected is not None
        assert recipe.expected.by_hand == 1
        assert differences(recipe, project, {}) == []
        project.pairs.decide([4], PairState.REJECTED, "reject", utc_now())
        told = differences(recipe, project, {})
    assert told[0] == "questions pending: 3 then, 2 now"
    assert told[-1].startswith("1 questions were decided by hand")


def test_that_a_setting_of_a_newer_version_is_told_and_left_out(settings: Path) -> None:
    edited(settings, lambda record: record["recipe"]["train"].update(sparkle=7))
    events: Events = []
    assert read_recipe(settings, quiet(events)).train == TrainConfig()
    assert [event.text for event in events if isinstance(event, Warned)] == [
        "This version knows no setting sparkle, so it has no effect."
    ]


def set_in(part: str, **values: object) -> Callable[[dict[str, Any]], None]:
    return lambda record: record["recipe"].setdefault(part, {}).update(values)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (set_in("train", epochs=0), "epochs"),
        (set_in("train", learning_rate="fast"), "learning_rate"),
        (set_in("generate", backend="ollama", model="llama"), "model llama on a server"),
        (set_in("import", extractor="grobid"), "read by a server"),
        (lambda record: record.pop("recipe"), "no settings file"),
        (lambda record: record.update(recipe=[1]), "no settings file"),
        (lambda record: record.update(training={"lineage": {"runs": []}}), "goes on from an earlier run"),
    ],
)
def test_that_what_cannot_be_done_again_is_refused_with_the_reason(
    settings: Path, edit: Callable[[dict[str, Any]], object], words: str
) -> None:
    edited(settings, lambda record: (edit(record), None)[1])
    with pytest.raises(UserError, match=words):
        read_recipe(settings, quiet())


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"recipe": 5}'])
def test_that_any_other_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.json").write_bytes(content)
    with pytest.raises(UserError, match="no settings file"):
        read_recipe(tmp_path / "settings.json", quiet())


def test_that_a_project_with_other_papers_is_not_touched(settings: Path, tmp_path: Path) -> None:
    recipe = read_recipe(settings, quiet())
    with small_project(tmp_path / "other") as project:
        with pytest.raises(UserError, match="not read with these settings"):
            whole_job.run(context(project), [tmp_path], recipe=recipe)
        assert project.documents.count() == 2
