"""The pictures of the manual and the README, from those of the window, small enough for the wheel.

``python tests/e2e/take_window_pictures.py OUT`` takes them, ``python packaging/pictures.py OUT`` puts those that are
shown into ``resources/pictures``, in 256 colours of their own: a third of the size, and no eye sees it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PIL import Image, ImageDraw

PICTURES = Path(__file__).resolve().parents[1] / "resources" / "pictures"
FRAME = "#C9CED6"  # else a light window has no edge on a light page
SHOWN = {
    "papers": "papers",
    "questions": "questions",
    "review": "review",
    "train-run": "train",
    "compare": "compare",
    "search": "search",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("taken", type=Path, metavar="OUT", help="where take_window_pictures.py put them")
    parser.add_argument("--size", default="1440x900", help="of the window [1440x900]")
    options = parser.parse_args(arguments)
    for page, name in SHOWN.items():
        taken = options.taken / f"{page}-{options.size}-light.png"
        if not taken.is_file():
            print(f"{taken} is missing: take the pictures first", file=sys.stderr)
            return 2
        out = PICTURES / f"window-{name}.png"
        with Image.open(taken) as picture:
            framed = picture.convert("RGB")
            ImageDraw.Draw(framed).rectangle((0, 0, framed.width - 1, framed.height - 1), outline=FRAME)
            framed.quantize(256, dither=Image.Dither.NONE).save(out, optimize=True)
        print(f"{out.name}: {out.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
