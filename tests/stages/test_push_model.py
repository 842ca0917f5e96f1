"""A push to a hub, over real HTTP to a hub on this computer that keeps what it is sent."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from commandline import CommandLine, Ran, assert_plain
from paired_project import tuned_project_of
from tiny_model import make_tiny_model


class Hub(BaseHTTPRequestHandler):
    """Answers as huggingface.co does to a commit of small files; ``server.files`` is what it got."""

    def do_POST(self) -> None:  # noqa: N802
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server: Any = self.server
        server.asked.append((self.path, self.headers.get("Authorization", "")))
        if server.refuses:
            self._answer({"error": "You have no right to write here."}, 403)
        elif self.path == "/api/repos/create":
            server.created = json.loads(body)
            self._answer({"url": f"{server.address}/somebody/oils", "name": "somebody/oils", "id": "somebody/oils"})
        elif self.path == "/api/validate-yaml":
            server.card = json.loads(body)["content"]
            self._answer({"errors": [], "warnings": []})
        elif "/preupload/" in self.path:
            files = [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False, "oid": None}
                     for f in json.loads(body)["files"]]  # fmt: skip
            self._answer({"files": files})
        elif "/commit/" in self.path:
            for line in body.decode().splitlines():
                told = json.loads(line)
                if told["key"] == "file":
                    server.files[told["value"]["path"]] = base64.b64decode(told["value"]["content"])
            self._answer(
                {"commitUrl": f"{server.address}/somebody/oils/commit/1", "commitOid": "1" * 40, "success": True}
            )
        else:
            self._answer({}, 404)

    def do_GET(self) -> None:  # noqa: N802
        server: Any = self.server
        server.asked.append((self.path, self.headers.get("Authorization", "")))
        told = {"id": "somebody/oils", "sha": "0" * 40, "siblings": [], "xetEnabled": False}
        self._answer(told | {"private": not server.shown_to_all})

    def _answer(self, told: object, code: int = 200) -> None:
        body = json.dumps(told).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def hub() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.address = f"http://127.0.0.1:{server.server_address[1]}"
    server.files, server.asked, server.created, server.refuses = {}, [], {}, False
    server.shown_to_all = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tuned")
    return tuned_project_of(folder, make_tiny_model(folder / "model"))


def push(project: Path, hub: Any, *more: str, **variables: str) -> Ran:
    environment = {**os.environ, "HF_ENDPOINT": hub.address, "HF_TOKEN": "hf_of_a_test", "HF_HUB_OFFLINE": "0"}
    command = [sys.executable, "-m", "embtrainer_gui", "export", str(project), "--as", "hub", *more]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={**environment, **variables})
    return Ran(result.returncode, result.stdout, result.stderr)


def test_that_a_push_sends_the_model_and_its_card_to_a_private_repository(project: Path, hub: Any) -> None:
    ran = push(project, hub, "--repo", "somebody/oils", "--json")
    assert ran.code == 0, ran.err[-3000:]
    assert ran.json["path"] == f"{hub.address}/somebody/oils"
    model = project / "models/run-1/final_model"
    assert hub.files["model.safetensors"] == (model / "model.safetensors").read_bytes()
    assert hub.files["README.md"].startswith(b"---\nlibrary_name")
    assert hub.created["name"] == "oils"
    assert hub.created.get("private") or hub.created.get("visibility") == "private"  # by the version of the library
    assert {key for _, key in hub.asked if key} == {"Bearer hf_of_a_test"}
    assert "hf_of_a_test" not in ran.out + ran.err


def test_that_a_hub_that_refuses_is_said_in_one_sentence(project: Path, hub: Any) -> None:
    hub.refuses = True
    assert_plain(push(project, hub, "--repo", "somebody/oils"), 3, hub.address, "403", "Check the key")
    assert hub.files == {}


def test_that_nothing_is_sent_to_a_repository_that_others_can_see_unless_that_is_wanted(
    project: Path, hub: Any
) -> None:
    hub.shown_to_all = True
    assert_plain(push(project, hub, "--repo", "somebody/oils"), 2, "somebody/oils", "for all to see")
    assert hub.files == {}


@pytest.mark.parametrize(
    ("flags", "variables", "code", "words"),
    [
        (("--repo", "some body/o:ls"), {}, 2, ("some body/o:ls", "OWNER/NAME")),
        (("--repo", "somebody/oils"), {"HF_TOKEN": ""}, 2, ("HF_TOKEN",)),
        (("--repo", "somebody/oils"), {"HF_HUB_OFFLINE": "1"}, 3, ("HF_HUB_OFFLINE",)),
    ],
)
def test_that_nothing_is_sent_that_was_not_asked_for(
    project: Path, hub: Any, flags: tuple[str, ...], variables: dict[str, str], code: int, words: tuple[str, ...]
) -> None:
    assert_plain(push(project, hub, *flags, **variables), code, *words)
    assert hub.asked == []


def test_that_the_flags_of_a_push_belong_to_a_push(project: Path, embtrainer: CommandLine, tmp_path: Path) -> None:
    ran = embtrainer("export", project, "--as", "model", tmp_path / "model", "--public")
    assert_plain(ran, 2, "--as hub")
    for flags in (("--as", "model", tmp_path / "model", "--repo", "somebody/oils"), ("--as", "hub")):
        assert embtrainer("export", project, *flags).code == 2
    assert not (tmp_path / "model").exists()
