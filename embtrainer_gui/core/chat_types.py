"""What goes to a language model and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Protocol = Literal["ollama", "openai"]


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """A model on a server. ``key`` may be empty, and is in no repr."""

    protocol: Protocol
    address: str
    model: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """``schema`` is a JSON schema that the answer keeps to, None for free text; ``max_tokens`` bounds the answer.

    ``images`` are whole PNG or JPEG files. ``context_tokens`` sets the context length where the protocol can (Ollama);
    0 leaves it to the server.
    """

    system: str
    user: str
    schema: dict[str, Any] | None = None
    max_tokens: int = 1024
    temperature: float = 0.7
    top_p: float = 1.0
    seed: int | None = None
    images: tuple[bytes, ...] = ()
    context_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ChatReply:
    """``finish`` "length": it ends where ``max_tokens`` or the context ended, not where the model would have.

    Token counts are None where the server does not tell them. ``text`` holds no NUL and no lone surrogate.
    """

    text: str
    finish: Literal["stop", "length", "other"]
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float
