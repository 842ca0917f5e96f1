import json
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml import checkpoint
from embtrainer_gui.ml.checkpoint import Checkpoints
from embtrainer_gui.ml.loading import load_model


class Warned(Silent):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def warn(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> SentenceTransformer:
    return load_model(tiny_model, 48, "cpu")


def saved(folder: Path, model: SentenceTransformer, *steps: int) -> Checkpoints:
    checkpoints = Checkpoints(folder)
    for step in steps:
        checkpoints.save(step, model, {"x": torch.full((3,), float(step))}, {"step": step}, {"config": {}})
    return checkpoints


def test_that_a_checkpoint_comes_back_and_is_a_plain_model(tmp_path: Path, model: SentenceTransformer) -> None:
    checkpoints = saved(tmp_path, model, 4)
    assert checkpoints.newest(Silent()) == 4
    tensors, state, fingerprint = checkpoints.load(4)
    assert tensors["x"].tolist() == [4, 4, 4]
    assert (state, fingerprint) == ({"step": 4}, {"config": {}})
    plain = SentenceTransformer(str(checkpoints.path(4)), device="cpu")
    assert plain.max_seq_length == 48
    assert not [p for p in checkpoints.path(4).rglob("*") if p.suffix in (".bin", ".pt", ".pkl", ".pth")]


def remove(name: str):
    return lambda folder: (folder / name).unlink()


def truncate(name: str):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-7])


def flip(name: str):
    def change(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / name).write_bytes(data)

    return change


NAMES = ("model.safetensors", "training_state-x.safetensors", "state.json", "manifest.json", "1_Pooling/config.json")
DAMAGES = {f"{act.__name__} {name}": act(name) for act in (remove, truncate, flip) for name in NAMES}
DAMAGES["remove COMPLETE"] = remove("COMPLETE")


@pytest.mark.parametrize("damage", DAMAGES)
def test_that_damage_is_never_silent_and_the_one_before_is_used(
    tmp_path: Path, model: SentenceTransformer, damage: str
) -> None:
    checkpoints = saved(tmp_path, model, 2, 4)
    DAMAGES[damage](checkpoints.path(4))
    reporter = Warned()
    assert checkpoints.newest(reporter) == 2
    assert len(reporter.texts) == 1
    assert "checkpoint-4" in reporter.texts[0]


def test_that_the_newest_and_the_best_are_kept(tmp_path: Path, model: SentenceTransformer) -> None:
    checkpoints = saved(tmp_path, model, 2, 4, 6, 8, 10)
    checkpoints.prune(2, best=4)
    assert checkpoints.steps() == [4, 8, 10]
    checkpoints.prune(1, best=10)
    assert checkpoints.steps() == [10]


def test_that_the_marker_comes_after_everything_else_is_on_the_disk(
    tmp_path: Path, model: SentenceTransformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = checkpoint.fsync_file
    monkeypatch.setattr(checkpoint, "fsync_file", lambda path: (synced.append(path.name), real(path)))
    saved(tmp_path, model, 2)
    manifest = json.loads((tmp_path / "checkpoint-2" / "manifest.json").read_text())
    assert synced[-1] == "COMPLETE"
    assert {Path(name).name for name in manifest["files"]} <= set(synced[:-1])


@pytest.mark.parametrize("failing", [1, 2, 3, 9, 12, 15, 20, 24, 26, 28])
def test_that_a_write_that_fails_anywhere_leaves_the_last_checkpoint(
    tmp_path: Path, model: SentenceTransformer, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    checkpoints = saved(tmp_path, model, 2)
    calls = 0

    def counted(real):
        def call(*args: object, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls == failing:
                raise OSError(28, "No space left on device")
            return real(*args, **kwargs)

        return call

    for name in ("fsync_file", "fsync_folder", "save_file", "file_digest"):
        monkeypatch.setattr(checkpoint, name, counted(getattr(checkpoint, name)))
    with pytest.raises(EnvironmentProblem, match="No space left"):
        saved(tmp_path, model, 4)
    monkeypatch.undo()
    assert checkpoints.newest(Silent()) == 2
    assert checkpoints.steps() == [2]


def test_that_a_disk_without_room_is_said_before_anything_is_written(
    tmp_path: Path, model: SentenceTransformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 2_000_000))
    with pytest.raises(EnvironmentProblem, match="2 MB are free") as refused:
        saved(tmp_path, model, 4)
    assert refused.value.hint
    assert not (tmp_path / "checkpoint-4").exists()
