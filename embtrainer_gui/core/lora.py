"""Whether adapters (LoRA) can be trained here, and how many numbers they are. No torch."""

from __future__ import annotations

import importlib.util

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark

PACKAGE = "peft"
ADAPTED_WIDTHS = 18  # of a transformer's layer: in and out of four square maps, and of two that are four times as wide


def lora_fault(rank: int) -> str:
    """What adapters of that rank lack here; "" where nothing."""
    if rank and importlib.util.find_spec(PACKAGE) is None:
        return mark("Adapters (LoRA) need the package peft, which is not installed.")
    return ""


def refuse_without_peft(rank: int) -> None:
    fault = lora_fault(rank)
    if fault:
        raise UserError(fault, mark("Install it (pip install embtrainer[lora]), or set lora_rank to 0."))


def adapter_bytes(rank: int, layers: int, width: int) -> int:
    """Of the adapters of a model of that shape, in float32."""
    return 4 * rank * layers * width * ADAPTED_WIDTHS
