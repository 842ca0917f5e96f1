"""Replies of servers that were of no use, kept for whoever wants to know why: one JSON line each, bounded."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

LOG = "replies.jsonl"
LONGEST_REPLY = 4000  # characters kept of one
MOST_BYTES = 2_000_000  # of the file; then it is put aside, and what was aside goes


def log_reply(folder: Path, at: str, passage_id: int | str, model: str, reason: str, reply: str) -> None:
    """Append to ``folder``/replies.jsonl. A log that cannot be written stops nothing."""
    row = {"at": at, "passage": passage_id, "model": model, "reason": reason, "reply": reply[:LONGEST_REPLY]}
    path = folder / LOG
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > MOST_BYTES:
            path.replace(path.with_suffix(".old.jsonl"))
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(json.dumps(row, ensure_ascii=True) + "\n")
