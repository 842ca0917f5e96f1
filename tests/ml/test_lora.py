"""LoRA: only adapters train, a resumed run equals an uninterrupted one, and the model is saved whole."""

from __future__ import annotations

import pytest
import torch
from ml.test_trainer import Watcher, difference, weights
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.lora import adapter_bytes, lora_fault, refuse_without_peft
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.dev_search import DevSearch
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.lora import add_adapters, merged_model
from embtrainer_gui.ml.trainer import train

LORA = {"lora_rank": 4, "learning_rate": 1e-2}


def test_that_only_adapters_train_and_that_the_saved_model_is_whole(tiny_request) -> None:
    request = tiny_request(**LORA)
    result = train(request, Silent())
    assert result.dev_best["ndcg@10"] > result.dev_base["ndcg@10"]
    before, after = weights(request.base_model_dir), weights(result.final_model)
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(".layer." in name and name.endswith(".weight") and before[name].ndim == 2 for name in changed)
    plain = SentenceTransformer(str(result.final_model), device="cpu")
    found = DevSearch(plain, request.dev).score(plain, Silent())
    assert found["ndcg@10"] == pytest.approx(result.dev_best["ndcg@10"], abs=1e-3)
    checkpoint = request.out_dir / "checkpoints" / f"checkpoint-{result.steps}"
    assert weights(checkpoint).keys() == before.keys()
    moments = load_file(checkpoint / "training_state-exp_avg.safetensors")
    assert moments
    assert all("lora_" in name for name in moments)


def test_that_a_resumed_run_of_adapters_equals_an_uninterrupted_one(tiny_request) -> None:
    """Stopped twice, before and after weights are averaged."""
    whole, broken = tiny_request("whole", **LORA), tiny_request("broken", **LORA)
    expected = train(whole, Silent())
    again = tiny_request("broken", resume=True, **LORA)
    with pytest.raises(Cancelled):
        train(broken, Watcher(cancel_at=30))
    with pytest.raises(Cancelled):
        train(again, Watcher(cancel_at=45))
    resumed = train(again, Silent())
    last = "checkpoints/checkpoint-12"
    assert difference(whole.out_dir / last, broken.out_dir / last) == 0.0
    assert difference(expected.final_model, resumed.final_model) == 0.0


def test_that_merging_leaves_the_adapted_model_alone_and_says_the_same(tiny_model) -> None:
    model = load_model(tiny_model, 48, "cpu")
    before = model.encode(["rice blast"])
    add_adapters(model, 4)
    assert (model.encode(["rice blast"]) == before).all()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.1)
    adapted = model.encode(["rice blast"])
    whole = merged_model(model)
    assert abs(whole.encode(["rice blast"]) - adapted).max() < 1e-5
    assert abs(adapted - before).max() > 1e-3
    assert (model.encode(["rice blast"]) == adapted).all()
    adapters = sum(parameter.nbytes for parameter in model.parameters() if parameter.requires_grad)
    assert adapters <= adapter_bytes(4, 2, 32)  # whose inner maps are four times as wide, here twice


def test_that_without_peft_adapters_are_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "peft, which is not installed" in lora_fault(8)
    assert lora_fault(0) == ""
    with pytest.raises(UserError) as refused:
        refuse_without_peft(8)
    assert "pip install embtrainer[lora]" in refused.value.hint
    refuse_without_peft(0)
