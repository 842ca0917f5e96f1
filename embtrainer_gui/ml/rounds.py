"""A new round of a run: from the same weights as the first one."""

from __future__ import annotations

from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.lora import add_adapters
from embtrainer_gui.ml.weight_average import take_weights


def begin_round(model: SentenceTransformer, folder: Path, config: TrainConfig) -> None:
    """Put the weights into ``model`` that a run from the model in ``folder`` begins with; adapters are drawn alike."""
    torch.manual_seed(config.seed)
    first = load_model(folder, config.max_seq_length)
    add_adapters(first, config.lora_rank)
    take_weights(model, first)
