"""A model hub on loopback that speaks what the real one does, and misbehaves on demand."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "a" * 40
LARGE = 1000  # bytes from which the hub lists a SHA-256


@dataclass
class FakeHub:
    """Serves ``files`` of the model ``name``. ``cut_at`` breaks the connection off after so many bytes of the weights,
    once; ``pause`` is called with the number of bytes sent before each block; ``answers`` are status codes for the
    next requests of files, ``gate`` one for all requests; ``ignore_ranges`` sends whole files always."""

    name: str
    files: dict[str, bytes]
    commit: str = COMMIT
    cut_at: int | None = None
    ignore_ranges: bool = False
    corrupt: str = ""
    gate: int = 0
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    pause: Callable[[int], None] = lambda sent: None
    asked: list[tuple[str, str]] = field(default_factory=list)  # path and Range of each request
    sent: dict[str, int] = field(default_factory=dict)  # bytes of each file that went out
    block: int = 16 * 1024

    def listing(self) -> dict[str, object]:
        return {"id": self.name, "sha": self.commit, "siblings": [self._entry(*item) for item in self.files.items()]}

    def _entry(self, path: str, data: bytes) -> dict[str, object]:
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        entry: dict[str, object] = {"rfilename": path, "size": len(data), "blobId": blob}
        if len(data) >= LARGE:
            entry["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
        return entry


@contextmanager
def serve(hub: FakeHub) -> Iterator[str]:
    """The address of ``hub`` while it stands."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None: ...

        def do_GET(self) -> None:  # noqa: N802
            path = unquote(urlsplit(self.path).path)
            hub.asked.append((path, self.headers.get("Range", "")))
            if hub.gate:
                self._answer(hub.gate, {})
            elif path == f"/api/models/{hub.name}/revision/{hub.commit}" or path.endswith("/revision/main"):
                self._send(json.dumps(hub.listing()).encode())
            elif path.startswith(f"/{hub.name}/resolve/{hub.commit}/"):
                self._file(path.split(f"/resolve/{hub.commit}/")[1])
            elif path.startswith("/cdn/"):
                self._body(path.removeprefix("/cdn/"))
            else:
                self._answer(404, {})

        def _file(self, path: str) -> None:
            if path not in hub.files:
                self._answer(404, {})
            elif hub.answers:
                self._answer(*hub.answers.pop(0))
            elif len(hub.files[path]) >= LARGE:  # large files lie elsewhere
                self._answer(302, {"Location": f"/cdn/{path}"})
            else:
                self._body(path)

        def _body(self, path: str) -> None:
            data = hub.files[path]
            if hub.corrupt == path:
                data = data[:-1] + bytes([data[-1] ^ 1])
            match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(match[1]) if match and not hub.ignore_ranges else 0
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self._blocks(path, data, start)

        def _blocks(self, path: str, data: bytes, at: int) -> None:
            cut = hub.cut_at if path.endswith(".safetensors") else None
            while at < len(data):
                hub.pause(at)
                end = min(at + hub.block, len(data), *([cut] if cut is not None else []))
                self.wfile.write(data[at:end])
                hub.sent[path] = hub.sent.get(path, 0) + end - at
                at = end
                if cut is not None and at >= cut:
                    hub.cut_at = None
                    self.close_connection = True
                    self.connection.close()
                    return

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _answer(self, code: int, headers: dict[str, str]) -> None:
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *arguments: object) -> None: ...  # clients that leave early are what tests are about

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
