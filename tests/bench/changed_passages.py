"""Encoding again after 1 % of the passages changed, against encoding all of them: one JSON line.

python tests/bench/changed_passages.py DATA [--passages 3000]

DATA holds folders with ``corpus.jsonl``. The bundled model, at most 64 tokens, loaded before; both through the index on
disk, its durable writing included.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from library_vectors import TOKENS, texts

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.ml.encoder import Encoder
from embtrainer_gui.ml.vector_index import VectorIndex
from embtrainer_gui.stages.passage_table import text_key

CHANGED = 100  # one in so many


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--passages", type=int, default=3000)
    options = parser.parse_args()
    passages = list(dict.fromkeys(texts(options.data, "corpus.jsonl")))[: options.passages]
    encoder = Encoder(bundled_folder(), TOKENS)
    encoder.encode_passages(passages[:64])
    found: dict[str, float] = {"passages": len(passages), "load": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("all", "changed"):
            began, busy = time.perf_counter(), time.process_time()
            index = VectorIndex(Path(folder), "bench", TOKENS)
            found[f"{name}_encoded"] = index.sync([text_key(t) for t in passages], passages, lambda: encoder)
            found[f"{name}_s"] = round(time.perf_counter() - began, 3)
            found[f"{name}_cpu_s"] = round(time.process_time() - busy, 3)
            passages = [f"Changed: {t}" if row % CHANGED == 0 else t for row, t in enumerate(passages)]
    found |= {f"times_quicker_{k}": round(found[f"all_{k}"] / found[f"changed_{k}"], 1) for k in ("s", "cpu_s")}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
