"""The predecessor's configs: both dialects are read, written back unchanged, and what is unwise is said."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from embtrainer_gui.core.config import EARLIER, SplitConfig, TrainConfig
from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.legacy.generator import read_generator_config
from embtrainer_gui.core.legacy.to_train import to_split_config, to_train_config
from embtrainer_gui.core.legacy.trainer import LegacyTrainerConfig, read_trainer_config

FIRST: dict[str, Any] = {
    "input_jsonl": "data/qa_outputs/jsonl/questions_answers.jsonl",
    "output_dir": "models/fine_tuned_embeddings",
    "log_file": "logs/embedding_finetuning.log",
    "progress_file": "training_progress.json",
    "metrics_file": "training_metrics.jsonl",
    "base_model": "sentence-transformers/all-MiniLM-L6-v2",
    "max_seq_length": 384,
    "train_batch_size": 16,
    "eval_batch_size": 16,
    "num_epochs": 3,
    "warmup_steps": 500,
    "evaluation_steps": 1000,
    "save_steps": 1000,
    "learning_rate": 2e-5,
    "train_split": 0.9,
    "loss_function": "MultipleNegativesRankingLoss",
    "_comments": {"training_tips": ["µ", "start small"]},
}
LATER: dict[str, Any] = {
    "input_jsonl": "data/consolidated_qa.jsonl",
    "output_dir": "models/later",
    "base_model": "intfloat/e5-small-v2",
    "max_seq_length": 256,
    "num_epochs": 1,
    "train_batch_size": 64,
    "eval_batch_size": 32,
    "warmup_ratio": 0.05,
    "gradient_accumulation_steps": 4,
    "train_ratio": 0.85,
    "val_ratio": 0.10,
    "test_ratio": 0.05,
    "streaming": True,
    "evaluation_steps": None,
    "save_steps": None,
    "checkpoint_save_limit": 4,
    "models_to_train": [{"name": "e5", "model_path": "x", "max_seq_length": 512}],
}


def config(folder: Path, base: dict[str, Any], **changes: Any) -> LegacyTrainerConfig:
    path = folder / "embedding_finetuner.json"
    path.write_text(json.dumps({**base, **changes}, ensure_ascii=False), encoding="utf-8")
    return read_trainer_config(path)


def matching(warnings: list[str], word: str) -> list[str]:
    return [text for text in warnings if word in text]


@pytest.mark.parametrize("dialect", [FIRST, LATER])
def test_that_a_config_is_written_back_with_the_same_keys_values_and_order(
    tmp_path: Path, dialect: dict[str, Any]
) -> None:
    legacy = config(tmp_path, dialect, unknown_key={"deep": [None, 1.5]})
    legacy.write_back(tmp_path / "back.json")
    text = (tmp_path / "back.json").read_text(encoding="utf-8")
    assert json.dumps(json.loads(text)) == json.dumps({**dialect, "unknown_key": {"deep": [None, 1.5]}})


def test_that_the_guides_dialect_is_read(tmp_path: Path) -> None:
    legacy = config(tmp_path, FIRST)
    assert legacy.input_jsonl == Path("data/qa_outputs/jsonl/questions_answers.jsonl")
    assert legacy.progress_path == Path("models/fine_tuned_embeddings/training_progress.json")
    assert legacy.metrics_path == Path("models/fine_tuned_embeddings/training_metrics.jsonl")
    trained, _ = to_train_config(legacy, {}, passages=20_000)
    assert trained == TrainConfig(
        **EARLIER,
        base_model="sentence-transformers/all-MiniLM-L6-v2",
        epochs=3,
        batch_size=16,
        learning_rate=2e-5,  # the predecessor only logged it
        max_seq_length=384,
        warmup_ratio=500 / 3750,
        evaluations=4,
    )
    split = to_split_config(legacy)
    assert split.train == 0.9
    assert split.dev == pytest.approx(0.05)


def test_that_the_later_dialect_is_read_and_null_steps_are_automatic(tmp_path: Path) -> None:
    legacy = config(tmp_path, LATER)
    trained, warnings = to_train_config(legacy, {}, passages=20_000)
    assert trained == TrainConfig(
        **EARLIER,
        base_model="intfloat/e5-small-v2",
        epochs=1,
        batch_size=64,
        warmup_ratio=0.05,
        checkpoints=4,
    )
    assert to_split_config(legacy) == SplitConfig(train=0.85, dev=0.1)
    assert len(warnings) == 1
    for key in ("eval_batch_size", "gradient_accumulation_steps", "streaming", "models_to_train"):
        assert key in warnings[0]


def test_that_keys_left_out_have_the_programs_defaults(tmp_path: Path) -> None:
    needed = {key: FIRST[key] for key in ("input_jsonl", "output_dir", "base_model", "num_epochs", "train_batch_size")}
    legacy = config(tmp_path, needed)
    trained, warnings = to_train_config(legacy, {})
    assert trained == TrainConfig(epochs=3, batch_size=16, **EARLIER)
    assert not warnings
    assert to_split_config(legacy) == SplitConfig()


def test_that_the_command_line_beats_the_file(tmp_path: Path) -> None:
    legacy = config(tmp_path, FIRST)
    given = {"base_model": "other", "epochs": 5, "batch_size": 32, "learning_rate": None, "evaluations": 7,
             "warmup_ratio": 0.2}  # fmt: skip
    trained, warnings = to_train_config(legacy, given, passages=100)
    assert (trained.base_model, trained.epochs, trained.batch_size) == ("other", 5, 32)
    assert (trained.learning_rate, trained.evaluations, trained.warmup_ratio) == (2e-5, 7, 0.2)
    assert not matching(warnings, "warmup_steps")


def test_that_a_warm_up_longer_than_the_run_is_told_and_becomes_a_share(tmp_path: Path) -> None:
    trained, warnings = to_train_config(config(tmp_path, FIRST), {}, passages=180)
    assert trained.warmup_ratio == 0.1
    (text,) = matching(warnings, "warmup_steps")
    assert "36 steps" in text
    assert "500" in text


def test_that_a_long_warm_up_that_fits_is_kept_and_told(tmp_path: Path) -> None:
    trained, warnings = to_train_config(config(tmp_path, FIRST, warmup_steps=75), {}, passages=800)
    assert trained.warmup_ratio == 0.5
    assert matching(warnings, "50%")


def test_that_steps_that_never_fire_are_told(tmp_path: Path) -> None:
    trained, warnings = to_train_config(config(tmp_path, FIRST), {}, passages=180)
    assert trained.evaluations == TrainConfig().evaluations
    assert matching(warnings, "evaluation_steps 1000 would never")
    assert matching(warnings, "save_steps 1000 would never")
    _, warnings = to_train_config(config(tmp_path, FIRST), {}, passages=6000)
    assert not matching(warnings, "would never")


@pytest.mark.parametrize(
    ("written", "loss"),
    [
        ("ContrastiveLoss", "ContrastiveLoss"),
        ("onlinecontrastiveloss", "OnlineContrastiveLoss"),
        ("CosineSimilarity", "CosineSimilarityLoss"),
    ],
)
def test_that_the_losses_of_the_predecessor_are_taken_as_they_are(tmp_path: Path, written: str, loss: str) -> None:
    trained, warnings = to_train_config(config(tmp_path, FIRST, loss_function=written), {})
    assert trained.loss == loss
    assert not matching(warnings, " loss ")


def test_that_a_flag_without_effect_under_the_loss_of_the_file_is_told(tmp_path: Path) -> None:
    legacy = config(tmp_path, FIRST, loss_function="CosineSimilarityLoss")
    _, warnings = to_train_config(legacy, {"contrastive_margin": "0.4", "random_negatives": "3"})
    assert [text.split(":")[0] for text in matching(warnings, "No effect")] == ["--contrastive-margin"]


@pytest.mark.parametrize("loss", ["TripletLoss", "?"])
def test_that_a_loss_that_is_not_offered_becomes_the_default_with_a_warning(tmp_path: Path, loss: str) -> None:
    trained, warnings = to_train_config(config(tmp_path, FIRST, loss_function=loss), {})
    assert trained.loss == "MultipleNegativesRankingLoss"
    assert matching(warnings, loss)


@pytest.mark.parametrize("loss", ["multiplenegativesrankingloss", "MultipleNegativesRanking", None, ""])
def test_that_the_offered_loss_is_matched_without_case(tmp_path: Path, loss: str | None) -> None:
    trained, warnings = to_train_config(config(tmp_path, FIRST, loss_function=loss), {})
    assert trained.loss == "MultipleNegativesRankingLoss"
    assert not matching(warnings, " loss ")


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("max_seq_length", 1024, "128 to 512"),
        ("max_seq_length", 384, "256 tokens"),
        ("learning_rate", 1e-3, "5e-05"),
        ("train_split", 0.5, "80% to 95%"),
    ],
)
def test_that_unwise_values_are_told(tmp_path: Path, key: str, value: object, word: str) -> None:
    _, warnings = to_train_config(config(tmp_path, FIRST, **{key: value}), {})
    assert matching(warnings, word)


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("train_batch_size", 1, "at least 2, at most 4096"),
        ("num_epochs", 0, "at least 1, at most 100"),
        ("num_epochs", 101, "at least 1, at most 100"),
        ("learning_rate", -0.5, "more than 0, at most 0.01"),
        ("max_seq_length", 10**6, "at least 16, at most 8192"),
        ("warmup_ratio", 0.9, "at least 0, at most 0.5"),
    ],
)
def test_that_a_value_out_of_bounds_is_refused_by_name(tmp_path: Path, key: str, value: object, allowed: str) -> None:
    legacy = config(tmp_path, FIRST, **{key: value})
    with pytest.raises(UserError) as caught:
        to_train_config(legacy, {})
    assert str(caught.value).startswith(f"{key} is {value} in {legacy.path}; allowed: {allowed}.")


def test_that_a_bad_value_of_the_command_line_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"batch_size is 0 on the command line; allowed: at least 2"):
        to_train_config(config(tmp_path, FIRST), {"batch_size": 0})
    with pytest.raises(UserError, match="loss is Foo on the command line"):
        to_train_config(config(tmp_path, FIRST), {"loss": "Foo"})


@pytest.mark.parametrize("value", ["3", True, 2.5, [3]])
def test_that_a_value_of_the_wrong_type_is_refused_by_name(tmp_path: Path, value: object) -> None:
    with pytest.raises(UserError, match=r"num_epochs is .* a whole number\. Correct"):
        config(tmp_path, FIRST, num_epochs=value)


@pytest.mark.parametrize(
    "shares", [{"train_split": 1.0}, {"train_split": -1}, {"train_ratio": 0.9, "val_ratio": 0.1}, {"train_split": 0}]
)
def test_that_shares_that_leave_nothing_to_test_are_refused(tmp_path: Path, shares: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="must leave papers"):
        to_split_config(config(tmp_path, FIRST, **shares))


@pytest.mark.parametrize("key", ["input_jsonl", "output_dir", "base_model", "num_epochs", "train_batch_size"])
def test_that_a_missing_required_key_is_named_with_the_cure(tmp_path: Path, key: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps({name: value for name, value in FIRST.items() if name != key}), encoding="utf-8")
    with pytest.raises(UserError, match=rf"lacks the required keys {key}\. Add them"):
        read_trainer_config(path)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"{", "line 1, column 2"),
        (b"", "not JSON"),
        (b"\xe9", "not UTF-8"),
        (b"[1]", "a JSON object"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"learning_rate": NaN}', "NaN is not a number"),
        (b'{"num_epochs": ' + b"9" * 5000 + b"}", "not JSON"),
    ],
)
def test_that_a_file_that_is_no_config_is_told_with_a_cure(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=word) as caught:
        read_trainer_config(path)
    assert str(path) in str(caught.value)
    assert caught.value.hint


def test_that_a_missing_config_is_told_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file .* relative to the current folder"):
        read_trainer_config(tmp_path / "none.json")
    with pytest.raises(UserError, match="not a file"):
        read_trainer_config(tmp_path)


def test_that_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(FIRST), encoding="utf-8-sig")
    assert read_trainer_config(path).num_epochs == 3


GENERATOR: dict[str, Any] = {
    "input_dir": "grobid_proccessed_pdf",
    "output_dir": "data/qa_outputs/jsonl",
    "model": "deepseek-r1:1.5b",
    "base_url": "http://localhost:11434/v1",
    "jsonl_output": "questions_answers.jsonl",
    "progress_file": "progress.json",
    "log_file": "qa_generation.log",
    "max_retries": 5,
    "api_delay": 1.0,
    "_comments": ["note"],
    "workers": 4,
}


def test_that_the_generator_config_is_read_and_written_back(tmp_path: Path) -> None:
    path = tmp_path / "qa_generator.json"
    path.write_text(json.dumps(GENERATOR), encoding="utf-8")
    legacy = read_generator_config(path)
    assert (legacy.input_dir, legacy.max_retries, legacy.api_delay) == (Path("grobid_proccessed_pdf"), 5, 1.0)
    assert not legacy.warnings
    legacy.write_back(path)
    assert json.dumps(json.loads(path.read_text(encoding="utf-8"))) == json.dumps(GENERATOR)
    path.write_text("{}", encoding="utf-8")
    empty = read_generator_config(path)
    for field in fields(empty):
        if field.name not in ("raw", "warnings"):
            assert getattr(empty, field.name) == getattr(legacy, field.name)


def test_that_a_key_is_warned_about_and_neither_kept_nor_shown(tmp_path: Path) -> None:
    path = tmp_path / "qa_generator.json"
    secret = "sk-CANARY-0123456789"
    path.write_text(json.dumps({**GENERATOR, "api_key": secret, "openai_API_key": secret}), encoding="utf-8")
    legacy = read_generator_config(path)
    assert len(legacy.warnings) == 2
    assert "api_key" in legacy.warnings[0]
    legacy.write_back(tmp_path / "back.json")
    assert secret not in repr(legacy) + "".join(legacy.warnings) + (tmp_path / "back.json").read_text(encoding="utf-8")
    path.write_text(f'{{"api_key": "{secret}", broken', encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_generator_config(path)
    assert secret not in repr(caught.value) + str(caught.value)
    assert caught.value.__cause__ is None


def test_that_a_config_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    legacy = config(tmp_path, FIRST)
    with pytest.raises(EnvironmentProblem, match="missing"):
        legacy.write_back(tmp_path / "missing" / "c.json")
