"""Encoding on the nodes. The bundled model is everywhere; another one travels once to each node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import ray
from numpy.typing import NDArray

from embtrainer_gui.cluster.crew import Crew, Lost
from embtrainer_gui.cluster.nodes import Nodes
from embtrainer_gui.cluster.work_actors import EncodingActor, TravellingModel
from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.prompts import Prompts
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.model_files import model_fingerprint


class RayEncoder:
    """A ``ShardEncoder`` of ``ml.vector_index``."""

    def __init__(
        self,
        nodes: Nodes,
        folder: Path,
        max_seq_length: int,
        prompts: Prompts,
        wait: Callable[[], None],
        *,
        is_local: bool,
    ) -> None:
        self._nodes, self._wait = nodes, wait
        is_bundled = folder.resolve() == bundled_folder().resolve()
        fingerprint = "" if is_bundled else model_fingerprint(folder)
        self._model = TravellingModel(fingerprint, str(folder.resolve()), max_seq_length, prompts)
        self._travels = not is_bundled and not is_local

    def encode_passages(self, texts: Sequence[str], reporter: Reporter | None = None) -> NDArray[np.float32]:
        (found,) = self.encode_shards([texts])
        return found

    def encode_shards(self, shards: Iterable[Sequence[str]]) -> Iterator[NDArray[np.float32]]:
        files = ray.put(_files_of(Path(self._model.folder))) if self._travels else None

        def actor(options: dict[str, Any]) -> Any:
            return ray.remote(EncodingActor).options(**options).remote(self._model, files)

        with Crew[Sequence[str]](self._nodes, actor, self._wait) as crew:
            for found in crew.map(shards):
                if isinstance(found, Lost):
                    raise EnvironmentProblem(
                        mark("Workers that encode passages were lost {times} times with the same ones."),
                        mark(
                            "Their machines may be short of memory. What was encoded is kept; without the cluster, this"
                            " computer encodes the rest."
                        ),
                        times=found.times,
                    )
                yield np.array(found)  # Ray's own lies in memory that it takes back


def _files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
