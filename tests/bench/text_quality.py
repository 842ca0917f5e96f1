"""Exported passages of the papers against the truth, one JSON line: python tests/bench/text_quality.py [SHARED_DATA]

Imports the papers, exports ``--as passages``, and scores with the shared tool (tools/text_f1.py beside the data).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-m", "embtrainer_gui"]
        passages = f"{folder}/passages.jsonl"
        for arguments in (
            ["import", f"{folder}/p", str(data / "papers")],
            ["export", f"{folder}/p", "--as", "passages", passages],
        ):
            subprocess.run([*program, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        tool = [sys.executable, str(data.parent / "tools" / "text_f1.py"), passages, str(data / "truth")]
        print(json.dumps(json.loads(subprocess.run(tool, capture_output=True, text=True, check=True).stdout)))


if __name__ == "__main__":
    main()
