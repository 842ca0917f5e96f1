"""Take in a project's archive, which may come from anybody: it is refused whole, or it becomes a project whole."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.model_check import check_model_folder
from embtrainer_gui.core.new_folder import new_folder
from embtrainer_gui.core.report import Reporter, Silent
from embtrainer_gui.core.store.archive import BLOCK, DATABASE, FORMAT
from embtrainer_gui.core.store.archive_names import (
    LARGEST_TOTAL,
    MANIFEST,
    MOST_FILES,
    fault_of_entry,
    folded,
)
from embtrainer_gui.core.store.database import plain_errors, refuse_foreign
from embtrainer_gui.core.store.integrity import examine
from embtrainer_gui.core.store.project import FOLDERS as PROJECT_FOLDERS
from embtrainer_gui.core.translate import mark

LARGEST_MANIFEST = 32 * 2**20
LARGEST_DIRECTORY = 64 * 2**20  # the list at the end of the zip file, which is read into memory
SPARE = 2**26  # bytes of disk that stay free
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, struct.error, zlib.error)
_END = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class Preview:
    """What an archive says of itself; nothing of it is checked yet."""

    project: str
    written_at: str
    files: int
    size: int  # bytes, unpacked


def preview(file: Path) -> Preview:
    """Raises UserError where ``file`` is no archive of a project."""
    with _opened(file) as archive:
        entries, manifest = _judged(file, archive)
    size = sum(entry.file_size for entry in entries)
    return Preview(str(manifest.get("project", ""))[:200], str(manifest.get("written_at", ""))[:40], len(entries), size)


def unarchive(file: Path, out: Path, reporter: Reporter | None = None) -> int:
    """Unpack ``file`` into the new or empty folder ``out``; gives the number of files.

    Raises:
        UserError: it is no archive of a project, is damaged or holds what it must not; ``out`` is taken. Nothing is
            left of it.
        EnvironmentProblem: the disk is full or not writable; nothing is left either.
        Cancelled: the reporter said so.
    """
    reporter = reporter or Silent()
    with _opened(file) as archive:
        entries, manifest = _judged(file, archive)
        listed = _listed(file, entries, manifest)
        with new_folder(out) as draft:
            _refuse_too_large(out, draft, sum(entry.file_size for entry in entries))
            reporter.status(mark("Unpacking..."))
            _unpack(_Source(file, archive, listed), entries, draft, reporter)
            reporter.status(mark("Checking the database and the models..."))
            _check(file, draft)
            for name in PROJECT_FOLDERS:
                (draft / name).mkdir(exist_ok=True)
    return len(entries)


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        _refuse_large_directory(file)
        return zipfile.ZipFile(file)
    except (ValueError, *_UNREADABLE) as problem:
        raise _refused(file, mark("it is no whole zip file")) from problem
    except OSError as problem:
        raise UserError(
            mark("The archive {path} cannot be read: {reason}."),
            mark("Check its name and that you may read it."),
            path=file,
            reason=problem.strerror or problem,
        ) from problem


def _refuse_large_directory(file: Path) -> None:
    with file.open("rb") as opened:
        end = opened.seek(0, 2)
        opened.seek(max(0, end - 65_557))  # the longest comment and the record itself
        tail = opened.read()
    at = tail.rfind(_END)
    if at < 0:
        raise zipfile.BadZipFile
    if int.from_bytes(tail[at + 12 : at + 16], "little") > LARGEST_DIRECTORY:
        raise _refused(file, mark("it holds too many files"))


def _judged(file: Path, archive: zipfile.ZipFile) -> tuple[list[zipfile.ZipInfo], Mapping[str, Any]]:
    """The entries besides the manifest, each of which may be in a project, and the manifest."""
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise _refused(file, mark("it holds too many files"))
    names: set[str] = set()
    for entry in entries:
        if entry.is_dir():
            raise _refused(file, mark("it holds folders of their own, which no archive of a project does"))
        fault = fault_of_entry(entry, DATABASE)
        if fault:
            raise _refused(file, mark("{name}: {fault}").format(name=ascii(entry.filename[:120]), fault=fault))
        if folded(entry.filename) in names:
            raise _refused(file, mark("two files are called {name}").format(name=ascii(entry.filename[:120])))
        names.add(folded(entry.filename))
    if MANIFEST not in names or DATABASE not in names:
        raise _refused(file, mark("{name} is missing").format(name=MANIFEST if MANIFEST not in names else DATABASE))
    return [entry for entry in entries if entry.filename != MANIFEST], _manifest(file, archive)


def _manifest(file: Path, archive: zipfile.ZipFile) -> Mapping[str, Any]:
    entry = archive.getinfo(MANIFEST)
    if entry.file_size > LARGEST_MANIFEST:
        raise _refused(file, mark("its manifest is too large"))
    try:
        with archive.open(entry) as opened:
            found = json.loads(opened.read(LARGEST_MANIFEST + 1))
        if not isinstance(found, dict) or not isinstance(found["files"], dict):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError, OSError, *_UNREADABLE) as problem:
        raise _refused(file, mark("its manifest cannot be read")) from problem
    if found.get("format") != FORMAT:
        raise UserError(
            mark("The archive {path} was made by a newer version of Embedding Trainer."),
            mark("Update the program: pip install --upgrade embtrainer."),
            path=file,
        )
    return found


def _listed(file: Path, entries: list[zipfile.ZipInfo], manifest: Mapping[str, Any]) -> dict[str, str]:
    """The hash of each file; refused where the manifest lists others or other sizes."""
    listed: dict[str, str] = {}
    for entry in entries:
        row = manifest["files"].get(entry.filename)
        if not isinstance(row, dict) or row.get("bytes") != entry.file_size:
            raise _refused(file, mark("{name} is not as its manifest lists it").format(name=ascii(entry.filename)))
        listed[entry.filename] = str(row.get("blake2b"))
    if len(listed) != len(manifest["files"]):
        raise _refused(file, mark("files that its manifest lists are missing"))
    return listed


@dataclass(frozen=True, slots=True)
class _Source:
    file: Path
    archive: zipfile.ZipFile
    hashes: Mapping[str, str]


def _unpack(source: _Source, entries: list[zipfile.ZipInfo], draft: Path, reporter: Reporter) -> None:
    total, done = sum(entry.file_size for entry in entries), 0
    for entry in entries:
        target = draft.joinpath(*entry.filename.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.blake2b(digest_size=32), 0
        try:
            with source.archive.open(entry) as packed, target.open("xb") as plain:
                while block := packed.read(BLOCK):
                    size += len(block)
                    reporter.raise_if_cancelled()
                    plain.write(block)
                    digest.update(block)
                    reporter.progress(done + size, total, entry.filename)
        except _UNREADABLE as problem:
            raise _refused(source.file, mark("{name} is damaged").format(name=ascii(entry.filename))) from problem
        if digest.hexdigest() != source.hashes[entry.filename]:
            raise _refused(
                source.file, mark("{name} is not what was packed (its hash differs)").format(name=ascii(entry.filename))
            )
        done += size


def _check(file: Path, draft: Path) -> None:
    with plain_errors(draft / DATABASE):
        refuse_foreign(draft / DATABASE)
    found = examine(draft / DATABASE)
    if found:
        raise _refused(file, mark("its database is damaged: {what}").format(what=found[0].name))
    for settings in sorted((draft / "models").rglob("modules.json")):
        try:
            check_model_folder(settings.parent)
        except UserError as problem:
            name = settings.parent.relative_to(draft).as_posix()
            raise _refused(file, f"{name}: {problem.message.rstrip('.')}") from problem


def _refuse_too_large(out: Path, draft: Path, total: int) -> None:
    free = shutil.disk_usage(draft).free
    if total > LARGEST_TOTAL or total + SPARE > free:
        raise EnvironmentProblem(
            mark("The archive unpacks to {needed} MB, and {path} has {free} MB left."),
            mark("Free some space on that disk, or choose another folder, and try again."),
            needed=round(total / 1e6),
            free=round(free / 1e6),
            path=out.parent,
        )


def _refused(file: Path, why: str) -> AppError:
    return UserError(
        mark("The archive {path} is not taken in: {why}."),
        mark("Nothing of it was kept. Ask for it again, packed with: embtrainer archive PROJECT"),
        path=file.name,
        why=why,
    )
