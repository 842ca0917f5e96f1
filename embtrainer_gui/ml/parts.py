"""What a run learns beside question and passage, each with its weight: answers, titles and excerpts found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sentence_transformers import SentenceTransformer
from torch import Tensor

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.answers import Answers
from embtrainer_gui.ml.batching import IntArray
from embtrainer_gui.ml.excerpts import Excerpts
from embtrainer_gui.ml.matryoshka import Loss, averaged
from embtrainer_gui.ml.part import Part
from embtrainer_gui.ml.titles import Titles
from embtrainer_gui.ml.tokens import Task, TokenisedTexts
from embtrainer_gui.ml.training_set import Batch, TrainingSet

Embed = Callable[[TokenisedTexts, IntArray, Task], Tensor]


@dataclass(frozen=True, slots=True)
class EncodedPart:
    """A part with the vectors that a batch gives it."""

    name: str
    weight: float
    loss: Loss
    asked: Tensor
    documents: Tensor


class Parts:
    """The parts that ``config`` gives a weight and ``data`` has texts for; a warning says where it has none."""

    def __init__(self, model: SentenceTransformer, data: TrainingSet, config: TrainConfig, reporter: Reporter) -> None:
        self._dimensions = config.matryoshka
        self._parts: list[Part] = []
        if config.answer_weight and any(data.spans):
            self._parts.append(Answers(model, data, config))
        elif config.answer_weight:
            reporter.warn(mark("No question has an answer, so answer_weight has no effect."))
        if config.title_weight and len(data.titles) > 1:
            self._parts.append(Titles(model, data, config))
        elif config.title_weight:
            reporter.warn(mark("Fewer than two training papers have a title, so title_weight has no effect."))
        if config.excerpt_weight:
            self._parts.append(Excerpts(model, data, config))

    def encoded(self, batch: Batch, questions: Tensor, passages: Tensor, embed: Embed) -> list[EncodedPart]:
        """Those that have something in this batch; with the vectors of its questions and of its passages."""
        found = []
        for part in self._parts:
            wanted = part.of(batch)
            if wanted is None:
                continue
            asked = embed(*wanted.asked, "query") if wanted.asked else questions
            documents = embed(*wanted.documents, "document") if wanted.documents else passages
            loss = averaged(wanted.loss, self._dimensions)
            found.append(EncodedPart(part.name, part.weight, loss, asked, documents))
        return found


def with_parts(total: Tensor, parts: Sequence[EncodedPart], size: float) -> tuple[Tensor, dict[str, float]]:
    """``total`` and the weighted losses of ``parts``, each times ``size``; and each of them by its name."""
    told = {}
    for part in parts:
        loss = part.loss(part.asked, part.documents)
        total, told[part.name] = total + part.weight * size * loss, loss.item()
    return total, told
