"""Download a model from the hub into the program's own folder: only when asked, only what is needed, verified.

The files are fetched into ``REVISION.partial``, which a later try goes on from; when all of them are what the hub
listed and the model is safe to load, that folder gets its name without the ending.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.files import atomic_write_json, write_problem
from embtrainer_gui.core.hub import Hub, Watch
from embtrainer_gui.core.hub_address import endpoint, host_of, refuse_when_offline
from embtrainer_gui.core.hub_files import HubFile, Listing, is_listed, is_settings
from embtrainer_gui.core.model_catalogue import in_catalogue
from embtrainer_gui.core.model_check import check_for_code, check_model_folder
from embtrainer_gui.core.model_store import PARTIAL, find_model, is_hub_name, store_folder
from embtrainer_gui.core.store.lock import FolderLock, is_held
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import JobContext

SPARE = 50_000_000  # bytes that stay free on the disk
LOCK = "download"


def run(ctx: JobContext, name: str) -> dict[str, Any]:
    """``{"model", "path", "revision", "host", "bytes", "seconds"}``; ``bytes`` are those that this try fetched.

    Raises:
        UserError: no such model, or it is not safe to load.
        EnvironmentProblem: the network, the disk, a damaged file, or another process that downloads it.
        Cancelled: what has come is kept.
    """
    known = in_catalogue(name)
    name, revision = (known.name, known.revision) if known else (name, "main")
    _require_name(name)
    found = find_model(name)
    if known is not None and found is not None:
        return _summary(name, found, found.name, 0, 0.0)
    refuse_when_offline()
    home = _made(store_folder(name))
    if is_held(home, LOCK):
        raise EnvironmentProblem(
            mark("Another window or command downloads {name} now."), mark("Wait until it is done."), name=name
        )
    started = time.monotonic()
    with FolderLock(home, LOCK), Hub() as hub:
        ctx.status(mark("Asking {host} for {name}...").format(host=hub.host, name=name))
        listing = hub.listing(name, revision, ctx.raise_if_cancelled)
        fetched = _Download(ctx, hub, name, listing, home).run()
    folder = home / listing.commit
    return _summary(name, folder, listing.commit, fetched, time.monotonic() - started)


class _Download:
    def __init__(self, ctx: JobContext, hub: Hub, name: str, listing: Listing, home: Path) -> None:
        self._ctx, self._hub, self._name, self._listing, self._home = ctx, hub, name, listing, home
        self._partial = home / f"{listing.commit}{PARTIAL}"
        self._done = 0  # bytes of files that are whole

    def run(self) -> int:
        """Bytes that were fetched."""
        folder = self._home / self._listing.commit
        if folder.is_dir():
            return 0
        _made(self._partial)
        kept = sum(min(self._size(file), file.size) for file in self._listing.files)
        self._require_space(self._listing.size - kept)
        self._ctx.status(mark("Downloading {name}...").format(name=self._name))
        for settings in (True, False):
            for file in self._listing.files:
                if is_settings(file) is settings:
                    self._get(file)
            if settings:
                check_for_code(self._partial)
        check_model_folder(self._partial)
        self._keep(folder)
        return self._listing.size - kept

    def _get(self, file: HubFile) -> None:
        target = self._partial / file.path
        _made(target.parent)

        def progress(have: int) -> None:
            self._ctx.progress(self._done + min(have, file.size), self._listing.size, file.path, unit="bytes")

        self._hub.fetch(self._name, self._listing.commit, file, target, Watch(progress, self._ctx.raise_if_cancelled))
        if not is_listed(target, file):
            target.unlink()
            raise EnvironmentProblem(
                mark("{file} of {name} came damaged from {host}, so it was deleted."),
                mark("Try again; if it happens again, something between changes what is sent."),
                file=file.path,
                name=self._name,
                host=self._hub.host,
            )
        self._done += file.size

    def _keep(self, folder: Path) -> None:
        """The download is over: note what it is, then give the folder its name."""
        files = {file.path: {"size": file.size, "sha256": file.sha256 or None} for file in self._listing.files}
        record = {"model": self._name, "revision": folder.name, "from": self._hub.address, "files": files}
        atomic_write_json(self._home / f"{folder.name}.json", record)
        try:
            os.replace(self._partial, folder)
        except OSError as problem:
            raise write_problem(folder, problem) from problem

    def _require_space(self, needed: int) -> None:
        free = shutil.disk_usage(self._home).free
        if free < needed + SPARE:
            raise EnvironmentProblem(
                mark("{name} needs {needed} MB more, and the disk of {path} has {free} MB left."),
                mark("Free some space on that disk, then try again: what has come so far is kept."),
                name=self._name,
                needed=round(needed / 1e6),
                path=self._home,
                free=round(free / 1e6),
            )

    def _size(self, file: HubFile) -> int:
        path = self._partial / file.path
        return path.stat().st_size if path.is_file() else 0


def _require_name(name: str) -> None:
    if not is_hub_name(name):
        raise UserError(
            mark("{name} is not the name of a model that can be downloaded."),
            mark("Take a name from: embtrainer models. Other models are named as on the hub: somebody/model."),
            name=name,
        )


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise write_problem(folder, problem) from problem
    return folder


def _summary(name: str, folder: Path, revision: str, fetched: int, seconds: float) -> dict[str, Any]:
    return {
        "model": name,
        "path": str(folder),
        "revision": revision,
        "host": host_of(endpoint()),
        "bytes": fetched,
        "seconds": round(seconds, 1),
    }
