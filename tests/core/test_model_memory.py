"""What a local Ollama holds in memory, asked of a real HTTP server; other machines and other servers are left alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fake_chat import fake_chat

from embtrainer_gui.core.model_memory import HeldModel, free_models, held_models
from embtrainer_gui.core.server_address import host_of

GB = 10**9


def test_that_a_loaded_model_is_told_with_its_share_of_the_card_and_let_go_when_asked() -> None:
    with fake_chat(loaded_context=4096, loaded_bytes={"size": 5 * GB, "size_vram": 4 * GB}) as server:
        held = held_models([host_of(server.address)])
        assert held == [HeldModel(server.address, "small-model", 5 * GB, 4 * GB)]
        assert (held[0].taken("cpu (2 threads)"), held[0].taken("cuda (H100)")) == (GB, 4 * GB)
        assert asyncio.run(free_models(held)) == 1
        assert server.asked[-1].body == {"model": "small-model", "keep_alive": 0}


@pytest.mark.parametrize("row", [{}, {"size": "much"}, {"size": -1}, {"size": True}, {"name": None, "size": GB}])
def test_that_a_server_that_tells_no_size_holds_nothing(row: dict[str, Any]) -> None:
    with fake_chat(loaded_context=4096, loaded_bytes=row) as server:
        assert held_models([host_of(server.address)]) == []


def test_that_no_other_machine_is_asked_and_no_other_server_counts() -> None:
    with fake_chat(kind="vllm") as server:
        port = server.address.rsplit(":", 1)[1]
        assert (
            held_models([host_of(server.address), "models.example.org", f"10.255.255.1:{port}", "nonsense", ""]) == []
        )
    assert held_models([host_of(server.address)]) == []  # it is away
