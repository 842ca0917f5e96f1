"""Which files of a hub's model are needed, and whether what came is what was listed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.translate import mark

COMMIT = re.compile(r"[0-9a-f]{40}")
_SETTINGS = re.compile(
    r"modules\.json|config\.json|config_sentence_transformers\.json|sentence_\w+_config\.json|tokenizer_config\.json"
    r"|special_tokens_map\.json|added_tokens\.json|model\.safetensors\.index\.json|README\.md"
)
_TOKENIZER = re.compile(r"tokenizer\.json")
_OLD_TOKENIZER = re.compile(
    r"vocab\.txt|vocab\.json|merges\.txt|sentencepiece\.bpe\.model|spiece\.model|tokenizer\.model"
)
_WEIGHTS = re.compile(r"model(-\d+-of-\d+)?\.safetensors")
_PART = re.compile(r"\d+_[A-Za-z]+")  # 1_Pooling
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class HubFile:
    """``size`` in bytes. The hub lists large files by their ``sha256``, others by Git's ``blob`` hash."""

    path: str
    size: int
    sha256: str = ""
    blob: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files that are needed of one ``commit``, settings first and weights last."""

    commit: str
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def listing_of(told: Any, name: str, host: str) -> Listing:
    """What the hub's answer lists of a model.

    Raises:
        EnvironmentProblem: it is no such answer.
        UserError: the model has no weights in safetensors format.
    """
    try:
        commit = str(told["sha"])
        if not COMMIT.fullmatch(commit):
            raise ValueError
        files = [_file(entry) for entry in told["siblings"]]
    except (KeyError, TypeError, ValueError) as problem:
        raise EnvironmentProblem(
            mark("{host} answered with something else than the files of {name}."),
            mark("Try again later, or download the model in a browser and choose its folder."),
            host=host,
            name=name,
        ) from problem
    needed = needed_files(files)
    if not any(_WEIGHTS.fullmatch(file.path.rsplit("/", 1)[-1]) for file in needed):
        raise UserError(
            mark("The model {name} has no weights in safetensors format on {host}."),
            mark("Choose another model: weights in other formats can run programs, so they are not read."),
            name=name,
            host=host,
        )
    return Listing(commit, tuple(needed))


def needed_files(files: Sequence[HubFile]) -> list[HubFile]:
    """Those that loading needs, in the order in which they are worth having: what can refuse the model comes first."""
    fast = any(file.path == "tokenizer.json" for file in files)
    kinds = (_SETTINGS, _TOKENIZER if fast else _OLD_TOKENIZER, _WEIGHTS)

    def rank(file: HubFile) -> int | None:
        folder, _, base = file.path.rpartition("/")
        if folder and not _PART.fullmatch(folder):
            return None  # weights for other programs, and names that lead elsewhere
        return next((number for number, kind in enumerate(kinds) if kind.fullmatch(base)), None)

    ranked = [(number, file.path, file) for file in files if (number := rank(file)) is not None]
    return [file for _, _, file in sorted(ranked, key=lambda entry: entry[:2])]


def is_settings(file: HubFile) -> bool:
    return _SETTINGS.fullmatch(file.path.rsplit("/", 1)[-1]) is not None


def is_listed(path: Path, file: HubFile) -> bool:
    """Whether ``path`` holds exactly the listed bytes."""
    if path.stat().st_size != file.size:
        return False
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest() == (file.sha256 or file.blob)


def _file(entry: Any) -> HubFile:
    large = entry.get("lfs") or {}
    size = large.get("size", entry.get("size"))
    found = HubFile(str(entry["rfilename"]), size, str(large.get("sha256", "")), str(entry.get("blobId", "")))
    if type(size) is not int or size < 0 or not (found.sha256 or found.blob):
        raise ValueError
    return found
