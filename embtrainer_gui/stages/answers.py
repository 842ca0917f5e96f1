"""The answers of accepted pairs as something to search, beside ``retrieval.Library`` with its passages."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import PairState, QAPair
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.passage_index import PassageIndex, open_index
from embtrainer_gui.ml.vector_index import PassageEncoder, VectorIndex
from embtrainer_gui.stages.passage_table import text_key
from embtrainer_gui.stages.retrieval import Library, ModelChoice
from embtrainer_gui.text.bm25 import Bm25Index


class AnswerLibrary:
    """Row n is ``pairs[n]``: accepted, of a passage in use. The vectors have a folder of their own.

    Raises:
        UserError: no pair is accepted.
    """

    def __init__(self, library: Library) -> None:
        self.library, self.project = library, library.project
        accepted = library.project.pairs.all(state=PairState.ACCEPTED)
        self.pairs: list[QAPair] = [pair for pair in accepted if pair.answer and pair.passage_id in library.row_of]
        if not self.pairs:
            raise UserError(
                mark("There are no answers to search: no question is accepted yet."),
                mark("Accept questions in Review, or search the passages."),
            )
        self.texts = [pair.answer for pair in self.pairs]
        self.keys = [text_key(text) for text in self.texts]
        self._lexical: Bm25Index | None = None

    def vectors(self, choice: ModelChoice, reporter: Reporter, encoder: PassageEncoder | None = None) -> VectorIndex:
        """As ``Library.vectors``."""
        fingerprint = choice.fingerprint()
        folder = self.library.index_folder / f"answers-{fingerprint[:16]}"
        index = VectorIndex(folder, fingerprint, choice.max_seq_length)
        if index.missing(self.keys):
            reporter.status(mark("Encoding answers..."))
            index.sync(self.keys, self.texts, lambda: encoder or choice.encoder(), reporter)
        return index

    def nearest(self, choice: ModelChoice, reporter: Reporter, encoder: PassageEncoder | None = None) -> PassageIndex:
        """As ``Library.nearest``."""
        index = self.vectors(choice, reporter, encoder)
        return open_index(index, index.rows(self.keys))

    def lexical(self) -> Bm25Index:
        """In memory: there are far fewer answers than passages."""
        if self._lexical is None:
            self._lexical = Bm25Index.build(self.texts)
        return self._lexical

    def rows_of(self, passages: Iterable[int]) -> NDArray[np.int64]:
        """The rows of pairs of these passages, in order."""
        wanted = set(passages)
        return np.array([row for row, pair in enumerate(self.pairs) if pair.passage_id in wanted], np.int64)
