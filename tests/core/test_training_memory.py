"""The estimate of the memory that a run takes, with fixed numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.training_memory import Fit, MemoryPlan, ModelShape, memory_needed, memory_plan, model_shape
from embtrainer_gui.core.training_plan import TrainingFacts, training_plan

GIB = 2**30
MINILM = ModelShape(6, 384, 90_868_376)
BASE = ModelShape(12, 768, 437_951_328)  # of the size of BERT
TOKENS = [150] * 400
PAIRS = 2400


def needed(config: TrainConfig, shape: ModelShape = MINILM, tokens: list[int] = TOKENS, free: int = 8 * GIB) -> float:
    return memory_needed(config, shape, PAIRS, tokens, free) / GIB


def test_that_a_default_run_of_the_bundled_model_takes_no_more_and_little_less_than_estimated() -> None:
    weights = (bundled_folder() / "model.safetensors").stat().st_size
    assert model_shape(bundled_folder(), weights) == MINILM
    measured = 2362 / 1024  # MiB, in bfloat16; float32 takes more: tests/bench/RESULTS.md
    assert measured < needed(TrainConfig()) < 1.2 * measured


@pytest.mark.parametrize(
    ("config", "shape", "tokens", "gib"),
    [
        (TrainConfig(), BASE, TOKENS, 5.83),  # six copies of the weights, activations four times as large
        (TrainConfig(batch_size=2, max_seq_length=32), MINILM, TOKENS, 1.79),  # the whole batch fits the micro-batch
        (TrainConfig(max_seq_length=8192), MINILM, [*TOKENS[1:], 6000], 3.47),  # one long text is computed at once
        (TrainConfig(max_seq_length=8192), MINILM, TOKENS, 2.70),  # no text is that long
        (TrainConfig(batch_size=4096), MINILM, [150] * 4096, 2.85),  # the scores of a large batch
    ],
)
def test_that_model_batch_and_length_tell_the_memory(
    config: TrainConfig, shape: ModelShape, tokens: list[int], gib: float
) -> None:
    assert needed(config, shape, tokens) == pytest.approx(gib, abs=0.01)


@pytest.mark.parametrize(("free", "fit"), [(3.5, Fit.FITS), (3.3, Fit.TIGHT), (2.75, Fit.TIGHT), (2.6, Fit.TOO_LITTLE)])
def test_that_a_run_fits_is_tight_or_has_too_little(free: float, fit: Fit) -> None:
    plan = memory_plan(TrainConfig(), MINILM, PAIRS, TOKENS, int(free * GIB))
    assert (plan.fit, plan.free) == (fit, int(free * GIB))


@pytest.mark.parametrize(
    ("config", "tokens", "free", "cure"),
    [
        (TrainConfig(), TOKENS, 3.0, None),  # it fits
        (TrainConfig(batch_size=4096), [150] * 4096, 2.8, ("batch_size", 2048)),
        (TrainConfig(max_seq_length=8192), [*TOKENS[1:], 6000], 3.0, ("max_seq_length", 2048)),
        (TrainConfig(), TOKENS, 1.0, None),  # no setting helps
    ],
)
def test_that_the_mildest_setting_that_would_fit_is_named(
    config: TrainConfig, tokens: list[int], free: float, cure: tuple[str, int] | None
) -> None:
    plan = memory_plan(config, MINILM, PAIRS, tokens, int(free * GIB))
    assert plan.cure == cure
    if cure is not None:
        assert plan.fit is Fit.TOO_LITTLE
        mended = config.model_copy(update=dict([cure]))
        assert memory_needed(mended, MINILM, PAIRS, tokens, plan.free) <= plan.free


@pytest.mark.parametrize(
    ("told", "shape"),
    [
        ({"num_hidden_layers": 12, "hidden_size": 768}, ModelShape(12, 768, 100)),
        ({"n_layers": 6, "dim": 768, "torch_dtype": "float16"}, ModelShape(6, 768, 200)),  # loaded as float32
        ({"hidden_size": 768}, None),
        ([], None),
    ],
)
def test_that_the_shape_of_a_model_is_read_where_its_folder_tells_it(
    tmp_path: Path, told: object, shape: ModelShape | None
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(told), encoding="utf-8")
    assert model_shape(tmp_path, 100) == shape


def test_that_the_plan_tells_the_memory_only_where_it_is_known() -> None:
    facts = TrainingFacts(pairs=PAIRS, passages=len(TOKENS), tokens=TOKENS)
    plan = training_plan(TrainConfig(), facts, [], Path("."), 8 * GIB)
    assert isinstance(plan.memory, MemoryPlan)
    assert plan.memory.needed == memory_needed(TrainConfig(), MINILM, PAIRS, TOKENS, 8 * GIB)
    assert training_plan(TrainConfig(), facts, [], Path(".")).memory is None  # a card trains
    assert training_plan(TrainConfig(base_model="/nowhere"), facts, [], Path("."), 8 * GIB).memory is None


def test_that_adapters_take_less_and_what_is_learned_beside_takes_more() -> None:
    whole, base = needed(TrainConfig()), needed(TrainConfig(), BASE)
    assert needed(TrainConfig(lora_rank=8), BASE) < base - 2 * BASE.weights / GIB
    assert needed(TrainConfig(lora_rank=8), BASE) < needed(TrainConfig(lora_rank=256), BASE) < base
    small = TrainConfig(batch_size=4)  # whose batch is kept whole
    for more in ({"answer_weight": 1}, {"title_weight": 1}, {"passage_prompt": "a passage of a paper:"}):
        assert needed(small.model_copy(update=more)) > needed(small)
    assert needed(TrainConfig(matryoshka=(128, 64))) > whole
