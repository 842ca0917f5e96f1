"""Give a project another name or place, and see what it takes of the disk. Nothing inside names its own place."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.files import write_problem
from embtrainer_gui.core.new_folder import new_folder, refuse_taken
from embtrainer_gui.core.report import Reporter, Silent
from embtrainer_gui.core.store.archive_names import fault_of_name
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.translate import mark

KINDS = ("papers", "models", "index", "exports", "backups", "logs")
LOCKS = ("project.lock", "project.lock.json")


def move_project(folder: Path, target: Path, reporter: Reporter | None = None) -> None:
    """Move the project to ``target``, a new or empty folder; to another disk it is copied first and then deleted.

    Raises:
        UserError: ``target`` is taken, lies inside of the project, or has a name that some system cannot take.
        EnvironmentProblem: the project is in use, or the disk is full or not writable; the project stays where it was.
        Cancelled: the reporter said so; likewise.
    """
    reporter = reporter or Silent()
    refuse_taken(target)
    if target.resolve().is_relative_to(folder.resolve()):
        raise UserError(mark("A project cannot be moved into itself."), mark("Choose another place."))
    if fault_of_name(f"papers/{target.name}", ""):
        raise UserError(
            mark("{name} cannot be the name of a folder on every system."),
            mark('Leave out : \\ / * ? " < > | and a dot at the end.'),
            name=target.name,
        )
    with FolderLock(folder, "project"):  # nobody else has it open, nor takes it while it is copied
        is_near = _made_ready(folder, target)
        if not is_near:
            _copy(folder, target, reporter)
            shutil.rmtree(folder, ignore_errors=True)  # what cannot be deleted is a copy now
    if not is_near:
        shutil.rmtree(folder, ignore_errors=True)  # Windows kept the file of the lock until now
        return
    try:
        os.rename(folder, target)  # Windows renames no folder with an open file
    except OSError as problem:
        raise write_problem(target, problem) from problem


def _made_ready(folder: Path, target: Path) -> bool:
    """Make the place of ``target``; gives whether it is on the disk of ``folder``."""
    try:
        if target.is_dir():
            target.rmdir()
        target.parent.mkdir(parents=True, exist_ok=True)
        return folder.stat().st_dev == target.parent.stat().st_dev
    except OSError as problem:
        raise write_problem(target, problem) from problem


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of each of ``KINDS``, and of ``database``."""
    found = {"database": sum(_size(folder / f"project.db{end}") for end in ("", "-wal", "-shm"))}
    for kind in KINDS:
        found[kind] = sum(_size(Path(root) / name) for root, _, names in os.walk(folder / kind) for name in names)
    return found


def _copy(folder: Path, target: Path, reporter: Reporter) -> None:
    entries = sorted(path for path in folder.rglob("*") if path.name not in LOCKS)
    links = [path for path in entries if path.is_symlink()]
    files = [path for path in entries if path.is_file() and not path.is_symlink()]
    total, done = sum(map(_size, files)), 0
    if total > shutil.disk_usage(target.parent).free:
        raise EnvironmentProblem(
            mark("The project takes {needed} MB, and {path} has less left."),
            mark("Free some space on that disk, or choose another folder, and try again."),
            needed=round(total / 1e6),
            path=target.parent,
        )
    with new_folder(target) as draft:
        for path in files:
            reporter.raise_if_cancelled()
            copy = draft / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
            done += _size(path)
            reporter.progress(done, total, path.name)
        for empty in (path for path in entries if path.is_dir() and not path.is_symlink()):
            (draft / empty.relative_to(folder)).mkdir(parents=True, exist_ok=True)
        for link in links:
            _copy_link(link, draft / link.relative_to(folder), folder)


def _copy_link(link: Path, copy: Path, folder: Path) -> None:
    """A link stays one, to the same file or folder wherever the project goes: what it leads to may be large."""
    leads_to, is_folder = link.resolve(), link.is_dir()
    if leads_to.is_relative_to(folder.resolve()):
        leads_to = Path(os.path.relpath(leads_to, link.parent.resolve()))
    copy.symlink_to(leads_to, target_is_directory=is_folder)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
