"""What a server says about itself: real HTTP on loopback, every kind of server, good answers and every bad one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import fake_chat
import pytest
from fake_chat import Kind
from loopback import Answers, loopback

from embtrainer_gui.core import chat_facts, chat_protocol, server_address, server_http, server_problems
from embtrainer_gui.core.chat_facts import ServerFacts, protocol_at, server_facts, speed_of, unload
from embtrainer_gui.core.chat_types import Protocol, ServerPlace
from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError

OLLAMA = json.dumps({"models": [{"name": "llama3.2:3b"}, {"name": "qwen3:8b"}]}).encode()
OPENAI = json.dumps({"object": "list", "data": [{"id": "local-model"}]}).encode()
GREEN = '{"colour": "green"}'


@pytest.fixture
def server() -> Iterator[Answers]:
    with loopback() as answers:
        yield answers


@pytest.fixture(autouse=True)
def nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_protocol, "_dialects", {})


def facts(address: str, protocol: Protocol = "openai", model: str = "small-model", key: str = "") -> ServerFacts:
    return asyncio.run(server_facts(ServerPlace(protocol, address, model, key)))


def refused(address: str, key: str = "") -> AppError:
    with pytest.raises(AppError) as caught:
        asyncio.run(protocol_at(address, key))
    assert caught.value.hint
    return caught.value


# What is found


@pytest.mark.parametrize(
    ("kind", "protocol", "version", "longest", "now"),
    [
        ("ollama", "ollama", "0.12.3", 8192, 4096),
        ("vllm", "openai", "0.11.0", 8192, 8192),
        ("lmstudio", "openai", "", 8192, 8192),
        ("llamacpp", "openai", "b6500", 8192, 8192),
        ("openai", "openai", "", None, None),
    ],
)
def test_that_every_kind_of_server_tells_what_it_knows(
    kind: Kind, protocol: Protocol, version: str, longest: int | None, now: int | None
) -> None:
    with fake_chat.fake_chat(kind=kind) as server:
        assert asyncio.run(protocol_at(server.address)) == protocol
        assert facts(server.address, protocol) == ServerFacts(version, fake_chat.MODELS, longest, now)


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
def test_that_a_server_like_openai_is_found_with_and_without_v1(server: Answers, ending: str) -> None:
    server.give("/v1/models", OPENAI)
    assert asyncio.run(protocol_at(server.address + ending, "secret")) == "openai"
    assert facts(server.address + ending, key="secret").models == ("local-model",)
    assert server.asked[-1][1]["Authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("row", "context"),
    [({"context_length": 5000}, 5000), ({"context_window": 6000}, 6000), ({"max_model_len": "many"}, None),
     ({"max_model_len": -1}, None), ({"max_model_len": True}, None)],
)  # fmt: skip
def test_that_the_context_is_read_from_a_list_of_models(
    server: Answers, row: dict[str, object], context: int | None
) -> None:
    rows = [{"id": "other", "context_length": 1}, {"id": "small-model", **row}]
    server.give("/v1/models", json.dumps({"data": rows}).encode())
    assert facts(server.address).context_tokens == context


@pytest.mark.parametrize(
    ("loaded", "parameters", "now"),
    [(16384, "num_ctx 2048", 16384), (None, "stop x\nnum_ctx 2048", 2048), (None, "", 4096)],
)
def test_that_the_context_ollama_has_now_is_that_of_the_loaded_model_else_its_setting_else_its_default(
    loaded: int | None, parameters: str, now: int
) -> None:
    with fake_chat.fake_chat(context=32768) as server:
        server.loaded_context, server.parameters = loaded, parameters
        found = facts(server.address, "ollama")
        assert (found.context_tokens, found.context_now) == (32768, now)


def test_that_speed_and_json_are_measured_without_a_text_of_the_user() -> None:
    with fake_chat.fake_chat(kind="openai", latency=0.1) as server:
        server.answer = lambda asked: GREEN if "response_format" in asked.body else "one, two, three, four"
        speed = asyncio.run(speed_of(ServerPlace("openai", server.address, "small-model")))
        assert speed.json_ability == "schema"
        assert 20 < speed.tokens_per_second < 60  # 5 tokens in a tenth of a second
        assert [asked.user for asked in server.chats] == [chat_facts.COLOUR, chat_facts.SENTENCE]


@pytest.mark.parametrize(
    ("refuses", "says", "ability"),
    [((), "It is green.", "none"), (("json_schema",), GREEN, "object"), (("response_format",), GREEN, "none")],
)
def test_that_the_json_ability_is_what_really_comes_back(refuses: tuple[str, ...], says: str, ability: str) -> None:
    with fake_chat.fake_chat(kind="openai", refuses=refuses, answer=lambda asked: says) as server:
        assert asyncio.run(speed_of(ServerPlace("openai", server.address, "small-model"))).json_ability == ability


def test_that_ollama_is_asked_to_let_its_model_go() -> None:
    with fake_chat.fake_chat() as server:
        assert asyncio.run(unload(ServerPlace("ollama", server.address, "small-model")))
        assert (server.asked[0].path, server.asked[0].body) == (
            "/api/generate",
            {"model": "small-model", "keep_alive": 0},
        )
        assert not asyncio.run(unload(ServerPlace("openai", server.address, "small-model")))
        assert len(server.asked) == 1
    assert not asyncio.run(unload(ServerPlace("ollama", server.address, "small-model")))  # away: nothing is loaded


# What is refused


@pytest.mark.parametrize("status", [401, 403])
def test_that_a_missing_key_is_named_with_its_cure(server: Answers, status: int) -> None:
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


def test_that_a_list_of_models_has_a_longest_length(server: Answers) -> None:
    server.give("/api/tags", b'{"models": [' + b" " * (chat_facts.MOST_BYTES + 1) + b"]}")
    assert "more than 4 MB" in refused(server.address).message


def test_that_nothing_at_the_address_says_how_to_start_it() -> None:
    problem = refused(f"http://127.0.0.1:{fake_chat.free_port()}")
    assert isinstance(problem, EnvironmentProblem)
    assert "127.0.0.1:" in problem.message
    assert "ollama serve" in problem.hint


def test_that_a_silent_server_is_given_up(server: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_facts, "FACTS_SECONDS", 0.3)
    server.seconds = 5
    assert "did not answer" in refused(server.address).message


def test_that_no_key_goes_unencrypted_to_another_machine(server: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (server_address, server_http, server_problems):
        monkeypatch.setattr(module, "takes_key", lambda address: False)
    server.give("/v1/models", b"{}", 401)
    problem = refused(server.address, key="secret")
    assert all("Authorization" not in headers for _, headers in server.asked)
    assert "https://" in problem.hint
