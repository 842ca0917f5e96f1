"""The ONNX model gives torch's vectors, through the script beside it, and int8 only where it passes its test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from paired_project import context, tuned_project_of
from tiny_model import make_tiny_model

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.store import open_project
from embtrainer_gui.ml.encoder import Encoder
from embtrainer_gui.stages import export_project, onnx_export

TEXTS = ["x", "A short text.", "Growers of rice blast report it yearly. " * 30, "Was it seen on farm 3?"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with a prompt for questions."""
    folder = make_tiny_model(tmp_path_factory.mktemp("model"))
    path = folder / "config_sentence_transformers.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**told, "prompts": {"query": "query: ", "document": ""}}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    return tuned_project_of(tmp_path_factory.mktemp("tuned"), model)


def exported(project: Path, out: Path) -> dict[str, Any]:
    with open_project(project) as opened:
        return export_project.run(context(opened), "onnx", out)


@pytest.fixture(scope="module")
def written(project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("taken away") / "onnx"
    return out, exported(project, out)


SCRIPT = """
import json, sys
import numpy as np
from embed import embed

assert "torch" not in sys.modules
texts = json.loads(sys.argv[1])
alone = [embed([text])[0] for text in texts]
print(json.dumps([embed(texts).tolist(), np.array(alone).tolist(), embed(texts, "query").tolist()]))
"""


def test_that_the_script_gives_the_vectors_of_the_model_without_torch(
    written: tuple[Path, dict[str, Any]], model: Path
) -> None:
    out, summary = written
    assert summary["cosine"] >= 0.9999
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(TEXTS)], capture_output=True, text=True, check=False, cwd=out
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    together, alone, questions = (np.array(found) for found in json.loads(ran.stdout))
    encoder = Encoder(model, 32, "cpu")
    for found, wanted in (
        (together, encoder.encode_passages(TEXTS)),
        (alone, encoder.encode_passages(TEXTS)),
        (questions, encoder.encode_queries(TEXTS)),
    ):
        assert (found * wanted).sum(axis=1).min() >= 0.9999
        assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert not np.allclose(questions, together, atol=1e-3)  # the prompt counts


def test_that_the_script_is_short_enough_to_read(written: tuple[Path, dict[str, Any]]) -> None:
    code = (written[0] / "embed.py").read_text(encoding="utf-8")
    lines = [line.strip() for line in code.split("\n") if line.strip()]
    assert len([line for line in lines if not line.startswith(("import ", "from ", '"""', "def "))]) <= 10


def test_that_the_folder_says_what_is_in_it(written: tuple[Path, dict[str, Any]]) -> None:
    out, summary = written
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "pooling and normalisation are in the graph" in card
    assert f"{summary['cosine']:.6f}" in card
    assert summary["int8"] in card
    assert 'library_name: "onnx"' in card


def test_that_an_int8_model_that_passes_is_there_with_its_figures(written: tuple[Path, dict[str, Any]]) -> None:
    out, summary = written
    assert summary["int8"].startswith("The int8 model passed its test: mean cosine ")
    assert (out / "model_int8.onnx").stat().st_size < 0.6 * (out / "model.onnx").stat().st_size


def test_that_an_int8_model_that_fails_is_left_out_with_its_figures(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "LEAST_INT8_COSINE", 1.1)
    summary = exported(project, tmp_path / "onnx")
    assert summary["int8"].startswith("The int8 model was left out, it lost too much: mean cosine ")
    assert " on 0 dev questions" not in summary["int8"]
    assert not (tmp_path / "onnx/model_int8.onnx").exists()
    assert (tmp_path / "onnx/model.onnx").is_file()


def without(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    real = onnx_export.importlib.util.find_spec
    monkeypatch.setattr(onnx_export.importlib.util, "find_spec", lambda name: None if name == package else real(name))


def test_that_without_onnx_only_int8_is_missing_and_the_cure_is_told(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "onnx")
    assert "pip install 'embtrainer[onnx]'" in exported(project, tmp_path / "onnx")["int8"]
    assert (tmp_path / "onnx/model.onnx").is_file()


def test_that_without_onnxruntime_the_cure_is_told(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "onnxruntime")
    with pytest.raises(EnvironmentProblem, match="onnxruntime") as refused:
        exported(project, tmp_path / "onnx")
    assert "embtrainer[onnx]" in refused.value.hint


def test_that_a_graph_with_other_vectors_is_not_written(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = onnx_export._embedded

    def wrong(*arguments: Any) -> Any:
        return np.roll(real(*arguments), 1, axis=0)

    monkeypatch.setattr(onnx_export, "_embedded", wrong)
    with pytest.raises(UserError, match="other vectors than the model"):
        exported(project, tmp_path / "onnx")
    assert list(tmp_path.iterdir()) == []
