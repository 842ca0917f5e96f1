"""Who made a pair, as far as the review tells makers apart."""

from __future__ import annotations

from enum import StrEnum

SEVERAL = "several_makers"
"""In the project's meta table: questions in careful wording were made beside or instead of the others."""


class Maker(StrEnum):
    BUILTIN = "builtin"
    CAREFUL = "careful"
    OTHERS = "others"


_CONDITIONS = {
    Maker.BUILTIN: "q.source LIKE 'builtin%' AND q.source NOT LIKE 'builtin%careful%'",
    Maker.CAREFUL: "q.source LIKE 'builtin%careful%'",
    Maker.OTHERS: "q.source NOT LIKE 'builtin%'",
}


def condition(maker: Maker) -> str:
    """In SQL, for pairs ``q``."""
    return _CONDITIONS[maker]
