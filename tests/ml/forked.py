"""Training in processes of their own, forked from a server that has loaded torch once, so that a test can kill them."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2]))  # the children look for this module as tests.ml.forked
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["embtrainer_gui.ml.trainer"])
SECONDS = 60


def start(work: Callable[..., Any], *arguments: Any, place: tuple[int, int, int] | None = None) -> Forked:
    """Run ``work(*arguments)`` in a process; ``place`` is its rank, how many there are and the port they meet at."""
    mine, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=_run, args=(theirs, place, work, arguments), daemon=True)
    process.start()
    theirs.close()
    return Forked(process, mine)


class Forked:
    def __init__(self, process: BaseProcess, answers: Connection) -> None:
        self.process, self._answers = process, answers

    def result(self) -> Any:
        """What the work gave or raised; None where it was killed."""
        try:
            assert self._answers.poll(SECONDS), "it hangs"
            return self._answers.recv()
        except EOFError:
            return None
        finally:
            self.process.kill()
            self.process.join()


def start_ranks(size: int, work: Callable[..., Any], *arguments: Any) -> list[Forked]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return [start(work, *arguments, place=(rank, size, port)) for rank in range(size)]


def on_ranks(size: int, work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What ``work(*arguments)`` gave or raised on each rank."""
    return [rank.result() for rank in start_ranks(size, work, *arguments)]


def _run(
    answers: Connection, place: tuple[int, int, int] | None, work: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    import torch

    from embtrainer_gui.ml import device

    torch.set_num_threads(1)
    device.fast_bfloat16 = lambda device: False  # these tests compare with exact numbers
    if place is not None:
        rank, size, port = place
        os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size)}
        os.environ |= {"LOCAL_WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    try:
        answers.send(work(*arguments))
    except Exception as problem:  # noqa: BLE001 - it is the test's to judge
        answers.send(f"{type(problem).__name__}: {problem}")
