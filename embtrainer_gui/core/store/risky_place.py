"""Places where a project's database can come to harm: folders that a program synchronises, and network drives."""

from __future__ import annotations

import re
from pathlib import Path

from embtrainer_gui.core.translate import mark

MOUNTS = Path("/proc/mounts")
_SYNCHRONISED = re.compile(
    r"^(dropbox|onedrive|google ?drive|my drive|icloud ?drive|mobile documents|nextcloud|owncloud|box sync|pcloud)",
    re.IGNORECASE,
)
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "sshfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs", "davfs")


def risk_of(folder: Path, mounts: Path = MOUNTS) -> str:
    """What can go wrong at this place, in a sentence with the cure; "" where nothing is known."""
    whole = folder.resolve()
    name = next((part for part in whole.parts if _SYNCHRONISED.match(part)), "")
    if name:
        return mark(
            "{name} copies files while they are written, which can damage a project: keep it elsewhere, and put an"
            " archive of it there."
        ).format(name=name)
    kind = _kind_of_mount(whole, mounts)
    if kind in _NETWORK:
        return mark(
            "This is a network drive ({kind}): open the project on one computer at a time, since locks may not hold"
            " between several."
        ).format(kind=kind)
    return ""


def _kind_of_mount(folder: Path, mounts: Path) -> str:
    """The file system that ``folder`` is on, where the system tells (Linux)."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best = ("", "")
    for line in lines:
        fields = line.split(" ")
        place = fields[1].replace("\\040", " ") if len(fields) > 2 else ""
        if place and folder.is_relative_to(place) and len(place) >= len(best[0]):
            best = (place, fields[2])
    return best[1]
