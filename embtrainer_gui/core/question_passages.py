"""Which passages questions are made of, and which the built-in generator cannot serve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from embtrainer_gui.core.generate_config import is_builtin
from embtrainer_gui.core.language_names import language_name
from embtrainer_gui.core.records import Passage
from embtrainer_gui.core.translate import mark

_SERVED = ("", "en")  # languages; of "" it may be English
_NAMED = 4  # languages in the sentence


def makes_questions(passage: Passage) -> bool:
    """Formulas and tables make none, with no generator."""
    return not passage.marks


def condition(generator: str) -> str:
    """In SQL, for passages ``p``: they make questions, and the generator knows their language."""
    languages = ", ".join(f"'{code}'" for code in _SERVED)
    return " AND p.marks = ''" + (f" AND p.language IN ({languages})" if is_builtin(generator) else "")


def in_another_language(passages: Sequence[Passage]) -> list[Passage]:
    """Those that make questions, but none with the built-in generator."""
    return [passage for passage in passages if makes_questions(passage) and passage.language not in _SERVED]


def languages_in_words(passages: Sequence[Passage]) -> str:
    """A sentence on passages of other languages, the most frequent ones by name."""
    counts = Counter(passage.language for passage in passages).most_common()
    named = [f"{language_name(code)} {count}" for code, count in counts[:_NAMED]]
    text = mark(
        "{count} passages are not English ({languages}): the built-in generator makes questions of English text only;"
        " a server can."
    )
    more = ["..."] if len(counts) > _NAMED else []
    return text.format(count=len(passages), languages=", ".join([*named, *more]))
