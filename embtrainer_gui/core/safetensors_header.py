"""The header of a safetensors file, checked against the file: nothing that it names lies outside. No torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

LENGTH_BYTES = 8
LONGEST_HEADER = 16 * 2**20  # that of a model with 10,000 tensors is about 1 MB
BYTES_OF = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip
POINTER = b"version https://git-lfs"


class BadHeader(ValueError):
    """What is wrong with the file, in a few words."""


@dataclass(frozen=True, slots=True)
class Tensor:
    dtype: str
    shape: tuple[int, ...]


def read_header(path: Path) -> dict[str, Tensor]:
    """Names and shapes of the tensors in ``path``.

    Raises:
        BadHeader: it is cut short, its header is longer than any real one, or it lies about the file.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        told = _read(file, size)
        start = file.tell()
    told.pop("__metadata__", None)
    spans: list[tuple[int, int]] = []
    tensors = {}
    for name, entry in told.items():
        tensors[name], span = _tensor(name, entry)
        spans.append(span)
    _check_spans(sorted(spans), size - start)
    return tensors


def _read(file: BinaryIO, size: int) -> dict[str, Any]:
    first = file.read(len(POINTER))
    if first == POINTER:
        raise BadHeader("it is a pointer of Git LFS, not the weights themselves")
    if len(first) < LENGTH_BYTES:
        raise BadHeader(f"it has only {size} bytes")
    length = int.from_bytes(first[:LENGTH_BYTES], "little")
    if length > LONGEST_HEADER or length > size - LENGTH_BYTES:
        raise BadHeader(f"its header claims {length} bytes, the file has {size}")
    file.seek(LENGTH_BYTES)
    try:
        told = json.loads(file.read(length))
    except (ValueError, RecursionError) as problem:
        raise BadHeader("its header is not JSON") from problem
    if not isinstance(told, dict):
        raise BadHeader("its header is not a list of tensors")
    return told


def _tensor(name: str, entry: Any) -> tuple[Tensor, tuple[int, int]]:
    try:
        dtype, shape, (begin, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
        numbers = (*shape, begin, end)
        if not all(type(number) is int and number >= 0 for number in numbers) or begin > end:
            raise ValueError
        fits = end - begin == prod(shape) * BYTES_OF[dtype]
    except (KeyError, TypeError, ValueError) as problem:
        raise BadHeader(f"its header does not describe the tensor {name!r}") from problem
    if not fits:
        raise BadHeader(f"the tensor {name!r} has another size than its shape")
    return Tensor(dtype, shape), (begin, end)


def _check_spans(spans: list[tuple[int, int]], data: int) -> None:
    """Raise BadHeader unless they fill ``data`` bytes without gap or overlap, as the format asks."""
    reached = 0
    for begin, end in spans:
        if begin != reached:
            raise BadHeader("its tensors overlap or leave gaps")
        reached = end
    if reached != data:
        raise BadHeader(f"its tensors need {reached} bytes, it holds {data}")
