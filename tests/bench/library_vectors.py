"""The vectors of a made-up library of any size, near-real: mixtures of two real passages plus noise.

python tests/bench/library_vectors.py DATA FOLDER [--rows 1000000]

DATA holds folders with ``corpus.jsonl`` and ``queries.jsonl``. Writes ``vectors.f32`` (rows x 384, L2-normalised) and
``queries.npy`` (the encoded questions) into FOLDER; what the model says of the real texts is kept in ``real.npz``.
Vector = normalised(a p + (1 - a) q + e): a even in 0.3 to 0.7, p and q two real passages, e normal with 0.02 in each
dimension (length 0.39 on a sum of about 0.8). Seed 42.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

SETS = ("covidqa", "pubmedqa_l", "medquad_dev")
TOKENS, NOISE, SEED, BLOCK = 64, 0.02, 42, 50_000


def texts(data: Path, name: str) -> list[str]:
    found = []
    for folder in SETS:
        for line in (data / folder / name).open(encoding="utf-8"):
            row = json.loads(line)
            found.append(f"{row.get('title', '')} {row['text']}".strip())
    return found


def real(data: Path, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the real passages and of the real questions, by the bundled model."""
    kept = folder / "real.npz"
    if not kept.is_file():
        from embtrainer_gui.core.base_model import bundled_folder
        from embtrainer_gui.ml.encoder import Encoder

        encoder = Encoder(bundled_folder(), TOKENS)
        passages = encoder.encode_passages(texts(data, "corpus.jsonl"))
        np.savez(kept, passages=passages, questions=encoder.encode_queries(texts(data, "queries.jsonl")))
    with np.load(kept) as file:
        return file["passages"], file["questions"]


def mixtures(passages: np.ndarray, rows: int, generator: np.random.Generator) -> np.ndarray:
    first, second = generator.integers(0, len(passages), (2, rows))
    share = generator.uniform(0.3, 0.7, (rows, 1)).astype(np.float32)
    mixed = share * passages[first] + (1 - share) * passages[second]
    mixed += generator.standard_normal(mixed.shape, np.float32) * np.float32(NOISE)
    return mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


def make(data: Path, folder: Path, rows: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    passages, questions = real(data, folder)
    np.save(folder / "queries.npy", questions)
    generator = np.random.default_rng(SEED)
    with (folder / "vectors.f32").open("wb") as file:
        for start in range(0, rows, BLOCK):
            mixtures(passages, min(BLOCK, rows - start), generator).tofile(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    make(options.data, options.folder, options.rows)


if __name__ == "__main__":
    main()
