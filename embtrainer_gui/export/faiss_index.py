"""A FAISS index with what each row is and the few lines that search it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.new_folder import new_folder
from embtrainer_gui.core.report import Reporter

FaissKind = Literal["flat", "hnsw", "ivf"]
BLOCK = 4096
NEIGHBOURS, LINKED_WITH, LOOKED_AT = 32, 200, 128  # of HNSW: M, efConstruction, efSearch
PER_CELL = 39  # passages at least: faiss warns of fewer
CELLS_VISITED = 8  # one in so many
SEED = 42

LOADER = '''"""Search this index: python search_index.py MODEL "question" (needs faiss-cpu, sentence-transformers)."""
import json
import sys
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer

here = Path(__file__).parent
index = faiss.read_index(str(here / "passages.faiss"))
rows = [json.loads(line) for line in (here / "passages.jsonl").open(encoding="utf-8")]
model = SentenceTransformer(sys.argv[1])
model.max_seq_length = {max_seq_length}
scores, found = index.search(model.encode_query([sys.argv[2]], normalize_embeddings=True), 10)
for score, row in zip(scores[0], map(rows.__getitem__, found[0])):
    print(f"{{score:.3f}}  {{row['document']}}, page {{row['page']}}: {{' '.join(row['text'].split())[:160]}}")
'''


def write_faiss(
    out: Path,
    vectors: NDArray[np.float32],
    rows: Iterable[dict[str, Any]],
    max_seq_length: int,
    kind: FaissKind,
    reporter: Reporter,
) -> None:
    """Write ``passages.faiss`` (inner product), ``passages.jsonl`` and ``search_index.py`` into ``out``.

    Args:
        vectors: (n, d), L2-normalised, so that the inner product is the cosine.
        rows: what row n is.
        kind: ``flat`` is exact; ``hnsw`` a graph (Malkov and Yashunin 2018); ``ivf`` cells of which a part is visited.

    Raises:
        UserError: ``out`` is there and not empty.
        EnvironmentProblem: ``out`` cannot be written.
        Cancelled: nothing is written.
    """
    import faiss

    with new_folder(out) as draft:
        index = _filled(kind, vectors, reporter)
        with (draft / "passages.faiss").open("wb") as file:
            # Not by its path: one with an umlaut is trouble on some systems.
            faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]
        with (draft / "passages.jsonl").open("w", encoding="utf-8") as lines:
            for row in rows:
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        (draft / "search_index.py").write_text(LOADER.format(max_seq_length=max_seq_length), encoding="utf-8")


def _filled(kind: FaissKind, vectors: NDArray[np.float32], reporter: Reporter) -> Any:
    index = {"flat": _flat, "hnsw": _hnsw, "ivf": _ivf}[kind](vectors)
    for start in range(0, len(vectors), BLOCK):
        reporter.raise_if_cancelled()
        reporter.progress(start, len(vectors))
        index.add(np.ascontiguousarray(vectors[start : start + BLOCK], np.float32))
    reporter.progress(len(vectors), len(vectors))
    return index


def _flat(vectors: NDArray[np.float32]) -> Any:
    import faiss

    return faiss.IndexFlatIP(vectors.shape[1])


def _hnsw(vectors: NDArray[np.float32]) -> Any:
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = LINKED_WITH, LOOKED_AT
    return index


def _ivf(vectors: NDArray[np.float32]) -> Any:
    import faiss

    cells = max(1, min(round(4 * len(vectors) ** 0.5), len(vectors) // PER_CELL))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(vectors.shape[1]), vectors.shape[1], cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = SEED
    sample = np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), 2 * PER_CELL * cells)).astype(int))
    index.train(np.ascontiguousarray(vectors[sample], np.float32))
    index.nprobe = -(-cells // CELLS_VISITED)
    return index
