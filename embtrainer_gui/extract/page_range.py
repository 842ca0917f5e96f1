"""The pages that a user asks for: ``1-5,8`` or ``3-``."""

from __future__ import annotations

from embtrainer_gui.core.translate import mark


def pages_of(wanted: str, total: int) -> list[int]:
    """The numbers, from 1 to ``total`` and in order, that ``wanted`` (as ``ImportConfig.pages`` checks it) names."""
    if not wanted.strip():
        return list(range(1, total + 1))
    numbers: set[int] = set()
    for part in wanted.split(","):
        first, dash, last = part.partition("-")
        end = int(last) if last.strip() else total
        numbers.update(range(int(first), min(end if dash else int(first), total) + 1))
    return sorted(number for number in numbers if 1 <= number <= total)


def in_words(numbers: list[int]) -> str:
    """``[1, 2, 3, 7]`` as ``1-3, 7``."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    return ", ".join("-".join(map(str, part)) for part in parts)


def part_read(numbers: list[int], total: int) -> str:
    """A sentence on which pages were read, where that is not all of them."""
    if len(numbers) == total:
        return ""
    text = (
        mark("Page {pages} of {total} was read.") if len(numbers) == 1 else mark("Pages {pages} of {total} were read.")
    )
    return text.format(pages=in_words(numbers), total=total)
