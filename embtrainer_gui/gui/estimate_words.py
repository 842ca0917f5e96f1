"""What a preview measured, and what the batch would take by that measure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.gui import format as words


def estimate_words(summary: Mapping[str, Any], left: int, prices: tuple[float, float] = (0.0, 0.0)) -> str:
    """A line on the sample and one on the batch of ``left`` passages; "" where nothing was measured.

    Args:
        summary: of the stage "preview": passages, seconds, and tokens where a server tells them.
        prices: of a million tokens sent and received.
    """
    asked = len(summary["passages"])
    if not asked:
        return ""
    seconds = summary["seconds"] / asked
    sent, received = summary.get("prompt_tokens") or 0, summary.get("completion_tokens") or 0
    parts = [_tr("Measured: {time} a passage").format(time=_time(seconds))]
    if sent or received:
        parts.append(_tr("{sent} + {received} tokens").format(
            sent=words.count(round(sent / asked)), received=words.count(round(received / asked))
        ))  # fmt: skip
    lines = [" · ".join(parts)]
    if left:
        batch = [_tr("The batch of {count} passages: about {time}").format(
            count=words.count(left), time=words.seconds(seconds * left)
        )]  # fmt: skip
        if sent or received:
            batch.append(_tr("{count} tokens").format(count=words.count(round((sent + received) / asked * left))))
            batch.append(cost_words(cost_of(sent, received, prices) / asked * left))
        lines.append(" · ".join(part for part in batch if part))
    return "\n".join(lines)


def cost_of(sent: int, received: int, prices: tuple[float, float]) -> float:
    return (sent * prices[0] + received * prices[1]) / 1_000_000


def cost_words(cost: float) -> str:
    """In whatever currency the prices are; "" where nothing is paid."""
    if not cost:
        return ""
    return _tr("cost about {cost}").format(cost=f"{cost:.2f}" if cost >= 0.1 else f"{cost:.4f}")


def _time(seconds: float) -> str:
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 10 else words.seconds(seconds)


def _tr(text: str) -> str:
    return QCoreApplication.translate("EstimateWords", text)
