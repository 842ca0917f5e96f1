"""Which models lie on this disk, seen without any library of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_files import write_model

from embtrainer_gui.core.base_model import bundled_folder, model_folder
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.model_catalogue import CATALOGUE, HUB, in_catalogue
from embtrainer_gui.core.model_store import hub_cache, model_state, store_folder

GUIDE = ("all-MiniLM-L6-v2", "all-mpnet-base-v2", "multi-qa-MiniLM-L6-cos-v1", "paraphrase-multilingual-MiniLM-L12-v2")
E5 = "intfloat/e5-small-v2"


def test_that_the_catalogue_holds_the_guides_models_and_modern_ones_with_a_source_for_each_figure() -> None:
    names = [model.short_name for model in CATALOGUE]
    assert set(GUIDE) <= set(names)
    assert len(names) == len(set(names)) >= len(GUIDE) + 3
    for model in CATALOGUE:
        assert len(model.revision) == 40
        assert model.licence
        figures = (model.parameters, model.megabytes, model.max_tokens, model.search, model.sbert_search, model.speed)
        assert all(figure.source.startswith("https://") for figure in figures if figure is not None)
        assert model.card == f"{HUB}/{model.name}"


def test_that_a_model_is_found_with_and_without_its_owner() -> None:
    assert in_catalogue("e5-small-v2") is in_catalogue(E5) is not None
    assert in_catalogue("someone/e5-small-v2") is None


def test_that_the_bundled_model_is_marked_so_and_others_as_downloads() -> None:
    kinds = {model.short_name: model_state(model).kind for model in CATALOGUE}
    assert kinds.pop("all-MiniLM-L6-v2") == "bundled"
    assert set(kinds.values()) == {"download"}
    assert model_folder("all-MiniLM-L6-v2") == bundled_folder()


def test_that_a_missing_model_names_its_size_and_the_command() -> None:
    with pytest.raises(UserError, match="a download of 133 MB") as refused:
        model_folder(E5)
    assert f"embtrainer models get {E5}" in refused.value.hint


@pytest.mark.parametrize("name", [E5, "e5-small-v2"])
def test_that_a_downloaded_model_is_found_by_its_name(name: str) -> None:
    model = in_catalogue(E5)
    assert model is not None
    (store_folder(E5) / f"{model.revision}.partial").mkdir(parents=True)
    assert model_state(model).kind == "download"
    folder = write_model(store_folder(E5) / model.revision)
    assert model_state(model).kind == "here"
    assert model_folder(name) == folder


def test_that_bytes_of_a_broken_download_are_counted() -> None:
    model = in_catalogue(E5)
    assert model is not None
    partial = store_folder(E5) / f"{model.revision}.partial"
    partial.mkdir(parents=True)
    (partial / "model.safetensors").write_bytes(bytes(1234))
    assert model_state(model).kept == 1234


@pytest.mark.parametrize("variable", ["HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"])
def test_that_a_model_of_the_shared_cache_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path))
    place = {"HF_HUB_CACHE": tmp_path, "HF_HOME": tmp_path / "hub", "XDG_CACHE_HOME": tmp_path / "huggingface/hub"}
    assert hub_cache() == place[variable]
    snapshots = hub_cache() / "models--intfloat--e5-small-v2/snapshots"
    (snapshots / ("c" * 40)).mkdir(parents=True)
    (snapshots / ("c" * 40) / "config.json").write_text("{}")  # another program wanted only the settings
    model = in_catalogue(E5)
    assert model is not None
    assert model_state(model).kind == "download"
    folder = write_model(snapshots / ("d" * 40))
    assert model_state(model).folder == folder
    assert model_folder(E5) == folder


def test_that_a_poisoned_model_of_the_shared_cache_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    folder = write_model(tmp_path / "models--intfloat--e5-small-v2/snapshots" / ("d" * 40))
    (folder / "config.json").write_text('{"auto_map": {"AutoModel": "evil.Model"}}')
    with pytest.raises(UserError, match=r"config\.json has the entry auto_map"):
        model_folder(E5)
