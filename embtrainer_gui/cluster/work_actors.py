"""On a node: the generator and the encoder of the program itself, one shard a call. No Ray in here."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from embtrainer_gui.cluster.scratch import scratch_folder
from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.prompts import Prompts
from embtrainer_gui.core.records import MadeQuestion
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.model_files import model_fingerprint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from embtrainer_gui.generate.builtin import BuiltinGenerator


class QuestionActor:
    """``generator`` knows the corpus already."""

    def __init__(self, generator: BuiltinGenerator) -> None:
        self._generator = generator

    def here(self) -> None:
        """Answers once it has a processor."""

    def ready(self) -> None:
        """Answers once the parser is loaded."""
        from embtrainer_gui.generate.builtin import load_parser

        load_parser()

    def work(self, texts: Sequence[str]) -> list[list[MadeQuestion]]:
        return list(self._generator.make(texts))


@dataclass(frozen=True, slots=True)
class TravellingModel:
    """A model as an actor is told of it: the one that every installation has, or a folder by what is in it."""

    fingerprint: str  # "": the bundled one
    folder: str  # on the machine that sends it
    max_seq_length: int
    prompts: Prompts


class EncodingActor:
    """``files`` are those of the model's folder; None where this machine has it."""

    def __init__(self, model: TravellingModel, files: dict[str, bytes] | None) -> None:
        self._model, self._files = model, files

    def here(self) -> None:
        """Answers once it has a processor."""

    def ready(self) -> None:
        """Load the model.

        Raises:
            UserError, EnvironmentProblem: it is damaged, or another one than was sent.
        """
        from embtrainer_gui.ml.encoder import Encoder

        model, scratch = self._model, scratch_folder()
        try:
            folder = self._folder(scratch)
            if model.fingerprint and model_fingerprint(folder) != model.fingerprint:
                raise EnvironmentProblem(
                    mark("The model arrived at {host} damaged."), mark("Try again."), host=socket.gethostname()
                )
            self._encoder = Encoder(folder, model.max_seq_length, prompts=model.prompts)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        self._files = None

    def work(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encoder.encode_passages(texts)

    def _folder(self, scratch: Path) -> Path:
        if self._files is None:
            return Path(self._model.folder) if self._model.fingerprint else model_folder(BUNDLED_MODEL)
        for name, data in self._files.items():
            place = scratch / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        return scratch
