"""What the reading processes say of each paper, as one hash a file: two states of the program must agree on it.

python tests/bench/reading_digest.py [FOLDER...] [--seconds]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path
from typing import Any

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import BUNDLED_MODEL, ImportConfig
from embtrainer_gui.extract.child import _Reader, limits_of
from embtrainer_gui.text.tokens import TokenCounter

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path, default=[SHARED / "papers", SHARED / "tei"])
    parser.add_argument("--pattern", default="*.*")
    parser.add_argument("--seconds", action="store_true", help="print the processor time and no hashes")
    options = parser.parse_args()
    files = [path for folder in options.folders for path in sorted(folder.glob(options.pattern)) if path.is_file()]
    said: list[Any] = []
    config = limits_of(ImportConfig().model_dump(), {})
    counter = TokenCounter(model_folder(BUNDLED_MODEL, verify=False))
    reader = _Reader(config, 10_000.0, counter, lambda *message: said.append(message), {})
    started = time.process_time()
    for path in files:
        said.clear()
        reader.read(path, config, "", [], "")
        if not options.seconds:
            text = json.dumps(said, ensure_ascii=True)
            print(hashlib.sha256(text.encode()).hexdigest()[:16], path.name, said[-1][1], flush=True)
    if options.seconds:
        print(round(time.process_time() - started, 2))


if __name__ == "__main__":
    main()
