"""What computes here."""

from __future__ import annotations

import os

import torch

from embtrainer_gui.core.settings import DEVICE_VARIABLE


def chosen_device() -> str | None:
    """``"cpu"`` where only the processor is wanted; None leaves it to the library, which takes a graphics card
    (NVIDIA's, AMD's or Apple's) where there is one."""
    return "cpu" if os.environ.get(DEVICE_VARIABLE) == "cpu" else None


def describe_device() -> str:
    """``cpu (2 threads)``, or the name of the accelerator."""
    if chosen_device() is None and torch.cuda.is_available():
        return f"cuda ({torch.cuda.get_device_name(0)})"
    if chosen_device() is None and torch.backends.mps.is_available():
        return "mps"
    return f"cpu ({torch.get_num_threads()} threads)"
