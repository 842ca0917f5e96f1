"""A real HTTP server on loopback that speaks the protocols of Ollama and OpenAI, well or badly, as a test sets it.

In a test: ``with fake_chat(latency=0.2, slots=4) as server: ... server.address``; every attribute of ``FakeChat`` can
be set at any time. In a process of its own, for measuring: ``python tests/fake_chat.py --latency 1 --slots 64`` prints
its address and ends with its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["ollama", "openai", "vllm", "lmstudio", "llamacpp", "none"]
Json = dict[str, Any]
MODELS = ("small-model", "large-model")
MB = 1_000_000
_REASONS = {200: "OK", 204: "No Content", 307: "Temporary Redirect", 429: "Too Many Requests"}


@dataclass(frozen=True)
class Asked:
    """A request as it came: names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: Json

    @property
    def is_chat(self) -> bool:
        return self.path.endswith(("/api/chat", "/chat/completions"))

    @property
    def user(self) -> str:
        """What the user's message says, without pictures."""
        content = self.body["messages"][-1]["content"]
        return content if isinstance(content, str) else content[0]["text"]

    @property
    def system(self) -> str:
        first = self.body["messages"][0]
        return str(first["content"]) if first["role"] == "system" else ""


@dataclass(frozen=True)
class Fault:
    """Something else than an answer. ``how``: "answer" sends ``body`` with ``status`` and ``headers``; "raw" sends
    ``body`` as the text of a good answer; the rest are ways of never ending one."""

    how: Literal["answer", "raw", "hang", "drip", "reset", "reset-mid-body", "flood"] = "answer"
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def busy(retry_after: str = "") -> Fault:
    body = b'{"error": {"message": "too many requests"}}'
    return Fault("answer", 429, body, (("Retry-After", retry_after),) if retry_after else ())


def error(status: int, words: str = "something broke") -> Fault:
    return Fault("answer", status, json.dumps({"error": {"message": words}}).encode())


def html() -> Fault:
    return Fault("answer", 200, b"<!doctype html><title>Log in</title>", (("Content-Type", "text/html"),))


def redirect(address: str) -> Fault:
    return Fault("answer", 307, b"", (("Location", address),))


def text(words: str | bytes) -> Fault:
    """A good reply whose text is ``words``; bytes go out as they are, which can make the JSON no UTF-8."""
    return Fault("raw", 200, words.encode("utf-8", "surrogatepass") if isinstance(words, str) else words)


HANG, DRIP, RESET, RESET_MID_BODY, FLOOD = (Fault(how) for how in ("hang", "drip", "reset", "reset-mid-body", "flood"))
NULL = Fault(body=b'{"choices": [{"message": {"content": null}}], "message": {"content": null}}')
NO_CHOICES = Fault(body=b'{"choices": [], "message": {}}')
ODD_REPLIES: dict[str, Fault] = {
    "fenced": text('```json\n{"pairs": []}\n```'),
    "thinking": text('<think>Let me see...</think>{"pairs": []}'),
    "trailing prose": text('{"pairs": []}\nI hope this helps!'),
    "truncated": text('{"pairs": [{"question": "What is'),
    "whitespace flood": text(" \n" * 200_000),
    "no UTF-8": text(b"caf\xe9 \xff\xfe"),
    "lone surrogate": Fault(
        body=b'{"choices": [{"message": {"content": "a\\ud800b"}}], "message": {"content": "a\\ud800b"}}'
    ),
    "NUL": text("a\0b"),
    "null": NULL,
    "no choices": NO_CHOICES,
    "HTML": html(),
    "empty body": Fault(),
    "a number": Fault(body=b"5"),
    "a list": Fault(body=b"[]"),
    "deep": Fault(body=b"[" * 200_000),
    "long number": Fault(body=b'{"message": ' + b"9" * 6000 + b"}"),
    "error in 200": Fault(body=b'{"error": {"message": "the model is gone", "code": 502}}'),
    "choices of text": Fault(body=b'{"choices": "none", "message": "none"}'),
}
"""Case 30 of bad answers with status 200; the 300 MB are ``FLOOD``."""


@dataclass
class FakeChat:
    """``faults`` are used up first, one a chat request; then ``fault`` for all, where it is set; else the answer.

    ``latency`` is the seconds that one answer takes in one of ``slots`` (0: as many as come); more requests queue.
    ``jitter`` 0.2 varies it by 20 % either way, by seed.
    """

    kind: Kind = "ollama"
    latency: float = 0.0
    slots: int = 0
    jitter: float = 0.0
    answer: Callable[[Asked], str] = lambda asked: '{"pairs": []}'
    finish: str = "stop"
    key: str = ""  # that it wants
    models: tuple[str, ...] = MODELS
    context: int = 8192
    loaded_context: int | None = None  # that Ollama has in memory for the first model
    loaded_bytes: Json = field(default_factory=dict)  # "size" and "size_vram" of it
    parameters: str = 'stop "<|end|>"'  # of Ollama's models
    faults: list[Fault] = field(default_factory=list)
    fault: Fault | None = None
    fault_for: Callable[[Asked], Fault | None] = lambda asked: None  # where neither of them is set
    refuses: tuple[str, ...] = ()  # names in a body, at any depth, that it answers with 400
    most_at_once: int = 0  # more get 429
    silent: bool = False  # on every route
    address: str = ""
    asked: list[Asked] = field(default_factory=list)  # of every route
    in_flight: int = 0
    most_in_flight: int = 0
    answered: int = 0  # good answers of chat

    def __post_init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._port = 0
        self._random = random.Random(0)
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def chats(self) -> list[Asked]:
        """Requests of chat, answered or not."""
        return [asked for asked in self.asked if asked.is_chat]

    # Its life

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._free = asyncio.Semaphore(self.slots or 1_000_000)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, backlog=1024)
        self._port = self._server.sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()

    def go_away(self) -> None:
        """As if its process was killed: connections are reset, new ones refused. From another thread."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self.stop(), self._loop).result(10)

    def come_back(self) -> None:
        """At the same address."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self.start(), self._loop).result(10)

    # HTTP

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        self._writers.discard(writer)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(method, path, headers, json.loads(raw) if raw else {})
        self.asked.append(asked)
        if self.silent:
            await asyncio.sleep(3600)
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            return await self._send(writer, 401, error(401, "wrong key").body)
        if asked.is_chat:
            return await self._chat(asked, writer)
        status, said = self._facts(asked)
        return await self._send(writer, status, json.dumps(said).encode())

    async def _send(
        self, writer: asyncio.StreamWriter, status: int, body: bytes, headers: tuple[tuple[str, str], ...] = ()
    ) -> bool:
        extra = "".join(f"{name}: {value}\r\n" for name, value in headers)
        head = f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
        writer.write(head.encode("latin-1") + body)
        await writer.drain()
        return True

    # Chat

    async def _chat(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        fault = self._next_fault(asked)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if fault is not None and fault.how not in ("raw", "answer"):
                return await self._misbehave(fault, writer)
            if fault is None or fault.how == "raw":
                async with self._free:
                    await asyncio.sleep(self.latency * (1 + self._random.uniform(-self.jitter, self.jitter)))
        finally:
            self.in_flight -= 1
        if fault is None:
            self.answered += 1
            return await self._send(writer, 200, self._reply(asked, self.answer(asked).encode()))
        if fault.how == "raw":
            return await self._send(writer, 200, self._reply(asked, fault.body))
        return await self._send(writer, fault.status, fault.body, fault.headers)

    def _next_fault(self, asked: Asked) -> Fault | None:
        written = json.dumps(asked.body)
        for name in self.refuses:
            if f'"{name}"' in written:
                return error(400, f"unknown field: {name}")
        if self.most_at_once and self.in_flight >= self.most_at_once:
            return busy()
        return self.faults.pop(0) if self.faults else self.fault or self.fault_for(asked)

    async def _misbehave(self, fault: Fault, writer: asyncio.StreamWriter) -> bool:
        if fault.how == "reset":
            writer.transport.abort()
            return False
        if fault.how == "hang":
            await asyncio.sleep(3600)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n{")
        await writer.drain()
        if fault.how == "reset-mid-body":
            await asyncio.sleep(0.01)
            writer.transport.abort()
        elif fault.how == "drip":
            for _ in range(3600):
                await asyncio.sleep(0.05)
                writer.write(b" ")
                await writer.drain()
        else:  # flood
            for _ in range(300):
                writer.write(b" " * MB)
                await writer.drain()
        return False

    def _reply(self, asked: Asked, words: bytes) -> bytes:
        """The reply of the protocol around ``words``, which are escaped as JSON where they are UTF-8."""
        try:
            content = json.dumps(words.decode()).encode()
        except UnicodeDecodeError:
            content = b'"' + words + b'"'
        tokens = max(1, len(words) // 4)
        used = len(json.dumps(asked.body)) // 4
        if asked.path.endswith("/api/chat"):
            end = (
                f', "done": true, "done_reason": "{self.finish}", "prompt_eval_count": {used}, "eval_count": {tokens}}}'
            )
            return b'{"model": "m", "message": {"role": "assistant", "content": ' + content + b"}" + end.encode()
        usage = f'"usage": {{"prompt_tokens": {used}, "completion_tokens": {tokens}}}'
        start = b'{"object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": '
        return start + content + f'}}, "finish_reason": "{self.finish}"}}], {usage}}}'.encode()

    # What it says about itself

    def _facts(self, asked: Asked) -> tuple[int, Any]:
        routes = {"/v1/models": self._model_list, **self._routes_of_kind()} if self.kind != "none" else {}
        if asked.path not in routes:
            return 404, {"error": "no such route"}
        return routes[asked.path](asked)

    def _routes_of_kind(self) -> dict[str, Callable[[Asked], tuple[int, Any]]]:
        rows = [{"id": name, "max_context_length": self.context, "state": "loaded"} for name in self.models]
        return {
            "ollama": {
                "/api/tags": lambda asked: (200, {"models": [{"name": name} for name in self.models]}),
                "/api/version": lambda asked: (200, {"version": "0.12.3"}),
                "/api/ps": lambda asked: (200, {"models": self._loaded()}),
                "/api/show": self._show,
                "/api/generate": lambda asked: (200, {"done": True, "done_reason": "unload"}),
            },
            "vllm": {"/version": lambda asked: (200, {"version": "0.11.0"})},
            "lmstudio": {"/api/v0/models": lambda asked: (200, {"object": "list", "data": rows})},
            "llamacpp": {
                "/props": lambda asked: (
                    200,
                    {"default_generation_settings": {"n_ctx": self.context}, "build_info": "b6500", "total_slots": 4},
                )
            },
            "openai": {},
        }[self.kind]

    def _show(self, asked: Asked) -> tuple[int, Any]:
        if asked.body.get("model") not in self.models:
            return 404, {"error": f"model '{asked.body.get('model')}' not found"}
        info = {"general.architecture": "llama", "llama.context_length": self.context}
        return 200, {"model_info": info, "parameters": self.parameters, "capabilities": ["completion", "vision"]}

    def _loaded(self) -> list[Json]:
        row = {"name": self.models[0], "context_length": self.loaded_context, **self.loaded_bytes}
        return [row] if self.loaded_context else []

    def _model_list(self, asked: Asked) -> tuple[int, Any]:
        more = {"max_model_len": self.context} if self.kind == "vllm" else {}
        return 200, {"object": "list", "data": [{"id": name, "object": "model", **more} for name in self.models]}


@contextmanager
def fake_chat(**settings: Any) -> Iterator[FakeChat]:
    """A running one, on a thread of its own; all of its connections are gone at the end."""
    server = FakeChat(**settings)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: FakeChat) -> None:
    await server.stop()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def free_port() -> int:
    """One where nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def _run_alone(options: argparse.Namespace) -> None:
    server = FakeChat(**vars(options))
    await server.start()
    print(server.address, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await _end(server)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", default="ollama")
    parser.add_argument("--latency", type=float, default=1.0)
    parser.add_argument("--slots", type=int, default=0)
    parser.add_argument("--jitter", type=float, default=0.0)
    parser.add_argument("--most-at-once", type=int, default=0)
    asyncio.run(_run_alone(parser.parse_args()))
