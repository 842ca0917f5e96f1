"""What a run must not forget: the untrained model's ranking of general questions.

For each batch, a few general questions are ranked over its passages; the loss is the Kullback-Leibler divergence from
the untrained model's ranking to the tuned one's (learning without forgetting, Li and Hoiem 2016, arXiv 1606.09282,
with a ranking in the place of classes).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn.functional import kl_div, log_softmax

from embtrainer_gui.core.report import Reporter
from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.encoder import encode_tokens
from embtrainer_gui.ml.part_reporter import PartReporter
from embtrainer_gui.ml.tokens import TokenisedTexts

PER_PASSAGE = 2  # general questions drawn for each passage of a batch


class Anchor:
    """The untrained model's vectors of general ``questions``, each with the row of its passage, and of all passages."""

    def __init__(
        self,
        untrained: SentenceTransformer,
        questions: Sequence[tuple[str, int]],
        passages: TokenisedTexts,
        seed: int,
        bfloat16: bool,
        reporter: Reporter,
    ) -> None:
        ordered = sorted(questions, key=lambda question: question[1])
        self.questions = TokenisedTexts(untrained, [question for question, _ in ordered], "query")
        rows = np.array([row for _, row in ordered], dtype=np.int64)
        self._start = np.searchsorted(rows, np.arange(len(passages) + 1))
        self._seed = seed
        quiet = PartReporter(reporter)
        with torch.autocast(untrained.device.type, torch.bfloat16, enabled=bfloat16):
            self._asked = torch.from_numpy(encode_tokens(untrained, self.questions, "query", quiet))
            self._passages = torch.from_numpy(encode_tokens(untrained, passages, "document", quiet))

    def draw(self, passages: IntArray) -> IntArray:
        """Rows of general questions for a batch, a function of the batch and the seed alone."""
        rng = np.random.default_rng((self._seed, *passages.tolist()))
        first, last = self._start[passages], self._start[passages + 1]
        having = np.repeat(np.flatnonzero(last > first), PER_PASSAGE)
        return rng.integers(first[having], last[having]) if len(having) else np.empty(0, np.int64)

    def divergence(self, drawn: IntArray, asked: Tensor, rows: IntArray, passages: Tensor, scale: float) -> Tensor:
        """Mean over the questions; ``asked`` (q, d) and ``passages`` (p, d) are the tuned model's unit vectors."""
        device = passages.device
        before = self._asked[drawn].to(device) @ self._passages[rows].to(device).T * scale
        after = asked @ passages.T * scale
        return kl_div(log_softmax(after, 1), log_softmax(before, 1), reduction="batchmean", log_target=True)
