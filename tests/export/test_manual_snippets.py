"""Every piece of Python in the manual is run as a reader would run it, against a model that was really exported."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from paired_project import tuned_project_of
from tiny_model import make_tiny_model

from embtrainer_gui.core.store import Project, open_project
from embtrainer_gui.stages import export_index, export_project, onnx_export
from embtrainer_gui.stages.context import Context

HELP = Path(__file__).resolve().parents[2] / "resources" / "help"
FENCED = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
IMPORTED = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)
SNIPPETS = [(page.stem, code) for page in sorted(HELP.glob("*.md")) for code in FENCED.findall(page.read_text("utf-8"))]


def context(project: Project) -> Context:
    return Context(project, lambda event: None, threading.Event())


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the pages tell their reader to export; the model wants prompts."""
    from sentence_transformers import SentenceTransformer

    folder = tmp_path_factory.mktemp("exported")
    model = SentenceTransformer(str(make_tiny_model(folder)), device="cpu")
    model.prompts = {"query": "query: ", "document": "passage: "}
    model.save(str(folder / "prompted"), create_model_card=False)

    with open_project(tuned_project_of(folder, folder / "prompted")) as project:
        export_project.run(context(project), "model", folder / "my-model")
        export_index.export_faiss(context(project), folder / "my-index")
        onnx_export.run(context(project), folder / "my-onnx")
    return folder


def run(code: str) -> tuple[str, dict[str, Any]]:
    """What it printed, and its names."""
    missing = [name for name in set(IMPORTED.findall(code)) - {"embed"} if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, "snippet", "exec"), names)
    return out.getvalue(), names


def test_that_the_manual_has_a_piece_for_each_way_to_use_the_model() -> None:
    imported = {name for page, code in SNIPPETS if page == "elsewhere" for name in IMPORTED.findall(code)}
    assert {"sentence_transformers", "faiss", "embed", "langchain_huggingface", "llama_index"} <= imported


@pytest.mark.parametrize(("page", "code"), SNIPPETS, ids=[f"{page}-{n}" for n, (page, _) in enumerate(SNIPPETS)])
def test_that_each_piece_of_python_runs_and_says_something(
    page: str, code: str, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(exported)
    monkeypatch.setattr(sys, "path", list(sys.path))
    said, names = run(code)
    assert re.search(r"\d\.\d", said)
    if "HuggingFace" in code:
        assert_same_vectors(names, exported)


def assert_same_vectors(names: dict[str, Any], exported: Path) -> None:
    """Of other libraries as of sentence-transformers, prompts and all."""
    from sentence_transformers import SentenceTransformer

    model, text = SentenceTransformer(str(exported / "my-model"), device="cpu"), "What helps a burn?"
    if "embeddings" in names:
        found = names["embeddings"].embed_query(text), names["embeddings"].embed_documents([text])[0]
    else:
        found = names["model"].get_query_embedding(text), names["model"].get_text_embedding(text)
    assert np.allclose(found, [model.encode_query(text), model.encode_document(text)], atol=1e-5)
    assert not np.allclose(*found, atol=1e-3)
