"""BM25: ranks as the evaluation script beside the data does, with ties by row, and survives a save."""

from __future__ import annotations

import json
from pathlib import Path

import bm25s
import numpy as np
import pytest
import Stemmer

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.text.bm25 import Bm25Index

TEXTS = [
    "Rice grows in wet fields.",
    "Wheat grows in dry fields.",
    "Wheat grows in dry fields.",
    "Rust is a wheat disease.",
]


def test_that_the_best_row_comes_first_and_ties_by_row() -> None:
    index = Bm25Index.build(TEXTS)
    found = index.search("wheat on dry fields", 10)
    assert [row for row, _ in found] == [1, 2, 0, 3] or [row for row, _ in found] == [1, 2, 3, 0]
    assert found[0][1] == found[1][1]
    assert [row for row, _ in index.search("WHEAT diseases", 1)] == [3]


def test_that_a_query_without_a_known_word_finds_nothing() -> None:
    index = Bm25Index.build(TEXTS)
    for query in ("", "  ", "the of and", "zebra"):
        assert index.search(query, 5) == []
    for empty in (Bm25Index.build([]), Bm25Index.build(["", "the"])):
        assert empty.search("wheat", 5) == []


def test_that_many_queries_give_rows_and_scores_with_minus_one_for_none() -> None:
    rows, scores = Bm25Index.build(TEXTS).search_many(["rice", "zebra"], 3)
    assert rows.tolist() == [[0, -1, -1], [-1, -1, -1]]
    assert scores.shape == (2, 3)
    assert scores[0, 0] > 0 == scores[1].sum()


def test_that_a_saved_index_gives_the_same_and_replaces_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    Bm25Index.build(["something else"]).save(folder)
    index = Bm25Index.build(TEXTS)
    index.save(folder)
    assert Bm25Index.load(folder).search("dry wheat", 4) == index.search("dry wheat", 4)
    assert list(tmp_path.iterdir()) == [folder]
    assert not [path for path in folder.rglob("*") if path.suffix in (".pkl", ".pickle")]
    Bm25Index.build([""]).save(folder)
    assert Bm25Index.load(folder).search("wheat", 4) == []


def test_that_a_broken_index_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with pytest.raises(EnvironmentProblem):
        Bm25Index.load(folder)
    Bm25Index.build(TEXTS).save(folder)
    for path in folder.rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(EnvironmentProblem):
        Bm25Index.load(folder)


def test_that_it_ranks_as_the_library_does_on_a_real_corpus(shared_data: Path) -> None:
    folder = shared_data / "qa" / "covidqa"
    texts = [json.loads(line)["text"] for line in (folder / "corpus.jsonl").open(encoding="utf-8")]
    queries = [json.loads(line)["text"] for line in (folder / "queries.jsonl").open(encoding="utf-8")][:100]
    stem = Stemmer.Stemmer("english")
    judge = bm25s.BM25()
    judge.index(bm25s.tokenize(texts, stopwords="en", stemmer=stem, show_progress=False), show_progress=False)
    expected = judge.retrieve(bm25s.tokenize(queries, stopwords="en", stemmer=stem, show_progress=False), k=10,
                              show_progress=False)  # fmt: skip
    _, scores = Bm25Index.build(texts).search_many(queries, 10)
    np.testing.assert_allclose(scores, expected.scores, rtol=1e-5)
