"""Prompts: the same words before a text wherever it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.prompts import Prompts, own_prompts, prompt_advice
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.encoder import Encoder
from embtrainer_gui.ml.trainer import train
from embtrainer_gui.stages.retrieval import ModelChoice

SET = {"query_prompt": "query:", "passage_prompt": "passage:"}
PROMPTS = Prompts("query:", "passage:")


class Read:
    """What every model was given to read: ``{(task, text): {tokens}}``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: dict[tuple[str, str], set[tuple[int, ...]]] = {}
        preprocess = SentenceTransformer.preprocess

        def watched(model: SentenceTransformer, inputs: list[str], prompt: str | None = None, **more: Any) -> Any:
            features = preprocess(model, inputs, prompt=prompt, **more)
            for text, ids, mask in zip(inputs, features["input_ids"], features["attention_mask"], strict=True):
                self.seen.setdefault((more["task"], text), set()).add(tuple(ids[mask.bool()].tolist()))
            return features

        monkeypatch.setattr(SentenceTransformer, "preprocess", watched)


def test_that_training_mining_evaluating_and_searching_read_the_same_tokens(
    tiny_request, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Read(monkeypatch)
    request = tiny_request(hard_negatives=2, answer_weight=0.5, **SET)
    result = train(request, Silent())
    in_training = dict(read.seen)
    questions, passages = [question for question, _ in request.pairs], list(request.passages)
    for encoder in (
        Encoder(result.final_model, 48, "cpu"),  # compare, search and export with the tuned model
        ModelChoice(request.base_model_dir, 48, PROMPTS).encoder()._encoder,  # and with the untrained one
    ):
        encoder.encode_queries([*questions, *request.dev.questions])
        encoder.encode_passages(passages)
    assert in_training.keys() >= {("query", text) for text in (*questions, *request.dev.questions)}
    assert in_training.keys() >= {("document", text) for text in passages}
    assert all(len(tokens) == 1 for tokens in read.seen.values())
    tokenizer = SentenceTransformer(str(result.final_model), device="cpu").tokenizer
    for (task, _), found in read.seen.items():
        words = tokenizer.decode(next(iter(found)), skip_special_tokens=True)
        assert words.startswith("query :" if task == "query" else "passage :")


@pytest.mark.parametrize(("rate", "step"), [(1e-3, 4), (1e-12, 0)])  # at 0 the untrained model is saved
def test_that_plain_sentence_transformers_reads_the_saved_model_in_the_same_way(
    tiny_request, rate: float, step: int
) -> None:
    result = train(tiny_request(epochs=1, evaluations=1, learning_rate=rate, **SET), Silent())
    assert result.best_step == step
    plain, ours = SentenceTransformer(str(result.final_model), device="cpu"), Encoder(result.final_model, 48, "cpu")
    texts = ["What about rice?", "The rice of sample 1."]
    assert plain.prompts["query"] == "query: "
    assert plain.prompts["document"] == "passage: "
    expected = (
        plain.encode_query(texts, normalize_embeddings=True),
        plain.encode_document(texts, normalize_embeddings=True),
    )
    assert np.abs(ours.encode_queries(texts) - expected[0]).max() < 1e-6
    assert np.abs(ours.encode_passages(texts) - expected[1]).max() < 1e-6
    assert np.abs(expected[0] - expected[1]).max() > 1e-3


def test_that_the_prompts_of_a_model_are_kept_unless_others_are_set(tiny_model: Path, tmp_path: Path) -> None:
    """E5 keeps that of documents under "passage", where sentence-transformers 6 does not find it."""
    model = SentenceTransformer(str(tiny_model), device="cpu", prompts={"query": "query: ", "passage": "passage: "})
    del model.prompts["document"]
    model.save(str(tmp_path / "e5"), create_model_card=False)
    texts = ["The rice of sample 1."]

    def plain(prompt: str) -> np.ndarray:
        return np.asarray(model.encode(texts, prompt=prompt, normalize_embeddings=True))

    assert own_prompts(tmp_path / "e5") == Prompts("query: ", "passage: ")
    own = Encoder(tmp_path / "e5", 48, "cpu")
    assert np.abs(own.encode_passages(texts) - plain("passage: ")).max() < 1e-6
    other = Encoder(tmp_path / "e5", 48, "cpu", Prompts(passage="text:"))
    assert np.abs(other.encode_passages(texts) - plain("text: ")).max() < 1e-6
    assert np.abs(other.encode_queries(texts) - plain("query: ")).max() < 1e-6


def test_that_vectors_of_passages_are_made_again_for_another_prompt(tiny_model: Path) -> None:
    prints = [ModelChoice(tiny_model, 48, prompts).fingerprint() for prompts in (Prompts(), Prompts("query:"), PROMPTS)]
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize(
    ("name", "prompts", "advised"),
    [
        ("intfloat/e5-small-v2", Prompts(), 'query_prompt "query:" and passage_prompt "passage:"'),
        ("/models/bge-small-en-v1.5/", Prompts(), "Represent this sentence"),
        ("/models/bge-m3", Prompts(), ""),
        ("intfloat/e5-small-v2", Prompts("query:"), ""),
        ("sentence-transformers/all-MiniLM-L6-v2", Prompts(), ""),
    ],
)
def test_that_a_model_known_to_want_prompts_is_told_to_get_some(name: str, prompts: Prompts, advised: str) -> None:
    advice = prompt_advice(name, bundled_folder(), prompts)
    assert advised in advice
    assert bool(advice) == bool(advised)
