"""Vectors of passages on disk: encoded once per content hash, memory-mapped, searched exactly. Needs no torch."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.files import atomic_write_json
from embtrainer_gui.core.report import Reporter, Silent
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.part_reporter import PartReporter
from embtrainer_gui.ml.ranking import RowArray, top_rows

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

CHUNK = 512
SCAN_ROWS = 65_536


class PassageEncoder(Protocol):
    """What ``sync`` needs of an encoder: float32 (n, d), L2-normalised."""

    def encode_passages(self, texts: Sequence[str], reporter: Reporter = ...) -> NDArray[np.float32]: ...


class VectorIndex:
    """The vectors of one model in ``folder``: ``vectors.f32`` (rows of d float32), ``keys.txt``, ``manifest.json``.

    ``fingerprint`` (of the model) and ``max_seq_length`` say what the vectors mean: others on disk are ignored and
    rebuilt by the next ``sync``. A row counts once its key is on disk, and keys are written after their vectors,
    so a kill loses at most the chunk in work. Readers never write; writers take turns on a lock file.
    """

    def __init__(self, folder: Path, fingerprint: str, max_seq_length: int) -> None:
        self._folder = folder
        self._meaning = {"fingerprint": fingerprint, "max_seq_length": max_seq_length}
        self._rows: dict[str, int] = {}
        self._matrix: NDArray[np.float32] = np.empty((0, 0), np.float32)
        self._load()

    def __len__(self) -> int:
        return len(self._rows)

    def missing(self, keys: Sequence[str]) -> int:
        """How many distinct ``keys`` have no vector yet."""
        return len(set(keys) - self._rows.keys())

    def sync(
        self,
        keys: Sequence[str],
        texts: Sequence[str],
        encoder_factory: Callable[[], PassageEncoder],
        reporter: Reporter | None = None,
    ) -> int:
        """Encode the texts whose key is new and return how many; the encoder is only made if there are any.

        Raises Cancelled (the chunks that are done stay) and EnvironmentProblem if the disk refuses.
        """
        reporter = reporter or Silent()
        if not self.missing(keys):
            return 0
        self._folder.mkdir(parents=True, exist_ok=True)
        with _locked(self._folder / "lock"):
            self._load()
            self._drop_torn_rows()
            todo = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
            encoder = encoder_factory() if todo else None
            names = list(todo)
            for start in range(0, len(names), CHUNK):
                chunk = names[start : start + CHUNK]
                assert encoder is not None
                part = PartReporter(reporter, start, len(names))
                self._append(chunk, encoder.encode_passages([todo[key] for key in chunk], part))
            self._load()
        reporter.progress(len(names), len(names))
        return len(names)

    def rows(self, keys: Sequence[str]) -> RowArray:
        """Rows in the index of ``keys`` (n,); KeyError for a key that was not synced."""
        return np.fromiter((self._rows[key] for key in keys), np.int64, len(keys))

    def vectors(self, keys: Sequence[str]) -> NDArray[np.float32]:
        """Copies of the vectors of ``keys``, (n, d)."""
        return np.asarray(self._matrix[self.rows(keys)])

    def search(self, query: NDArray[np.float32], rows: RowArray, k: int) -> list[tuple[int, float]]:
        """The ``k`` nearest by cosine of the passages in ``rows`` (from ``rows(keys)``).

        Gives ``(position in rows, score)``, best first, ties by position.
        """
        scores = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), SCAN_ROWS):
            block = rows[start : start + SCAN_ROWS]
            first, last = int(block[0]), int(block[-1]) + 1
            contiguous = last - first == len(block) and bool((np.diff(block) == 1).all())
            scores[start : start + len(block)] = (
                self._matrix[first:last] if contiguous else self._matrix[block]
            ) @ query
        return [(int(row), float(scores[row])) for row in top_rows(scores, k)]

    def _load(self) -> None:
        self._rows, self._matrix = {}, np.empty((0, 0), np.float32)
        manifest = self._manifest()
        if manifest is None:
            return
        dimension = int(manifest["dimension"])
        vectors, keys = self._folder / "vectors.f32", self._folder / "keys.txt"
        if not vectors.is_file() or not keys.is_file():
            return
        names = keys.read_text(encoding="utf-8").split("\n")[:-1]  # what follows the last newline is torn
        count = min(len(names), vectors.stat().st_size // (4 * dimension))
        if count:
            self._matrix = np.memmap(vectors, np.float32, mode="r", shape=(count, dimension))
            self._rows = {name: row for row, name in enumerate(names[:count])}

    def _manifest(self) -> dict[str, Any] | None:
        try:
            manifest: dict[str, Any] = json.loads((self._folder / "manifest.json").read_text(encoding="utf-8"))
            known = {key: manifest[key] for key in self._meaning} == self._meaning and int(manifest["dimension"]) > 0
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return manifest if known else None

    def _drop_torn_rows(self) -> None:
        """Cut both files to the rows that count, or begin anew where they belong to another model."""
        vectors, keys = self._folder / "vectors.f32", self._folder / "keys.txt"
        if not self._rows:
            for path in (self._folder / "manifest.json", vectors, keys):
                path.unlink(missing_ok=True)  # not truncated: a reader may still map the old file
            return
        for path, size in ((vectors, self._matrix.nbytes), (keys, sum(len(name.encode()) + 1 for name in self._rows))):
            if path.stat().st_size > size:
                os.truncate(path, size)

    def _append(self, names: Sequence[str], vectors: NDArray[np.float32]) -> None:
        try:
            if not (self._folder / "manifest.json").is_file():
                atomic_write_json(self._folder / "manifest.json", {**self._meaning, "dimension": vectors.shape[1]})
            _append_durably(self._folder / "vectors.f32", np.ascontiguousarray(vectors, np.float32).tobytes())
            _append_durably(self._folder / "keys.txt", "".join(f"{name}\n" for name in names).encode())
        except OSError as problem:
            free = shutil.disk_usage(self._folder).free // 1_000_000
            raise EnvironmentProblem(
                mark("The search index could not be written: {reason} ({free} MB are free)."),
                mark("Free some space and try again: what was encoded is kept."),
                reason=problem.strerror or str(problem),
                free=free,
            ) from problem


def _append_durably(path: Path, data: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Wait for the lock on ``path``; the system frees it when its holder dies."""
    with path.open("a+b") as stream:
        if sys.platform == "win32":
            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
