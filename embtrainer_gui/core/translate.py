"""The no-op marker for user-visible strings outside the window; the window translates the marked template."""


def mark(text: str) -> str:
    """Mark ``text`` for the translation script and return it unchanged."""
    return text
