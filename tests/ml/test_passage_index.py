"""Searching a large library by codes finds what a scan of all vectors finds."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from embtrainer_gui.core.errors import Cancelled
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml import code_index, passage_index
from embtrainer_gui.ml.code_index import make_codes, open_codes
from embtrainer_gui.ml.kept_arrays import kept_arrays
from embtrainer_gui.ml.passage_index import ExactIndex, is_due, open_index
from embtrainer_gui.ml.row_keys import key_array
from embtrainer_gui.ml.vector_index import VectorIndex

ROWS, MORE, DIMENSION = 6000, 40, 64


class Numbers:
    """Texts that are numbers, and their vectors: near one of 50 subjects, with noise."""

    def __init__(self) -> None:
        generator = np.random.default_rng(5)
        subjects = generator.standard_normal((50, 12)) @ generator.standard_normal((12, DIMENSION))
        noisy = subjects[np.arange(ROWS + MORE) % 50] + 0.6 * generator.standard_normal((ROWS + MORE, DIMENSION))
        self.vectors = (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32)

    def __getitem__(self, row: int, /) -> str:
        return str(row)

    def encode_passages(self, texts: list[str], reporter: object = None) -> np.ndarray:
        return self.vectors[[int(text) for text in texts]]


NUMBERS = Numbers()
KEYS = key_array([f"{row * 7919 + 11:032x}" for row in range(ROWS + MORE)])


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passage_index, "LARGE", 1000)
    monkeypatch.setattr(passage_index, "FEW", 100)
    monkeypatch.setattr(code_index, "BLOCK", 1000)


def encoded(folder: Path, rows: int = ROWS) -> VectorIndex:
    index = VectorIndex(folder, "model", 256)
    index.sync(KEYS[:rows], NUMBERS, lambda: NUMBERS)
    return index


def questions(count: int) -> np.ndarray:
    generator = np.random.default_rng(9)
    asked = NUMBERS.vectors[generator.integers(0, ROWS, count)] + 0.05 * generator.standard_normal((count, DIMENSION))
    return (asked / np.linalg.norm(asked, axis=1, keepdims=True)).astype(np.float32)


def recall(found: passage_index.PassageIndex, right: passage_index.PassageIndex, within: np.ndarray | None) -> float:
    shares = []
    for question in questions(40):
        expected = dict(right.search(question, 10, within))
        got = dict(found.search(question, 10, within))
        assert len(got) == 10
        shares.append(len(expected.keys() & got.keys()) / 10)
        assert all(got[place] == pytest.approx(expected[place], abs=1e-6) for place in expected.keys() & got.keys())
    return float(np.mean(shares))


def test_that_codes_find_what_a_scan_of_all_vectors_finds(tmp_path: Path) -> None:
    vectors = encoded(tmp_path)
    rows = np.arange(ROWS)
    exact = open_index(vectors, rows)
    assert exact.how == "exact"
    assert is_due(exact, ROWS)
    made = make_codes(vectors, Silent())
    assert made.kept
    assert made.recall >= code_index.ENOUGH
    quick = open_index(VectorIndex(tmp_path, "model", 256), rows)
    assert quick.how == "approximate"
    assert not is_due(quick, ROWS)
    assert recall(quick, exact, None) >= 0.99
    assert recall(quick, exact, np.arange(0, ROWS, 3)) >= 0.99  # a filter that leaves many
    assert recall(quick, exact, np.arange(50, 90)) == 1  # and one that leaves few: scanned


def test_that_positions_are_those_of_the_library_with_twins_and_without_what_is_gone(tmp_path: Path) -> None:
    vectors = encoded(tmp_path)
    make_codes(vectors, Silent())
    rows = np.concatenate([np.arange(3000)[::-1], np.arange(500), np.arange(100)])  # half is gone, some stand thrice
    quick = open_index(vectors, rows)
    assert quick.how == "approximate"
    assert recall(quick, ExactIndex(vectors, rows), None) >= 0.99
    place = dict(quick.search(NUMBERS.vectors[7], 3))
    assert set(place) == {2992, 3007, 3507}


def test_that_hits_are_there_where_hardly_any_coded_passage_is_left(tmp_path: Path) -> None:
    vectors = encoded(tmp_path)
    make_codes(vectors, Silent())
    rows = np.repeat([1, 2, 3], 400)
    quick = open_index(vectors, rows)
    assert quick.how == "approximate"
    assert [place for place, _ in quick.search(NUMBERS.vectors[2], 400)] == list(range(400, 800))
    question = NUMBERS.vectors[25]
    farthest = np.argsort(NUMBERS.vectors[:ROWS] @ question)[:3]
    assert len(open_index(vectors, np.repeat(farthest, 400)).search(question, 10)) == 10


def test_that_new_passages_are_found_before_and_after_they_get_a_code(tmp_path: Path) -> None:
    make_codes(encoded(tmp_path), Silent())
    vectors = encoded(tmp_path, ROWS + MORE)
    for codes in (ROWS, ROWS + MORE):
        index = open_codes(vectors)
        assert index is not None
        assert index.rows == codes
        quick = open_index(vectors, np.arange(ROWS + MORE))
        for new in (ROWS, ROWS + MORE - 1):
            assert quick.search(NUMBERS.vectors[new], 1)[0][0] == new
        make_codes(vectors, Silent())


def test_that_many_new_passages_are_a_reason_to_make_codes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_codes(encoded(tmp_path), Silent())
    vectors = encoded(tmp_path, ROWS + MORE)
    assert not is_due(open_index(vectors, np.arange(ROWS + MORE)), ROWS + MORE)
    monkeypatch.setattr(passage_index, "UNSEEN", MORE - 1)
    assert is_due(open_index(vectors, np.arange(ROWS + MORE)), ROWS + MORE)


class StopsAt(Silent):
    def __init__(self, call: int) -> None:
        self._left = call

    def raise_if_cancelled(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Cancelled


def test_that_cancelling_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    vectors = encoded(tmp_path)
    before = sorted(os.listdir(tmp_path))
    stopped = 0
    for call in range(100):
        try:
            make_codes(vectors, StopsAt(call))
        except Cancelled:
            stopped += 1
            assert sorted(os.listdir(tmp_path)) == before
        else:
            break
    assert stopped >= 13  # 6 blocks coded, 6 scanned, and before the end
    assert open_codes(vectors) is not None


def test_that_codes_of_other_rows_or_damaged_ones_are_not_used(tmp_path: Path) -> None:
    made = encoded(tmp_path / "a")
    make_codes(made, Silent())
    whole = (tmp_path / "a" / code_index.FILE).read_bytes()
    other = VectorIndex(tmp_path / "b", "model", 256)
    other.sync(KEYS[ROWS:0:-1], NUMBERS, lambda: NUMBERS)
    (tmp_path / "b" / code_index.FILE).write_bytes(whole)
    assert open_codes(other) is None
    for place in (len(whole) // 3, len(whole) // 2):
        (tmp_path / "a" / code_index.FILE).write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        assert open_codes(made) is None
        (tmp_path / "a" / code_index.FILE).write_bytes(whole[:place])
        assert open_codes(made) is None
    (tmp_path / "a" / code_index.FILE).write_bytes(whole)
    assert open_codes(made) is not None


def test_that_arrays_that_are_larger_than_their_file_are_not_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "plain.npz", zeros=np.zeros(100_000))
    assert kept_arrays(tmp_path / "plain.npz")["zeros"].shape == (100_000,)
    np.savez_compressed(tmp_path / "packed.npz", zeros=np.zeros(100_000))
    assert kept_arrays(tmp_path / "packed.npz") == {}
    assert kept_arrays(tmp_path / "missing.npz") == {}


def test_that_vectors_which_cannot_be_told_apart_by_codes_stay_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code_index, "CANDIDATES", (10,))
    vectors = encoded(tmp_path)
    made = make_codes(vectors, Silent())
    assert not made.kept
    index = open_index(vectors, np.arange(ROWS))
    assert index.how == "exact"
    assert not is_due(index, ROWS)  # nobody is offered again what was tried


def test_that_codes_which_miss_too_much_of_a_grown_library_go_and_are_not_offered_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passage_index, "UNSEEN", MORE - 1)
    make_codes(encoded(tmp_path), Silent())
    vectors, rows = encoded(tmp_path, ROWS + MORE), np.arange(ROWS + MORE)
    before = open_index(vectors, rows)
    assert is_due(before, len(rows))
    with monkeypatch.context() as strict:
        strict.setattr(code_index, "ENOUGH", 1.01)
        assert not make_codes(vectors, Silent()).kept
    index = open_index(vectors, rows)
    assert index.how == "exact"
    assert not is_due(index, len(rows))
    assert not is_due(before, len(rows))
    make_codes(vectors, Silent())
    assert not code_index.codes_miss_too_much(vectors)  # what was kept since counts
