"""What memory is free, and memory that was freed given back to the system."""

from __future__ import annotations

import ctypes
import gc
import sys


def available_memory() -> int:
    """Bytes that programs may still take without the system running short."""
    import psutil

    return int(psutil.virtual_memory().available)


def give_back() -> None:
    """Collect garbage and trim the heap where the C library can: glibc keeps it otherwise, and the next stage comes
    on top."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
