"""``import --zotero`` and ``import --bibliography``: papers from a reference manager."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from embtrainer_gui.cli.cluster import context_on
from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark

WHOLE = ""


def add_references(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--zotero",
        nargs="?",
        const=WHOLE,
        metavar="COLLECTION",
        help=mark("The PDFs of a collection of the Zotero that runs here, with those that lie in it; else all."),
    )
    parser.add_argument("--zotero-url", metavar="URL", help=mark("Where that Zotero answers. [http://localhost:23119]"))
    parser.add_argument(
        "--bibliography",
        type=Path,
        metavar="FILE",
        help=mark("The PDFs that a Zotero RDF (.rdf) or BibTeX (.bib) file names."),
    )


def names_references(options: argparse.Namespace) -> bool:
    """Raises UserError where there are no sources at all, or sources of several kinds."""
    kinds = [bool(options.sources), options.zotero is not None, options.bibliography is not None]
    if sum(kinds) != 1:
        raise UserError(
            mark("Name papers, or --zotero, or --bibliography FILE: one of them."),
            mark("embtrainer import PROJECT FOLDER, or embtrainer import PROJECT --zotero"),
        )
    if options.zotero_url and options.zotero is None:
        raise UserError(mark("--zotero-url is for --zotero."), mark("Add --zotero, or leave it out."))
    return not options.sources


def import_from(session: Session, project: Project, config: ImportConfig) -> dict[str, Any]:
    from embtrainer_gui.stages import import_references

    options = session.options
    with context_on(session, project, config.workers) as ctx:
        if options.bibliography is not None:
            summary = import_references.from_file(ctx, config, options.bibliography)
        else:
            address = options.zotero_url or ""
            keys = None if options.zotero == WHOLE else asyncio.run(_keys(options.zotero, address))
            summary = import_references.from_zotero(ctx, config, keys, address)
    about = summary["references"]
    text = mark("{items} items: {pdfs} PDFs here, {without_pdf} items without one, {gone} PDFs not found")
    session.output.say(text.format(**(about | {"gone": len(about["gone"])})))
    return summary


async def _keys(name: str, address: str) -> list[str]:
    """The keys of a collection and of all that lie in it."""
    from embtrainer_gui.core.zotero import ADDRESS, ZoteroClient, collection_named, with_inner

    async with ZoteroClient(address or ADDRESS) as client:
        found = await client.collections()
    return [each.key for each in with_inner([collection_named(name, found).key], found)]
