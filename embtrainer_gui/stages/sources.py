"""From what a user names to the files to read: folders are walked, nothing is opened, nothing can block."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark

SUFFIXES = (".pdf", ".txt", ".xml", ".tei")


def expand(sources: Iterable[Path]) -> list[Path]:
    """The files of ``sources`` in a stable order: files as named, folders walked for papers.

    Links to files are followed, links to folders are not, so that a loop ends. A missing file stays in the
    list: it gets its own result.

    Raises:
        UserError: a folder holds nothing to read.
    """
    files: dict[str, Path] = {}
    for source in sources:
        found = list(_walk(source)) if source.is_dir() else [source]
        if not found:
            raise UserError(
                mark("The folder {path} holds no papers."),
                mark("Name a folder with .pdf, .txt or GROBID .xml files, or a corpus.jsonl."),
                path=source,
            )
        for path in found:
            files.setdefault(os.path.abspath(path), path)
    return list(files.values())


def _walk(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) or name == "corpus.jsonl":
                yield Path(where, name)


def is_regular(path: Path) -> bool:
    """A file that can be opened without blocking."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def content_hash(path: Path) -> str:
    """BLAKE2 of the content, in hexadecimal; of the path where the content cannot be read."""
    digest = hashlib.blake2b(digest_size=20)
    try:
        if is_regular(path):
            with path.open("rb") as file:
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
            return digest.hexdigest()
    except OSError:
        pass  # half a file must not look like another one
    return path_hash(path)


def path_hash(path: Path) -> str:
    """What stands for the content of a file that cannot be read."""
    return hashlib.blake2b(b"path:" + os.fsencode(os.path.abspath(path)), digest_size=20).hexdigest()
