"""Lexical ranking with BM25 (bm25s, English stop words and stems): the row that a tuned model has to beat."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.translate import mark


class Bm25Index:
    """Rows are those of the texts that it was built from."""

    def __init__(self, index: bm25s.BM25 | None, rows: int) -> None:
        self._index = index  # None: no text holds a word
        self._rows = rows

    @classmethod
    def build(cls, texts: Sequence[str]) -> Bm25Index:
        words = stems(texts)
        if not any(words):
            return cls(None, len(texts))
        index = bm25s.BM25()
        index.index(words, show_progress=False)
        return cls(index, len(texts))

    def save(self, folder: Path) -> None:
        """Replace what is in ``folder``: a whole new index takes the place of the old one.

        Raises:
            EnvironmentProblem: the folder cannot be written.
        """
        draft = folder.with_name(f".{folder.name}.part")
        old = folder.with_name(f".{folder.name}.old")
        try:
            shutil.rmtree(draft, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
            draft.mkdir(parents=True)
            (draft / "rows").write_text(str(self._rows), encoding="utf-8")
            if self._index is not None:
                self._index.save(str(draft / "index"), show_progress=False)
            if folder.exists():
                folder.rename(old)
            draft.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
        except OSError as problem:
            raise EnvironmentProblem(
                mark("The search index cannot be written to {path}: {detail}."),
                mark("Free some space on the disk of the project and try again."),
                path=folder,
                detail=problem.strerror or problem,
            ) from problem

    @classmethod
    def load(cls, folder: Path) -> Bm25Index:
        """Read what ``save`` wrote; no pickles.

        Raises:
            EnvironmentProblem: there is no whole index; build it again.
        """
        try:
            rows = int((folder / "rows").read_text(encoding="utf-8"))
            if not (folder / "index").is_dir():
                return cls(None, rows)
            return cls(bm25s.BM25.load(str(folder / "index"), load_corpus=False, mmap=False, allow_pickle=False), rows)
        except (OSError, ValueError, KeyError, EOFError) as problem:
            raise EnvironmentProblem(
                mark("The search index in {path} is damaged: {detail}."),
                mark("Delete that folder; it is made again."),
                path=folder,
                detail=problem,
            ) from problem

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        """``(row, score)`` of the ``k`` best rows that share a word with ``query``, ties by row."""
        rows, scores = self.search_many([query], k)
        return [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]

    def search_many(self, queries: Sequence[str], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows (n, k) and scores (n, k), best first, ties by row; -1 where fewer rows share a word."""
        rows = np.full((len(queries), k), -1, dtype=np.int64)
        found = np.zeros((len(queries), k), dtype=np.float32)
        for number, query in enumerate(queries):
            scores = self.scores(query)
            best = _top(scores, k)
            rows[number, : len(best)] = best
            found[number, : len(best)] = scores[best]
        return rows, found

    def scores(self, query: str) -> NDArray[np.float32]:
        """The score (n,) of every row, 0 where no word is shared."""
        return self._scores(stems([query])[0])

    def parts(self, query: str, row: int) -> list[tuple[str, float]]:
        """What each stem of ``query`` adds to the score of ``row``, the most first; those that add nothing are left
        out."""
        counts = Counter(stems([query])[0])
        found = [(word, count * float(self._scores([word])[row])) for word, count in counts.items()]
        return sorted(((word, score) for word, score in found if score > 0), key=lambda one: (-one[1], one[0]))

    def _scores(self, words: Sequence[str]) -> NDArray[np.float32]:
        known = [word for word in words if word in self._index.vocab_dict] if self._index else []
        if self._index is None or not known:
            return np.zeros(self._rows, dtype=np.float32)
        return np.asarray(self._index.get_scores(known), dtype=np.float32)


def stems(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text as they are compared: as stems, without stop words."""
    stemmer = Stemmer.Stemmer("english")
    found: list[list[str]] = bm25s.tokenize(
        list(texts), stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False
    )
    return found


def _top(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    candidates = np.flatnonzero(scores > 0)
    if len(candidates) > k:  # keep all that tie with the last one, so that ties are broken by row
        bar = np.partition(scores[candidates], len(candidates) - k)[len(candidates) - k]
        candidates = candidates[scores[candidates] >= bar]
    return candidates[np.lexsort((candidates, -scores[candidates]))][:k]
