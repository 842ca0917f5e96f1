"""The folder of a sentence-transformers model, looked at without loading it (and so without torch)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark

PICKLED = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
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


def check_model_folder(model_dir: Path) -> None:
    """Raise UserError unless ``model_dir`` is a folder with safetensors weights; pickled ones can run code."""
    name = model_dir.name
    if not model_dir.is_dir():
        raise UserError(
            mark("The model {name} is not on this computer."),
            mark("Choose the bundled all-MiniLM-L6-v2, or a folder that holds a sentence-transformers model."),
            name=name,
        )
    if not (model_dir / "modules.json").is_file() and not (model_dir / "config.json").is_file():
        raise UserError(
            mark("The folder {name} holds no sentence-transformers model: modules.json and config.json are missing."),
            mark("Choose the folder that SentenceTransformer.save wrote."),
            name=name,
        )
    pickled = [p for p in model_dir.rglob("*") if p.suffix in PICKLED and not any(p.parent.glob("*.safetensors"))]
    if pickled or not any(model_dir.rglob("*.safetensors")):
        raise UserError(
            mark("The model {name} has no weights in safetensors format."),
            mark("Save it again with safe_serialization=True: pickled weights are not read, they can run programs."),
            name=name,
        )
