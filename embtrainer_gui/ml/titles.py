"""Title and abstract: the title of a paper finds its abstract among those of other papers, drawn for each batch."""

from __future__ import annotations

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.training_memory import TITLES_A_BATCH
from embtrainer_gui.ml.losses import multiple_negatives_ranking_loss
from embtrainer_gui.ml.part import PartLoss
from embtrainer_gui.ml.tokens import TokenisedTexts
from embtrainer_gui.ml.training_set import Batch, TrainingSet


class Titles:
    """The texts are without the title that passages begin with elsewhere: else its words alone would tell."""

    name = "title_loss"

    def __init__(self, model: SentenceTransformer, data: TrainingSet, config: TrainConfig) -> None:
        self.weight, self._scale, self._seed = config.title_weight, config.scale, config.seed
        self._titles = TokenisedTexts(model, [title for title, _, _ in data.titles], "query")
        self._texts = TokenisedTexts(model, [text for _, text, _ in data.titles], "document")
        self._groups = np.array([group for _, _, group in data.titles], np.int64)

    def of(self, batch: Batch) -> PartLoss:
        rng = np.random.default_rng((self._seed, *batch.passages.tolist()))
        count = min(TITLES_A_BATCH, len(self._groups))
        rows = rng.choice(len(self._groups), count, replace=False)
        own = np.arange(count)
        alike = self._groups[rows][:, None] == self._groups[rows][None, :]
        alike[own, own] = False

        def loss(titles: Tensor, texts: Tensor) -> Tensor:
            place, out = (torch.from_numpy(a).to(texts.device) for a in (own, alike))
            return multiple_negatives_ranking_loss(titles, texts, place, place, out, self._scale)

        return PartLoss((self._titles, rows), (self._texts, rows), loss)
