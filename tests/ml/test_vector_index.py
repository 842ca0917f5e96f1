import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from embtrainer_gui.core.errors import Cancelled, EnvironmentProblem
from embtrainer_gui.core.report import Reporter, Silent
from embtrainer_gui.ml import vector_index
from embtrainer_gui.ml.vector_index import VectorIndex

KEYS = [f"{i:032x}" for i in range(1200)]
TEXTS = [f"text {i}" for i in range(1200)]


class HashEncoder:
    """Vectors that depend on the text alone; counts what it encodes."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode_passages(self, texts: Sequence[str], reporter: object = None) -> np.ndarray:
        self.encoded += texts
        rows = [np.random.default_rng(abs(int(t.split()[1]))).normal(size=16) for t in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32)


def test_that_only_new_texts_are_encoded_and_vectors_come_back(tmp_path: Path) -> None:
    encoder = HashEncoder()
    index = VectorIndex(tmp_path, "model", 256)
    assert index.sync(KEYS[:700], TEXTS[:700], lambda: encoder) == 700
    again = VectorIndex(tmp_path, "model", 256)
    assert again.missing(KEYS) == 500
    assert again.sync(KEYS[600:] + KEYS[:1], TEXTS[600:] + TEXTS[:1], lambda: encoder) == 500
    assert encoder.encoded == TEXTS
    chosen = [KEYS[900], KEYS[3], KEYS[900]]
    assert (again.vectors(chosen) == HashEncoder().encode_passages([TEXTS[900], TEXTS[3], TEXTS[900]])).all()


def test_that_nothing_new_needs_no_encoder(tmp_path: Path) -> None:
    VectorIndex(tmp_path, "model", 256).sync(KEYS[:5], TEXTS[:5], HashEncoder)

    def never() -> HashEncoder:
        raise AssertionError("an encoder was made")

    assert VectorIndex(tmp_path, "model", 256).sync(KEYS[:5], TEXTS[:5], never) == 0


def test_that_search_is_exact_and_breaks_ties_by_position(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = VectorIndex(tmp_path, "model", 256)
    index.sync(KEYS, TEXTS, HashEncoder)
    query = HashEncoder().encode_passages(["text 7"])[0]
    monkeypatch.setattr(vector_index, "SCAN_ROWS", 100)
    for keys in (KEYS, KEYS[::-1], KEYS[:300] * 2):
        expected = np.argsort(-(index.vectors(keys) @ query), kind="stable")[:10]
        found = index.search(query, index.rows(keys), 10)
        assert [row for row, _ in found] == expected.tolist()
        assert found[0][1] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("changed", [("other model", 256), ("model", 128)])
def test_that_vectors_of_another_model_or_length_are_rebuilt(tmp_path: Path, changed: tuple[str, int]) -> None:
    VectorIndex(tmp_path, "model", 256).sync(KEYS[:5], TEXTS[:5], HashEncoder)
    index = VectorIndex(tmp_path, *changed)
    assert len(index) == 0
    assert index.sync(KEYS[:7], TEXTS[:7], HashEncoder) == 7
    assert len(VectorIndex(tmp_path, *changed)) == 7


def test_that_a_torn_tail_is_cut_and_what_was_whole_is_kept(tmp_path: Path) -> None:
    VectorIndex(tmp_path, "model", 256).sync(KEYS[:600], TEXTS[:600], HashEncoder)
    whole = {name: (tmp_path / name).stat().st_size for name in ("vectors.f32", "keys.bin")}
    for cut_vectors, cut_keys in ((1, 0), (0, 1), (100, 700), (64 * 40, 5), (0, 0)):
        folder = tmp_path / f"{cut_vectors}-{cut_keys}"
        folder.mkdir()
        for name, cut in (("vectors.f32", cut_vectors), ("keys.bin", cut_keys), ("manifest.json", 0)):
            data = (tmp_path / name).read_bytes()
            (folder / name).write_bytes(data[: len(data) - cut])
        index = VectorIndex(folder, "model", 256)
        lost = 600 - len(index)
        assert lost < 50
        assert index.sync(KEYS[:600], TEXTS[:600], HashEncoder) == lost
        assert (index.vectors(KEYS[:600]) == HashEncoder().encode_passages(TEXTS[:600])).all()
        assert {name: (folder / name).stat().st_size for name in whole} == whole


class ReportingEncoder(HashEncoder):
    def encode_passages(self, texts: Sequence[str], reporter: Reporter | None = None) -> np.ndarray:
        assert reporter is not None
        reporter.raise_if_cancelled()
        reporter.progress(len(texts), len(texts))
        return super().encode_passages(texts)


def test_that_cancelling_keeps_the_chunks_that_are_done(tmp_path: Path) -> None:
    class StopsAtThird(Silent):
        calls, told = 0, []

        def progress(self, done: int, total: int, item: str = "") -> None:
            self.told.append((done, total))

        def raise_if_cancelled(self) -> None:
            self.calls += 1
            if self.calls == 3:
                raise Cancelled

    reporter = StopsAtThird()
    with pytest.raises(Cancelled):
        VectorIndex(tmp_path, "model", 256).sync(KEYS, TEXTS, ReportingEncoder, reporter)
    assert len(VectorIndex(tmp_path, "model", 256)) == 2 * vector_index.CHUNK
    assert reporter.told == [(512, 1200), (1024, 1200)]


def test_that_a_full_disk_is_said_and_does_not_spoil_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = VectorIndex(tmp_path, "model", 256)
    real = vector_index._append_durably

    def refuses(path: Path, data: bytes) -> None:
        real(path, data[: len(data) // 3])
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(vector_index, "_append_durably", refuses)
    with pytest.raises(EnvironmentProblem, match="No space left"):
        index.sync(KEYS[:9], TEXTS[:9], HashEncoder)
    monkeypatch.setattr(vector_index, "_append_durably", real)
    index.sync(KEYS[:9], TEXTS[:9], HashEncoder)
    assert (index.vectors(KEYS[:9]) == HashEncoder().encode_passages(TEXTS[:9])).all()


class SlowEncoder(HashEncoder):
    def encode_passages(self, texts: Sequence[str], reporter: object = None) -> np.ndarray:
        time.sleep(0.1)
        return super().encode_passages(texts, reporter)


def _sync(folder: Path, first: int) -> None:
    VectorIndex(folder, "model", 256).sync(KEYS[first:], TEXTS[first:], SlowEncoder)


def test_that_two_processes_may_fill_one_index(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_sync, args=(tmp_path, first)) for first in (0, 300)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0
    index = VectorIndex(tmp_path, "model", 256)
    assert len(index) == 1200
    assert (tmp_path / "vectors.f32").stat().st_size == 1200 * 16 * 4  # nothing was encoded twice
    assert (index.vectors(KEYS) == HashEncoder().encode_passages(TEXTS)).all()


def test_that_index_and_evaluation_need_no_torch() -> None:
    modules = ", ".join(f"embtrainer_gui.ml.{name}" for name in ("vector_index", "evaluate", "batching", "model_files"))
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
