"""The share of the tuned weights is the best on dev, found with few searches."""

from __future__ import annotations

import pytest

from embtrainer_gui.ml.final_model import best_share

NAN = float("nan")


@pytest.mark.parametrize(
    ("curve", "share", "searched"),
    [
        ({0: 0.1, 0.5: 0.2, 1: 0.6}, 1, [0.5]),  # bent down so far that no mixture can win
        ({0: 0.1, 0.5: 0.5, 0.75: 0.58, 1: 0.6}, 1, [0.5, 0.75]),
        ({0: 0.1, 0.5: 0.58, 0.75: 0.65, 1: 0.6}, 0.75, [0.5, 0.75]),
        ({0: 0.1, 0.5: 0.65, 0.75: 0.62, 0.25: 0.4, 1: 0.6}, 0.5, [0.5, 0.75, 0.25]),
        ({0: 0.5, 0.5: 0.65, 0.75: 0.62, 0.25: 0.7, 1: 0.6}, 0.25, [0.5, 0.75, 0.25]),
        ({0: 0.5, 0.5: 0.2, 1: 0.3}, 0, [0.5]),
        ({0: 0.5, 0.5: 0.52, 0.25: 0.6, 1: 0.3}, 0.25, [0.5, 0.25]),
        ({0: 0.5, 0.5: NAN, 1: 0.6}, 1, [0.5]),
        ({0: 0.5, 0.5: 0.6, 0.75: NAN, 1: 0.6}, 1, [0.5, 0.75]),  # of equals the plain model
        ({0: 0.5, 0.5: 0.5, 1: 0.5}, 0, [0.5]),
    ],
)
def test_that_the_best_share_is_found_with_the_searches_that_can_matter(
    curve: dict[float, float], share: float, searched: list[float]
) -> None:
    asked: list[float] = []

    def score(at: float) -> tuple[float, dict[str, float]]:
        asked.append(at)
        return curve[at], {"ndcg@10": curve[at]}

    found, metrics = best_share(score, curve[0], curve[1])
    assert (found, asked) == (share, searched)
    assert metrics == ({} if share in (0, 1) else {"ndcg@10": curve[share]})
