"""Time of a map of many passages, before and after training: python tests/bench/map_speed.py [PASSAGES] [THREADS]

The vectors are made: clusters of 384 dimensions as a model sees papers, and the same ones moved a little, as training
moves them. Loading the models and encoding are not in it.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.clusters import clusters_of, suitable_count
from embtrainer_gui.ml.map_layout import lay_out
from embtrainer_gui.ml.near_copies import near_groups

DIMENSIONS, PAPERS = 384, 500


def main() -> None:
    given = [int(value) for value in sys.argv[1:]]
    count, threads = [*given, *(20_000, 2)[len(given) :]]
    rng = np.random.default_rng(7)
    papers = rng.normal(size=(PAPERS, DIMENSIONS))
    before = papers[rng.integers(0, PAPERS, count)] + 1.2 * rng.normal(size=(count, DIMENSIONS))
    after = before + 0.3 * rng.normal(size=(count, DIMENSIONS))
    base, tuned = (unit(vectors) for vectors in (before, after))
    started = time.perf_counter()
    first = lay_out(base, 42, Silent(), None, threads)
    between = time.perf_counter()
    second = lay_out(tuned, 42, Silent(), first, threads)
    ended = time.perf_counter()
    moved = np.linalg.norm(first - second, axis=1)
    print(f"{count} passages, {threads} threads: before {between - started:.1f} s, after {ended - between:.1f} s")
    print(f"median way between them: {np.median(moved) / np.ptp(first, axis=0).max():.1%} of the map")
    started = time.perf_counter()
    clusters_of(tuned, suitable_count(count), 42)
    print(f"clusters {time.perf_counter() - started:.1f} s")
    started = time.perf_counter()
    near_groups(base, 0.95, Silent())
    print(f"near copies {time.perf_counter() - started:.1f} s")


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


if __name__ == "__main__":
    main()
