import os
import subprocess
import sys
import time

import numpy as np
import pytest

from embtrainer_gui.ml.batching import epoch_batches, micro_batches


def test_that_every_passage_comes_once_an_epoch_in_batches_of_like_size() -> None:
    batches = epoch_batches(range(1382), 32, seed=42, epoch=0)
    assert len(batches) == 44
    assert {len(batch) for batch in batches} == {31, 32}
    assert sorted(np.concatenate(batches).tolist()) == list(range(1382))


def test_that_order_depends_on_seed_and_epoch_and_on_nothing_else() -> None:
    def rows(seed: int, epoch: int) -> list[int]:
        return np.concatenate(epoch_batches(range(100), 8, seed, epoch)).tolist()

    assert rows(1, 0) == rows(1, 0)
    assert rows(1, 0) != rows(1, 1)
    assert rows(1, 0) != rows(2, 0)


@pytest.mark.parametrize("seed", range(5))
def test_that_near_duplicates_never_share_a_batch(seed: int) -> None:
    groups = np.random.default_rng(seed).integers(0, 120, 300)
    batches = epoch_batches(groups, 16, seed, epoch=3)
    assert all(len(set(groups[batch])) == len(batch) for batch in batches)
    assert sorted(np.concatenate(batches).tolist()) == list(range(300))


def test_that_a_group_larger_than_the_number_of_batches_takes_turns() -> None:
    groups = [0] * 50 + list(range(1, 31))
    seen: set[int] = set()
    for epoch in range(100):
        batches = epoch_batches(groups, 16, seed=0, epoch=epoch)
        assert len(batches) == 5
        assert all(sum(row < 50 for row in batch) <= 1 for batch in batches)
        assert {row for batch in batches for row in batch.tolist() if row >= 50} == set(range(50, 80))
        seen.update(row for batch in batches for row in batch.tolist())
    assert seen == set(range(80))


@pytest.mark.parametrize("alike", [2, 10])
def test_that_a_million_rows_are_batched_within_two_seconds_without_a_collision(alike: int) -> None:
    rows = np.arange(1_000_000)
    start = time.process_time()
    batches = epoch_batches(rows // alike, 64, seed=0, epoch=0, documents=rows // 40)
    assert time.process_time() - start < 2
    assert {len(batch) for batch in batches} == {64}
    found = np.sort(np.stack(batches) // alike, axis=1)
    assert (found[:, 1:] != found[:, :-1]).all()
    assert np.array_equal(np.sort(np.concatenate(batches)), rows)


@pytest.mark.parametrize("seed", range(30))
def test_that_documents_full_of_near_duplicates_of_any_number_still_make_batches(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count, size = int(rng.integers(2, 200)), int(rng.integers(2, 20))
    groups = rng.integers(0, rng.integers(1, count + 1), count)
    batches = epoch_batches(groups, size, seed, epoch=0, documents=rng.integers(0, 5, count))
    rows = np.concatenate(batches)
    assert all(len(set(groups[batch])) == len(batch) for batch in batches)
    assert max(map(len, batches)) <= size
    assert max(map(len, batches)) - min(map(len, batches)) <= 1
    assert len(set(rows.tolist())) == len(rows)
    kept = np.minimum(np.bincount(groups), len(batches))
    assert np.array_equal(np.bincount(groups[rows], minlength=len(kept)), kept)


def test_that_micro_batches_keep_the_budget_and_hold_every_text_once() -> None:
    lengths = np.random.default_rng(0).integers(3, 257, 500)
    parts = micro_batches(lengths, 2048)
    assert all(lengths[part].max() * len(part) <= 2048 for part in parts)
    assert sorted(np.concatenate(parts).tolist()) == list(range(500))
    padded = sum(int(lengths[part].max()) * len(part) for part in parts)
    assert padded < 1.06 * lengths.sum()
    assert [part.tolist() for part in micro_batches([5000, 10], 2048)] == [[0], [1]]


@pytest.mark.parametrize(("before", "after"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_that_waiting_threads_sleep_unless_the_user_says_otherwise(before: str | None, after: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    environment |= {"OMP_WAIT_POLICY": before} if before else {}
    code = "import os, embtrainer_gui.ml.batching; print(os.environ['OMP_WAIT_POLICY'])"
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == after


def test_that_passages_of_one_document_meet_in_a_batch_and_near_duplicates_still_do_not() -> None:
    documents = np.arange(640) // 40
    groups = np.arange(640)
    groups[1::40] = groups[0::40]  # two near-duplicates in every document
    batches = epoch_batches(groups, 32, seed=1, epoch=0, documents=documents)
    assert sorted(np.concatenate(batches).tolist()) == list(range(640))
    assert all(len(set(groups[batch])) == len(batch) for batch in batches)
    same = np.mean([(documents[batch][:, None] == documents[batch]).sum() / len(batch) for batch in batches])
    assert 6 < same < 12  # passages of a row's own document in its batch, itself included; by chance 3
