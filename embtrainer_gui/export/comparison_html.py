"""A report of a comparison as one HTML file: no script, nothing from elsewhere, every text escaped, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from embtrainer_gui.core.settings import resource_path
from embtrainer_gui.export.comparison_content import Asked, Report, Section, Table
from embtrainer_gui.export.dot_chart import dot_chart

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def comparison_html(report: Report, program: str) -> str:
    """The whole file; ``program`` wrote it."""
    style = resource_path("report", "comparison.css").read_text(encoding="utf-8")
    title = escape(report.title)
    facts = "".join(f'<p class="fact">{escape(fact)}</p>' for fact in report.facts)
    body = "".join(_section(section) for section in report.sections)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>\n{style}</style></head><body>\n<header><h1>{title}</h1>"
        f'<p class="verdict {report.tone}">{escape(report.verdict)}</p>{facts}</header>\n'
        f"{body}<footer>{escape(program)}</footer>\n</body></html>\n"
    )


def _section(section: Section) -> str:
    inside = "".join(f"<p>{escape(text)}</p>" for text in section.paragraphs)
    if section.chart:
        inside += dot_chart(section.chart)
    if section.table:
        inside += _table(section.table)
    inside += "".join(_asked(question) for question in section.questions)
    if section.long:
        inside = f"<details><summary>Show</summary>{inside}</details>"
    return f"<section><h2>{escape(section.title)}</h2>{inside}</section>\n"


def _table(table: Table) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in table.heads)
    rows = "".join(f"<tr><td>{escape(row[0])}</td>{''.join(map(_cell, row[1:]))}</tr>" for row in table.rows)
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def _cell(text: str) -> str:
    """An interval in brackets at its end stands under its figure."""
    figure, bracket, rest = text.partition(" (") if text.endswith(")") and " to " in text else (text, "", "")
    return f"<td>{escape(figure)}{f'<small>{escape(rest[:-1])}</small>' if bracket else ''}</td>"


def _asked(question: Asked) -> str:
    head = f'{escape(question.text)} <span class="figures">{escape(question.figures)}</span>'
    if not question.found:
        return f"<p>{head}</p>"
    return f'<details><summary>{head}</summary><div class="two">{"".join(_columns(question))}</div></details>'


def _columns(question: Asked) -> Iterator[str]:
    for title, where, hits in question.found:
        items = "".join(
            f"<li{' class=right' if hit.right else ''}>{'<b>Right passage.</b> ' if hit.right else ''}"
            f'{escape(hit.text)} <span class="where">{escape(hit.place)}</span></li>'
            for hit in hits
        )
        yield f'<div><h3>{escape(title)}</h3><span class="where">{escape(where)}</span><ol>{items}</ol></div>'
