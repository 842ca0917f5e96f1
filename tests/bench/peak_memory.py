"""Peak PSS over the process tree of a command, one JSON line: peak_memory.py COMMAND [ARG ...]

PSS counts memory that processes share once. Needs Linux.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

import psutil


def pss_mb(root: psutil.Process) -> float:
    total = 0
    for process in (root, *root.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue  # it ended meanwhile
    return total / 2**20


def main() -> None:
    started = time.monotonic()
    child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    root, peak = psutil.Process(child.pid), 0.0
    while child.poll() is None:
        try:
            peak = max(peak, pss_mb(root))
        except psutil.Error:
            break
        time.sleep(0.05)
    result = {"exit": child.wait(), "peak_pss_mb": round(peak), "seconds": round(time.monotonic() - started, 1)}
    print(json.dumps({"command": sys.argv[1:3], **result}))


if __name__ == "__main__":
    main()
