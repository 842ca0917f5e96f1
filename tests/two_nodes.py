"""A Ray cluster of two nodes on this machine, each of one processor."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

TOKEN = secrets.token_hex(32)  # one for the whole process: Ray reads it once
HEALTH = {"health_check_period_ms": 500, "health_check_timeout_ms": 10_000, "health_check_failure_threshold": 3}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("", 0))
        port: int = found.getsockname()[1]
    return port


class TwoNodes:
    """``address`` is that of its first node, ``client`` the one for other computers."""

    def __init__(self, folder: Path) -> None:
        from ray.cluster_utils import Cluster

        port = free_port()
        head = {"num_cpus": 1, "ray_client_server_port": port, "include_dashboard": False, "_system_config": HEALTH}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self._second: Any = None
        self.address: str = self._cluster.address
        self.client = f"ray://{self.address.split(':')[0]}:{port}"
        self._other = folder
        self.whole()

    def whole(self) -> None:
        if self._second is None:
            self._second = self._cluster.add_node(num_cpus=1)

    def kill_second(self) -> None:
        """As if its plug were pulled."""
        if self._second is not None:
            self._cluster.remove_node(self._second, allow_graceful=False)
            self._second = None

    def kill_first(self) -> None:
        """With all that the cluster needs to be one."""
        self._cluster.remove_node(self._cluster.head_node, allow_graceful=False)

    @contextmanager
    def with_other_version(self) -> Iterator[None]:
        """A third node, on which another version of the program is installed."""
        package = self._other / "embtrainer_gui"
        package.mkdir()
        (package / "__init__.py").write_text('__version__ = "0.0.1"\n')
        node = self._cluster.add_node(num_cpus=1, env_vars={"PYTHONPATH": str(self._other)})
        yield
        self._cluster.remove_node(node, allow_graceful=False)

    def wait_for_client(self) -> None:
        host, port = self.client.removeprefix("ray://").split(":")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError):
                socket.create_connection((host, int(port)), 1).close()
                return
            time.sleep(0.1)
        raise TimeoutError(f"Nothing listens at {self.client}")

    def end(self) -> None:
        """All of it, and the processes of the nodes that died, for which nobody waits."""
        self._cluster.shutdown()
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess, ChildProcessError):
                if child.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(child.pid, os.WNOHANG)


@contextmanager
def two_nodes(folder: Path) -> Iterator[TwoNodes]:
    more = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN}
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)  # read when Ray is loaded
    cluster = TwoNodes(folder)
    try:
        yield cluster
    finally:
        cluster.end()
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
