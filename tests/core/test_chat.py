"""One request to a server of models: both protocols, every bad answer, and where a request may not go."""

from __future__ import annotations

import asyncio
import base64
import json
import resource
import socket
import time
from collections.abc import Iterator
from typing import Any

import fake_chat
import pytest
from fake_chat import DRIP, FLOOD, HANG, ODD_REPLIES, RESET, RESET_MID_BODY, FakeChat, Fault

from embtrainer_gui.core import chat_protocol, server_http
from embtrainer_gui.core.chat import (
    BadReply,
    ChatClient,
    ChatReply,
    ChatRequest,
    FormatRefused,
    KeyRefused,
    PlaceRefused,
    RequestRefused,
    ServerAway,
    ServerBusy,
    ServerPlace,
    TooLong,
)
from embtrainer_gui.core.chat_types import Protocol
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_address import is_metadata, is_this_machine, ollama_base, openai_base
from embtrainer_gui.core.server_problems import seconds_to_wait

KEY = "sk-CANARY0123456789"
SCHEMA = {"type": "object", "properties": {"pairs": {"type": "array"}}, "required": ["pairs"]}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50
BOTH: tuple[Protocol, ...] = ("ollama", "openai")


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat.fake_chat() as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_protocol, "_dialects", {})


def ask(
    server: FakeChat, protocol: Protocol = "ollama", seconds: float = 5, key: str = "", address: str = "", **values: Any
) -> ChatReply:
    request = ChatRequest(**{"system": "Be brief.", "user": "Hello", "max_tokens": 50, **values})

    async def once() -> ChatReply:
        async with ChatClient(ServerPlace(protocol, address or server.address, "small-model", key), seconds) as client:
            return await client.ask(request)

    return asyncio.run(once())


def refused(server: FakeChat, *arguments: Any, **values: Any) -> AppError:
    with pytest.raises(AppError) as caught:
        ask(server, *arguments, **values)
    assert caught.value.hint
    assert KEY not in str(caught.value) + repr(caught.value)
    return caught.value


# What goes out


def test_that_ollama_is_asked_by_its_own_route_with_its_own_words(server: FakeChat) -> None:
    ask(server, schema=SCHEMA, seed=7, context_tokens=8000, images=(PNG,), temperature=0.1, top_p=0.9)
    (asked,) = server.asked
    body = asked.body
    assert asked.path == "/api/chat"
    assert body["format"] == SCHEMA
    assert (body["stream"], body["think"]) == (False, False)
    assert body["options"] == {"num_predict": 50, "temperature": 0.1, "top_p": 0.9, "num_ctx": 8000, "seed": 7}
    assert base64.b64decode(body["messages"][1]["images"][0]) == PNG
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}


def test_that_a_server_like_openai_is_asked_with_a_schema_a_limit_and_pictures(server: FakeChat) -> None:
    ask(server, "openai", schema=SCHEMA, seed=7, images=(PNG, b"\xff\xd8jpeg"))
    (asked,) = server.asked
    body = asked.body
    assert asked.path == "/v1/chat/completions"
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert (body["max_tokens"], body["seed"]) == (50, 7)
    urls = [part["image_url"]["url"] for part in body["messages"][1]["content"][1:]]
    assert urls[0] == "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert urls[1].startswith("data:image/jpeg;base64,")


@pytest.mark.parametrize("protocol", BOTH)
def test_that_the_answer_comes_back_with_its_tokens_and_its_end(server: FakeChat, protocol: Protocol) -> None:
    server.answer, server.finish = lambda asked: f"You said {asked.user}", "length"
    reply = ask(server, protocol)
    assert (reply.text, reply.finish) == ("You said Hello", "length")
    assert reply.prompt_tokens
    assert reply.completion_tokens == 3
    assert 0 < reply.seconds < 5


@pytest.mark.parametrize("protocol", BOTH)
def test_that_text_with_half_a_letter_is_sent_mended(server: FakeChat, protocol: Protocol) -> None:
    ask(server, protocol, user="a\ud800b")
    assert server.asked[0].user == "a\ufffdb"


@pytest.mark.parametrize("address", ["", "/", "/v1", "/v1/", "/v1/chat/completions", "/api", "/api/chat"])
def test_that_the_route_is_found_from_whatever_is_pasted(address: str) -> None:
    assert openai_base("http://a:1" + address) == "http://a:1/v1"
    assert ollama_base("http://a:1" + address) == "http://a:1"


def test_that_a_path_of_a_cloud_stays() -> None:
    assert openai_base("https://a/api/v1") == "https://a/api/v1"
    assert openai_base("https://a/v1beta/openai/") == "https://a/v1beta/openai"


# Settings that a server does not know


def test_that_a_schema_a_server_refuses_is_left_out_from_then_on(server: FakeChat) -> None:
    server.refuses = ("json_schema",)
    assert isinstance(refused(server, "openai", schema=SCHEMA), FormatRefused)
    ask(server, "openai", schema=SCHEMA)
    ask(server, "openai", schema=SCHEMA)
    kinds = [asked.body["response_format"]["type"] for asked in server.asked]
    assert kinds == ["json_schema", "json_object", "json_object"]
    server.refuses = ("response_format",)
    assert isinstance(refused(server, "openai", schema=SCHEMA), FormatRefused)
    ask(server, "openai", schema=SCHEMA)
    assert "response_format" not in server.asked[-1].body


@pytest.mark.parametrize("name", ["temperature", "top_p", "seed"])
def test_that_a_setting_a_model_refuses_is_left_out_from_then_on(server: FakeChat, name: str) -> None:
    server.refuses = (name,)
    assert isinstance(refused(server, "openai", seed=1), FormatRefused)
    ask(server, "openai", seed=1)
    assert name not in server.asked[-1].body


def test_that_think_is_left_out_where_ollama_refuses_it(server: FakeChat) -> None:
    server.refuses = ("think",)
    assert isinstance(refused(server), FormatRefused)
    ask(server)
    assert "think" not in server.asked[-1].body


def test_that_the_newer_name_of_the_limit_is_used_where_a_model_wants_it(server: FakeChat) -> None:
    server.faults = [fake_chat.error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")]
    assert isinstance(refused(server, "openai"), FormatRefused)
    ask(server, "openai")
    assert server.asked[-1].body["max_completion_tokens"] == 50
    assert "max_tokens" not in server.asked[-1].body


def test_that_a_request_that_is_too_long_is_told_as_such(server: FakeChat) -> None:
    server.faults = [fake_chat.error(400, "This model's maximum context length is 4096 tokens; max_tokens is 50")]
    assert isinstance(refused(server, "openai"), TooLong)
    server.faults = [fake_chat.error(413)]
    assert isinstance(refused(server, "openai"), TooLong)


# Problems by their kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RequestRefused), (401, KeyRefused), (403, KeyRefused), (404, PlaceRefused), (402, PlaceRefused),
     (408, ServerAway), (422, RequestRefused), (429, ServerBusy), (500, ServerAway), (502, ServerAway),
     (503, ServerBusy)],
)  # fmt: skip
@pytest.mark.parametrize("protocol", BOTH)
def test_that_each_status_has_its_problem(
    server: FakeChat, protocol: Protocol, status: int, kind: type[AppError]
) -> None:
    server.fault = fake_chat.error(status, f"bad luck with {KEY}")
    problem = refused(server, protocol, key=KEY)
    assert type(problem) is kind
    assert kind is KeyRefused or "bad luck with ***" in problem.message
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("2", 2, 2), ("3600", 3600, 3600), ("Fri, 01 Jan 2100 00:00:00 GMT", 1e8, 1e10),
     ("Mon, 01 Jan 2001 00:00:00 GMT", 0, 0)],
)  # fmt: skip
def test_that_the_wait_a_server_asks_for_is_read(server: FakeChat, header: str, low: float, high: float) -> None:
    server.fault = fake_chat.busy(header)
    problem = refused(server)
    assert isinstance(problem, ServerBusy)
    assert problem.retry_after is not None
    assert low <= problem.retry_after <= high


def test_that_a_senseless_wait_is_none() -> None:
    assert [seconds_to_wait({"retry-after": word}) for word in ("", "soon", "-5", "9" * 50, "1e9")] == [None] * 5


TEXTS = {"fenced", "thinking", "trailing prose", "truncated", "lone surrogate", "NUL"}


@pytest.mark.parametrize("name", ODD_REPLIES)
@pytest.mark.parametrize("protocol", BOTH)
def test_that_an_odd_reply_is_a_text_or_a_problem(server: FakeChat, protocol: Protocol, name: str) -> None:
    server.fault = ODD_REPLIES[name]
    if name not in TEXTS:
        problem = refused(server, protocol)
        assert isinstance(problem, BadReply)
        assert len(problem.excerpt) <= 500
        return
    text = ask(server, protocol).text
    assert "\0" not in text
    text.encode()


@pytest.mark.parametrize("protocol", BOTH)
def test_that_a_flood_ends_at_the_cap_and_takes_no_memory(server: FakeChat, protocol: Protocol) -> None:
    ask(server, protocol)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    server.fault = FLOOD
    problem = refused(server, protocol)
    assert isinstance(problem, BadReply)
    assert problem.is_foreign
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kB


@pytest.mark.parametrize("fault", [HANG, DRIP], ids=["hang", "drip"])
def test_that_no_answer_outlives_the_deadline(server: FakeChat, fault: Fault) -> None:
    server.fault = fault
    start = time.monotonic()
    problem = refused(server, seconds=0.4)
    assert isinstance(problem, ServerAway)
    assert problem.cause == "silent"
    assert 0.3 < time.monotonic() - start < 2


@pytest.mark.parametrize("fault", [RESET, RESET_MID_BODY], ids=["reset", "in the body"])
def test_that_a_reset_is_a_server_that_is_away(server: FakeChat, fault: Fault) -> None:
    server.fault = fault
    problem = refused(server)
    assert isinstance(problem, ServerAway)
    assert problem.cause == "failed"


def test_that_nothing_at_the_address_says_how_to_start_it(server: FakeChat) -> None:
    problem = refused(server, address=f"http://127.0.0.1:{fake_chat.free_port()}")
    assert isinstance(problem, ServerAway)
    assert problem.cause == "unreachable"
    assert "ollama serve" in problem.hint


def test_that_stopping_ends_a_request_at_once(server: FakeChat) -> None:
    server.fault = HANG

    async def stop() -> float:
        async with ChatClient(ServerPlace("ollama", server.address, "m"), 60) as client:
            task = asyncio.create_task(client.ask(ChatRequest("", "Hello")))
            while not server.chats:
                await asyncio.sleep(0.01)
            start = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return time.monotonic() - start

    assert asyncio.run(stop()) < 0.5


# Where nothing may go


@pytest.mark.parametrize("protocol", BOTH)
def test_that_a_redirect_is_told_and_not_followed(server: FakeChat, protocol: Protocol) -> None:
    with fake_chat.fake_chat() as other:
        server.fault = fake_chat.redirect(other.address + "/v1/chat/completions")
        problem = refused(server, protocol, key=KEY)
        assert isinstance(problem, PlaceRefused)
        assert other.address.removeprefix("http://") in problem.message
        assert other.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_that_a_proxy_of_the_environment_is_not_used_for_this_machine(
    server: FakeChat, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with fake_chat.fake_chat() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        for protocol in BOTH:
            ask(server, protocol, key=KEY, address=server.address.replace("127.0.0.1", host))
        assert proxy.asked == []
    assert len(server.asked) == 2


def test_that_a_key_is_sent_to_this_machine_and_not_unencrypted_to_another(
    server: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(server, key=KEY)
    assert server.asked[-1].headers["authorization"] == f"Bearer {KEY}"
    monkeypatch.setattr(server_http, "takes_key", lambda address: False)
    ask(server, key=KEY)
    assert KEY not in json.dumps(server.asked[-1].headers)


@pytest.mark.parametrize(("key", "sent"), [(f" {KEY}\n", f"Bearer {KEY}"), (f"{KEY}\nX: 1", None), (f"{KEY}é", None)])
def test_that_a_key_that_no_header_takes_is_not_sent_and_not_repeated(
    server: FakeChat, key: str, sent: str | None
) -> None:
    ask(server, key=key)
    assert server.asked[-1].headers.get("authorization") == sent


def test_that_a_name_that_leads_to_the_metadata_of_a_machine_gets_nothing(
    server: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fake stands for such an address: it has the peer's number only after the connection, as in real life."""
    port = server.address.rsplit(":", 1)[1]
    found = socket.getaddrinfo("127.0.0.1", int(port), type=socket.SOCK_STREAM)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(server_http, "is_metadata", lambda ip: ip == "127.0.0.1")
    problem = refused(server, key=KEY, address=f"http://looks-harmless.example:{port}")
    assert isinstance(problem, PlaceRefused)
    assert "127.0.0.1" in problem.message
    assert server.asked == []


@pytest.mark.parametrize(
    ("ip", "is_one"),
    [("169.254.169.254", True), ("fe80::1%eth0", True), ("fd00:ec2::254", True), ("::ffff:169.254.1.1", True),
     ("127.0.0.1", False), ("192.168.1.4", False), ("8.8.8.8", False), ("no number", False)],
)  # fmt: skip
def test_that_addresses_of_metadata_are_known(ip: str, is_one: bool) -> None:
    assert is_metadata(ip) is is_one


@pytest.mark.parametrize(
    ("address", "near"),
    [("http://localhost:11434", True), ("http://127.0.0.1", True), ("http://[::1]:8080/v1", True),
     ("http://localhost.example.org", False), ("https://api.example.org/v1", False), ("http://192.168.1.4:1", False)],
)  # fmt: skip
def test_that_this_machine_is_known(address: str, near: bool) -> None:
    assert is_this_machine(address) is near


def test_that_a_key_is_in_no_repr() -> None:
    assert KEY not in repr(ServerPlace("openai", "https://a", "m", KEY))
