"""What a search of a project of many passages reads: one JSON line.

python tests/bench/large_project.py [--passages 1000000] [--folder DIR]

The project is made (and kept where a folder is named). ``first``: all texts are read once for their keys; ``kept``: by
another process, as every search after that. ``growth_mb``: of resident memory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from opening_speed import make

from embtrainer_gui.core.store import open_project
from embtrainer_gui.stages.retrieval import Library

A_DOCUMENT = 10


def opened(folder: Path) -> dict[str, float]:
    own = psutil.Process()
    before = own.memory_info().rss
    with open_project(folder, write=True) as project:
        began, busy = time.perf_counter(), time.process_time()
        library = Library(project)
        found = {"s": round(time.perf_counter() - began, 3), "cpu_s": round(time.process_time() - busy, 3)}
        began = time.perf_counter()
        library.passages_at(range(0, len(library), max(1, len(library) // 10)))
        found |= {"hits_ms": round(1000 * (time.perf_counter() - began), 2), "passages": len(library)}
        return {**found, "growth_mb": round((own.memory_info().rss - before) / 1e6, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only-open", action="store_true")
    options = parser.parse_args()
    if options.only_open:
        print(json.dumps(opened(options.folder)))
        return
    with tempfile.TemporaryDirectory() as home:
        folder = options.folder or Path(home) / "project"
        if not folder.exists():
            make(folder, options.passages // A_DOCUMENT, A_DOCUMENT)
        command = [sys.executable, __file__, "--folder", str(folder), "--only-open"]
        runs = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(2)]
        print(json.dumps({"first": runs[0], "kept": runs[1]}))


if __name__ == "__main__":
    main()
