"""What a test found out about a server of language models, in plain words."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from embtrainer_gui.core.chat_facts import ServerFacts, ServerSpeed
from embtrainer_gui.core.chat_types import Protocol
from embtrainer_gui.core.token_budget import UNKNOWN_CONTEXT
from embtrainer_gui.gui.format import count

FEW_TOKENS = 3000
"""A prompt with a long passage and a reply with six questions take about as many."""
_JSON = {
    "schema": QT_TRANSLATE_NOOP(
        "ServerWords", "It keeps to the form of a reply that it is asked for (JSON by a schema)."
    ),
    "object": QT_TRANSLATE_NOOP(
        "ServerWords", "It writes valid JSON, though not by a schema: some replies may be lost."
    ),
    "none": QT_TRANSLATE_NOOP("ServerWords", "It did not write valid JSON when asked to: many replies may be lost."),
}


def facts_words(protocol: Protocol, model: str, facts: ServerFacts) -> str:
    """One line on the server, and one on how much the model reads at once where that is known."""
    name = "Ollama" if protocol == "ollama" else _tr("a server that speaks like OpenAI")
    name = f"{name} {facts.version}" if facts.version else name
    models = (
        _tr("one model") if len(facts.models) == 1 else _tr("{count} models").format(count=count(len(facts.models)))
    )
    lines = [_tr("It answers: {name}, {models}.").format(name=name, models=models)]
    if facts.context_tokens:
        text = _tr("{model} reads {tokens} tokens at once.")
        if facts.context_tokens < FEW_TOKENS:
            text = _tr("{model} reads only {tokens} tokens at once: long passages may not fit.")
        lines.append(text.format(model=model, tokens=count(facts.context_tokens)))
    elif model:
        text = _tr(
            "It does not say how much {model} reads at once: {tokens} tokens, unless you set the context length."
        )
        lines.append(text.format(model=model, tokens=count(UNKNOWN_CONTEXT)))
    return "\n".join(lines)


def speed_words(speed: ServerSpeed) -> str:
    rate = speed.tokens_per_second
    figure = f"{rate:.1f}" if rate < 10 else count(round(rate))
    pace = _tr("It writes {rate} tokens a second.").format(rate=figure)
    return f"{pace}\n{_tr(_JSON[speed.json_ability])}"


def _tr(text: object) -> str:
    return QCoreApplication.translate("ServerWords", str(text))
