"""A folder of a model that is not what it says, or that wants to run code, is refused by the name of the file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from model_files import (
    CONFIG,
    LAYERS,
    MODULES,
    VOCABULARY,
    WIDTH,
    with_header,
    write_json,
    write_model,
    write_safetensors,
)

from embtrainer_gui.core.base_model import bundled_folder, model_folder
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.model_check import ModelFacts, check_model_folder

Poison = Callable[[Path], object]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "some-model")


def test_that_a_sound_model_passes_and_tells_its_facts(model: Path) -> None:
    size = (model / "model.safetensors").stat().st_size
    assert check_model_folder(model) == ModelFacts(WIDTH, 64, size)
    assert check_model_folder(bundled_folder()) == ModelFacts(384, 512, 90_868_376)


def module(**change: str) -> list[dict[str, object]]:
    return [MODULES[0], MODULES[1] | change]


def without(*names: str) -> Poison:
    return lambda folder: [(folder / name).unlink() for name in names]


def settings(name: str, value: object) -> Poison:
    return lambda folder: write_json(folder / name, value)


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def own_program(folder: Path) -> None:
    (folder / "evil.py").write_text("open('canary', 'w')")
    write_json(folder / "modules.json", module(type="evil.Part"))


def sharded(name: str) -> Poison:
    def poison(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        write_json(folder / "model.safetensors.index.json", {"weight_map": {"a": name}})

    return poison


def weights(data: bytes) -> Poison:
    return lambda folder: (folder / "model.safetensors").write_bytes(data)


def tensor(**change: object) -> bytes:
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | change
    return with_header({"a": entry}) + bytes(8)


def overlapping() -> bytes:
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    return with_header({"a": entry, "b": entry | {"data_offsets": [4, 12]}}) + bytes(12)


def deep(folder: Path) -> None:
    (folder / "config.json").write_text("[" * 100_000)


POISONED: dict[str, tuple[Poison, str]] = {
    "custom code": (
        settings("config.json", CONFIG | {"auto_map": {"AutoModel": "evil.Model"}}),
        "config.json has the entry auto_map",
    ),
    "custom code of the tokenizer": (
        settings("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["x.Y", None]}}),
        "tokenizer_config.json has the entry auto_map",
    ),
    "trust in the settings": (
        settings("sentence_bert_config.json", {"model_args": {"trust_remote_code": True}}),
        "sentence_bert_config.json has the entry trust_remote_code",
    ),
    "a kernel from elsewhere": (
        settings("config.json", CONFIG | {"_attn_implementation_internal": "someone/kernel"}),
        "config.json has the entry _attn_implementation_internal",
    ),
    "a part of its own": (own_program, r"modules.json \(evil.py\) names evil.Part"),
    "a function of the system": (settings("modules.json", module(type="os.system")), "modules.json names os.system"),
    "a module behind the library": (
        settings("modules.json", module(type="sentence_transformers.util.http_get")),
        "cannot train: modules.json",
    ),
    "a path upwards": (
        settings("modules.json", module(path="../../outside")),
        r"leads out of its folder: modules.json names \.\./",
    ),
    "an absolute path": (
        settings("modules.json", module(path="/etc")),
        "leads out of its folder: modules.json names /etc",
    ),
    "a path of Windows": (
        settings("modules.json", module(path="..\\outside")),
        "leads out of its folder: modules.json",
    ),
    "shards elsewhere": (sharded("../x.safetensors"), "model.safetensors.index.json names ../x"),
    "pickled weights": (pickled, "safetensors format, only pytorch_model.bin"),
    "no weights": (without("model.safetensors"), "no weights: model.safetensors is missing"),
    "a missing shard": (sharded("model-00001-of-00002.safetensors"), "model-00001-of-00002.safetensors is missing"),
    "no tokenizer": (without("tokenizer.json"), "no tokenizer: tokenizer.json is missing"),
    "a header that is too long": (
        weights(with_header({}, length=10**15)),
        "model.safetensors cannot be read, its header claims 1000000000000000 bytes",
    ),
    "a header beyond the file": (weights(with_header({}, length=1000)), "its header claims 1000 bytes"),
    "a header that is no JSON": (weights(with_header(b"\x80\x04pickle")), "its header is not JSON"),
    "an empty file": (weights(b""), "it has only 0 bytes"),
    "a pointer of Git": (
        weights(b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n"),
        "a pointer of Git LFS",
    ),
    "a tensor beyond the file": (weights(tensor(data_offsets=[0, 800], shape=[200])), "need 800 bytes, it holds 8"),
    "a tensor of another size": (weights(tensor(shape=[3])), "'a' has another size than its shape"),
    "tensors over each other": (weights(overlapping()), "overlap or leave gaps"),
    "negative numbers": (weights(tensor(data_offsets=[-8, 0])), "does not describe the tensor 'a'"),
    "a type that does not exist": (weights(tensor(dtype="PICKLE")), "does not describe the tensor 'a'"),
    "a program behind the weights": (
        lambda folder: write_safetensors(folder / "model.safetensors", {"a": (2,)}, b"#!/bin/sh"),
        "need 8 bytes, it holds 17",
    ),
    "a cut file": (lambda folder: os.truncate(folder / "model.safetensors", 900), "cannot be read"),
    "another width than the weights": (
        settings("config.json", CONFIG | {"hidden_size": 384}),
        r"config.json says 384, but its weights are made for 30x8",
    ),
    "more layers than the weights": (
        settings("config.json", CONFIG | {"num_hidden_layers": 12}),
        "config.json says 12, but its weights are made for 2",
    ),
    "a pooling of another width": (
        settings("1_Pooling/config.json", {"word_embedding_dimension": 99}),
        "1_Pooling/config.json says 99",
    ),
    "settings that are no JSON": (
        lambda folder: (folder / "config.json").write_text("{"),
        "config.json cannot be read",
    ),
    "settings nested without end": (deep, "config.json cannot be read"),
    "no parts": (settings("modules.json", []), "modules.json is empty"),
    "parts that are no parts": (settings("modules.json", ["Transformer"]), "modules.json"),
}


@pytest.mark.parametrize("name", POISONED)
def test_that_a_poisoned_folder_is_refused_by_the_name_of_the_file(model: Path, name: str) -> None:
    poison, words = POISONED[name]
    poison(model)
    with pytest.raises(UserError, match=words) as refused:
        model_folder(str(model))
    assert "some-model" in refused.value.message
    assert refused.value.hint.endswith(".")


@pytest.mark.parametrize("name", ["config.json", "1_Pooling"])
def test_that_a_link_out_of_the_folder_is_refused(model: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    (model / name).rename(outside)
    (model / name).symlink_to(outside)
    with pytest.raises(UserError, match=f"{name} is a link to {outside}"):
        check_model_folder(model)


def test_that_the_links_of_the_shared_cache_are_followed(tmp_path: Path) -> None:
    repository = tmp_path / "models--some--model"
    snapshot = repository / "snapshots" / ("b" * 40)
    write_model(snapshot)
    (repository / "blobs").mkdir()
    (snapshot / "model.safetensors").rename(repository / "blobs/1234")
    (snapshot / "model.safetensors").symlink_to("../../blobs/1234")
    assert check_model_folder(snapshot).dimension == WIDTH


def test_that_weights_for_other_programs_do_no_harm(model: Path) -> None:
    """Models of the hub often have them beside the safetensors."""
    for name in ("pytorch_model.bin", "openvino/openvino_model.bin", "onnx/model.onnx", "training_args.bin"):
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_bytes(b"\x80\x04")
    (model / "train.py").write_text("print('how it was made')")
    assert check_model_folder(model).dimension == WIDTH


def test_that_a_dense_part_decides_the_dimension_and_must_fit(model: Path) -> None:
    dense = {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}
    write_json(model / "modules.json", [*MODULES[:2], dense])
    write_json(model / "2_Dense/config.json", {"in_features": WIDTH, "out_features": 4})
    write_safetensors(model / "2_Dense/model.safetensors", {"linear.weight": (4, WIDTH)})
    assert check_model_folder(model).dimension == 4
    (model / "2_Dense/model.safetensors").rename(model / "2_Dense/pytorch_model.bin")
    with pytest.raises(UserError, match=r"only 2_Dense/pytorch_model\.bin"):
        check_model_folder(model)
    write_json(model / "2_Dense/config.json", {"in_features": 5, "out_features": 4})
    with pytest.raises(UserError, match=r"2_Dense/config\.json says 5"):
        check_model_folder(model)


def test_that_a_model_in_shards_is_whole(model: Path) -> None:
    (model / "model.safetensors").unlink()
    first, second = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
    write_safetensors(model / first, {"embeddings.word_embeddings.weight": (VOCABULARY, WIDTH)})
    names = {f"encoder.layer.{layer}.x": (1,) for layer in range(LAYERS)}
    write_safetensors(model / second, names)
    listed = {"embeddings.word_embeddings.weight": first} | dict.fromkeys(names, second)
    write_json(model / "model.safetensors.index.json", {"weight_map": listed})
    assert check_model_folder(model).weights == sum((model / name).stat().st_size for name in (first, second))


def test_that_positions_of_roberta_begin_after_its_padding(model: Path) -> None:
    write_json(
        model / "config.json", CONFIG | {"model_type": "mpnet", "max_position_embeddings": 514, "pad_token_id": 1}
    )
    assert check_model_folder(model).most_tokens == 512
    without_end = {key: value for key, value in CONFIG.items() if key != "max_position_embeddings"}
    write_json(model / "config.json", without_end)
    assert check_model_folder(model).most_tokens is None


def test_that_every_file_of_the_check_is_read_without_running_it(model: Path, tmp_path: Path) -> None:
    """The canary of a pickle that would be written if anything were loaded."""
    canary = tmp_path / "canary"
    (model / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch " + str(canary).encode() + b"'\ntR.")
    (model / "model.safetensors").unlink()
    with pytest.raises(UserError, match=r"pytorch_model\.bin"):
        check_model_folder(model)
    assert not canary.exists()
    json.loads((model / "config.json").read_text())
