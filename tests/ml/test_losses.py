import pytest
import torch
from sentence_transformers.sentence_transformer import losses as library
from sentence_transformers.util import cos_sim
from torch.nn.functional import cross_entropy, normalize

from embtrainer_gui.ml.losses import (
    contrastive_loss,
    cosine_similarity_loss,
    multiple_negatives_ranking_loss,
    online_contrastive_loss,
)


def vectors(count: int, seed: int) -> torch.Tensor:
    return normalize(torch.randn(count, 16, generator=torch.Generator().manual_seed(seed)), dim=1)


def test_that_one_question_a_passage_gives_the_loss_of_the_library() -> None:
    questions, passages = vectors(6, 0), vectors(6, 1)
    expected = cross_entropy(cos_sim(questions, passages) * 20, torch.arange(6))
    rows = torch.arange(6)
    loss = multiple_negatives_ranking_loss(questions, passages, rows, rows, torch.zeros(6, 6, dtype=torch.bool), 20.0)
    assert torch.allclose(loss, expected)


def test_that_siblings_share_a_column_and_masked_passages_leave_the_sum() -> None:
    questions, passages = vectors(3, 0), vectors(4, 1)
    asked, positive = torch.tensor([0, 1, 2, 2]), torch.tensor([0, 0, 1, 3])
    masked = torch.zeros(4, 4, dtype=torch.bool)
    masked[2, 3] = masked[3, 1] = True
    scores = (questions @ passages.T * 10).exp()
    picked = [
        scores[0, 0] / scores[0].sum(),
        scores[1, 0] / scores[1].sum(),
        scores[2, 1] / (scores[2].sum() - scores[2, 3]),
        scores[2, 3] / (scores[2].sum() - scores[2, 1]),
    ]
    expected = -torch.stack(picked).log().mean()
    assert torch.allclose(multiple_negatives_ranking_loss(questions, passages, asked, positive, masked, 10.0), expected)


def test_that_hard_negatives_as_further_columns_give_the_loss_of_the_library() -> None:
    questions, passages, hard = vectors(6, 0), vectors(6, 1), vectors(6, 2)
    plain = library.MultipleNegativesRankingLoss(None, scale=20.0)
    expected = plain.compute_loss_from_embeddings([questions, passages, hard], None)
    rows, masked = torch.arange(6), torch.zeros(6, 12, dtype=torch.bool)
    columns = torch.cat([passages, hard])
    assert torch.allclose(multiple_negatives_ranking_loss(questions, columns, rows, rows, masked, 20.0), expected)


MIXED = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize("labels", [MIXED, [1.0] * 8, [0.0] * 8], ids=["mixed", "all right", "all wrong"])
@pytest.mark.parametrize("margin", [0.2, 0.5, 1.2])
def test_that_the_contrastive_losses_and_their_gradients_are_those_of_the_library(
    labels: list[float], margin: float
) -> None:
    told = torch.tensor(labels)
    for ours, theirs in (
        (contrastive_loss, library.ContrastiveLoss(None, margin=margin)),
        (online_contrastive_loss, library.OnlineContrastiveLoss(None, margin=margin)),
    ):
        questions, passages = vectors(8, 3).requires_grad_(), vectors(8, 4)
        loss = ours((questions * passages).sum(1), told, margin)
        found = torch.autograd.grad(loss, questions)[0]
        same = questions.detach().clone().requires_grad_()
        expected = theirs.compute_loss_from_embeddings([same, passages], told)
        assert torch.allclose(loss, expected, atol=1e-6)
        wanted = torch.autograd.grad(expected, same)[0]
        along = (wanted * same).sum(1, keepdim=True) * same  # theirs normalises, so it has no part along the vector
        ours_across = found - (found * questions).sum(1, keepdim=True) * questions
        assert torch.allclose(ours_across, wanted - along, atol=1e-5)


def test_that_the_cosine_loss_is_that_of_the_library() -> None:
    questions, passages, grades = vectors(8, 5), vectors(8, 6), torch.linspace(-0.2, 1, 8)
    expected = library.CosineSimilarityLoss(None).compute_loss_from_embeddings([questions, passages], grades)
    assert torch.allclose(cosine_similarity_loss((questions * passages).sum(1), grades), expected, atol=1e-7)
