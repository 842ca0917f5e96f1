"""What computes here."""

from __future__ import annotations

import torch


def describe_device() -> str:
    """``cpu (2 threads)``, or the name of the accelerator."""
    if torch.cuda.is_available():
        return f"cuda ({torch.cuda.get_device_name(0)})"
    if torch.backends.mps.is_available():
        return "mps"
    return f"cpu ({torch.get_num_threads()} threads)"
