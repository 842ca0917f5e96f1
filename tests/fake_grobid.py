"""A GROBID server on loopback that speaks the real protocol and replays TEI, with every misbehaviour on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xml:space="preserve" xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt>
<title level="a" type="main">{title}</title></titleStmt></fileDesc><profileDesc><abstract><p>
<s coords="1,72.0,120.0,400.0,11.0">We describe how {topic} was measured on many farms.</s></p></abstract></profileDesc>
</teiHeader><facsimile><surface n="1" ulx="0.0" uly="0.0" lrx="612.0" lry="792.0"/>
<surface n="2" ulx="0.0" uly="0.0" lrx="612.0" lry="792.0"/></facsimile>
<text xml:lang="en"><body><div><head n="1" coords="1,72.0,150.0,90.0,12.0">Methods</head><p>
<s coords="1,72.0,170.0,400.0,11.0;1,72.0,184.0,120.0,11.0">As <ref type="figure">Figure 1</ref> shows, {topic} was
counted in <hi rend="italic">spring</hi> on every farm of the region, by hand and by two people.</s>
<s coords="2,72.0,80.0,300.0,11.0">The counts of {topic} were then compared over ten years of wet and dry weather.</s>
</p><formula xml:id="f0" coords="2,72.0,120.0,90.0,14.0">x = y + 1<label>(1)</label></formula></div>
<figure coords="2,72.0,300.0,400.0,200.0"><head>Figure 1</head><figDesc>All the farms.</figDesc></figure></body>
<back><div type="references"><listBibl><biblStruct><analytic><title>An older paper</title></analytic></biblStruct>
</listBibl></div></back></text></TEI>
"""


def tei_of(topic: str) -> bytes:
    return TEI.format(title=f"On {topic}", topic=topic).encode()


@dataclass
class FakeGrobid:
    """``answer_of`` gives the TEI for the bytes of a PDF. ``script`` holds what happens to the next requests of papers
    ("503", "503:2" with Retry-After, "204", "500", "hang", "drip", "reset", "redirect", "huge", "html", "gzip"; "" is
    the TEI), ``by_paper`` what happens to a PDF that holds these bytes, always. ``slots`` answer at a time, the others
    get 503. ``seconds`` each answer takes.
    """

    answer_of: dict[bytes, bytes] = field(default_factory=dict)
    tei: bytes = tei_of("rice blast")
    script: list[str] = field(default_factory=list)
    by_paper: dict[bytes, str] = field(default_factory=dict)
    slots: int = 10
    seconds: float = 0.0
    alive: bytes = b"true"
    version: bytes = json.dumps({"version": "0.8.1", "revision": "unknown"}).encode()
    redirect_to: str = ""
    address: str = ""
    forms: list[dict[str, list[str]]] = field(default_factory=list)  # of each request of a paper
    routes: list[str] = field(default_factory=list)
    papers: list[bytes] = field(default_factory=list)
    working: int = 0
    most_working: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, pdf: bytes) -> bytes:
        return next((tei for part, tei in self.answer_of.items() if part in pdf), self.tei)

    def next_act(self, pdf: bytes) -> str:
        with self.lock:
            act = next((act for part, act in self.by_paper.items() if part in pdf), "")
            return act or (self.script.pop(0) if self.script else "")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *arguments: object) -> None: ...

    @property
    def fake(self) -> FakeGrobid:
        return self.server.fake

    def do_GET(self) -> None:  # noqa: N802
        self.fake.routes.append(self.path)
        bodies = {"/api/isalive": self.fake.alive, "/api/version": self.fake.version}
        self._send(200, bodies[self.path]) if self.path in bodies else self._send(404, b"")

    def do_POST(self) -> None:  # noqa: N802
        fake = self.fake
        fake.routes.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]) if "Content-Length" in self.headers else 0)
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = self._chunks()
        form, pdf = _parts(self.headers["Content-Type"], body)
        with fake.lock:
            fake.forms.append(form)
            fake.papers.append(pdf)
            busy = fake.working >= fake.slots
            fake.working += not busy
            fake.most_working = max(fake.most_working, fake.working)
        if busy:
            self._send(503, b"")
            return
        try:
            fake.stopped.wait(fake.seconds)
            self._act(fake.next_act(pdf), fake.answered(pdf))
        finally:
            with fake.lock:
                fake.working -= 1

    def _act(self, act: str, tei: bytes) -> None:
        act, _, value = act.partition(":")
        if act == "503":
            self._send(503, b"", **({"Retry-After": value} if value else {}))
        elif act == "204":
            self._send(204, b"")
        elif act == "500":
            self._send(500, b"[BAD_INPUT_DATA] PDF to XML conversion\x1b[31m failed with error code: 1\n")
        elif act == "redirect":
            self._send(307, b"", Location=self.fake.redirect_to)
        elif act == "html":
            self._send(200, b"<!DOCTYPE html><html><body>Please log in</body></html>")
        elif act == "gzip":
            self._send(200, tei, **{"Content-Encoding": "gzip"})
        elif act == "hang":
            self.fake.stopped.wait(60)
        elif act == "reset":
            self.close_connection = True
        elif act in ("drip", "huge"):
            self._endless(tei, pause=0.05 if act == "drip" else 0, block=1 if act == "drip" else 2**20)
        else:
            self._send(200, tei, **{"Content-Type": "application/xml"})

    def _endless(self, tei: bytes, pause: float, block: int) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        data = (tei * (block // len(tei) + 1))[:block]
        while not self.fake.stopped.wait(pause):
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeGrobid

    def handle_error(self, *arguments: object) -> None: ...  # clients that leave early are what tests are about


def _parts(content_type: str, body: bytes) -> tuple[dict[str, list[str]], bytes]:
    """The fields of a form, and the file in it."""
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    form: dict[str, list[str]] = {}
    pdf = b""
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if name == "input":
            pdf = payload
            form["file name"] = [str(part.get_filename())]
        else:
            form.setdefault(str(name), []).append(payload.decode())
    return form, pdf


@contextmanager
def serve(fake: FakeGrobid, port: int = 0) -> Iterator[FakeGrobid]:
    """``fake`` with its address while it stands."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.fake = fake
    fake.stopped.clear()
    fake.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
