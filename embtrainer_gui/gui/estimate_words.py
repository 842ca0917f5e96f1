"""What a preview measured, and what the batch would take by that measure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.gui import format as words


def estimate_words(summary: Mapping[str, Any]) -> str:
    """A line on the sample and one on the passages that wait, of the summary of the stage "preview"; "" where nothing
    was asked."""
    rows, waiting = summary["passages"], summary["waiting"]
    if not rows:
        return ""
    tokens = summary["prompt_tokens"] + summary["completion_tokens"]
    each = sum(row["seconds"] for row in rows) / len(rows)
    sample = [_tr("Measured: {time} a passage").format(time=short_seconds(each))]
    batch = [_tr("{count} passages: about {time}").format(
        count=words.count(waiting), time=words.seconds(summary["waiting_seconds"])
    )]  # fmt: skip
    if tokens:
        sample.append(_tr("{count} tokens").format(count=words.count(round(tokens / len(rows)))))
        batch[0] += _tr(", less with several at once")
        batch.append(_tr("{count} tokens").format(count=words.count(round(tokens / len(rows) * waiting))))
    if summary["cost"]:
        sample.append(_tr("cost {cost}").format(cost=cost_words(summary["cost"] / len(rows))))
        batch.append(_tr("cost about {cost}").format(cost=cost_words(summary["waiting_cost"])))
    return "\n".join(" · ".join(line) for line in (sample, batch) if line is sample or waiting)


def used_words(summary: Mapping[str, Any]) -> str:
    """What a run asked of a server, as a sentence after another one; "" where it asked none."""
    if not summary["calls"]:
        return ""
    tokens = words.count(summary["prompt_tokens"] + summary["completion_tokens"])
    text = _tr("{calls} requests, {tokens} tokens")
    if summary["cost"]:
        text = _tr("{calls} requests, {tokens} tokens, cost {cost}")
    told = text.format(calls=words.count(summary["calls"]), tokens=tokens, cost=cost_words(summary["cost"]))
    return f" {told}."


def cost_words(cost: float) -> str:
    """In whatever currency the prices are."""
    return f"{cost:.2f}" if cost >= 0.1 else f"{cost:.4f}"


def short_seconds(value: float) -> str:
    """Also of what takes milliseconds."""
    if value < 0.1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 10 else words.seconds(value)


def _tr(text: str) -> str:
    return QCoreApplication.translate("EstimateWords", text)
