import torch
from sentence_transformers.util import cos_sim
from torch.nn.functional import cross_entropy, normalize

from embtrainer_gui.ml.losses import multiple_negatives_ranking_loss


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
