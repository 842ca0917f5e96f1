"""Which models a local Ollama holds in memory: training wants the same memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from embtrainer_gui.core.chat_facts import unload
from embtrainer_gui.core.chat_types import ServerPlace
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.server_address import is_this_machine
from embtrainer_gui.core.server_http import ServerHttp

SECONDS = 3.0  # a server on this machine answers at once, or does not count
MOST_BYTES = 1_000_000
MOST_MODELS = 20


@dataclass(frozen=True, slots=True)
class HeldModel:
    """``size`` bytes in all, ``on_card`` of them on a graphics card."""

    address: str
    model: str
    size: int
    on_card: int

    def taken(self, device: str) -> int:
        """Bytes of what ``device`` computes in ("cpu..." or a graphics card)."""
        return self.size - self.on_card if device.startswith("cpu") else self.on_card


def held_models(hosts: Iterable[str]) -> list[HeldModel]:
    """Of those of ``hosts`` (``name:port``) that are this machine and speak as Ollama; who is away holds nothing."""
    addresses = [f"http://{host}" for host in hosts]
    return asyncio.run(_held([address for address in addresses if is_this_machine(address)]))


async def free_models(held: Iterable[HeldModel]) -> int:
    """Ask the servers to let go of these; gives how many they did."""
    asked = [unload(ServerPlace("ollama", each.address, each.model)) for each in held]
    return sum(await asyncio.gather(*asked))


async def _held(addresses: list[str]) -> list[HeldModel]:
    found = await asyncio.gather(*map(_held_at, addresses))
    return [each for rows in found for each in rows]


async def _held_at(address: str) -> list[HeldModel]:
    try:
        async with ServerHttp(address, "", SECONDS) as http:
            answer = await http.send("GET", f"{address}/api/ps", most_bytes=MOST_BYTES)
        rows = json.loads(answer.body)["models"] if answer.status == 200 else []
        return [one for row in rows[:MOST_MODELS] if (one := _model(address, row)) is not None]
    except (AppError, ValueError, RecursionError, TypeError, KeyError):
        return []


def _model(address: str, row: Any) -> HeldModel | None:
    if not isinstance(row, dict) or not isinstance(row.get("name"), str):
        return None
    size, on_card = (_bytes(row.get(name)) for name in ("size", "size_vram"))
    return HeldModel(address, row["name"][:200], size, min(size, on_card)) if size else None


def _bytes(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**50 else 0
