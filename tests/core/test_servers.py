"""Asking servers what they are: real HTTP on loopback, good answers and every bad one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from loopback import Answers, loopback

from embtrainer_gui.core import servers
from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.servers import ServerAnswer, ask_server

OLLAMA = json.dumps({"models": [{"name": "llama3.2:3b"}, {"name": "qwen3:8b"}]}).encode()
OPENAI = json.dumps({"object": "list", "data": [{"id": "local-model"}]}).encode()


@pytest.fixture
def server() -> Iterator[Answers]:
    with loopback() as answers:
        yield answers


def ask(address: str, key: str = "") -> ServerAnswer:
    return asyncio.run(ask_server(address, key))


def refused(address: str, key: str = "") -> AppError:
    with pytest.raises(AppError) as caught:
        ask(address, key)
    assert caught.value.hint
    return caught.value


def test_that_ollama_is_asked_by_its_own_route(server: Answers) -> None:
    server.give("/api/tags", OLLAMA)
    answer = ask(server.address)
    assert (answer.protocol, answer.models) == ("ollama", ("llama3.2:3b", "qwen3:8b"))
    assert answer.milliseconds > 0
    assert [path for path, _ in server.asked] == ["/api/tags"]


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
def test_that_a_server_like_openai_is_found_with_and_without_v1(server: Answers, ending: str) -> None:
    server.give("/v1/models", OPENAI)
    answer = ask(server.address + ending, key="secret")
    assert (answer.protocol, answer.models) == ("openai", ("local-model",))
    assert server.asked[-1][1]["Authorization"] == "Bearer secret"


@pytest.mark.parametrize("status", [401, 403])
def test_that_a_missing_key_is_named_with_its_variable(server: Answers, status: int) -> None:
    server.give("/v1/models", b"{}", status)
    problem = refused(server.address)
    assert isinstance(problem, UserError)
    assert "wants a key" in problem.message
    assert "EMBTRAINER_API_KEY" in problem.hint


@pytest.mark.parametrize(
    ("body", "status", "headers"),
    [
        (b"<html>It works!</html>", 200, {}),
        (b'{"data": "none"}', 200, {}),
        (b"[" * 100_000, 200, {}),
        (b'{"data": [' + b" " * (servers.MOST_BYTES + 1) + b"]}", 200, {}),
        (b"busy", 503, {}),
        (b"", 302, {"Location": "http://127.0.0.1:9/elsewhere"}),
    ],
)
def test_that_another_answer_is_no_model_server(
    server: Answers, body: bytes, status: int, headers: dict[str, str]
) -> None:
    server.give("/v1/models", body, status, **headers)
    server.give("/api/tags", body, status, **headers)
    problem = refused(server.address)
    assert f"(status {status})" in problem.message
    assert all("elsewhere" not in path for path, _ in server.asked)


def test_that_nothing_at_the_address_says_how_to_start_it(server: Answers) -> None:
    dead = server.address.rsplit(":", 1)[0] + ":9"
    problem = refused(dead)
    assert isinstance(problem, EnvironmentProblem)
    assert "127.0.0.1:9" in problem.message
    assert "ollama serve" in problem.hint


def test_that_a_silent_server_is_given_up(server: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "TOTAL_SECONDS", 0.3)
    server.seconds = 5
    assert "did not answer" in refused(server.address).message


def test_that_a_proxy_of_the_environment_is_not_used_for_this_machine(
    server: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.give("/api/tags", OLLAMA)
    assert ask(server.address).protocol == "ollama"


def test_that_no_key_goes_unencrypted_to_another_machine(server: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "is_this_machine", lambda address: False)
    server.give("/v1/models", b"{}", 401)
    problem = refused(server.address, key="secret")
    assert all("Authorization" not in headers for _, headers in server.asked)
    assert "https://" in problem.hint


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("http://localhost:11434", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8080/v1", True),
        ("http://localhost.example.org", False),
        ("https://api.example.org/v1", False),
        ("http://192.168.1.4:11434", False),
    ],
)
def test_that_this_machine_is_known(address: str, near: bool) -> None:
    assert servers.is_this_machine(address) is near
