"""pyqtgraph, which takes a third of a second to import: on a thread after the window's first paint, or when needed."""

from __future__ import annotations

import importlib
import threading
from typing import Any

_NAME = "pyqtgraph"


def preload() -> threading.Thread:
    """Import it on a thread (320 ms on the GUI thread, measured); the window does so after its first paint."""
    thread = threading.Thread(target=library, name="import pyqtgraph", daemon=True)
    thread.start()
    return thread


def library() -> Any:
    """The module; waits for ``preload`` where that is not through yet (the import lock sees to it)."""
    return importlib.import_module(_NAME)


def arrays() -> Any:
    """numpy, which comes with it."""
    return importlib.import_module("numpy")
