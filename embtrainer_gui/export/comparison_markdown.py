"""A report of a comparison as Markdown, in which no text of a paper can be taken for markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from embtrainer_gui.export.comparison_content import Asked, Report, Section, Table

_MARKUP = re.compile(r"([\\`*_\[\]<>|~$&#])")
_LIST = re.compile(r"^([-+](?=[\s-]|$)|=|\d+(?=[.)](?:\s|$)))")  # begins a list, or makes a title of the line above


def comparison_markdown(report: Report, program: str) -> str:
    lines = [f"# {plain(report.title)}", "", f"**{plain(report.verdict)}**", ""]
    lines += [f"- {plain(fact)}" for fact in report.facts]
    for section in report.sections:
        lines += ["", f"## {plain(section.title)}", "", *_section(section)]
    return "\n".join([*lines, "", f"*{plain(program)}*", ""])


def plain(text: str) -> str:
    """One line, each character of which shows as itself."""
    shown = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    begin = _LIST.match(shown)
    if not begin:
        return shown
    return f"\\{shown}" if not begin[1].isdigit() else f"{begin[1]}\\{shown[begin.end() :]}"


def _section(section: Section) -> Iterator[str]:
    for text in section.paragraphs:
        yield from (plain(text), "")
    if section.table:
        yield from (*_table(section.table), "")
    for question in section.questions:
        yield from _asked(question)


def _table(table: Table) -> Iterator[str]:
    yield "| " + " | ".join(map(plain, table.heads)) + " |"
    yield "|---" + "|--:" * (len(table.heads) - 1) + "|"
    for row in table.rows:
        yield "| " + " | ".join(map(plain, row)) + " |"


def _asked(question: Asked) -> Iterator[str]:
    yield f"- **{plain(question.text)}** {plain(question.figures)}"
    for title, where, hits in question.found:
        yield f"  - {plain(title)}: {plain(where)}"
        for rank, hit in enumerate(hits, 1):
            place = f" ({plain(hit.place)})" if hit.place else ""
            yield f"    {rank}. {'**Right passage.** ' if hit.right else ''}{plain(hit.text)}{place}"
