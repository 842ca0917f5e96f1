"""XML that others wrote: no entities, no deep nesting, no large file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import defusedxml
from defusedxml import ElementTree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DEEPEST = 200  # GROBID's and Zotero's own trees stay under 20; Python recurses when a tree is freed


class RefusedXml(Exception):
    """It holds entities, or more nesting than any honest file."""


class BrokenXml(Exception):
    """It is no XML; the text says where."""


def parsed(path: Path) -> Element:
    """The root of the tree, which takes some ten times the size of the file: look at that first.

    Raises:
        RefusedXml, BrokenXml: see there.
        OSError: it cannot be read.
    """
    depth = 0
    root: Element | None = None
    try:
        for event, element in ElementTree.iterparse(path, events=("start", "end"), forbid_dtd=False):
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            if depth > DEEPEST:
                raise RefusedXml
    except defusedxml.DefusedXmlException as problem:
        raise RefusedXml from problem
    except (ElementTree.ParseError, LookupError, ValueError) as problem:
        raise BrokenXml(str(problem)) from problem
    assert root is not None  # an empty file does not get here
    return root


def name_of(element: Element) -> str:
    """Without its namespace."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def text_of(element: Element | None, between: str = "") -> str:
    """All text inside, inline elements included, white space collapsed."""
    return "" if element is None else " ".join(between.join(element.itertext()).split())
