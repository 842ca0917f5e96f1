"""A run bundle goes away, is trained by a process of its own, and comes back as a run like any other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commandline import CommandLine
from paired_project import context, project_of
from tiny_model import make_tiny_model

from embtrainer_gui.core.config import CompareConfig, TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import PairState, Split
from embtrainer_gui.core.store import Project, open_project, utc_now
from embtrainer_gui.core.workflow import Step, StepState, steps
from embtrainer_gui.ml.model_files import file_digest
from embtrainer_gui.ml.request import DevSet
from embtrainer_gui.stages import bundle, bundle_run, compare, export_project, import_run
from embtrainer_gui.stages.bundle_files import read_data, write_data
from embtrainer_gui.stages.judgements import Judgements
from embtrainer_gui.stages.split import new_test_version
from embtrainer_gui.stages.training_data import TrainingData, training_data


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> tuple[Path, Path]:
    """A project and its bundle, not yet trained."""
    folder = tmp_path_factory.mktemp("bundle")
    project = project_of(folder / "home")
    config = TrainConfig(
        base_model=str(tiny_model), epochs=6, batch_size=8, max_seq_length=32, evaluations=2, learning_rate=1e-3
    )
    with open_project(project) as opened:
        bundle.run(context(opened), config, folder / "away" / "bundle")
    return project, folder / "away" / "bundle"


@pytest.fixture(scope="module")
def trained(packed: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same, trained by its script in a process that sees nothing but the bundle and the program."""
    project, folder = packed
    away = tmp_path_factory.mktemp("elsewhere") / "run"
    shutil.copytree(folder, away)
    environment = {**os.environ, "PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        ["sh", str(away / "train.sh"), "--json"],
        capture_output=True, text=True, check=False, cwd=away.parent, env=environment,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert json.loads(ran.stdout)["run"] == "run"
    return project, away


@pytest.fixture
def home(packed: tuple[Path, Path], tmp_path: Path) -> Iterator[Project]:
    shutil.copytree(packed[0], tmp_path / "project")
    with open_project(tmp_path / "project", write=True) as project:
        yield project


@pytest.fixture
def back(trained: tuple[Path, Path], tmp_path: Path) -> Path:
    shutil.copytree(trained[1], tmp_path / "back")
    return tmp_path / "back"


def test_that_answers_titles_and_doubtful_passages_travel_with_the_data(tmp_path: Path) -> None:
    data = TrainingData(
        passages=["one", "two"],
        groups=[0, 1],
        documents=[0, 1],
        pairs=[("What is one?", 0), ("What is two?", 1)],
        general=[],
        dev=DevSet(["What is three?"], ["three"], [{0: 1}]),
        papers=["a", "b"],
        answers=["1", ""],
        titles=[("On one", "The abstract.", 0)],
        judged=Judgements(cleared=[("What is one?", 1)], spared=[("What is two?", 0)]),
        asked=[],
        passage_ids=[],
    )
    write_data(tmp_path, data)
    assert read_data(tmp_path) == data


def test_that_a_bundle_holds_the_data_and_nothing_of_the_test_papers(packed: tuple[Path, Path]) -> None:
    with open_project(packed[0]) as project:
        data = training_data(project)
        unseen = project.pairs.all(splits=(Split.TEST,))
        papers = {d.id for d in project.documents.all() if d.split is Split.TEST}
        texts = [p.text for p in project.passages.in_use() if p.document_id in papers]
    assert read_data(packed[1]) == replace(data, asked=[], passage_ids=[])  # those tell doubts of their project
    everything = b"".join(path.read_bytes() for path in packed[1].rglob("*") if path.is_file())
    assert unseen
    assert texts
    for secret in (*(pair.question for pair in unseen), *(pair.answer for pair in unseen), *texts):
        assert secret.encode() not in everything


def test_that_the_guide_names_the_two_commands(packed: tuple[Path, Path]) -> None:
    text = (packed[1] / "README.md").read_text(encoding="utf-8")
    assert "sh train.sh" in text
    assert "embtrainer import-run" in text


def test_that_what_comes_back_is_a_run_like_any_other(home: Project, back: Path, tmp_path: Path) -> None:
    summary = import_run.run(context(home), back)
    run = home.runs.latest()
    assert run is not None
    assert (run.name, run.state, run.summary) == ("run-1", "done", summary)
    assert run.config["epochs"] == 6
    assert summary["general"]["queries"] == 300
    assert summary["device"].startswith("cpu")
    folder = home.models / "run-1"
    assert not (folder / "checkpoints").exists()
    assert (folder / "training_metrics.jsonl").read_text(encoding="utf-8").count('"loss"') == summary["steps"]
    assert (folder / "events.jsonl").is_file()
    assert steps(home)[Step.TRAIN].state is StepState.DONE
    assert compare.run(context(home), CompareConfig())["general"] == summary["general"]
    assert "general health questions" in (folder / "final_model" / "README.md").read_text(encoding="utf-8")
    export_project.run(context(home), "model", tmp_path / "model")
    assert file_digest(tmp_path / "model" / "model.safetensors") == file_digest(
        back / "run" / "final_model" / "model.safetensors"
    )


def test_that_a_result_is_not_trained_again(back: Path) -> None:
    with pytest.raises(UserError, match="trained already"):
        bundle_run.run(None, back)  # type: ignore[arg-type]  # refused before anything is reported


def damage(path: Path, change: Callable[[bytes], bytes] = lambda old: old[:-5]) -> None:
    path.write_bytes(change(path.read_bytes()))


def renamed(back: Path, name: str, other: str) -> None:
    """A sealed file under another name, sealed as well."""
    (back / "run" / name).rename(back / "run" / other)
    reseal(back, lambda files: files.update({other: files.pop(name)}))


def reseal(back: Path, change: Callable[[dict[str, Any]], object]) -> None:
    told = json.loads((back / "result.json").read_text(encoding="utf-8"))
    change(told["files"])
    for name in told["files"]:
        path = back / "run" / name
        if path.is_file():
            told["files"][name] = {"bytes": path.stat().st_size, "blake2b": file_digest(path)}
    (back / "result.json").write_text(json.dumps(told), encoding="utf-8")


def with_code(back: Path) -> None:
    path = back / "run/final_model/config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, "auto_map": {"AutoModel": "evil.Model"}}), encoding="utf-8")
    reseal(back, lambda files: None)


def foreign_module(back: Path) -> None:
    path = back / "run/final_model/modules.json"
    modules = json.loads(path.read_text(encoding="utf-8"))
    modules[0]["type"] = "evil.Transformer"
    path.write_text(json.dumps(modules), encoding="utf-8")
    reseal(back, lambda files: None)


def pickled_weights(back: Path) -> None:
    (back / "run/final_model/model.safetensors").write_bytes(b"\x80\x02}q\x00." * 40)
    reseal(back, lambda files: None)


def linked_weights(back: Path) -> None:
    path = back / "run/final_model/model.safetensors"
    path.rename(back.parent / "elsewhere.safetensors")
    path.symlink_to(back.parent / "elsewhere.safetensors")


def outside(back: Path) -> None:
    (back.parent / "config.json").write_text("{}", encoding="utf-8")
    name = "final_model/../../../config.json"
    reseal(back, lambda files: files.update({name: {}}))


def other_settings(back: Path) -> None:
    damage(back / "bundle.json", lambda old: old.replace(b'"epochs": 6', b'"epochs": 7'))


def wild_summary(back: Path) -> None:
    told = json.loads((back / "result.json").read_text(encoding="utf-8"))
    told["summary"]["general"]["tuned"] = "a lot"
    (back / "result.json").write_text(json.dumps(told), encoding="utf-8")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no result": (lambda back: (back / "result.json").unlink(), "result.json is missing"),
    "half a result": (lambda back: damage(back / "result.json"), "result.json"),
    "half a description": (lambda back: damage(back / "bundle.json"), "bundle.json"),
    "other settings": (other_settings, "bundle.json"),
    "changed data": (lambda back: damage(back / "data/pairs.jsonl"), "pairs.jsonl"),
    "changed weights": (lambda back: damage(back / "run/final_model/model.safetensors"), "model.safetensors"),
    "lost curves": (lambda back: (back / "run/training_metrics.jsonl").unlink(), "training_metrics.jsonl"),
    "pickled": (lambda back: renamed(back, "final_model/tokenizer.json", "final_model/weights.bin"), "weights.bin"),
    "pickled inside": (pickled_weights, "model.safetensors"),
    "script": (lambda back: renamed(back, "final_model/tokenizer.json", "final_model/modeling.py"), "modeling.py"),
    "script unlisted": (lambda back: (back / "run/final_model/evil.py").write_text("1"), "evil.py"),
    "code in config": (with_code, "config.json"),
    "code in modules": (foreign_module, "modules.json"),
    "link": (linked_weights, "model.safetensors"),
    "way out": (outside, "config.json"),
    "wild summary": (wild_summary, "result.json"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_that_a_damaged_result_is_refused_by_the_name_of_the_file(home: Project, back: Path, name: str) -> None:
    harm, named = DAMAGES[name]
    harm(back)
    with pytest.raises(UserError) as refused:
        import_run.run(context(home), back)
    assert named in refused.value.message
    assert refused.value.hint
    assert home.runs.all() == []
    assert list(home.models.iterdir()) == []


@pytest.mark.parametrize("file", ["data/passages.jsonl", "data/dev_questions.jsonl", "base_model/model.safetensors"])
def test_that_a_damaged_bundle_is_not_trained(packed: tuple[Path, Path], tmp_path: Path, file: str) -> None:
    shutil.copytree(packed[1], tmp_path / "bundle")
    damage(tmp_path / "bundle" / file)
    with pytest.raises(UserError, match=Path(file).name):
        bundle_run.run(None, tmp_path / "bundle")  # type: ignore[arg-type]  # refused before anything is reported


def test_that_a_run_of_another_project_is_refused(back: Path, tmp_path: Path) -> None:
    other = project_of(tmp_path / "other", ("ice", "tin", "fog", "sea", "dew", "fire"))
    with open_project(other, write=True) as project, pytest.raises(UserError, match="another project"):
        import_run.run(context(project), back)


def test_that_a_run_on_papers_that_test_now_is_refused(home: Project, back: Path) -> None:
    before = {d.id for d in home.documents.all() if d.split is Split.TEST}
    while {d.id for d in home.documents.all() if d.split is Split.TEST} == before:
        new_test_version(home)
    with pytest.raises(UserError, match="test papers now"):
        import_run.run(context(home), back)


def test_that_a_run_from_before_a_decision_comes_back_stale(home: Project, back: Path) -> None:
    home.pairs.decide([home.pairs.all()[0].id], PairState.REJECTED, "reject", utc_now())
    import_run.run(context(home), back)
    assert steps(home)[Step.TRAIN].state is StepState.STALE


def test_that_settings_of_a_bundle_cannot_be_changed_by_flags(
    packed: tuple[Path, Path], embtrainer: CommandLine
) -> None:
    ran = embtrainer("train", packed[1], "--epochs", "9")
    assert ran.code == 2
    assert "--epochs has no effect" in ran.err
