"""A .deb of the frozen program, by Debian's own tools: dpkg-shlibdeps, dpkg-gencontrol and dpkg-deb."""

from __future__ import annotations

import datetime
import gzip
import hashlib
import os
import shutil
import subprocess
from email.utils import format_datetime
from pathlib import Path

from icons import DRAWING, SIZES
from man_page import man_page
from system_needs import asking

from embtrainer_gui import __version__
from embtrainer_gui.core.store.schema import APPLICATION_ID

APP_ID = "org.embtrainer.Embtrainer"
LINUX = Path(__file__).parent / "linux"
TOP = Path(__file__).resolve().parents[1]
PROGRAM = Path("usr/lib/embtrainer")
MAINTAINER = "The authors of Embedding Trainer <maintainers@embtrainer.org>"
CONTROL = f"""Source: embtrainer
Section: science
Priority: optional
Maintainer: {MAINTAINER}
Standards-Version: 4.6.2

Package: embtrainer
Architecture: any
Depends: ${{shlibs:Depends}}
Recommends: fonts-dejavu-core | fonts-noto-core
Suggests: gnome-keyring | kwalletmanager
Description: from a folder of scientific papers to a better search model
 Reads papers (PDF, scans too), makes questions from them, fine-tunes a small
 sentence-embedding model on those questions, and measures on papers that
 training never saw whether it finds the right passage more often.
 .
 It needs no server, no graphics card, no account and no network. PyTorch (for
 the processor), the parser, text recognition and one model are inside.
"""
COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Embedding Trainer

Files: *
Copyright: 2026 the authors of Embedding Trainer
License: AGPL-3.0-or-later
 The whole text stands in LICENSE beside this file. The packages below
 /usr/lib/embtrainer/_internal carry their own licences in their *.dist-info
 folders; "Versions and licences" in the program's Help lists them.
"""


def build(bundle: Path, icons: Path, work: Path, out: Path) -> Path:
    """Make the package of ``bundle`` below ``work``; gives its file in ``out``."""
    shutil.rmtree(work, ignore_errors=True)
    tree = work / "root"
    _copy_program(bundle, tree)
    write_desktop_files(tree / "usr", icons)
    _write_documents(tree)
    _write_control(work, tree)
    _write_checksums(tree)
    out.mkdir(parents=True, exist_ok=True)
    # Against xz 5 % larger, and made and unpacked in a small part of the time.
    package = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", str(tree), str(out)]
    in_english = {**os.environ, "LC_ALL": "C"}
    made = subprocess.run(package, check=True, capture_output=True, text=True, env=in_english).stdout
    return out / Path(made.split("'")[3]).name


def _copy_program(bundle: Path, tree: Path) -> None:
    """Hard links: the bundle is more than a gigabyte."""
    program = tree / PROGRAM
    program.parent.mkdir(parents=True)
    shutil.copytree(bundle, program, symlinks=True, copy_function=_link)
    command = tree / "usr/bin/embtrainer"
    command.parent.mkdir(parents=True)
    command.symlink_to(os.path.relpath(program / "embtrainer", command.parent))


def _link(source: str, target: str) -> None:
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
    else:
        os.link(source, target)


def write_desktop_files(usr: Path, icons: Path) -> None:
    """Menu entry, description, MIME type and icons, as freedesktop.org names their places below ``usr``."""
    day = datetime.date.today().isoformat()
    values = {"@VERSION@": __version__, "@DATE@": day, "@APPLICATION_ID@": str(APPLICATION_ID)}
    for name, folder in (
        (f"{APP_ID}.desktop", "share/applications"),
        (f"{APP_ID}.metainfo.xml", "share/metainfo"),
        (f"{APP_ID}.xml", "share/mime/packages"),
    ):
        text = (LINUX / name).read_text(encoding="utf-8")
        for word, value in values.items():
            text = text.replace(word, value)
        _write(usr / folder / name, text)
    for size in SIZES:
        target = usr / f"share/icons/hicolor/{size}x{size}/apps/{APP_ID}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(icons / f"{size}.png", target)
    _write(usr / f"share/icons/hicolor/scalable/apps/{APP_ID}.svg", DRAWING.read_text(encoding="utf-8"))


def _write_documents(tree: Path) -> None:
    documents = tree / "usr/share/doc/embtrainer"
    _write(documents / "copyright", COPYRIGHT)
    shutil.copyfile(TOP / "LICENSE", documents / "LICENSE")
    _write_compressed(documents / "changelog.gz", _changelog())
    _write_compressed(tree / "usr/share/man/man1/embtrainer.1.gz", man_page(datetime.date.today()))


def _changelog() -> str:
    now = format_datetime(datetime.datetime.now(datetime.UTC))
    return f"embtrainer ({__version__}) stable; urgency=low\n\n  * Release.\n\n -- {MAINTAINER}  {now}\n"


def _write_control(work: Path, tree: Path) -> None:
    """The fields of the package, with what the libraries inside need of the system."""
    _write(work / "debian/control", CONTROL)
    _write(work / "debian/changelog", _changelog())
    (tree / "DEBIAN").mkdir()
    libraries = [path for path in (tree / PROGRAM).rglob("*") if _is_elf(path)]
    folders = [f"-l{folder}" for folder in sorted({path.parent for path in libraries})]
    needed = ["dpkg-shlibdeps", "--ignore-missing-info", "-Tdebian/substvars", "--warnings=0", *folders]
    subprocess.run([*needed, *(f"-e{path}" for path in asking(libraries))], cwd=work, check=True)
    control = ["dpkg-gencontrol", "-pembtrainer", "-Proot", "-Tdebian/substvars"]
    subprocess.run(control, cwd=work, check=True)


def _write_checksums(tree: Path) -> None:
    """What ``dpkg --verify embtrainer`` compares the files with; MD5 is what it reads."""
    lines = []
    for path in sorted((tree / "usr").rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                lines.append(f"{hashlib.file_digest(file, 'md5').hexdigest()}  {path.relative_to(tree)}\n")
    _write(tree / "DEBIAN/md5sums", "".join(lines))


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _write_compressed(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
