"""The frozen program beside the installed one, in turn: process start to first paint, and the sample to its verdict.

    python tests/bench/frozen_program.py build/frozen/embtrainer/embtrainer ENVIRONMENT/bin/embtrainer

Wants Xvfb and openbox. Goals: window in 1.5 s, the sample in at most 1.2 times the time of the installed package.
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

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from install.painted import middle_of
from install.program import Program
from install.screen import Screen, virtual_screen


def first_paint(program: Program, screen: Screen) -> tuple[float, float]:
    """Seconds from the start of the process, and those of the processor that it used until then."""
    with middle_of(screen.display) as point:
        before = point.colour()
        began = time.monotonic()
        process = program.open(screen)
        try:
            point.wait_for_paint(before, process, 60)
            took = time.monotonic() - began
            used = psutil.Process(process.pid).cpu_times()
        finally:
            process.terminate()
            process.wait()
        point.wait_for_empty_screen(before, 10)
    return took, used.user + used.system


def sample(program: Program) -> tuple[float, float]:
    """Seconds on the clock and of the processors."""
    folder = Path(tempfile.mkdtemp(dir=program.home))
    command = [str(program.executable), "sample", str(folder / "sample"), "--no-open"]
    began = time.monotonic()
    process = subprocess.Popen(
        command, env=program.environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    took = time.monotonic() - began
    assert status == 0, f"{command} ended with {status}"
    shutil.rmtree(folder)
    return took, used.ru_utime + used.ru_stime


def figures(seconds: list[float]) -> list[float]:
    """Median, least, most."""
    return [round(of(seconds), 2) for of in (statistics.median, min, max)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("frozen", type=Path)
    parser.add_argument("installed", type=Path)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--samples", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, virtual_screen() as screen:
        both = {name: Program(getattr(options, name).resolve(), Path(home) / name) for name in ("frozen", "installed")}
        for program in both.values():
            first_paint(program, screen)  # the disk's cache
        paints: dict[str, list[tuple[float, float]]] = {name: [] for name in both}
        samples: dict[str, list[tuple[float, float]]] = {name: [] for name in both}
        for _ in range(options.starts):
            for name, program in both.items():
                paints[name].append(first_paint(program, screen))
        for _ in range(options.samples):
            for name, program in both.items():
                samples[name].append(sample(program))
    result: dict[str, object] = {"load": round(os.getloadavg()[0], 1)}
    for name in both:
        result[name] = {
            "first_paint": figures([wall for wall, _ in paints[name]]),
            "first_paint_processor": figures([used for _, used in paints[name]]),
            "sample": [[round(took, 1), round(used, 1)] for took, used in samples[name]],
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
