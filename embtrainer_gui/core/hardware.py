"""What this computer has to train with, without asking a library of 500 MB."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from embtrainer_gui.core.memory import available_memory

NVIDIA = Path("/proc/driver/nvidia/gpus")
NVIDIA_CARD = "NVIDIA GPU"  # which has memory of its own


@dataclass(frozen=True, slots=True)
class Hardware:
    """``device`` as in the settings: "auto" or "cpu". ``card`` is the kind of graphics card that will compute, "" for
    none; ``cores`` may compute without one."""

    device: str
    card: str
    cores: int

    def free_memory(self) -> int | None:
        """Bytes that training may take now; None where a card with memory of its own trains."""
        return None if self.card == NVIDIA_CARD else available_memory()


def hardware(device: str, threads: int = 0) -> Hardware:
    """``threads`` 0 for all cores."""
    return Hardware(device, graphics_card() if device == "auto" else "", threads or os.cpu_count() or 1)


def graphics_card() -> str:
    """The kind of graphics card that jobs can compute on; "" for none."""
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return "Apple GPU"
    try:
        return NVIDIA_CARD if any(NVIDIA.iterdir()) else ""
    except OSError:
        return ""
