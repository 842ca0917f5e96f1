"""Whether the folder of a model is safe and whole, seen before anything of it is loaded.

Read are JSON files and the headers of safetensors files. A model that wants to run code of its own (CVEs of
``trust_remote_code``, pickled weights), that leads out of its folder, or whose files contradict each other is refused
by the name of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NoReturn

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.model_limits import hidden_size, layer_count, most_tokens
from embtrainer_gui.core.safetensors_header import BadHeader, Tensor, read_header
from embtrainer_gui.core.translate import mark

KNOWN_PARTS = ("Transformer", "Pooling", "Normalize", "Dense", "Dropout", "LayerNorm", "WeightedLayerPooling")
OWN_CLASS = re.compile(r"sentence_transformers(\.[a-z_]+)*\.(" + "|".join(KNOWN_PARTS) + ")")
CODE_KEYS = ("auto_map", "custom_pipelines", "trust_remote_code", "_attn_implementation_internal")
PICKLED = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
TOKENIZERS = ("tokenizer.json", "vocab.txt", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "vocab.json")
LARGEST_JSON = 4 * 2**20  # vocabularies are larger, but they are not read here
EMBEDDINGS = ("word_embeddings.weight", "tok_embeddings.weight", "embed_tokens.weight")
LAYER = re.compile(r"(?:^|\.)(?:layers?|h)\.(\d+)\.")
SAVE_AGAIN = mark("Save it again with safe_serialization=True: pickled weights are not read, they can run programs.")
GET_AGAIN = mark("Copy or download the model again, or choose another one.")
ANOTHER = mark("Choose another model: this program never runs code that comes with one.")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """``dimension`` of its vectors, ``most_tokens`` that it can read at once (None: no limit), bytes of weights."""

    dimension: int | None
    most_tokens: int | None
    weights: int


def check_model_folder(folder: Path) -> ModelFacts:
    """What the folder of a sentence-transformers model holds.

    Raises:
        UserError: it is no such folder, it is not safe to load, or its files do not belong together; names the file.
    """
    if not folder.is_dir():
        raise UserError(
            mark("The model {name} is not on this computer."),
            mark("Choose the bundled all-MiniLM-L6-v2, or a folder that holds a sentence-transformers model."),
            name=folder.name,
        )
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise UserError(
            mark("The folder {name} holds no sentence-transformers model: modules.json and config.json are missing."),
            mark("Choose the folder that SentenceTransformer.save wrote."),
            name=folder.name,
        )
    return _Check(folder).run()


def check_for_code(folder: Path) -> None:
    """The part of ``check_model_folder`` that needs only the settings: worth asking before weights are fetched."""
    _Check(folder).parts()


class _Check:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = _root(folder)

    def run(self) -> ModelFacts:
        parts = self.parts()
        home = next((place for kind, place in parts if kind == "Transformer"), self._folder)
        config = self._json(home / "config.json")
        tensors = self._weights(home)
        self._check_tokenizer(home)
        width = self._check_shape(home, config, tensors)
        size = sum(file.stat().st_size for file in home.glob("*.safetensors"))
        return ModelFacts(self._check_widths(parts, width), most_tokens(config), size)

    def parts(self) -> list[tuple[str, Path]]:
        """Kind and folder of each module, in order; none leads out of the folder or wants to run code."""
        self._check_links(self._folder)
        parts = list(self._listed_parts())
        for place in sorted({place for _, place in parts} | {self._folder}):
            self._check_links(place)
            self._check_code(place)
        return parts

    def _listed_parts(self) -> Iterator[tuple[str, Path]]:
        if not (self._folder / "modules.json").is_file():
            yield "Transformer", self._folder
            return
        listed = self._json(self._folder / "modules.json", list)
        for entry in listed:
            kind, path = (str(entry.get(key, "")) for key in ("type", "path")) if isinstance(entry, dict) else ("", "")
            if not OWN_CLASS.fullmatch(kind):
                self._refuse_part(kind)
            yield kind.rsplit(".", 1)[-1], self._inside(path)
        if not listed:
            self._refuse(mark("The model {name} has no parts: {file} is empty."), GET_AGAIN, "modules.json")

    def _refuse_part(self, kind: str) -> NoReturn:
        program = self._folder / f"{kind.split('.', 1)[0]}.py"
        if kind.startswith("sentence_transformers."):
            self._refuse(
                mark("The model {name} has a part that this program cannot train: {file} names {kind}."),
                mark("Choose a model that is made of a transformer and pooling."),
                "modules.json",
                kind=kind,
            )
        self._refuse(
            mark("The model {name} wants to run code of its own: {file} names {kind}."),
            ANOTHER,
            f"modules.json ({program.name})" if program.is_file() else "modules.json",
            kind=kind,
        )

    def _inside(self, path: str) -> Path:
        escapes = PurePosixPath(path).is_absolute() or PureWindowsPath(path).drive or "\\" in path
        if escapes or ".." in PurePosixPath(path).parts:
            self._refuse(
                mark("The model {name} leads out of its folder: {file} names {kind}."),
                GET_AGAIN,
                "modules.json",
                kind=path,
            )
        return self._folder / path

    def _check_links(self, place: Path) -> None:
        if not place.is_dir():
            return  # parts without settings, such as Normalize, may have no folder
        for entry in [place, *place.iterdir()]:
            if entry.is_symlink() and entry != self._folder and not entry.resolve().is_relative_to(self._root):
                self._refuse(
                    mark("The model {name} leads out of its folder: {file} is a link to {kind}."),
                    mark("Copy the model with its files instead of links, or choose another one."),
                    self._called(entry),
                    kind=entry.resolve(),
                )

    def _check_code(self, place: Path) -> None:
        for file in sorted(place.glob("*.json")):
            if file.name in (*TOKENIZERS, INDEX) or not file.is_file() or file.stat().st_size > LARGEST_JSON:
                continue
            key = next((key for key, value in _entries(self._json(file, object)) if key in CODE_KEYS and value), None)
            if key is not None:
                self._refuse(
                    mark("The model {name} wants to run code of its own: {file} has the entry {kind}."),
                    ANOTHER,
                    self._called(file),
                    kind=key,
                )

    def _weights(self, home: Path) -> dict[str, Tensor]:
        files = [home / WEIGHTS] if (home / WEIGHTS).is_file() else self._shards(home)
        if not files:
            pickled = next((file for file in sorted(home.glob("*")) if file.suffix in PICKLED), None)
            if pickled is not None:
                self._refuse(
                    mark("The model {name} has no weights in safetensors format, only {file}."),
                    SAVE_AGAIN,
                    self._called(pickled),
                )
            self._refuse(mark("The model {name} has no weights: {file} is missing."), GET_AGAIN, WEIGHTS)
        tensors: dict[str, Tensor] = {}
        for file in files:
            tensors |= self._header(file)
        return tensors

    def _shards(self, home: Path) -> list[Path]:
        if not (home / INDEX).is_file():
            return []
        listed = self._json(home / INDEX).get("weight_map")
        names = set(listed.values()) if isinstance(listed, dict) else set()
        for name in names:
            if not isinstance(name, str) or Path(name).name != name or "\\" in name:
                self._refuse(
                    mark("The model {name} leads out of its folder: {file} names {kind}."), GET_AGAIN, INDEX, kind=name
                )
            if not (home / name).is_file():
                self._refuse(mark("The model {name} has no weights: {file} is missing."), GET_AGAIN, name)
        return [home / name for name in sorted(names)]

    def _header(self, file: Path) -> dict[str, Tensor]:
        try:
            return read_header(file)
        except (BadHeader, OSError) as problem:
            raise self._unreadable(file, problem) from problem

    def _check_tokenizer(self, home: Path) -> None:
        if not any((home / name).is_file() for name in TOKENIZERS):
            self._refuse(mark("The model {name} has no tokenizer: {file} is missing."), GET_AGAIN, TOKENIZERS[0])

    def _check_shape(self, home: Path, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> int | None:
        """The width that settings and weights agree on."""
        width, told = hidden_size(config), self._called(home / "config.json")
        found = next((tensor for name, tensor in tensors.items() if name.endswith(EMBEDDINGS)), None)
        if found is not None and width is not None and "embedding_size" not in config and found.shape[1:] != (width,):
            self._contradict(told, width, "x".join(map(str, found.shape)))
        layers = {int(match[1]) for name in tensors if (match := LAYER.search(name))}
        expected = layer_count(config)
        if layers and expected is not None and "num_hidden_groups" not in config and max(layers) + 1 < expected:
            self._contradict(told, expected, max(layers) + 1)
        return width

    def _check_widths(self, parts: list[tuple[str, Path]], width: int | None) -> int | None:
        """The dimension at the end; each part must take what the one before it gives."""
        for kind, place in parts:
            if kind not in ("Pooling", "Dense") or not (place / "config.json").is_file():
                continue
            told = self._json(place / "config.json")
            takes = told.get("in_features", told.get("word_embedding_dimension", told.get("embedding_dimension")))
            if isinstance(takes, int) and width is not None and takes != width:
                self._contradict(self._called(place / "config.json"), takes, width)
            if kind == "Dense":
                self._weights(place)
                width = told.get("out_features")
            elif width is not None:
                width *= _modes(told)
        return width

    def _contradict(self, file: str, told: object, found: object) -> NoReturn:
        self._refuse(
            mark("The model {name} contradicts itself: {file} says {told}, but its weights are made for {found}."),
            GET_AGAIN,
            file,
            told=told,
            found=found,
        )

    def _json(self, file: Path, kind: type = dict) -> Any:
        try:
            if file.stat().st_size > LARGEST_JSON:
                raise ValueError("it is far too long")
            told = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(told, kind):
                raise ValueError("it holds something else")
        except (OSError, ValueError, RecursionError) as problem:
            raise self._unreadable(file, problem) from problem
        return told

    def _unreadable(self, file: Path, reason: Exception) -> UserError:
        told = mark("The model {name} is damaged: {file} cannot be read, {reason}.")
        return UserError(told, GET_AGAIN, name=self._folder.name, file=self._called(file), reason=reason)

    def _refuse(self, message: str, cure: str, file: str, **values: object) -> NoReturn:
        raise UserError(message, cure, name=self._folder.name, file=file, **values)

    def _called(self, file: Path) -> str:
        return file.relative_to(self._folder).as_posix()


def _root(folder: Path) -> Path:
    """Where links may lead: the folder; in the cache of the hub, whose snapshots are made of links, its repository."""
    real = folder.resolve()
    if real.parent.name == "snapshots" and real.parent.parent.name.startswith("models--"):
        return real.parent.parent
    return real


def _modes(pooling: Mapping[str, Any]) -> int:
    """Vectors that a pooling puts side by side."""
    told = pooling.get("pooling_mode")
    if isinstance(told, list):
        return len(told)
    return max(1, sum(value is True for key, value in pooling.items() if key.startswith("pooling_mode_")))


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """All keys with their values, however deep."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield from found.items()
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
