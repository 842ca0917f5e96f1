"""A whole project as one zip file: the database, papers, models and exports, with a hash of each file.

Left out: logs, locks, backups, the search index (it is made anew) and checkpoints of runs that are done. A project
holds no key, so none can be in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from embtrainer_gui import __version__
from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.files import atomic_write
from embtrainer_gui.core.report import Reporter, Silent
from embtrainer_gui.core.store.archive_names import FOLDERS, MANIFEST, fault_of_name
from embtrainer_gui.core.store.backups import copy_database
from embtrainer_gui.core.store.integrity import examine
from embtrainer_gui.core.store.schema import SCHEMA_VERSION
from embtrainer_gui.core.translate import mark

FORMAT = 1
ENDING = ".embtrainer.zip"
DATABASE = "project.db"
BLOCK = 2**20
PACKED = (".json", ".jsonl", ".txt", ".xml", ".csv", ".md", ".db")  # the rest does not get smaller


@dataclass(frozen=True, slots=True)
class Archived:
    files: int
    size: int  # bytes of the archive
    left_out: tuple[str, ...]  # names that some system could not take


def write_archive(folder: Path, out: Path, reporter: Reporter | None = None) -> Archived:
    """Pack the project in ``folder``, as it is committed now, into the new or replaced file ``out``.

    Raises:
        UserError: the project is damaged (a damaged archive helps nobody), or ``out`` lies in what is packed.
        EnvironmentProblem: the disk is full or not writable; what stood at ``out`` is untouched.
        Cancelled: the reporter said so.
    """
    reporter = reporter or Silent()
    if any(out.resolve().is_relative_to((folder / name).resolve()) for name in FOLDERS if name != "exports"):
        raise UserError(
            mark("The archive cannot lie in a folder that goes into it."), mark("Choose another place for it.")
        )
    with tempfile.TemporaryDirectory(prefix="embtrainer-") as scratch:
        copy = Path(scratch) / DATABASE
        reporter.status(mark("Copying and checking the database..."))
        copy_database(folder / DATABASE, copy, reporter)
        _refuse_damaged(folder, copy)
        files, left_out = _chosen(folder, out)
        writer = _Writer([(DATABASE, copy), *files], folder.resolve().name, reporter)
        reporter.status(mark("Packing..."))
        atomic_write(out, writer.write)
    return Archived(len(files) + 1, out.stat().st_size, tuple(left_out))


class _Writer:
    def __init__(self, files: list[tuple[str, Path]], project: str, reporter: Reporter) -> None:
        self._files, self._project, self._reporter = files, project, reporter
        self._total = sum(path.stat().st_size for _, path in files)
        self._done = 0

    def write(self, out: BinaryIO) -> None:
        listed: dict[str, Any] = {}
        with zipfile.ZipFile(out, "w", allowZip64=True) as archive:
            for name, path in self._files:
                listed[name] = self._add(archive, name, path)
            manifest = {
                "format": FORMAT,
                "program": f"embtrainer {__version__}",
                "project": self._project,
                "schema": SCHEMA_VERSION,
                "written_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "files": listed,
            }
            text = json.dumps(manifest, ensure_ascii=False, indent=1)
            archive.writestr(_entry(MANIFEST), text.encode())

    def _add(self, archive: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
        digest, size = hashlib.blake2b(digest_size=32), 0
        with path.open("rb") as source, archive.open(_entry(name), "w", force_zip64=True) as target:
            while block := source.read(BLOCK):
                self._reporter.raise_if_cancelled()
                target.write(block)
                digest.update(block)
                size += len(block)
                self._done += len(block)
                self._reporter.progress(min(self._done, self._total), self._total, name)
        return {"bytes": size, "blake2b": digest.hexdigest()}


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, datetime.now().timetuple()[:6])
    entry.external_attr = 0o100644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(PACKED) else zipfile.ZIP_STORED
    return entry


def _chosen(folder: Path, out: Path) -> tuple[list[tuple[str, Path]], list[str]]:
    """The files that go in, by their names; and those whose names an archive may not hold."""
    files, left_out = [], []
    for name in FOLDERS:
        for path in _plain_files(folder / name):
            inside = path.relative_to(folder).as_posix()
            if path.resolve() == out.resolve() or path.name.endswith(ENDING):
                continue  # an archive in exports
            if fault_of_name(inside, DATABASE):
                left_out.append(inside)
            else:
                files.append((inside, path))
    return files, left_out


def _plain_files(folder: Path) -> Iterator[Path]:
    """All files below, in order: no link is followed, nothing hidden or half written, no checkpoint of a done run."""
    if folder.is_symlink():
        return
    for root, folders, names in os.walk(folder):
        here = Path(root)
        done = (here / "final_model").is_dir()
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not (here / name).is_symlink() and not (done and name == "checkpoints")
        )
        for name in sorted(names):
            path = here / name
            if not name.startswith(".") and not name.endswith((".lock", ".lock.json")) and _is_regular(path):
                yield path


def _is_regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _refuse_damaged(folder: Path, copy: Path) -> None:
    found = examine(copy)
    if found:
        raise EnvironmentProblem(
            mark("The project {path} is damaged: {what}."),
            mark("Put a backup of it back: embtrainer restore {path}"),
            path=folder,
            what=found[0].name,
        )
