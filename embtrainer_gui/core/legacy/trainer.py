"""``config/embedding_finetuner.json`` in both dialects: the file of the guide and that of the later trainer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.legacy.fields import Keys, read_object

REQUIRED = ("input_jsonl", "output_dir", "base_model", "num_epochs", "train_batch_size")


@dataclass(frozen=True, slots=True)
class LegacyTrainerConfig:
    """The keys that this program uses; None where the file leaves one out or null (automatic).

    Paths are relative to the current folder, as they were for the scripts, not to the config file.
    """

    path: Path
    input_jsonl: Path
    output_dir: Path
    base_model: str
    num_epochs: int
    train_batch_size: int
    max_seq_length: int | None
    learning_rate: float | None
    warmup_steps: int | None
    warmup_ratio: float | None
    evaluation_steps: int | None
    save_steps: int | None
    checkpoint_save_limit: int | None
    train_split: float | None  # share for training of the first dialect, the rest validates
    train_ratio: float | None  # shares of the second dialect
    val_ratio: float | None
    test_ratio: float | None
    loss_function: str
    log_file: Path
    progress_path: Path
    metrics_path: Path
    raw: dict[str, Any]  # all keys of the file in order, notes (``_comments``) and unknown ones too

    def write_back(self, path: Path) -> None:
        """Write the same keys with the same values."""
        atomic_write_json(path, self.raw)


def read_trainer_config(path: Path) -> LegacyTrainerConfig:
    """Read the config; ranges are looked at by ``to_train_config``.

    Raises:
        UserError: no such file, not JSON, a required key missing, or a value of the wrong type.
        EnvironmentProblem: it cannot be read.
    """
    raw = read_object(path)
    keys = Keys(path, raw)
    keys.require(*REQUIRED)
    output = Path(keys.text("output_dir", ""))
    return LegacyTrainerConfig(
        path=path,
        input_jsonl=Path(keys.text("input_jsonl", "")),
        output_dir=output,
        base_model=keys.text("base_model", ""),
        num_epochs=keys.whole("num_epochs") or 0,
        train_batch_size=keys.whole("train_batch_size") or 0,
        max_seq_length=keys.whole("max_seq_length"),
        learning_rate=keys.number("learning_rate"),
        warmup_steps=keys.whole("warmup_steps"),
        warmup_ratio=keys.number("warmup_ratio"),
        evaluation_steps=keys.whole("evaluation_steps"),
        save_steps=keys.whole("save_steps"),
        checkpoint_save_limit=keys.whole("checkpoint_save_limit"),
        train_split=keys.number("train_split"),
        train_ratio=keys.number("train_ratio"),
        val_ratio=keys.number("val_ratio"),
        test_ratio=keys.number("test_ratio"),
        loss_function=keys.text("loss_function", ""),
        log_file=Path(keys.text("log_file", "logs/embedding_finetuning.log")),
        progress_path=output / keys.text("progress_file", "training_progress.json"),
        metrics_path=output / keys.text("metrics_file", "training_metrics.jsonl"),
        raw=raw,
    )
