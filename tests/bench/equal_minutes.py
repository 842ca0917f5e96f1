"""Lift on human questions at equal pairs and no more processor time than the plain script; one JSON line.

python tests/bench/equal_minutes.py [SHARED_DATA] [--pairs 2500] [--seeds 42 1 2] [--epochs 2] [--work DIR] [--half]

Both train on the same built-in questions of COVID-QA's passages, without a dev set (ours knows the paper of each
passage, and the passages without a question, as a project does), and are scored on COVID-QA's own questions and on
PubMedQA with the formulas of the shared tool. ``--half`` encodes in bfloat16 where that is fast. What is there already
in ``--work`` is not made again.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from training_speed import SHARED, make_pairs, measured

from embtrainer_gui.ml.device import training_precision

SETS = ("covidqa", "pubmedqa_l")
RESAMPLES = 10_000


def tool(data: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("retrieval_eval", data.parent / "tools" / "retrieval_eval.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def trained(data: Path, work: Path, pairs: Path, seed: int, epochs: int) -> dict[str, float]:
    """CPU seconds of the plain script and of ours, after both have left their model in ``work``."""
    script = str(data.parent / "tools" / "baseline_train.py")
    plain = [sys.executable, script, str(pairs), str(work / f"plain-{seed}")]
    plain += ["--epochs", "1", "--batch", "32", "--max-seq", "256", "--seed", str(seed)]
    mine = [sys.executable, str(Path(__file__).with_name("training_speed.py"))]
    mine += ["--ours", str(pairs), str(work / f"ours-{seed}"), "--apart"]
    mine += ["--corpus", str(data / "qa" / "covidqa" / "corpus.jsonl")]
    mine += ["--set", f"epochs={epochs}", "batch_size=16", f"seed={seed}"]
    return {"plain": _once(plain, work / f"plain-{seed}.json"), "ours": _once(mine, work / f"ours-{seed}.json")}


def _once(command: list[str], kept: Path) -> float:
    if not kept.exists():
        kept.write_text(json.dumps(measured(command)), encoding="utf-8")
    return float(json.loads(kept.read_text(encoding="utf-8"))["cpu_s"])


def scores(judge: ModuleType, folder: Path, model: str, half: bool) -> np.ndarray[Any, Any]:
    """nDCG@10 of each question."""
    corpus, queries, relevant = judge.load(folder)
    with training_precision(torch.device("cpu")) if half else nullcontext():
        top = judge.top10_dense(model, corpus, queries)
    each: np.ndarray[Any, Any] = judge.score(top, corpus, queries, relevant)[0]
    return each


def interval(delta: np.ndarray[Any, Any]) -> list[float]:
    drawn = np.random.default_rng(0).integers(0, len(delta), (RESAMPLES, len(delta)))
    return [round(float(x), 4) for x in np.percentile(delta[drawn].mean(axis=1), [2.5, 97.5])]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--pairs", type=int, default=2500)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 1, 2])
    parser.add_argument("--work", type=Path)
    parser.add_argument("--half", action="store_true")
    options = parser.parse_args()
    work = options.work or Path(tempfile.mkdtemp(prefix="equal-minutes-"))
    work.mkdir(parents=True, exist_ok=True)
    pairs = work / "pairs.jsonl"
    if not pairs.exists():
        make_pairs(options.data, pairs, options.pairs)
    judge = tool(options.data)
    folders = {name: options.data / "qa" / name for name in SETS}
    before = {name: scores(judge, folder, "base", options.half) for name, folder in folders.items()}
    runs = []
    for seed in options.seeds:
        run: dict[str, Any] = {"seed": seed, "cpu_s": trained(options.data, work, pairs, seed, options.epochs)}
        for name, folder in folders.items():
            plain, ours = (
                scores(judge, folder, str(work / f"{who}-{seed}" / "final_model"), options.half)
                for who in ("plain", "ours")
            )
            lifts = {"plain": plain - before[name], "ours": ours - before[name]}
            run[name] = {who: round(float(lift.mean()), 4) for who, lift in lifts.items()}
            run[name]["ours_over_plain"] = [round(float((ours - plain).mean()), 4), *interval(ours - plain)]
        run["ratio"] = round(run["covidqa"]["ours"] / run["covidqa"]["plain"], 2)
        runs.append(run)
    print(json.dumps({"pairs": options.pairs, "half": options.half, "runs": runs}))


if __name__ == "__main__":
    main()
