"""Logging set-up: one rotating file in the log folder; secrets are never formatted with locals."""

from __future__ import annotations

import logging
import logging.handlers
import os

from embtrainer_gui.core.settings import log_folder


def set_up_logging(level: int = logging.INFO) -> None:
    """Log to ``embtrainer.log`` in the log folder; where that cannot be written, to nowhere."""
    root = logging.getLogger("embtrainer_gui")
    root.setLevel(level)
    root.propagate = False
    try:
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(folder)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            folder / "embtrainer.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s - %(levelname)s - %(name)s - %(message)s"))
    root.handlers[:] = [handler]
