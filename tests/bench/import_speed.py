"""Import against a plain PyMuPDF loop over the same papers, whole processes, interleaved; one JSON line.

Both run from byte code, as installed packages do: it is made by a first run that does not count. (Where
PYTHONDONTWRITEBYTECODE is set, a checkout would be compiled anew in each of the three processes of an import.)

python tests/bench/import_speed.py [SHARED_DATA] [--runs 5] [--copies 1]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared" / "data"


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and processor seconds of a command with its children."""
    before, started = os.times(), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    wall, after = time.monotonic() - started, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--copies", type=int, default=1, help="repeat the papers, for a longer run")
    options = parser.parse_args()
    papers = [path for path in sorted((options.data / "papers").glob("*.pdf")) if not path.name.startswith("scan-")]
    plain: list[tuple[float, float]] = []
    ours: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        files = [str(path) for path in papers]
        for copy in range(1, options.copies):  # another hash, so that a copy is read again
            for path in papers:
                again = Path(folder) / f"{copy}-{path.name}"
                shutil.copy(path, again)
                with again.open("ab") as file:
                    file.write(f"\n% {copy}\n".encode())
                files.append(str(again))
        environment = os.environ | {"PYTHONPYCACHEPREFIX": f"{folder}/byte-code"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        loop = [sys.executable, str(HERE / "plain_text_loop.py"), *files]
        pages = json.loads(subprocess.run(loop, capture_output=True, text=True, check=True).stdout)["pages"]
        for run in range(options.runs + 1):
            plain.append(timed(loop, environment))
            command = [sys.executable, "-m", "embtrainer_gui", "import", f"{folder}/project-{run}", *files, "--json"]
            ours.append(timed(command, environment))
    del plain[0], ours[0]
    ratios = [a[0] / b[0] for a, b in zip(plain, ours, strict=True)]
    print(
        json.dumps(
            {
                "pages": pages,
                "plain_pages_per_s": round(pages / statistics.median(w for w, _ in plain), 1),
                "import_pages_per_s": round(pages / statistics.median(w for w, _ in ours), 1),
                "ratio_median": round(statistics.median(ratios), 3),
                "ratio_spread": [round(min(ratios), 3), round(max(ratios), 3)],
                "plain_cpu_s": round(statistics.median(c for _, c in plain), 2),
                "import_cpu_s": round(statistics.median(c for _, c in ours), 2),
                "load_average": round(os.getloadavg()[0], 2),
            }
        )
    )


if __name__ == "__main__":
    main()
