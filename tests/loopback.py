"""A real HTTP server on loopback that answers by a table and remembers what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answers:
    """``(status, body, headers)`` by path; everything else is 404. ``seconds`` to wait before each answer."""

    by_path: dict[str, tuple[int, bytes, dict[str, str]]] = field(default_factory=dict)
    seconds: float = 0.0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    address: str = ""

    def give(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        self.by_path[path] = (status, body, headers)


@contextmanager
def loopback() -> Iterator[Answers]:
    answers = Answers()
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            answers.asked.append((self.path, dict(self.headers)))
            end = time.monotonic() + answers.seconds
            while time.monotonic() < end and not stopped.is_set():
                time.sleep(0.02)
            status, body, headers = answers.by_path.get(self.path, (404, b"no such route", {}))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    answers.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield answers
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
