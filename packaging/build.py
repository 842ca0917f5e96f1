"""Makes what people install: ``python packaging/build.py [wheel|frozen|deb]``, without a word all that this system can.

Run it with the Python of an environment that holds the program and its tools: ``pip install '.[freeze]'``. Everything
goes into ``build/`` and ``dist/`` at the top of the checkout. README.md beside this file says what was tried where.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
BUILD, DIST = TOP / "build", TOP / "dist"
BUNDLE = BUILD / "frozen" / "embtrainer"


def wheel() -> None:
    """The wheel and the source archive."""
    run("build", "--outdir", str(DIST), str(TOP), at=TOP)


def frozen() -> None:
    """The program with its own Python, as one folder, in ``build/frozen``."""
    import icons
    import slim

    icons.write_icons(BUILD / "icons")
    folders = ["--distpath", str(BUNDLE.parent), "--workpath", str(BUILD / "work")]
    run("PyInstaller", "--noconfirm", *folders, str(HERE / "embtrainer.spec"), at=BUILD)
    slim.strip_symbols(BUNDLE)
    print(f"{BUNDLE}: {megabytes(BUNDLE):.0f} MB")


def deb() -> None:
    """A Debian package of the frozen program."""
    import debian

    if not BUNDLE.is_dir():
        raise SystemExit("There is no frozen program yet: python packaging/build.py frozen")
    made = debian.build(BUNDLE, BUILD / "icons", BUILD / "deb", DIST)
    print(f"{made}: {made.stat().st_size / 1e6:.0f} MB")


def run(module: str, *arguments: str, at: Path) -> None:
    """A tool of this Python's environment; its failure is ours. What lies in the folder ``at`` would be imported."""
    subprocess.run([sys.executable, "-m", module, *arguments], cwd=at, check=True)


def megabytes(folder: Path) -> float:
    """As the files take on the disk, links once."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6


STEPS = {"wheel": wheel, "frozen": frozen, "deb": deb}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", choices=[*STEPS, []], help="what to make")
    wanted = parser.parse_args(arguments).steps
    if not wanted:
        wanted = ["wheel", "frozen"] + (["deb"] if shutil.which("dpkg-deb") else [])
    for step in wanted:
        STEPS[step]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
