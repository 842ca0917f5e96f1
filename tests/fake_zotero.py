"""A Zotero on loopback that speaks the local API: collections, items, places of files, with misbehaviour on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

LIBRARY = {"type": "user", "id": 1234567, "name": "My Library", "links": {}}


@dataclass
class FakeZotero:
    """``act``: "" answers as Zotero does, "off" as one whose local API is not allowed; "html", "redirect", "huge",
    "hang" and "old" (no such route) are other servers."""

    act: str = ""
    collections: list[dict[str, Any]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)  # of linked files
    redirect_to: str = ""
    address: str = ""
    routes: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def collection(self, key: str, name: str, parent: str = "") -> str:
        data = {"key": key, "version": 1, "name": name, "parentCollection": parent or False, "relations": {}}
        self.collections.append({"key": key, "version": 1, "library": LIBRARY, "links": {}, "data": data})
        return key

    def paper(self, key: str, title: str, *collections: str, **more: Any) -> str:
        data = {
            "key": key,
            "version": 2,
            "itemType": "journalArticle",
            "title": title,
            "creators": [{"creatorType": "author", "firstName": "Ada", "lastName": "Lovelace"}],
            "date": "2019-05-03",
            "DOI": "10.1234/abc",
            "collections": list(collections),
            **more,
        }
        self.items.append({"key": key, "version": 2, "library": LIBRARY, "links": {}, "meta": {}, "data": data})
        return key

    def attachment(self, key: str, parent: str, file: Path | None, *, mode: str = "imported_file", **more: Any) -> str:
        """A stored file is told with the item; the place of a linked one only by a route of its own."""
        links: dict[str, Any] = {
            "self": {"href": f"{self.address}/api/users/0/items/{key}", "type": "application/json"}
        }
        name = file.name if file else "paper.pdf"
        data = {
            "key": key,
            "itemType": "attachment",
            "parentItem": parent,
            "linkMode": mode,
            "title": "Full Text PDF",
            "contentType": "application/pdf",
            "filename": name,
            **more,
        }
        if not parent:
            del data["parentItem"]
        if file is not None and mode.startswith("imported"):
            links["enclosure"] = {"href": file.as_uri(), "type": data["contentType"], "title": name}
            if file.exists():
                links["enclosure"]["length"] = file.stat().st_size
        elif file is not None:
            self.places[key] = file.as_uri()
        self.items.append({"key": key, "version": 3, "library": LIBRARY, "links": links, "meta": {}, "data": data})
        return key

    def within(self, collection: str) -> list[dict[str, Any]]:
        """The items of a collection with their attachments, not those of its sub-collections."""
        tops = [row for row in self.items if collection in row["data"].get("collections", ())]
        keys = {row["key"] for row in tops}
        return [*tops, *(row for row in self.items if row["data"].get("parentItem") in keys)]

    def count(self, row: dict[str, Any]) -> dict[str, Any]:
        own = [item for item in self.items if row["key"] in item["data"].get("collections", ())]
        inner = [each for each in self.collections if each["data"]["parentCollection"] == row["key"]]
        return row | {"meta": {"numCollections": len(inner), "numItems": len(own)}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *arguments: object) -> None: ...

    def do_GET(self) -> None:  # noqa: N802
        fake, parts = self.server.fake, urlsplit(self.path)
        fake.routes.append(self.path)
        fake.headers.append({name.lower(): value for name, value in self.headers.items()})
        match fake.act:
            case "off":
                self._send(403, b"Local API is not enabled")
            case "html":
                self._send(200, b"<!DOCTYPE html><html>Please log in</html>")
            case "old":
                self._send(404, b"No endpoint found")
            case "redirect":
                self._send(302, b"", Location=fake.redirect_to)
            case "huge":
                self._send(200, b"[" + b" " * 3_000_000 + b"]")
            case "hang":
                fake.stopped.wait(30)
            case _:
                self._answer(fake, parts.path, parse_qs(parts.query))

    def _answer(self, fake: FakeZotero, path: str, query: dict[str, list[str]]) -> None:
        steps = path.removeprefix("/api/users/0/").split("/")
        match steps:
            case ["collections"]:
                self._rows([fake.count(row) if "key" in row else row for row in fake.collections], query)
            case ["collections", key, "items"]:
                self._rows(fake.within(key), query)
            case ["items"]:
                self._rows(fake.items, query)
            case ["items", "top"]:
                self._rows([row for row in fake.items if "parentItem" not in row["data"]], query)
            case ["items", key, "file", "view", "url"] if key in fake.places:
                self._send(200, fake.places[key].encode())
            case _:
                self._send(404, b"Not found")

    def _rows(self, rows: list[dict[str, Any]], query: dict[str, list[str]]) -> None:
        start = int(query.get("start", ["0"])[0])
        limit = int(query.get("limit", ["0"])[0]) or len(rows)
        body = json.dumps(rows[start : start + limit], indent=4).encode()
        self._send(200, body, **{"Content-Type": "application/json", "Total-Results": str(len(rows))})

    def _send(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in (headers | {"Zotero-API-Version": "3"}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeZotero

    def handle_error(self, *arguments: object) -> None: ...  # clients that leave early are what tests are about


@contextmanager
def serve(fake: FakeZotero) -> Iterator[FakeZotero]:
    """``fake`` with its address while it stands."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.fake = fake
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
