"""Vectors of a large library as short codes that are all scanned at every search: one byte for eight dimensions.

The vectors are projected on half as many dimensions that hold most of what tells passages apart, rotated so that these
share it evenly, and each two of them become one of 16 points: product quantisation (Jégou, Douze and Schmid 2011),
scanned 32 codes at a time in registers (André, Kermarrec and Le Scouarnec 2015, by faiss). The scan proposes
candidates only: who searches scores them again with the vectors themselves. How many candidates it takes is measured
when the codes are made.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.files import atomic_write, atomic_write_json
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.ml.kept_arrays import kept_arrays
from embtrainer_gui.ml.ranking import RowArray, top_rows
from embtrainer_gui.ml.vector_index import VectorIndex

FILE = "codes.npz"
POINTS = 16  # a pair of dimensions is one of these: 4 bits
SEED = 42
TRAINED_ON = 50_000
BLOCK = 16_384
REFUSED = "no-codes.json"
CANDIDATES = (100, 200, 400, 800, 1600, 3200)
ASKED, DEPTH = 64, 10  # questions and hits of the measurement
ENOUGH = 0.995  # of what a scan of all vectors finds
QUESTION_NOISE = 0.5  # length of what is added to a passage to make a question of it


@dataclass(frozen=True, slots=True)
class CodesMade:
    """``recall`` of the ten nearest with ``candidates``, on made-up questions; ``kept`` where that is enough."""

    rows: int
    candidates: int
    recall: float
    kept: bool


class CodeIndex:
    """Codes of the first ``rows`` rows of a vector index, in memory."""

    def __init__(self, projection: NDArray[np.float32], scanner: Any, candidates: int) -> None:
        self._projection, self._scanner, self._candidates = projection, scanner, candidates

    @property
    def rows(self) -> int:
        return int(self._scanner.ntotal)

    def nearest(self, query: NDArray[np.float32], k: int, share: float = 1.0) -> RowArray:
        """Rows among which the ``k`` nearest to ``query`` (d,) are; more of them where only a ``share`` is wanted."""
        wanted = self._candidates * max(1.0, k / DEPTH) / share
        return np.asarray(self._scan(query[None], min(int(wanted), self.rows))[0])

    def _scan(self, queries: NDArray[np.float32], count: int) -> RowArray:
        return np.asarray(self._scanner.search(queries @ self._projection.T, count)[1], np.int64)


def open_codes(vectors: VectorIndex) -> CodeIndex | None:
    """The codes kept beside ``vectors``; None where there are none, or none that belong to these rows."""
    kept = kept_arrays(vectors.folder / FILE)
    try:
        facts = json.loads(str(kept["facts"]))
        rows, candidates, stamp = int(facts["rows"]), int(facts["candidates"]), str(facts["stamp"])
        projection, centres, codes = kept["projection"], kept["centres"], kept["codes"]
    except (ValueError, KeyError, TypeError):
        return None
    pairs = projection.shape[0] // 2 if projection.ndim == 2 else 0
    fits = (
        projection.dtype == centres.dtype == np.float32
        and projection.shape == (2 * pairs, vectors.matrix.shape[1])
        and centres.shape == (pairs, POINTS, 2)
        and codes.dtype == np.uint8
        and 0 < rows <= len(vectors)
        and 0 < candidates <= max(CANDIDATES)
    )
    if not fits or stamp != _stamp(vectors, rows):
        return None
    scanner = _new_scanner(pairs)
    if codes.shape != (_padded(rows) * scanner.code_size,):  # a file of somebody else: never more than is there
        return None
    _set_centres(scanner, centres)
    import faiss

    faiss.copy_array_to_AlignedTable(codes, scanner.codes)
    scanner.ntotal, scanner.ntotal2 = rows, _padded(rows)
    return CodeIndex(projection, scanner, candidates)


def codes_miss_too_much(vectors: VectorIndex) -> bool:
    """Whether codes were tried, missed too much and were not kept; asked again once there are twice as many rows."""
    try:
        tried = json.loads((vectors.folder / REFUSED).read_text(encoding="utf-8"))
        return len(vectors) < 2 * int(tried["rows"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def make_codes(vectors: VectorIndex, reporter: Reporter) -> CodesMade:
    """Make the codes of all rows, or go on with those that are kept; wholly or not at all. Where they miss too
    much, kept ones go as well.

    Raises Cancelled, and EnvironmentProblem where they cannot be written.
    """
    index = open_codes(vectors)
    if index is None or len(vectors) > 2 * index.rows:
        index = _trained(vectors)
    for start in range(index.rows, len(vectors), BLOCK):
        reporter.raise_if_cancelled()
        block = np.asarray(vectors.matrix[start : start + BLOCK])
        index._scanner.add(np.ascontiguousarray(block @ index._projection.T))
        reporter.progress(start, len(vectors))
    candidates, recall = _measured(vectors, index, reporter)
    reporter.raise_if_cancelled()
    if recall >= ENOUGH:
        _write(vectors, index, candidates)
        (vectors.folder / REFUSED).unlink(missing_ok=True)
    else:
        atomic_write_json(vectors.folder / REFUSED, {"rows": len(vectors), "recall": recall})
        (vectors.folder / FILE).unlink(missing_ok=True)  # of fewer rows: a scan of all vectors misses nothing
    reporter.progress(len(vectors), len(vectors))
    return CodesMade(len(vectors), candidates, recall, recall >= ENOUGH)


def _trained(vectors: VectorIndex) -> CodeIndex:
    """Codes without rows yet: projection and points from some of the vectors."""
    sample = _spread(vectors, TRAINED_ON)
    dimensions = sample.shape[1] // 4 * 2
    _, axes = np.linalg.eigh((sample.T @ sample / len(sample)).astype(np.float64))
    main = axes[:, ::-1][:, :dimensions].T
    turn, _ = np.linalg.qr(np.random.default_rng(SEED).standard_normal((dimensions, dimensions)))
    projection = np.ascontiguousarray(turn @ main, np.float32)
    scanner = _new_scanner(dimensions // 2)
    scanner.train(np.ascontiguousarray(sample @ projection.T))
    return CodeIndex(projection, scanner, CANDIDATES[0])


def _measured(vectors: VectorIndex, index: CodeIndex, reporter: Reporter) -> tuple[int, float]:
    """The fewest candidates with which questions find what a scan of all vectors does, and the share that they find."""
    generator = np.random.default_rng(SEED)
    questions = _spread(vectors, ASKED)
    noise = generator.standard_normal(questions.shape, np.float32)
    questions = questions + QUESTION_NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    questions /= np.linalg.norm(questions, axis=1, keepdims=True)
    right = _exact(vectors, questions, reporter)
    recall = 0.0
    for candidates in CANDIDATES:
        found = index._scan(questions, min(candidates, len(vectors)))
        recall = float(np.mean([np.isin(a, b).mean() for a, b in zip(right, found, strict=True)]))
        if recall >= ENOUGH:
            break
    return candidates, recall


def _exact(vectors: VectorIndex, questions: NDArray[np.float32], reporter: Reporter) -> list[RowArray]:
    scores = np.empty((len(questions), 0), np.float32)
    rows = np.empty((len(questions), 0), np.int64)
    for start in range(0, len(vectors), BLOCK):
        reporter.raise_if_cancelled()
        block = np.asarray(vectors.matrix[start : start + BLOCK])
        scores = np.hstack([scores, questions @ block.T])
        rows = np.hstack([rows, np.broadcast_to(np.arange(start, start + len(block)), (len(questions), len(block)))])
        best = np.array([top_rows(each, DEPTH) for each in scores])
        scores, rows = np.take_along_axis(scores, best, 1), np.take_along_axis(rows, best, 1)
    return list(rows)


def _spread(vectors: VectorIndex, count: int) -> NDArray[np.float32]:
    """``count`` vectors from all over the index, or all."""
    rows = np.unique(np.linspace(0, len(vectors) - 1, min(count, len(vectors))).astype(int))
    return np.asarray(vectors.matrix[rows])


def _write(vectors: VectorIndex, index: CodeIndex, candidates: int) -> None:
    import faiss

    scanner = index._scanner
    codes = faiss.vector_to_array(scanner.codes)[: _padded(index.rows) * scanner.code_size]
    centres = _centres(scanner).copy().reshape(-1, POINTS, 2)
    facts = {"rows": index.rows, "candidates": candidates, "stamp": _stamp(vectors, index.rows)}

    def write(file: BinaryIO) -> None:
        np.savez(file, facts=json.dumps(facts), projection=index._projection, centres=centres, codes=codes)

    atomic_write(vectors.folder / FILE, write)


def _new_scanner(pairs: int) -> Any:
    import faiss

    scanner = faiss.IndexPQFastScan(2 * pairs, pairs, 4, faiss.METRIC_INNER_PRODUCT)
    scanner.pq.cp.seed = SEED
    return scanner


def _set_centres(scanner: Any, centres: NDArray[np.float32]) -> None:
    _centres(scanner)[:] = centres.ravel()
    scanner.is_trained = True


def _centres(scanner: Any) -> NDArray[np.float32]:
    """The scanner's own centres, by their address: PyMuPDF shares SWIG's types, and where it was loaded before, a
    vector of floats is one of its own."""
    import faiss

    size = scanner.pq.M * scanner.pq.ksub * scanner.pq.dsub
    return np.asarray(faiss.rev_swig_ptr(scanner.pq.get_centroids(0, 0), size))


def _padded(rows: int) -> int:
    """Codes lie in blocks of 32 rows."""
    return -(-rows // 32) * 32


def _stamp(vectors: VectorIndex, rows: int) -> str:
    """Which texts the rows are, and in which order."""
    return hashlib.blake2b(vectors.keys[:rows].tobytes(), digest_size=16).hexdigest()
