"""Which reader a file needs: told from its content, then its name. Never opens what could block."""

from __future__ import annotations

import json
import re
import stat
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.reading import Unreadable

if TYPE_CHECKING:
    from embtrainer_gui.core.config import ImportConfig

HEAD = 4096
PAGES_SUFFIX = ".vision-pages"
_PDF_WITHIN = 1024  # where readers look for the header
_PDF_OBJECT = re.compile(rb"\d \d+ obj\b")  # a PDF that lost its header
_PICTURES_AND_ARCHIVES = {
    b"\x89PNG": "PNG picture",
    b"\xff\xd8\xff": "JPEG picture",
    b"PK\x03\x04": "ZIP archive or Office document",
    b"\x1f\x8b": "gzip archive",
    b"\xd0\xcf\x11\xe0": "old Office document",
}


class Format(StrEnum):
    PDF = "text"  # named after the extractor that reads it
    TEI = "tei"
    CORPUS = "corpus"
    TEXT = "txt"
    PAGES = "vision"  # what a vision model said of the pages of a PDF (stages.vision_papers)


def recognise(path: Path, config: ImportConfig) -> Format:
    """The format of ``path``.

    Raises:
        Unreadable: no regular file, no permission, empty, too large, or of no known format.
    """
    head = _head(path, config)
    name = path.name.lower()
    if b"%PDF-" in head[:_PDF_WITHIN] or (name.endswith(".pdf") and (_PDF_OBJECT.search(head) or not _is_text(head))):
        return Format.PDF
    for magic, kind in _PICTURES_AND_ARCHIVES.items():
        if head.startswith(magic):
            raise _unknown(mark("It is a {kind}, not a paper that this program reads."), kind)
    if name.endswith(PAGES_SUFFIX):
        return Format.PAGES
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"<TEI" in head or (start.startswith(b"<?xml") and name.endswith((".xml", ".tei"))):
        return Format.TEI
    if start[:1] == b"{" and (name.endswith(".jsonl") or _is_corpus_row(start)):
        return Format.CORPUS
    if start[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise _unknown(mark("It is a web page, not a paper (perhaps a login page that was saved)."), "")
    if name.endswith(".pdf") or not _is_text(head):
        raise _unknown(mark("It is no PDF, no text, no GROBID TEI and no corpus.jsonl."), "")
    return Format.TEXT


def _head(path: Path, config: ImportConfig) -> bytes:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            kind = "folder" if stat.S_ISDIR(found.st_mode) else "pipe, socket or device"
            raise Unreadable(FileState.FAILED, mark("It is no file but a {kind}."), kind=kind)
        if found.st_size > config.max_file_mb * 2**20 and path.suffix.lower() != ".jsonl":
            raise Unreadable(
                FileState.STOPPED,
                mark("Stopped: it is larger than {number} MB."),
                mark("Raise --max-file-mb to read it."),
                number=config.max_file_mb,
            )
        with path.open("rb") as file:
            head = file.read(HEAD)
    except FileNotFoundError as problem:
        text = (
            mark("It is a link to a file that is not there.") if path.is_symlink() else mark("There is no such file.")
        )
        raise Unreadable(FileState.FAILED, text) from problem
    except (OSError, ValueError) as problem:
        detail = getattr(problem, "strerror", None) or problem
        raise Unreadable(FileState.FAILED, mark("It cannot be opened: {detail}."), detail=detail) from problem
    if not head:
        raise Unreadable(FileState.FAILED, mark("The file is empty (0 bytes)."))
    return head


def _is_text(head: bytes) -> bool:
    return b"\x00" not in head and sum(byte < 9 or 13 < byte < 32 for byte in head) < len(head) / 100


def _is_corpus_row(start: bytes) -> bool:
    try:
        row = json.loads(start.split(b"\n", 1)[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and "_id" in row and "text" in row


def _unknown(message: str, kind: str) -> Unreadable:
    return Unreadable(FileState.FAILED, message, kind=kind)
