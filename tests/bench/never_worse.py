"""Is the saved model ever below the untrained one on dev? Seeded runs on the sample papers, one JSON line.

python tests/bench/never_worse.py [--runs 20] [--pairs 300] [--learning-rate 1e-4]

Each run draws its training pairs by its seed. What is saved is loaded again and searched with, beside the untrained
model, in the same dev passages.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import GenerateConfig, ImportConfig, TrainConfig
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.store import create_project
from embtrainer_gui.stages import generate_pairs, import_papers, pair_files
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.training_data import TrainingData, training_data
from embtrainer_gui.stages.whole_job import sample_papers

DEV_PASSAGES, LENGTH = 80, 128


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--learning-rate", type=float, default=TrainConfig().learning_rate)
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="never-worse-") as scratch:
        data = sample_data(Path(scratch, "project"))
        runs = list(all_runs(options, data, Path(scratch)))
    gains = [run["saved"] - run["untrained"] for run in runs]
    found = {
        "runs": len(runs),
        "not_below": sum(gain >= 0 for gain in gains),
        "pairs": options.pairs,
        "learning_rate": options.learning_rate,
        "dev_questions": len(data.dev.questions),
        "lowest_gain": round(min(gains), 4),
        "median_gain": round(statistics.median(gains), 4),
        "untrained_kept": sum(run["share"] == 0 for run in runs),
        "mixed": sum(0 < run["share"] < 1 for run in runs),
        "seconds": round(time.monotonic() - started),
    }
    print(json.dumps(found))


def sample_data(folder: Path) -> TrainingData:
    with create_project(folder) as project:
        ctx = Context(project, lambda event: None, threading.Event())
        import_papers.run(ctx, ImportConfig(), [sample_papers()])
        generate_pairs.run(ctx, GenerateConfig())
        pair_files.accept(ctx, clean_only=True)
        return training_data(project)


def all_runs(options: argparse.Namespace, data: TrainingData, scratch: Path) -> Iterator[dict[str, Any]]:
    from embtrainer_gui.ml.dev_search import CHOICE_METRIC, DevSearch
    from embtrainer_gui.ml.loading import load_model
    from embtrainer_gui.ml.request import TrainingRequest
    from embtrainer_gui.ml.trainer import train

    dev = data.dev.limited(DEV_PASSAGES, 0)

    def score(folder: Path) -> float:
        model = load_model(folder, LENGTH)
        return DevSearch(model, dev).score(model, Silent())[CHOICE_METRIC]

    untrained = score(bundled_folder())
    for seed in range(options.runs):
        config = TrainConfig(
            seed=seed, learning_rate=options.learning_rate, epochs=1, evaluations=2, max_seq_length=LENGTH
        )
        drawn = np.random.default_rng(seed).choice(len(data.pairs), min(options.pairs, len(data.pairs)), replace=False)
        request = TrainingRequest(
            config=config,
            base_model_dir=bundled_folder(),
            out_dir=scratch / f"run-{seed}",
            passages=data.passages,
            passage_groups=data.groups,
            pairs=[data.pairs[number] for number in sorted(drawn.tolist())],
            dev=dev,
            documents=data.documents,
        )
        result = train(request, Silent())
        yield {"untrained": untrained, "saved": score(result.final_model), "share": result.merge}


if __name__ == "__main__":
    main()
