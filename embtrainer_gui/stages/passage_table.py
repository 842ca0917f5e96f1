"""Which passages are searched and by what each is known in the vector index: two columns instead of all the texts."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.files import atomic_write
from embtrainer_gui.core.found_file import TABLE_FILE
from embtrainer_gui.core.store import Project
from embtrainer_gui.ml.kept_arrays import kept_arrays
from embtrainer_gui.ml.row_keys import KEY_BYTES, KeyArray

KEPT_FROM = 20_000  # passages; reading fewer takes less than half a second
LOOKED_AT = 64


@dataclass(frozen=True, slots=True)
class PassageTable:
    """``ids`` (n,) of the passages in use in reading order, and ``keys`` (n, 2) of what is searched of each."""

    ids: NDArray[np.int64]
    keys: KeyArray


def searchable(title: str, text: str) -> str:
    """What models and BM25 read of a passage: its paper's title, then its text; the same in every stage."""
    return f"{title} {text}".strip()


def text_key(text: str) -> str:
    """What a passage is known by in the vector index: its text, not its place."""
    return _digest(text).hex()


def passage_table(project: Project, folder: Path) -> PassageTable:
    """Read from the passages, or from what ``folder`` keeps of a large project as long as nothing changed."""
    if project.passages.count_in_use() < KEPT_FROM:
        return _read(project)
    file, stamp = folder / TABLE_FILE, project.passages.searched_stamp()
    table = _kept(file, stamp)
    if table is None or not _is_true(project, table):
        table = _read(project)
        with contextlib.suppress(EnvironmentProblem):  # it is read again at the next search
            folder.mkdir(parents=True, exist_ok=True)
            atomic_write(file, lambda out: np.savez(out, stamp=stamp, ids=table.ids, keys=table.keys))
    return table


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=KEY_BYTES).digest()


def _read(project: Project) -> PassageTable:
    ids: list[int] = []

    def digests() -> Iterator[bytes]:
        for id_, title, text in project.passages.searched():
            ids.append(id_)
            yield _digest(searchable(title, text))

    keys = np.frombuffer(b"".join(digests()), np.uint64).reshape(-1, 2)
    return PassageTable(np.array(ids, np.int64), keys)


def _kept(file: Path, stamp: str) -> PassageTable | None:
    kept = kept_arrays(file)
    if not kept.keys() >= {"stamp", "ids", "keys"} or str(kept["stamp"]) != stamp:
        return None
    table = PassageTable(kept["ids"], kept["keys"])
    shapes = table.ids.ndim == 1 and table.keys.shape == (table.ids.size, 2)
    whole = shapes and table.ids.dtype == np.int64 and table.keys.dtype == np.uint64
    return table if whole else None


def _is_true(project: Project, table: PassageTable) -> bool:
    """Some passages read again: were the stamp ever wrong, hits would show other texts than were encoded."""
    rows = np.linspace(0, len(table.ids) - 1, LOOKED_AT).astype(int) if len(table.ids) else np.empty(0, int)
    texts = project.passages.searched_texts(table.ids[rows].tolist())
    return all(
        _digest(searchable(*texts.get(int(table.ids[row]), ("", "")))) == table.keys[row].tobytes() for row in rows
    )
