"""Process start to first paint: median of 7, one JSON line. Goal: 1.0 s.

    python tests/bench/first_paint.py [PROJECT]

The platform is the one of the environment (QT_QPA_PLATFORM=offscreen, or a screen).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

TIMES = 7
GOAL_SECONDS = 1.0
HEAVY = ("torch", "transformers", "sentence_transformers", "spacy", "pymupdf", "pyqtgraph", "numpy")

CHILD = """
import sys, time
from embtrainer_gui import __main__ as program

def painted():
    print(time.time(), *sorted(set(sys.modules) & set({heavy!r})), flush=True)
    from PySide6.QtWidgets import QApplication
    next(w for w in QApplication.topLevelWidgets() if isinstance(w, app.MainWindow)).close()

import embtrainer_gui.gui.app as app
app.after_first_paint.append(painted)
sys.argv = ["embtrainer", *sys.argv[1:]]
sys.exit(program.main())
"""


def once(arguments: list[str], home: str) -> tuple[float, list[str]]:
    """Seconds to the first paint, and the heavy modules that were loaded by then."""
    settings = {name: f"{home}/{name}" for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    code = CHILD.format(heavy=HEAVY)
    began = time.time()
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    painted, *loaded = ran.stdout.split()
    return float(painted) - began, loaded


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        once(sys.argv[1:], home)  # the first one fills the disk cache
        runs = [once(sys.argv[1:], home) for _ in range(TIMES)]
    seconds = sorted(run[0] for run in runs)
    result = {
        "first_paint_s": round(statistics.median(seconds), 3),
        "fastest_s": round(seconds[0], 3),
        "slowest_s": round(seconds[-1], 3),
        "goal_s": GOAL_SECONDS,
        "heavy_modules": sorted({name for run in runs for name in run[1]}),
        "platform": os.environ.get("QT_QPA_PLATFORM", "default"),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
