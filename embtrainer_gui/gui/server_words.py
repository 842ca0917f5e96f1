"""What a test found out about a server of language models, in plain words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.chat_facts import ServerFacts, ServerSpeed
from embtrainer_gui.core.chat_types import Protocol
from embtrainer_gui.gui.format import count

FEW_TOKENS = 2048
"""A prompt with its passage and five questions takes about as many."""


def facts_words(protocol: Protocol, facts: ServerFacts) -> str:
    name = "Ollama" if protocol == "ollama" else _tr("A server that speaks like OpenAI")
    version = f" {facts.version}" if facts.version else ""
    lines = [_tr("It answers: {name}{version}, {count} models.").format(
        name=name, version=version, count=count(len(facts.models))
    )]  # fmt: skip
    if facts.context_tokens:
        lines.append(_tr("Reads {tokens} tokens at once.").format(tokens=count(facts.context_tokens)))
        if facts.context_tokens < FEW_TOKENS:
            lines.append(_tr("That is short: long passages may not fit."))
    return "\n".join(lines)


def speed_words(speed: ServerSpeed) -> str:
    return speed  # written when core/chat_facts is there


def _tr(text: str) -> str:
    return QCoreApplication.translate("ServerWords", text)
