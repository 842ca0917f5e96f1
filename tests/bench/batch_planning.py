"""Planning the batches of an epoch of a million pairs without near-duplicates in one of them; one JSON line.

python tests/bench/batch_planning.py [--pairs 1000000] [--batch 64]

Every pair has a passage of its own, the most that a million pairs can have; 40 passages a document, and near-duplicates
as papers have them: pairs of passages that overlap, and some boilerplate in hundreds of papers.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from embtrainer_gui.ml.batching import epoch_batches

PER_DOCUMENT = 40


def near_duplicates(count: int) -> np.ndarray:
    """The group of each passage: every 20th repeats the passage before it, every 100th one of 100 boilerplates."""
    groups = np.arange(count)
    groups[1::20] = groups[0::20][: len(groups[1::20])]
    boilerplate = np.arange(7, count, 100)
    groups[boilerplate] = count + np.random.default_rng(0).integers(0, 100, len(boilerplate))
    return groups


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=64)
    options = parser.parse_args()
    groups, documents = near_duplicates(options.pairs), np.arange(options.pairs) // PER_DOCUMENT
    wall, cpu = time.perf_counter(), time.process_time()
    batches = epoch_batches(groups, options.batch, 42, 0, documents)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sizes = [len(batch) for batch in batches]
    collisions = sum(len(batch) - len(set(groups[batch].tolist())) for batch in batches)
    figures = {
        "pairs": options.pairs,
        "batches": len(batches),
        "seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "collisions": collisions,
        "left_for_another_epoch": options.pairs - sum(sizes),
        "sizes": [min(sizes), max(sizes)],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
