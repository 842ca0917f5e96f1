"""Import from a reference manager: its PDFs by the usual import, and what it tells of them into the project."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.reference import Reference, one_line, settled
from embtrainer_gui.core.reference_entry import Entry, names_pdf
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.zotero import ADDRESS, ZoteroClient, ZoteroCollection
from embtrainer_gui.extract.bibliography import read_bibliography
from embtrainer_gui.stages import import_papers
from embtrainer_gui.stages.background import Background, Put
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.sources import is_regular

MOST_NAMED = 20  # warnings of a kind
LONGEST_NAME = 90
MOST_TOLD = 1000  # sentences about PDFs that are gone
_WAIT = 0.2

Found = list[Entry] | tuple[int, int, str]
"""What an asking thread gives: how far it is, and the entries last."""


@dataclass(slots=True)
class _Sorted:
    """``told`` by the path of a PDF that is there; ``gone`` are sentences about those that are not."""

    told: dict[Path, Reference] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    without: int = 0  # items that name no PDF


def from_zotero(
    ctx: Context, config: ImportConfig, keys: Sequence[str] | None, address: str = "", *, key: str = ""
) -> dict[str, Any]:
    """Import the PDFs of some collections, by their keys; of the whole library where that is None.

    Gives what ``import_papers.run`` gives, and ``references`` (see ``_summary``).

    Raises:
        UserError: Zotero lets nobody in, is too old, or no item has a PDF here; what the import raises.
        EnvironmentProblem: Zotero is not running; what the import raises.
    """
    ctx.status(mark("Asking Zotero..."))
    entries: list[Entry] = []

    async def ask(put: Put[Found]) -> None:
        async with ZoteroClient(address or ADDRESS) as client:
            wanted = None if keys is None else _chosen(await client.collections(), keys)
            put(await client.entries(wanted, lambda *far: put(far)))

    with Background[Found](ask) as asking:
        while not asking.ended:
            for item in asking.items(_WAIT):
                if isinstance(item, list):
                    entries = item
                else:
                    ctx.progress(*item)
            ctx.raise_if_cancelled()
    return _import(ctx, config, entries, [], mark("Zotero"), key)


def from_file(ctx: Context, config: ImportConfig, path: Path, *, key: str = "") -> dict[str, Any]:
    """Import the PDFs that a Zotero RDF or BibTeX file names; the rest is as of ``from_zotero``."""
    ctx.status(mark("Reading the file..."))
    found = read_bibliography(path)
    for problem in found.left_out[:MOST_NAMED]:
        ctx.warn(mark("{file}, {problem}").format(file=path.name, problem=problem))
    return _import(ctx, config, found.entries, found.left_out, path.name, key)


def _chosen(collections: Sequence[ZoteroCollection], keys: Sequence[str]) -> list[ZoteroCollection]:
    chosen = [each for each in collections if each.key in set(keys)]
    if not chosen:
        raise UserError(mark("Zotero no longer has these collections."), mark("Choose again."))
    return chosen


def _import(
    ctx: Context, config: ImportConfig, entries: Sequence[Entry], left_out: Sequence[str], where: str, key: str
) -> dict[str, Any]:
    found = _sorted(ctx, entries)
    for sentence in found.gone[:MOST_NAMED]:
        ctx.warn(sentence)
    if not found.told:
        raise UserError(
            mark("None of the {items} items of {where} has its PDF on this computer: {without} have none, and of {gone}"
                 " it is not where it should be."),
            mark("Bring the PDFs there in Zotero (Find Full Text, or sync of files), or export with files; then try"
                 " again."),
            items=len(entries),
            where=where,
            without=found.without,
            gone=len(found.gone),
        )  # fmt: skip
    ctx.status(mark("Reading the papers..."))
    summary = import_papers.run(ctx, config, list(found.told), key=key, references=found.told)
    return summary | {"references": _summary(entries, found, left_out)}


def _sorted(ctx: Context, entries: Sequence[Entry]) -> _Sorted:
    found = _Sorted()
    for entry in entries:
        ctx.raise_if_cancelled()
        name = entry.name if len(entry.name) <= LONGEST_NAME else f"{entry.name[:LONGEST_NAME]}..."
        for path in entry.files:
            file_name = one_line(path.name, LONGEST_NAME)
            if not is_regular(path):
                found.gone.append(mark("{item}: its PDF is not there ({file}).").format(item=name, file=file_name))
            elif not names_pdf(os.path.realpath(path)):  # what the project keeps of it could be anything
                found.gone.append(mark("{item}: {file} is a link to no PDF.").format(item=name, file=file_name))
            else:
                found.told[path] = _joined(found.told, path, entry.reference)
        for file in entry.lost:
            text = mark("{item}: where its PDF {file} is cannot be told, or is not on this computer.")
            found.gone.append(text.format(item=name, file=file))
        found.without += not (entry.files or entry.lost)
    return found


def _joined(told: Mapping[Path, Reference], path: Path, new: Reference) -> Reference:
    """The same PDF under two items: the first one counts, the second fills gaps."""
    return settled(new, told[path]) if path in told else new


def _summary(entries: Sequence[Entry], found: _Sorted, left_out: Sequence[str]) -> dict[str, Any]:
    """``items``, how many PDFs were there (``pdfs``), items that name none (``without_pdf``), and sentences about
    those that are gone (``gone``) and about what could not be read of the file (``left_out``)."""
    return {
        "items": len(entries),
        "pdfs": len(found.told),
        "without_pdf": found.without,
        "gone": found.gone[:MOST_TOLD],
        "left_out": list(left_out),
    }
