"""Spearman's correlation and its bootstrap are those of drawing and ranking anew, ties included."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from embtrainer_gui.ml.evaluate import bootstrap, resampled_means
from embtrainer_gui.ml.rank_correlation import midranks, resampled_spearman, spearman


def test_that_it_is_the_textbook_correlation_with_ties() -> None:
    rng = np.random.default_rng(1)
    one, two = rng.integers(0, 6, 80).astype(float), rng.normal(size=80)
    assert spearman(one, two) == pytest.approx(spearmanr(one, two).statistic)
    assert midranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]
    assert np.isnan(spearman(np.ones(5), np.arange(5.0)))


def test_that_a_draw_is_ranked_as_if_it_were_sorted_anew() -> None:
    rng = np.random.default_rng(2)
    gold, model = rng.integers(0, 4, 30).astype(float), rng.normal(size=30)
    found = resampled_spearman([model], gold, resamples=20, seed=7)[:, 0]
    drawn = np.random.default_rng(7).integers(0, 30, (20, 30))
    expected = [spearmanr(model[rows], gold[rows]).statistic for rows in drawn]
    assert found == pytest.approx(expected)


def test_that_columns_share_their_draws() -> None:
    rng = np.random.default_rng(3)
    values, groups = rng.random((40, 2)), [number // 5 for number in range(40)]
    means = resampled_means(values, groups, resamples=500, seed=4)
    alone = bootstrap(values[:, 1] - values[:, 0], groups, resamples=500, seed=4)
    assert np.percentile(means[:, 1] - means[:, 0], [2.5, 97.5]) == pytest.approx(alone)
    assert means.std(axis=0).min() > 0
