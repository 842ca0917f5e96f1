"""The files of a model written by hand: small, without torch, and each of them easy to poison."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WIDTH, VOCABULARY, LAYERS = 8, 30, 2
MODULES = (
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
)
CONFIG = {
    "model_type": "bert", "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "vocab_size": VOCABULARY,
    "max_position_embeddings": 64,
}  # fmt: skip


def write_model(folder: Path) -> Path:
    """A folder that passes every check; its weights are zeros."""
    (folder / "1_Pooling").mkdir(parents=True)
    write_json(folder / "modules.json", MODULES)
    write_json(folder / "config.json", CONFIG)
    write_json(folder / "1_Pooling/config.json", {"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": True})
    write_json(folder / "tokenizer.json", {"version": "1.0"})
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer"})
    shapes: dict[str, Sequence[int]] = {"embeddings.word_embeddings.weight": (VOCABULARY, WIDTH)}
    for layer in range(LAYERS):
        shapes[f"encoder.layer.{layer}.output.dense.weight"] = (WIDTH, WIDTH)
    write_safetensors(folder / "model.safetensors", shapes)
    return folder


def write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def write_safetensors(path: Path, shapes: Mapping[str, Sequence[int]], extra: bytes = b"") -> None:
    """Float32 zeros, as the format has them: length of the header, header, data."""
    header, at = {}, 0
    for name, shape in shapes.items():
        size = 4
        for number in shape:
            size *= number
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(with_header(header) + bytes(at) + extra)


def with_header(header: Any, length: int | None = None) -> bytes:
    """``length`` is what the file claims that its header takes."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text
