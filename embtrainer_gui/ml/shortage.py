"""Memory that runs out: how it is told from other errors, and what is done first."""

from __future__ import annotations

import torch
from safetensors import SafetensorError

from embtrainer_gui.core.memory import give_back

SAID = (
    "can't allocate memory",  # torch on the processor
    "out of memory",  # and on a graphics card
    "could not create a primitive",  # oneDNN, where its scratchpad does not fit
    "could not create a memory",
    "std::bad_alloc",
    "Cannot allocate memory",  # the system
)


def ran_out(problem: BaseException) -> bool:
    """Whether ``problem`` says that there is not enough memory, which torch does in several ways."""
    if isinstance(problem, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(problem, RuntimeError | OSError | SafetensorError) and any(
        words in str(problem) for words in SAID
    )


def free_memory(device: torch.device) -> None:
    """Give back what nothing uses any more."""
    give_back()
    if device.type == "cuda":
        torch.cuda.empty_cache()
