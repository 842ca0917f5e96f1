"""Vectors of passages on disk: encoded once per content hash, memory-mapped, searched exactly. Needs no torch."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.files import atomic_write, atomic_write_json
from embtrainer_gui.core.report import Reporter, Silent
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.part_reporter import PartReporter
from embtrainer_gui.ml.ranking import RowArray, top_rows
from embtrainer_gui.ml.row_keys import KEY_BYTES, KeyArray, RowKeys, first_of_each, key_array

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

CHUNK = 512
SCAN_ROWS = 65_536


class PassageEncoder(Protocol):
    """What ``sync`` needs of an encoder: float32 (n, d), L2-normalised."""

    def encode_passages(self, texts: Sequence[str], reporter: Reporter = ...) -> NDArray[np.float32]: ...


@runtime_checkable
class ShardEncoder(Protocol):
    """Encodes several shards side by side; what it gives is that of ``encode_passages`` for each, in order."""

    def encode_shards(self, shards: Iterable[Sequence[str]]) -> Iterator[NDArray[np.float32]]: ...


class Texts(Protocol):
    """Texts by their number: a list, or something that reads them one by one."""

    def __getitem__(self, row: int, /) -> str: ...


class VectorIndex:
    """The vectors of one model in ``folder``: ``vectors.f32`` (rows of d float32), ``keys.bin``, ``manifest.json``.

    ``fingerprint`` (of the model) and ``max_seq_length`` say what the vectors mean: others on disk are ignored and
    rebuilt by the next ``sync``. A row counts once its key is on disk, and keys are written after their vectors,
    so a kill loses at most the chunk in work. Readers never write; writers take turns on a lock file. Both files are
    memory-mapped, so opening takes no longer for more rows.
    """

    def __init__(self, folder: Path, fingerprint: str, max_seq_length: int) -> None:
        self.folder = folder
        self._meaning = {"fingerprint": fingerprint, "max_seq_length": max_seq_length}
        self._keys = RowKeys(np.empty((0, 2), np.uint64))
        self.matrix: NDArray[np.float32] = np.empty((0, 0), np.float32)
        self._load()

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> KeyArray:
        """Of each row, (n, 2)."""
        return self._keys.keys

    def missing(self, keys: Sequence[str] | KeyArray) -> int:
        """How many distinct ``keys`` have no vector yet."""
        wanted = key_array(keys)
        return len(first_of_each(wanted[self._keys.find(wanted) < 0]))

    def sync(
        self,
        keys: Sequence[str] | KeyArray,
        texts: Texts,
        encoder_factory: Callable[[], PassageEncoder | ShardEncoder],
        reporter: Reporter | None = None,
    ) -> int:
        """Encode the texts whose key is new and return how many; the encoder is only made if there are any.

        Raises Cancelled (the chunks that are done stay) and EnvironmentProblem if the disk refuses.
        """
        reporter = reporter or Silent()
        wanted = key_array(keys)
        if not self.missing(wanted):
            return 0
        self.folder.mkdir(parents=True, exist_ok=True)
        with _locked(self.folder / "lock"):
            self._adopt_named_keys()
            self._load()
            self._drop_torn_rows()
            new = np.flatnonzero(self._keys.find(wanted) < 0)
            new = new[first_of_each(wanted[new])]
            chunks = [new[start : start + CHUNK] for start in range(0, len(new), CHUNK)]
            shards = ([texts[int(row)] for row in chunk] for chunk in chunks)
            found = _encoded(encoder_factory(), shards, reporter, len(new)) if chunks else ()
            for chunk, vectors in zip(chunks, found, strict=True):
                self._append(wanted[chunk], vectors)
            self._load()
        reporter.progress(len(new), len(new))
        return len(new)

    def rows(self, keys: Sequence[str] | KeyArray) -> RowArray:
        """Rows in the index of ``keys`` (n,); KeyError for a key that was not synced."""
        found = self._keys.find(key_array(keys))
        if len(found) and found.min() < 0:
            raise KeyError(f"{(found < 0).sum()} texts were not encoded")
        return found

    def vectors(self, keys: Sequence[str] | KeyArray) -> NDArray[np.float32]:
        """The vectors of ``keys``, (n, d), not to be written to: a window on the file where they lie in this order."""
        return self._block(self.rows(keys))

    def read(self, rows: RowArray) -> NDArray[np.float32]:
        """Copies of the vectors of some ``rows``, (n, d).

        Read, not mapped: around each page of a mapped file the system maps its neighbours, and in the end all of it.
        """
        found = np.empty((len(rows), self.matrix.shape[1]), np.float32)
        with self._files()[0].open("rb", buffering=0) as file:
            for place, row in enumerate(rows.tolist()):
                file.seek(row * found.itemsize * found.shape[1])
                file.readinto(found[place].data)
        return found

    def search(self, query: NDArray[np.float32], rows: RowArray, k: int) -> list[tuple[int, float]]:
        """The ``k`` nearest by cosine of the passages in ``rows`` (from ``rows(keys)``).

        Gives ``(position in rows, score)``, best first, ties by position.
        """
        scores = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), SCAN_ROWS):
            block = rows[start : start + SCAN_ROWS]
            scores[start : start + len(block)] = self._block(block) @ query
        return [(int(row), float(scores[row])) for row in top_rows(scores, k)]

    def _block(self, rows: RowArray) -> NDArray[np.float32]:
        if len(rows):
            first, last = int(rows[0]), int(rows[-1]) + 1
            if last - first == len(rows) and bool((np.diff(rows) == 1).all()):
                return np.asarray(self.matrix[first:last])
        return np.asarray(self.matrix[rows])

    def _load(self) -> None:
        self._keys, self.matrix = RowKeys(np.empty((0, 2), np.uint64)), np.empty((0, 0), np.float32)
        manifest = self._manifest()
        if manifest is None:
            return
        dimension = int(manifest["dimension"])
        vectors, keys = self._files()
        if not vectors.is_file() or not keys.is_file():
            return
        count = min(keys.stat().st_size // KEY_BYTES, vectors.stat().st_size // (4 * dimension))
        if count:
            self.matrix = np.memmap(vectors, np.float32, mode="r", shape=(count, dimension))
            self._keys = RowKeys(np.memmap(keys, np.uint64, mode="r", shape=(count, 2)))

    def _files(self) -> tuple[Path, Path]:
        return self.folder / "vectors.f32", self.folder / "keys.bin"

    def _manifest(self) -> dict[str, Any] | None:
        try:
            manifest: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
            known = {key: manifest[key] for key in self._meaning} == self._meaning and int(manifest["dimension"]) > 0
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return manifest if known else None

    def _adopt_named_keys(self) -> None:
        """Earlier versions kept the keys as lines of text; what was encoded then is not encoded again."""
        named, (_, keys) = self.folder / "keys.txt", self._files()
        if not named.is_file():
            return
        if not keys.is_file():
            whole = named.read_text(encoding="utf-8").split("\n")[:-1]  # what follows the last newline is torn
            atomic_write(keys, lambda file: _put(file, key_array(whole).tobytes()))
        named.unlink()

    def _drop_torn_rows(self) -> None:
        """Cut both files to the rows that count, or begin anew where they belong to another model."""
        if not len(self):
            for path in (self.folder / "manifest.json", *self._files()):
                path.unlink(missing_ok=True)  # not truncated: a reader may still map the old file
            return
        for path, size in zip(self._files(), (self.matrix.nbytes, self._keys.keys.nbytes), strict=True):
            if path.stat().st_size > size:
                os.truncate(path, size)

    def _append(self, keys: KeyArray, vectors: NDArray[np.float32]) -> None:
        vector_file, key_file = self._files()
        try:
            if not (self.folder / "manifest.json").is_file():
                atomic_write_json(self.folder / "manifest.json", {**self._meaning, "dimension": vectors.shape[1]})
            _append_durably(vector_file, np.ascontiguousarray(vectors, np.float32).tobytes())
            _append_durably(key_file, keys.tobytes())
        except OSError as problem:
            free = shutil.disk_usage(self.folder).free // 1_000_000
            raise EnvironmentProblem(
                mark("The search index could not be written: {reason} ({free} MB are free)."),
                mark("Free some space and try again: what was encoded is kept."),
                reason=problem.strerror or str(problem),
                free=free,
            ) from problem


def _encoded(
    encoder: PassageEncoder | ShardEncoder, shards: Iterator[list[str]], reporter: Reporter, total: int
) -> Iterator[NDArray[np.float32]]:
    done = 0
    if isinstance(encoder, ShardEncoder):
        for vectors in encoder.encode_shards(shards):
            yield vectors
            done += len(vectors)
            reporter.progress(done, total)
        return
    for shard in shards:
        yield encoder.encode_passages(shard, PartReporter(reporter, done, total))
        done += len(shard)


def _put(file: BinaryIO, data: bytes) -> None:
    file.write(data)


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
