"""Searches the manual: each of its sections that holds all the words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from embtrainer_gui.gui import manual

_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*`|]")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a topic and the text under it, without markup; ``heading`` is "" above the first one."""

    topic: str
    heading: str
    text: str


def sections() -> list[Section]:
    """The whole manual in the language of the window."""
    return [section for topic in manual.TOPICS for section in _sections_of(topic)]


def found(all_sections: list[Section], words: str) -> list[Section]:
    """Those with all of ``words``, parts of words too; first those that have them in the title or the heading."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    hits = [section for section in all_sections if _holds(f"{_title(section)} {section.text}", wanted)]
    return sorted(hits, key=lambda section: not _holds(_title(section), wanted))


def _title(section: Section) -> str:
    return section.heading or manual.title_of(section.topic)


def _holds(text: str, wanted: list[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in wanted)


def _sections_of(topic: str) -> Iterator[Section]:
    heading, in_code = "", False
    lines: list[str] = []
    for line in manual.text_of(topic).splitlines()[1:]:  # without the title
        in_code ^= line.startswith("```")
        if line.startswith("#") and not in_code:
            yield Section(topic, heading, "\n".join(lines))
            heading, lines = _plain(line.lstrip("#").strip()), []
        elif not line.startswith("```"):
            lines.append(line if in_code else _plain(line))
    yield Section(topic, heading, "\n".join(lines))


def _plain(markdown: str) -> str:
    return _MARKUP.sub(lambda match: match.group(1) or "", markdown)
