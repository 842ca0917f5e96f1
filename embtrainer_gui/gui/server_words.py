"""What a test found out about a server of language models, in plain words."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from embtrainer_gui.core.chat_facts import Met, ServerFacts, ServerSpeed
from embtrainer_gui.gui.format import count

MOST_NAMES = 8  # of the models of a server; then only how many more there are
_JSON = {
    "schema": QT_TRANSLATE_NOOP("ServerWords", "JSON: it keeps to a schema."),
    "object": QT_TRANSLATE_NOOP("ServerWords", "JSON: it answers with JSON, but does not know schemas."),
    "none": QT_TRANSLATE_NOOP("ServerWords", "JSON: it does not keep to it. Another model will make better questions."),
}


def met_words(met: Met) -> str:
    """What it is, how soon it answers, and its first models."""
    name = "Ollama" if met.place.protocol == "ollama" else _tr("a server that speaks like OpenAI")
    name += f" {met.facts.version}" if met.facts.version else ""
    models = met.facts.models
    words = _tr("It answers after {ms:.0f} ms: {name}, {count} models").format(
        ms=met.milliseconds, name=name, count=count(len(models))
    )
    shown = ", ".join(models[:MOST_NAMES])
    more = len(models) - MOST_NAMES
    shown += _tr(" and {count} more").format(count=count(more)) if more > 0 else ""
    return f"{words}: {shown}." if shown else f"{words}."


def context_words(facts: ServerFacts) -> str:
    if facts.context_tokens is None:
        return _tr("Context: the server does not tell its length.")
    words = _tr("Context: {count} tokens").format(count=count(facts.context_tokens))
    if facts.context_now and facts.context_now != facts.context_tokens:
        words += _tr(", of which it uses {count} unless asked for more").format(count=count(facts.context_now))
    return f"{words}."


def speed_words(speed: ServerSpeed) -> str:
    figure = speed.tokens_per_second
    shown = f"{figure:.1f}" if figure < 10 else count(round(figure))
    rate = _tr("Speed: {rate} tokens a second.").format(rate=shown)
    sent = _tr("Sent: two short questions of this program; no text of yours.")
    return "\n".join((_tr(_JSON[speed.json_ability]), rate, sent))


def _tr(text: object) -> str:
    return QCoreApplication.translate("ServerWords", str(text))
