"""The time as the store writes it."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> str:
    """ISO-8601 UTC with microseconds and Z, as the interchange format has it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
