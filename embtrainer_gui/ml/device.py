"""What computes here."""

from __future__ import annotations

from typing import Any

import torch

from embtrainer_gui.core.process_place import process_place
from embtrainer_gui.core.settings import device_wanted


def chosen_device() -> str | None:
    """``"cpu"`` where only the processor is wanted; None leaves it to the library, which takes a graphics card
    (NVIDIA's, AMD's or Apple's) where there is one. Of several processes on a machine each has a card of its own."""
    if device_wanted() == "cpu":
        return "cpu"
    place = process_place()
    if place.size == 1:
        return None
    return f"cuda:{place.local_rank}" if torch.cuda.is_available() else "cpu"


def describe_device() -> str:
    """``cpu (2 threads)``, or the name of the accelerator."""
    if chosen_device() is None and torch.cuda.is_available():
        return f"cuda ({torch.cuda.get_device_name(0)})"
    if chosen_device() is None and torch.backends.mps.is_available():
        return "mps"
    return f"cpu ({torch.get_num_threads()} threads)"


def fast_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 pays on ``device``: a step takes 0.55 of its time on a CPU with AMX, 0.52 on one that has only
    AVX-512's bfloat16 (both measured). Other CPUs emulate it, a hundred times slower.
    """
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # newer than the oldest torch allowed
    return device.type == "cpu" and any(capabilities.get(name) for name in ("amx_bf16", "avx512_bf16"))


def training_precision(device: torch.device) -> torch.autocast:
    """What a run computes in, its dev searches too: bfloat16 where that pays, else float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=fast_bfloat16(device))
