"""Every hostile PDF in one batch with a good one, one JSON line: python tests/bench/hostile_files.py [SHARED_DATA]"""

from __future__ import annotations

import collections
import json
import subprocess
import sys
import tempfile
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    good = data / "papers" / "PMC5884149.pdf"
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "embtrainer_gui",
            "import",
            f"{folder}/p",
            str(data / "hostile"),
            str(good),
            "--json",
        ]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    summary = json.loads(result.stdout.splitlines()[-1])
    states = collections.Counter(row["state"] for row in summary["files"])
    good_state = next(row["state"] for row in summary["files"] if row["file"] == good.name)
    print(
        json.dumps(
            {"files": len(summary["files"]), "states": states, "good": good_state, "seconds": summary["seconds"]}
        )
    )


if __name__ == "__main__":
    main()
