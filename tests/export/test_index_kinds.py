"""FAISS indexes of each kind and Qdrant's collections hold the same passages and find them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from embtrainer_gui.cli.export_commands import export
from embtrainer_gui.cli.output import Output
from embtrainer_gui.cli.parser import build_parser, normalised
from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.errors import Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.report import Silent
from embtrainer_gui.export.faiss_index import FaissKind, write_faiss
from embtrainer_gui.export.qdrant_index import QdrantIndex, QdrantPlace, opened, qdrant_place, write_qdrant

ROWS, DIMENSION = 1500, 24


def unit(count: int, seed: int) -> np.ndarray:
    """Around 30 subjects, as passages are."""
    subjects = np.random.default_rng(1).standard_normal((30, DIMENSION))
    generator = np.random.default_rng(seed)
    found = subjects[generator.integers(0, 30, count)] + 0.7 * generator.standard_normal((count, DIMENSION))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


VECTORS, QUESTIONS = unit(ROWS, 2), unit(200, 3)
WHAT = [{"document": "paper.pdf", "page": row, "text": f"text {row}", "boxes": [[1, 2, 3]]} for row in range(ROWS)]


def flat_top(question: np.ndarray, k: int = 10) -> list[int]:
    return np.argsort(-(VECTORS @ question), kind="stable")[:k].tolist()


class StopsAt(Silent):
    def __init__(self, call: int) -> None:
        self._left = call

    def raise_if_cancelled(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Cancelled


@pytest.mark.parametrize(("kind", "least"), [("flat", 1.0), ("hnsw", 0.99), ("ivf", 0.6)])
def test_that_each_kind_of_faiss_index_finds_the_passages(tmp_path: Path, kind: FaissKind, least: float) -> None:
    out = tmp_path / "Übersicht"
    write_faiss(out, VECTORS, WHAT, 256, kind, Silent())
    index = faiss.read_index(str(out / "passages.faiss"))
    assert {"flat": "IndexFlat", "hnsw": "IndexHNSWFlat", "ivf": "IndexIVFFlat"}[kind] in type(index).__name__
    _, found = index.search(QUESTIONS, 10)
    shares = [len(set(flat_top(q)) & set(rows.tolist())) / 10 for q, rows in zip(QUESTIONS, found, strict=True)]
    assert np.mean(shares) >= least
    assert [json.loads(line) for line in (out / "passages.jsonl").open(encoding="utf-8")] == WHAT


def test_that_a_few_passages_are_enough_for_each_kind(tmp_path: Path) -> None:
    for kind in ("flat", "hnsw", "ivf"):
        write_faiss(tmp_path / kind, VECTORS[:2], WHAT[:2], 256, kind, Silent())  # type: ignore[arg-type]
        assert faiss.read_index(str(tmp_path / kind / "passages.faiss")).search(VECTORS[:1], 1)[1][0, 0] == 0


def test_that_a_cancelled_export_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        write_faiss(tmp_path / "out", VECTORS, WHAT, 256, "hnsw", StopsAt(0))
    with pytest.raises(Cancelled):
        write_qdrant(QdrantPlace(tmp_path / "out"), VECTORS, WHAT, 256, StopsAt(2))
    assert list(tmp_path.iterdir()) == []


def test_that_qdrant_in_a_folder_finds_what_the_flat_index_finds(tmp_path: Path) -> None:
    place = QdrantPlace(tmp_path / "out")
    write_qdrant(place, VECTORS, WHAT, 256, Silent())
    with opened(QdrantPlace(tmp_path / "out" / "qdrant")) as client:
        index = QdrantIndex(client, place.collection)
        for question in QUESTIONS:
            found = index.search(question, 10)
            assert [row for row, _ in found] == flat_top(question)
            assert [score for _, score in found] == pytest.approx(sorted(VECTORS @ question)[:-11:-1], abs=1e-5)
        few = np.array([3, 700, 40])
        assert {row for row, _ in index.search(QUESTIONS[0], 10, few)} == {3, 40, 700}
        assert client.retrieve(place.collection, [700])[0].payload == WHAT[700]
    with pytest.raises(UserError, match="not empty"):
        write_qdrant(place, VECTORS, WHAT, 256, Silent())


class Server(BaseHTTPRequestHandler):
    """The four routes of Qdrant that writing takes."""

    asked: list[tuple[str, str, str]]
    points: dict[int, Any]
    taken = False
    broken = False

    def _answer(self, result: object, status: int = 200) -> None:
        body = json.dumps({"result": result, "status": "ok", "time": 0.0}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _note(self) -> bytes:
        type(self).asked.append((self.command, self.path.split("?")[0], self.headers.get("api-key", "")))
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_GET(self) -> None:
        self._note()
        self._answer({"exists": self.taken})

    def do_DELETE(self) -> None:
        self._note()
        self._answer(True)

    def do_PUT(self) -> None:
        body = json.loads(self._note())
        if self.path.split("?")[0].endswith("/points"):
            if self.broken:
                self._answer(None, 500)
                return
            type(self).points |= {point["id"]: point for point in body["points"]}
            self._answer({"operation_id": 1, "status": "completed"})
        else:
            assert body["vectors"] == {"size": DIMENSION, "distance": "Cosine"}
            self._answer(True)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[tuple[str, type[Server]]]:
    kind = type("OneServer", (Server,), {"asked": [], "points": {}})
    running = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", kind
    running.shutdown()
    running.server_close()
    thread.join()


def test_that_a_server_gets_every_passage_and_the_key(server: tuple[str, type[Server]]) -> None:
    address, kind = server
    write_qdrant(qdrant_place(f"{address}/collections/mine"), VECTORS, WHAT, 256, Silent(), "sk-1")
    assert sorted(kind.points) == list(range(ROWS))
    assert kind.points[7]["payload"] == WHAT[7]
    assert kind.points[7]["vector"] == pytest.approx(VECTORS[7].tolist())
    assert {key for _, _, key in kind.asked} == {"sk-1"}
    assert {path for _, path, _ in kind.asked} == {
        "/collections/mine", "/collections/mine/exists", "/collections/mine/points",
    }  # fmt: skip


def test_that_a_collection_that_is_there_is_not_touched(server: tuple[str, type[Server]]) -> None:
    address, kind = server
    kind.taken = True
    with pytest.raises(UserError, match="already"):
        write_qdrant(qdrant_place(address), VECTORS, WHAT, 256, Silent())
    assert [method for method, _, _ in kind.asked] == ["GET"]


def test_that_a_refused_or_cancelled_write_takes_its_collection_away(server: tuple[str, type[Server]]) -> None:
    address, kind = server
    kind.broken = True
    with pytest.raises(EnvironmentProblem, match="status 500"):
        write_qdrant(qdrant_place(address), VECTORS, WHAT, 256, Silent())
    kind.broken = False
    with pytest.raises(Cancelled):
        write_qdrant(qdrant_place(address), VECTORS, WHAT, 256, StopsAt(3))
    assert [path for method, path, _ in kind.asked if method == "DELETE"] == ["/collections/passages"] * 2


def test_that_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(EnvironmentProblem, match="127.0.0.1:9"):
        write_qdrant(qdrant_place("http://127.0.0.1:9"), VECTORS, WHAT, 256, Silent())


def test_that_other_addresses_are_refused() -> None:
    with pytest.raises(UserError, match="no address"):
        qdrant_place("ftp://host/x")


def test_that_writing_faiss_needs_no_qdrant() -> None:
    code = (
        "import sys; sys.modules['qdrant_client'] = None;"
        " import embtrainer_gui.stages.export_index; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def options_of(*arguments: str) -> Any:
    return build_parser().parse_args(normalised(["export", *arguments]))


def test_that_an_address_reaches_the_export_as_it_was_typed() -> None:
    assert options_of("p", "--as", "qdrant", "http://localhost:6333").out == "http://localhost:6333"
    assert options_of("p", "--as", "qdrant", "--out", "here").out == Path("here")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("p", "--as", "model", "out", "--index", "hnsw"), "--index belongs"),
        (("p", "--as", "faiss", "http://localhost:6333"), "is an address"),
    ],
)
def test_that_flags_of_other_exports_are_refused(arguments: tuple[str, ...], fault: str) -> None:
    session = Session(options_of(*arguments), Output(as_json=True), threading.Event())
    with pytest.raises(UserError, match=fault):
        export(session)
