"""The searchable side of a project: the passages in use, their vectors for a model, and the lexical index."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
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
from embtrainer_gui.core.records import Passage
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.model_files import model_fingerprint
from embtrainer_gui.ml.vector_index import PassageEncoder, VectorIndex
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


def searchable(title: str, text: str) -> str:
    """What models and BM25 read of a passage: its paper's title, then its text; the same in every stage."""
    return f"{title} {text}".strip()


def text_key(text: str) -> str:
    """What a passage is known by in the vector index: its text, not its place."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class Library:
    """All passages in use of a project, in reading order; row n of everything below is ``passages[n]``.

    Raises:
        UserError: the project has no passages.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.passages: list[Passage] = list(project.passages.in_use())
        if not self.passages:
            raise UserError(
                mark("The project {path} holds no passages to search."),
                mark("Import papers first: embtrainer import {path} FOLDER"),
                path=project.folder,
            )
        documents = {document.id: document for document in project.documents.all()}
        self.document_of = documents
        self.texts = [searchable(documents[p.document_id].title, p.text) for p in self.passages]
        self.keys = [text_key(text) for text in self.texts]
        self.row_of = {passage.id: row for row, passage in enumerate(self.passages)}
        self._scratch: TemporaryDirectory[str] | None = None

    @cached_property
    def index_folder(self) -> Path:
        """``index/`` of the project; a folder that vanishes with this process where that cannot be written."""
        if not self.project.read_only:
            return self.project.index
        self._scratch = TemporaryDirectory(prefix="embtrainer-index-")
        return Path(self._scratch.name)

    def vectors(self, choice: ModelChoice, reporter: Reporter, encoder: PassageEncoder | None = None) -> VectorIndex:
        """The vector index of a model, brought up to date: only passages whose text is new are encoded."""
        fingerprint = choice.fingerprint()
        index = VectorIndex(self.index_folder / fingerprint[:16], fingerprint, choice.max_seq_length)
        if index.missing(self.keys):
            reporter.status(mark("Encoding passages..."))
            index.sync(self.keys, self.texts, lambda: encoder or choice.encoder(), reporter)
        return index

    def lexical(self) -> Bm25Index:
        """The BM25 index, built again when the passages changed."""
        folder = self.index_folder / "bm25"
        stamp = hashlib.blake2b("\n".join(self.keys).encode(), digest_size=16).hexdigest()
        mark_file = folder / "passages"
        if mark_file.is_file() and mark_file.read_text(encoding="utf-8") == stamp:
            with contextlib.suppress(EnvironmentProblem):  # damaged: it is made again
                return Bm25Index.load(folder)
        index = Bm25Index.build(self.texts)
        index.save(folder)
        atomic_write_text(mark_file, stamp)
        return index
