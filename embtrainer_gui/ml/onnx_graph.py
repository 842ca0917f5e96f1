"""A sentence-transformers model as one ONNX graph: token ids in, L2-normalised sentence vectors out."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from torch.nn.functional import normalize

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.loading import load_model

OPSET = 17
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
SAMPLE = ["A short text.", "A second text, which is longer than the first one is, so that there is padding."]


@dataclass(frozen=True, slots=True)
class TextInput:
    """What must be done to a text before the graph: ``prompts`` by task go before it."""

    max_seq_length: int
    prompts: dict[str, str]
    pad_id: int
    pad_token: str
    padding_side: str


class _Graph(nn.Module):
    """All modules of the model (transformer, pooling, what follows) and the normalisation."""

    def __init__(self, model: SentenceTransformer, names: list[str]) -> None:
        super().__init__()
        self._model, self._names = model, names

    def forward(self, *inputs: Tensor) -> Tensor:
        features: dict[str, Any] = dict(zip(self._names, inputs, strict=True))
        return normalize(self._model(features)["sentence_embedding"], p=2, dim=1)


def write_onnx(model_dir: Path, max_seq_length: int, out: Path) -> TextInput:
    """Write ``out``/model.onnx and ``out``/tokenizer.json; batch and length of the inputs are free.

    Raises:
        UserError: a model without a tokenizer of the `tokenizers` library, or one that cannot be traced.
    """
    model = load_model(model_dir, max_seq_length, "cpu")
    tokenizer = getattr(model, "tokenizer", None)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if tokenizer is None or backend is None:
        raise UserError(
            mark("The model {name} cannot become ONNX: its tokenizer has no tokenizer.json."),
            mark("Export it as a sentence-transformers model instead: --as model"),
            name=model_dir.name,
        )
    transformer: Any = model[0]
    encoded = tokenizer(SAMPLE, padding=True, return_tensors="pt")
    names = [name for name in INPUTS if name in encoded]
    try:
        transformer.auto_model.set_attn_implementation("eager")  # fused attention is traced with its shapes fixed
        _trace(_Graph(model, names), [encoded[name] for name in names], names, out / "model.onnx")
    except Exception as problem:  # noqa: BLE001  the exporter raises anything for what it does not know
        raise UserError(
            mark("The model {name} cannot become ONNX: {reason}"),
            mark("Export it as a sentence-transformers model instead: --as model"),
            name=model_dir.name,
            reason=(str(problem).strip() or type(problem).__name__).splitlines()[0],
        ) from problem
    backend.save(str(out / "tokenizer.json"))
    prompts = {task: str(prompt) for task, prompt in (model.prompts or {}).items() if prompt}
    return TextInput(
        max_seq_length=int(model.max_seq_length or max_seq_length),
        prompts=prompts,
        pad_id=int(tokenizer.pad_token_id),
        pad_token=tokenizer.pad_token,
        padding_side=tokenizer.padding_side,
    )


def _trace(graph: nn.Module, inputs: list[Tensor], names: list[str], path: Path) -> None:
    axes = {name: {0: "batch", 1: "tokens"} for name in names} | {"embedding": {0: "batch"}}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the tracing exporter warns that another one is newer, which needs onnxscript
        torch.onnx.export(
            graph.eval(),
            tuple(inputs),
            str(path),
            input_names=names,
            output_names=["embedding"],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
