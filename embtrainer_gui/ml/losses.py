"""The contrastive loss over a batch in which every passage is encoded once for all its questions."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import cross_entropy


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
