"""Remake the README's pictures: python tests/e2e/take_pictures.py [PROJECT]

Runs ``embtrainer sample`` (in PROJECT, or afresh) and keeps what it prints as an SVG.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURES = Path(__file__).resolve().parents[2] / "resources" / "pictures"
WIDTH = 104
COMMAND = "embtrainer sample"


def main() -> None:
    folder = sys.argv[1] if len(sys.argv) > 1 else f"{tempfile.mkdtemp()}/embtrainer-sample"
    command = [sys.executable, "-m", "embtrainer_gui", "sample", folder, "--no-open"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text(f"$ {COMMAND}", style="bold"))
    for line in result.stdout.replace(folder, "embtrainer-sample").splitlines():
        verdict = line.startswith(("BETTER", "WORSE", "NO CLEAR"))
        console.print(Text(line, style="bold green" if verdict else ""), overflow="ellipsis", no_wrap=True)
    PICTURES.mkdir(parents=True, exist_ok=True)
    svg = console.export_svg(title="Embedding Trainer")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # those name fonts on other machines
    svg = svg.replace("Fira Code", "DejaVu Sans Mono")
    (PICTURES / "sample.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
