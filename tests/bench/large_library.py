"""Search of a large library by codes against a scan of all vectors and sentence-transformers: one JSON line.

python tests/bench/library_vectors.py DATA FOLDER && python tests/bench/large_library.py FOLDER [--queries 300]

FOLDER is what library_vectors.py made; the codes are made in it (and made anew). Questions are real ones, encoded
before. Times are of one search after its question is encoded, milliseconds of the clock and of the processor;
sentence-transformers searches in another process between two rounds of ours. ``growth`` is resident memory over that of
the process with its libraries loaded, as a share of the float32 vectors.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.code_index import FILE, make_codes
from embtrainer_gui.ml.passage_index import ExactIndex, open_index
from embtrainer_gui.ml.ranking import top_rows
from embtrainer_gui.ml.row_keys import KEY_BYTES
from embtrainer_gui.ml.vector_index import VectorIndex

DIMENSION, TOP, BLOCK, SEED = 384, 10, 50_000, 1
MEANING = ("bench", 64)


def questions(folder: Path, count: int) -> np.ndarray:
    asked = np.load(folder / "queries.npy")
    return np.ascontiguousarray(asked[np.random.default_rng(SEED).permutation(len(asked))[:count]])


def as_index(folder: Path) -> None:
    """Give the vectors keys, as if the program had encoded them."""
    rows = (folder / "vectors.f32").stat().st_size // (4 * DIMENSION)
    (folder / "keys.bin").write_bytes(np.random.default_rng(SEED).bytes(rows * KEY_BYTES))
    manifest = {"fingerprint": MEANING[0], "max_seq_length": MEANING[1], "dimension": DIMENSION}
    atomic_write_json(folder / "manifest.json", manifest)


def truth(vectors: VectorIndex, asked: np.ndarray) -> list[set[int]]:
    scores, rows = np.empty((len(asked), 0), np.float32), np.empty((len(asked), 0), np.int64)
    for start in range(0, len(vectors), BLOCK):
        block = np.asarray(vectors.matrix[start : start + BLOCK])
        found = asked @ block.T
        best = np.array([top_rows(each, TOP) for each in found])
        scores = np.hstack([scores, np.take_along_axis(found, best, 1)])
        rows = np.hstack([rows, best + start])
    return [set(row[top_rows(score, TOP)].tolist()) for score, row in zip(scores, rows, strict=True)]


def timed(search: Any, asked: np.ndarray) -> dict[str, Any]:
    wall, cpu, found = [], [], []
    for question in asked:
        began, busy = time.perf_counter(), time.process_time()
        found.append(search(question))
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - busy))
    figures = {
        f"{name}_p{share}": round(float(np.percentile(values, share)), 2)
        for name, values in (("ms", wall), ("cpu_ms", cpu))
        for share in (50, 99)
    }
    return {**figures, "found": found}


def build(folder: Path) -> dict[str, Any]:
    as_index(folder)
    (folder / FILE).unlink(missing_ok=True)
    began, busy = time.perf_counter(), time.process_time()
    made = make_codes(VectorIndex(folder, *MEANING), Silent())
    took = {"build_s": round(time.perf_counter() - began, 1), "build_cpu_s": round(time.process_time() - busy, 1)}
    return {**took, "candidates": made.candidates, "measured_recall": round(made.recall, 4)}


def search(folder: Path, count: int) -> dict[str, Any]:
    import faiss  # noqa: F401

    asked = questions(folder, count)
    own = psutil.Process()
    idle = own.memory_info().rss
    began, busy = time.perf_counter(), time.process_time()
    vectors = VectorIndex(folder, *MEANING)
    index = open_index(vectors, vectors.rows(np.asarray(vectors.keys)))
    opened = 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - busy)
    figures = timed(lambda question: index.search(question, TOP), asked)
    growth = (own.memory_info().rss - idle) / vectors.matrix.nbytes
    exact = timed(lambda question: ExactIndex(vectors, np.arange(len(vectors))).search(question, TOP), asked[:20])
    right = truth(vectors, asked)
    hits = [len(expected & {row for row, _ in got}) for expected, got in zip(right, figures.pop("found"), strict=True)]
    return {
        "rows": len(vectors), "how": index.how, "open_ms": round(opened[0]), "open_cpu_ms": round(opened[1]),
        **figures, "recall": round(sum(hits) / TOP / len(hits), 4), "worst": min(hits),
        "growth": round(growth, 4), "scan_ms_p50": exact["ms_p50"], "scan_cpu_ms_p50": exact["cpu_ms_p50"],
    }  # fmt: skip


def plain(folder: Path, count: int) -> dict[str, Any]:
    import torch
    from sentence_transformers.util import semantic_search

    corpus = torch.from_numpy(np.fromfile(folder / "vectors.f32", np.float32).reshape(-1, DIMENSION))
    asked = torch.from_numpy(questions(folder, count))
    semantic_search(asked[:1], corpus, top_k=TOP)
    figures = timed(lambda question: semantic_search(question[None], corpus, top_k=TOP), asked)  # type: ignore[arg-type]
    return {f"plain_{name}": figures[name] for name in ("ms_p50", "cpu_ms_p50")}


def in_child(part: str, folder: Path, count: int) -> dict[str, Any]:
    command = [sys.executable, __file__, str(folder), "--part", part, "--queries", str(count)]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--part", choices=("build", "search", "plain"))
    options = parser.parse_args()
    folder, count = options.folder, options.queries
    if options.part:
        part = {"build": lambda: build(folder), "search": lambda: search(folder, count)}
        print(json.dumps(part.get(options.part, lambda: plain(folder, count))()))
        return
    made = in_child("build", folder, count)
    first = in_child("search", folder, count)
    other = in_child("plain", folder, 10)
    again = in_child("search", folder, count)
    ratios = {
        f"times_quicker_{name}": round(other[f"plain_{name}_p50"] / again[f"{name}_p50"], 1)
        for name in ("ms", "cpu_ms")
    }
    print(json.dumps({"load": os.getloadavg()[0], **made, "first": first, **other, "again": again, **ratios}))


if __name__ == "__main__":
    main()
