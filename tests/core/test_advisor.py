"""What is recommended, and what a setting really does where it cannot do what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from embtrainer_gui.core import hardware as machine
from embtrainer_gui.core.advisor import FIELDS, Advice, advise
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.hardware import NVIDIA_CARD, Hardware
from embtrainer_gui.core.records import Split
from embtrainer_gui.core.shortfalls import model_positions, shortfalls
from embtrainer_gui.core.training_plan import TrainingFacts, training_plan

CARD = Hardware("auto", NVIDIA_CARD, 8)
PROCESSOR = Hardware("cpu", "", 2)


def facts(pairs: int = 800, passages: int = 200, longest: int = 180, **more: object) -> TrainingFacts:
    tokens = sorted(longest - number % 60 for number in range(passages))
    return TrainingFacts(pairs=pairs, passages=passages, tokens=tokens, questions=dict.fromkeys(Split, 99), **more)


def advice(found: TrainingFacts, on: Hardware = CARD, **config: object) -> Advice:
    return advise(TrainConfig.model_validate(config), found, on, Path("."))


def said(found: Advice) -> str:
    return " ".join(found.reasons)


def test_that_usual_data_gets_the_preset_of_its_size_with_reasons_from_data_and_machine() -> None:
    found = advice(facts(repeated=3))
    assert set(found.values) == set(FIELDS)
    assert (found.values["epochs"], found.values["batch_size"], found.values["max_seq_length"]) == (3, 16, 256)
    assert "800 questions on 200 passages" in said(found)
    assert "3 accepted questions repeat another one" in said(found)
    assert "longest passage has 180 tokens" in said(found)
    assert "graphics card" in said(found)


def test_that_few_passages_get_a_smaller_batch_and_fewer_checks() -> None:
    found = advice(facts(pairs=60, passages=20))
    assert found.values["batch_size"] == 8
    assert found.values["evaluations"] == 4  # of 18 steps
    assert "2 steps a pass with 16 in a batch: 8 make 3" in said(found)
    assert "18 steps are enough for 4 checks, not for 5" in said(found)


@pytest.mark.parametrize(("longest", "length", "word"), [(300, 384, "more than 256"), (900, 512, "cut even so")])
def test_that_long_passages_raise_the_longest_text_as_far_as_the_model_reads(
    longest: int, length: int, word: str
) -> None:
    found = advice(facts(longest=longest))
    assert found.values["max_seq_length"] == length
    assert word in said(found)


def test_that_little_memory_lowers_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    free = 3 * 10**9
    monkeypatch.setattr(machine, "available_memory", lambda: free)
    found = advice(facts(passages=4000, pairs=20_000), PROCESSOR)
    assert "2 processor cores" in said(found)
    assert "GB that are free" in said(found)
    assert found.values["batch_size"] == 32
    free = int(2.6 * 10**9)
    tight = advice(facts(passages=4000, pairs=20_000), PROCESSOR)
    assert tight.values["batch_size"] < 32
    assert "2.6 GB are free" in said(tight)
    plan = training_plan(tight.config(TrainConfig()), facts(passages=4000, pairs=20_000), (), Path("."), free)
    assert plan.memory is not None
    assert plan.memory.cure is None


def test_that_a_full_disk_keeps_fewer_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = 90_868_376
    monkeypatch.setattr("embtrainer_gui.core.training_plan.free_bytes", lambda _: 11 * weights)
    found = advice(facts())
    assert found.values["checkpoints"] == 1
    assert "1 checkpoints are kept, not 3" in said(found)


def test_that_a_project_without_data_has_an_advice() -> None:
    assert advice(TrainingFacts()).values["epochs"] == 3


def notes(found: TrainingFacts, **config: object) -> dict[str, str]:
    settings = TrainConfig.model_validate(config)
    return shortfalls(settings, found, training_plan(settings, found, (), Path(".")))


def test_that_usual_settings_do_what_they_say() -> None:
    assert notes(facts()) == {}
    assert notes(TrainingFacts()) == {}


@pytest.mark.parametrize(
    ("config", "field", "word"),
    [
        ({"batch_size": 400}, "batch_size", "Only 200 passages"),
        ({"batch_size": 100, "soup": 1, "evaluations": 50}, "evaluations", "4 steps"),
        ({"evaluations": 2, "checkpoints": 5}, "checkpoints", "2 checks"),
        ({"batch_size": 200, "warmup_ratio": 0.5}, "warmup_ratio", "one step at most"),
        ({"max_seq_length": 400}, "max_seq_length", "180 tokens"),
        ({"max_seq_length": 1024}, "max_seq_length", "no more than 512 tokens"),
        ({"loss": "ContrastiveLoss", "batch_size": 8, "random_negatives": 20}, "random_negatives", "7 others"),
        ({"average_from": 0.9}, "average_from", "last step"),
    ],
)
def test_that_a_setting_that_cannot_do_what_it_says_tells_what_it_does(
    config: dict[str, object], field: str, word: str
) -> None:
    found = notes(facts(), **config)
    assert word in found[field]


def test_that_the_positions_of_a_model_that_is_not_here_are_unknown() -> None:
    assert model_positions("/nowhere") == 0
