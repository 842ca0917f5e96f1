"""The losses of a batch in which every passage is encoded once for all its questions.

The formulas are those of sentence-transformers (losses/contrastive.py, online_contrastive.py, cosine_similarity.py and
multiple_negatives_ranking.py of version 6), on vectors instead of texts.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss, relu


def multiple_negatives_ranking_loss(
    questions: Tensor, passages: Tensor, asked: Tensor, positive: Tensor, masked: Tensor, scale: float
) -> Tensor:
    """Mean over the pairs of the cross-entropy of ``scale`` times the cosines with all passages of the batch.

    ``questions`` (u, d) and ``passages`` (p, d) are L2-normalised; pair i joins rows ``asked[i]`` and ``positive[i]``.
    A passage is one column however many questions it has, so its siblings are no negatives; ``masked`` (pairs, p)
    takes out other passages that answer the same question. This is MultipleNegativesRankingLoss (Henderson et al.
    2017, arXiv 1705.00652) with the repeated columns removed.
    """
    scores = (questions @ passages.T * scale)[asked].masked_fill(masked, float("-inf"))
    return cross_entropy(scores, positive)


def contrastive_loss(cosines: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Mean over the pairs (n,) of half the squared distance of those with label 1, and of half the square of what
    those with label 0 lack of ``margin``; the distance is 1 - cosine (Hadsell, Chopra and LeCun 2006)."""
    distances = 1 - cosines
    return (0.5 * (labels * distances.pow(2) + (1 - labels) * relu(margin - distances).pow(2))).mean()


def online_contrastive_loss(cosines: Tensor, labels: Tensor, margin: float) -> Tensor:
    """The sum, not the mean, of ``contrastive_loss`` without its half over the hard pairs alone: right ones that are
    farther apart than the nearest wrong one, and wrong ones nearer than the farthest right one."""
    distances = 1 - cosines
    wrong, right = distances[labels == 0], distances[labels == 1]
    hard_wrong = wrong[wrong < (right.max() if len(right) else wrong.mean())]
    hard_right = right[right > (wrong.min() if len(wrong) else right.mean())]
    return hard_right.pow(2).sum() + relu(margin - hard_wrong).pow(2).sum()


def cosine_similarity_loss(cosines: Tensor, labels: Tensor) -> Tensor:
    """Mean squared difference between the cosines (n,) and their ``labels``."""
    return mse_loss(cosines, labels)
