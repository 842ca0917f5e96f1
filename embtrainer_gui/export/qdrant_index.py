"""Passages as a collection of Qdrant, for who outgrows one machine: embedded in a folder, or at a server."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.new_folder import new_folder, refuse_taken
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.server_address import is_this_machine, takes_key
from embtrainer_gui.core.translate import mark

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

COLLECTION = "passages"
_IN_ADDRESS = "/collections/"
_STORE = "qdrant"
_BATCH = 256
IN_A_FOLDER = 20_000  # points; Qdrant's own limit of what its local mode is for
_SECONDS = 60

LOADER = '''"""Search this collection: python search_collection.py MODEL "question" (needs qdrant-client)."""
import sys
from pathlib import Path

from qdrant_client import QdrantClient
from sentence_transformers import SentenceTransformer

client = QdrantClient(path=str(Path(__file__).parent / "qdrant"))
model = SentenceTransformer(sys.argv[1])
model.max_seq_length = {max_seq_length}
question = model.encode_query(sys.argv[2], normalize_embeddings=True)
for hit in client.query_points("{collection}", query=question.tolist(), limit=10).points:
    row = hit.payload
    print(f"{{hit.score:.3f}}  {{row['document']}}, page {{row['page']}}: {{' '.join(row['text'].split())[:160]}}")
client.close()
'''


@dataclass(frozen=True, slots=True)
class QdrantPlace:
    """A folder, or else a server's address and the collection there."""

    folder: Path | None
    address: str = ""
    collection: str = COLLECTION


class QdrantIndex:
    """Finds passages in a collection that ``write_qdrant`` made; a ``ml.passage_index.PassageIndex``.

    Open it with ``opened``. Only open folders that this program wrote: Qdrant keeps points there as pickles.
    """

    how: Literal["qdrant"] = "qdrant"

    def __init__(self, client: QdrantClient, collection: str) -> None:
        self._client, self._collection = client, collection

    def search(
        self, query: NDArray[np.float32], k: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        from qdrant_client import models

        chosen = None
        if within is not None:
            chosen = models.Filter(must=[models.HasIdCondition(has_id=within.tolist())])
        found = self._client.query_points(
            self._collection, query=query.tolist(), limit=k, query_filter=chosen, with_payload=False
        )
        hits = [(int(point.id), float(point.score)) for point in found.points]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))


def qdrant_place(target: str) -> QdrantPlace:
    """``http://host:6333``, with ``/collections/NAME`` where it is not to be "passages"; anything else is a folder.

    Raises UserError for another kind of address.
    """
    if "://" not in target:
        return QdrantPlace(Path(target))
    address, _, collection = target.rstrip("/").partition(_IN_ADDRESS)
    if not address.startswith(("http://", "https://")):
        raise UserError(
            mark("{address} is no address of a Qdrant server."), mark("One is http://localhost:6333"), address=target
        )
    return QdrantPlace(None, address, collection or COLLECTION)


def write_qdrant(
    place: QdrantPlace,
    vectors: NDArray[np.float32],
    rows: Iterable[dict[str, Any]],
    max_seq_length: int,
    reporter: Reporter,
    key: str = "",
) -> None:
    """Write every passage, with its vector (n, d) and what it is, into a new collection; a point's id is its row.

    A folder gets the script that searches it. ``key`` is the server's API key.

    Raises:
        UserError: the package is missing, or the folder or collection is there already: nothing is replaced.
        EnvironmentProblem: the server cannot be reached or refuses, or the folder cannot be written.
        Cancelled: no collection is left.
    """
    if place.folder is None:
        with opened(place, key) as client:
            _fill(client, place, vectors, rows, reporter)
        return
    refuse_taken(place.folder)
    if len(vectors) > IN_A_FOLDER:
        reporter.warn(
            mark(
                "Qdrant in a folder scans every vector at each search: for more than {count} passages take a server."
            ).format(count=IN_A_FOLDER)
        )
    with new_folder(place.folder) as draft:
        with opened(QdrantPlace(draft / _STORE)) as client:
            _fill(client, place, vectors, rows, reporter)
        script = LOADER.format(max_seq_length=max_seq_length, collection=COLLECTION)
        (draft / "search_collection.py").write_text(script, encoding="utf-8")


@contextmanager
def opened(place: QdrantPlace, key: str = "") -> Iterator[QdrantClient]:
    """A client of the server, or of the store in a folder. Raises as ``write_qdrant`` does."""
    if importlib.util.find_spec("qdrant_client") is None:
        raise EnvironmentProblem(
            mark("Qdrant needs the package qdrant-client, which is not installed."),
            mark("Install it: pip install 'embtrainer[qdrant]'"),
        )
    from qdrant_client import QdrantClient
    from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a key sent to this machine, and of many points in a folder: told below
            with contextlib.closing(_client(QdrantClient, place, key)) as client:
                yield client
    except (ResponseHandlingException, UnexpectedResponse) as problem:
        status = getattr(problem, "status_code", None)
        raise EnvironmentProblem(
            mark("The Qdrant server {address} does not take the passages: {detail}."),
            mark(
                "Check the address, that the server runs, and its API key. Where a collection was left half filled,"
                " delete it there; then try again."
            ),
            address=place.address,
            detail=mark("status {status}").format(status=status) if status else mark("it cannot be reached"),
        ) from problem


def _client(kind: type[QdrantClient], place: QdrantPlace, key: str) -> QdrantClient:
    if place.folder is not None:
        return kind(path=str(place.folder))
    return kind(
        url=place.address,
        api_key=key if key and takes_key(place.address) else None,
        timeout=_SECONDS,
        check_compatibility=False,  # one request less, to a route that proxies hide
        trust_env=not is_this_machine(place.address),
        follow_redirects=False,
    )


def _fill(
    client: QdrantClient,
    place: QdrantPlace,
    vectors: NDArray[np.float32],
    rows: Iterable[dict[str, Any]],
    reporter: Reporter,
) -> None:
    from qdrant_client import models

    if client.collection_exists(place.collection):
        raise UserError(
            mark("{address} has a collection {name} already; nothing is replaced."),
            mark("Delete it there, or name another: {address}/collections/NAME"),
            address=place.address,
            name=place.collection,
        )
    size = models.VectorParams(size=vectors.shape[1], distance=models.Distance.COSINE)
    client.create_collection(place.collection, vectors_config=size)
    try:
        numbered = enumerate(rows)
        while batch := list(itertools.islice(numbered, _BATCH)):
            reporter.raise_if_cancelled()
            reporter.progress(batch[0][0], len(vectors))
            points = [models.PointStruct(id=row, vector=vectors[row].tolist(), payload=what) for row, what in batch]
            client.upsert(place.collection, points=points, wait=True)
    except BaseException:
        with contextlib.suppress(Exception):  # the server may be what failed
            client.delete_collection(place.collection)
        raise
    reporter.progress(len(vectors), len(vectors))
