"""The folder of a sentence-transformers model, looked at without loading it (and so without torch)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from embtrainer_gui.core.model_check import check_model_folder

BLOCK = 1 << 20


def file_digest(path: Path) -> str:
    """BLAKE2b (16 bytes, hexadecimal) of a file."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def model_fingerprint(model_dir: Path) -> str:
    """Changes whenever the vectors could: a hash over names and contents of weights, configs and tokenizer."""
    check_model_folder(model_dir)
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(p for p in model_dir.rglob("*") if p.suffix in (".json", ".safetensors", ".txt", ".model")):
        digest.update(f"{path.relative_to(model_dir).as_posix()} {file_digest(path)}\n".encode())
    return digest.hexdigest()
