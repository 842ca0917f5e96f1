"""The searchable side of a project: the passages in use, their vectors for a model, and the lexical index."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import SearchModel, TrainConfig
from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.files import atomic_write_text
from embtrainer_gui.core.lineage import untrained_of_run
from embtrainer_gui.core.prompts import Prompts, prompts_of
from embtrainer_gui.core.records import Document, Passage
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.model_files import model_fingerprint
from embtrainer_gui.ml.passage_index import PassageIndex, open_index
from embtrainer_gui.ml.vector_index import PassageEncoder, ShardEncoder, VectorIndex
from embtrainer_gui.stages.passage_table import passage_table, searchable
from embtrainer_gui.stages.workplace import HERE, Workplace
from embtrainer_gui.text.bm25 import Bm25Index


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A dense model on this disk, and the one length and the prompts that it is used with everywhere."""

    folder: Path
    max_seq_length: int
    prompts: Prompts = Prompts()

    def encoder(self) -> DenseEncoder:
        return DenseEncoder(self)

    def fingerprint(self) -> str:
        """Changes whenever the vectors of passages could."""
        found = model_fingerprint(self.folder)
        if not self.prompts.passage:
            return found
        return hashlib.blake2b(f"{found} {self.prompts.passage}".encode(), digest_size=16).hexdigest()


class DenseEncoder:
    """An ``ml.encoder.Encoder`` that is loaded on first use: torch takes seconds to import."""

    def __init__(self, choice: ModelChoice) -> None:
        from embtrainer_gui.ml.encoder import Encoder

        self._encoder = Encoder(choice.folder, choice.max_seq_length, prompts=choice.prompts)

    def encode_passages(self, texts: Sequence[str], reporter: Reporter | None = None) -> NDArray[np.float32]:
        return self._encoder.encode_passages(texts, reporter)

    def encode_queries(self, texts: Sequence[str], reporter: Reporter | None = None) -> NDArray[np.float32]:
        return self._encoder.encode_queries(texts, reporter)


def base_choice(project: Project) -> ModelChoice:
    """The untrained model behind the newest run, with that run's prompts; the bundled one before any run."""
    run = project.runs.latest()
    if run is None:
        return ModelChoice(model_folder(TrainConfig().base_model), TrainConfig().max_seq_length)
    config = TrainConfig.model_validate(run.config)
    folder = untrained_of_run(run, project.runs.all(), project.models)
    return ModelChoice(folder, config.max_seq_length, prompts_of(config))


def tuned_choice(project: Project) -> ModelChoice:
    """The model of the newest finished run.

    Raises:
        UserError: there is none.
    """
    run = project.runs.latest()
    folder = project.models / run.name / "final_model" if run else None
    if run is None or folder is None or not folder.is_dir():
        raise UserError(
            mark("This project has no tuned model yet."),
            mark("Train one first: embtrainer train {path}"),
            path=project.folder,
        )
    return ModelChoice(folder, TrainConfig.model_validate(run.config).max_seq_length)


def choice_of(project: Project, model: SearchModel) -> ModelChoice:
    return base_choice(project) if model == "base" else tuned_choice(project)


TEXTS_AT_ONCE = 2000


class Library:
    """All passages in use of a project, in reading order; row n of everything below is ``passages[n]``.

    What a search needs is ``ids``, ``digests`` and ``passages_at``: the other columns hold every text, and are only
    read where somebody asks for them.

    Raises:
        UserError: the project has no passages.
    """

    def __init__(self, project: Project, workplace: Workplace = HERE) -> None:
        self.project, self._workplace = project, workplace
        self._scratch: TemporaryDirectory[str] | None = None
        table = passage_table(project, self.index_folder)
        if not len(table.ids):
            raise UserError(
                mark("The project {path} holds no passages to search."),
                mark("Import papers first: embtrainer import {path} FOLDER"),
                path=project.folder,
            )
        self.ids = table.ids
        self.digests = table.keys

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def passages(self) -> list[Passage]:
        passages = {passage.id: passage for passage in self.project.passages.in_use()}
        return [passages[id_] for id_ in self.ids.tolist()]

    @cached_property
    def document_of(self) -> dict[int, Document]:
        return {document.id: document for document in self.project.documents.all()}

    @cached_property
    def texts(self) -> list[str]:
        return [searchable(self.document_of[p.document_id].title, p.text) for p in self.passages]

    @cached_property
    def keys(self) -> list[str]:
        return [digest.tobytes().hex() for digest in self.digests]

    @cached_property
    def row_of(self) -> dict[int, int]:
        return {id_: row for row, id_ in enumerate(self.ids.tolist())}

    def passages_at(self, rows: Sequence[int]) -> list[Passage]:
        """The passages of some rows alone, in that order."""
        ids = self.ids[list(rows)].tolist()
        found = self.project.passages.get(ids)
        return [found[id_] for id_ in ids]

    def each_text(self) -> Iterator[str]:
        """What is searched of every row, one after the other."""
        for start in range(0, len(self), TEXTS_AT_ONCE):
            ids = self.ids[start : start + TEXTS_AT_ONCE].tolist()
            found = self.project.passages.searched_texts(ids)
            yield from (searchable(*found[id_]) for id_ in ids)

    def some_texts(self, count: int) -> list[str]:
        """The texts of at most ``count`` passages from all over the library: enough to tell rare words from others."""
        rows = np.unique(np.linspace(0, len(self) - 1, min(count, len(self))).astype(int))
        found = self.project.passages.searched_texts(self.ids[rows].tolist())
        return [searchable(title, text) for title, text in found.values()]

    @cached_property
    def index_folder(self) -> Path:
        """``index/`` of the project; a folder that vanishes with this process where that cannot be written."""
        if not self.project.read_only:
            return self.project.index
        self._scratch = TemporaryDirectory(prefix="embtrainer-index-")
        return Path(self._scratch.name)

    def vectors(self, choice: ModelChoice, reporter: Reporter, encoder: PassageEncoder | None = None) -> VectorIndex:
        """The vector index of a model, brought up to date: only passages whose text is new are encoded."""
        index = self._index(choice)
        if index.missing(self.digests):
            reporter.status(mark("Encoding passages..."))
            index.sync(self.digests, _Texts(self), lambda: self._encoder(choice, encoder), reporter)
        return index

    def _encoder(self, choice: ModelChoice, at_hand: PassageEncoder | None) -> PassageEncoder | ShardEncoder:
        elsewhere = self._workplace.passage_encoder(choice.folder, choice.max_seq_length, choice.prompts)
        return elsewhere or at_hand or choice.encoder()

    def unencoded(self, choice: ModelChoice) -> int:
        """How many texts a model has not encoded yet: before ``vectors`` or ``nearest`` does."""
        return self._index(choice).missing(self.digests)

    def _index(self, choice: ModelChoice) -> VectorIndex:
        fingerprint = choice.fingerprint()
        return VectorIndex(self.index_folder / fingerprint[:16], fingerprint, choice.max_seq_length)

    def nearest(self, choice: ModelChoice, reporter: Reporter, encoder: PassageEncoder | None = None) -> PassageIndex:
        """What answers a search with the vectors of a model, brought up to date as ``vectors`` does.

        Its ``how`` says which index answers: "exact", or "approximate" where ``stages.build_index`` made one for a
        large library. Positions that its ``search`` gives are rows of this library.
        """
        index = self.vectors(choice, reporter, encoder)
        return open_index(index, index.rows(self.digests))

    def lexical(self) -> Bm25Index:
        """The BM25 index, built again when the passages changed."""
        folder = self.index_folder / "bm25"
        stamp = hashlib.blake2b(self.digests.tobytes(), digest_size=16).hexdigest()
        mark_file = folder / "passages"
        if mark_file.is_file() and mark_file.read_text(encoding="utf-8") == stamp:
            with contextlib.suppress(EnvironmentProblem):  # damaged: it is made again
                return Bm25Index.load(folder)
        index = Bm25Index.build(list(self.each_text()))  # not kept: the index does without them
        index.save(folder)
        atomic_write_text(mark_file, stamp)
        return index


class _Texts:
    """What is searched of each row, read one by one: those that are encoded are few beside those that are kept."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def __getitem__(self, row: int) -> str:
        id_ = int(self._library.ids[row])
        return searchable(*self._library.project.passages.searched_texts([id_])[id_])
