"""Scanned papers: words against the truth and seconds a page, one JSON line.

python tests/bench/scan_quality.py [SHARED_DATA]

Imports each scan by itself in one reading process, exports ``--as passages``, and scores with the shared tool
(tools/text_f1.py beside the data). A born-digital twin is scored with its truth: scan-derived-X against X.txt.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
DERIVED = "scan-derived-"
SAME_TRUTH = {"scan-skew": "scan-linn"}  # the same page, scanned askew


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    scans: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        truths = Path(folder, "truth")
        truths.mkdir()
        rows = Path(folder, "rows.jsonl")
        for scan in sorted((data / "papers").glob("scan-*.pdf")):
            truth = data / "truth" / f"{SAME_TRUTH.get(scan.stem, scan.stem.removeprefix(DERIVED))}.txt"
            if truth.is_file():
                shutil.copy(truth, truths / f"{scan.stem}.txt")
            scans[scan.stem] = read(scan, Path(folder, scan.stem), rows)
        tool = [sys.executable, str(data.parent / "tools" / "text_f1.py"), str(rows), str(truths)]
        scored = json.loads(subprocess.run(tool, capture_output=True, text=True, check=True).stdout)["documents"]
    print(json.dumps({name: facts | scored.get(name, {}) for name, facts in scans.items()}))


def read(scan: Path, project: Path, rows: Path) -> dict[str, object]:
    """Append the passages of a scan to ``rows``; gives its time."""
    program = [sys.executable, "-m", "embtrainer_gui"]
    before, started = os.times(), time.monotonic()
    command = [*program, "import", str(project), str(scan), "--json", "--workers", "1"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    after, seconds = os.times(), time.monotonic() - started
    passages = project / "passages.jsonl"
    export = [*program, "export", str(project), "--as", "passages", str(passages)]
    subprocess.run(export, capture_output=True, check=False)
    if passages.is_file():  # a page of a few words makes no passage
        with rows.open("a", encoding="utf-8") as file:
            file.write(passages.read_text(encoding="utf-8"))
    [row] = json.loads(result.stdout.splitlines()[-1])["files"]
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"pages": row["pages"], "seconds": round(seconds, 1), "cpu_seconds_a_page": round(cpu / row["pages"], 2)}


if __name__ == "__main__":
    main()
