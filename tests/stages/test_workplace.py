"""Where a stage may run: addresses, and what one says that leads to no cluster."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from commandline import CommandLine, assert_plain

from embtrainer_gui.core.cluster_address import cluster_address
from embtrainer_gui.core.errors import UserError


@pytest.mark.parametrize(
    ("text", "for_ray", "name"),
    [
        ("ray", "", "ray"),
        ("ray://head.example:10001", "ray://head.example:10001", "ray://head.example:10001"),
        ("ray://head.example", "ray://head.example:10001", "ray://head.example:10001"),
        (" 192.0.2.7:6379 ", "192.0.2.7:6379", "ray://192.0.2.7:6379"),
        ("192.0.2.7", "192.0.2.7:6379", "ray://192.0.2.7:6379"),
        ("ray://[2001:db8::1]:10001", "ray://[2001:db8::1]:10001", "ray://[2001:db8::1]:10001"),
    ],
)
def test_that_every_address_of_ray_is_understood(text: str, for_ray: str, name: str) -> None:
    found = cluster_address(text)
    assert (found.for_ray, found.name) == (for_ray, name)


@pytest.mark.parametrize("text", ["http://host:80", "ray://", "host:port", "a b:1/c", "ray://u@host:1", "host:99999"])
def test_that_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no address of a Ray cluster"):
        cluster_address(text)


def test_that_a_port_where_nothing_listens_is_one_sentence_within_seconds(
    tmp_path: Path, embtrainer: CommandLine, three_papers: list[Path]
) -> None:
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ran = embtrainer("import", tmp_path / "project", three_papers[0], "--yes", "--on", f"127.0.0.1:{port}")
    assert_plain(ran, 3, "No Ray cluster answers at", f"127.0.0.1:{port}", "ray status")
    assert time.monotonic() - started < 15


def test_that_nothing_goes_to_a_cluster_without_consent_even_where_its_first_machine_is_this_one(
    tmp_path: Path, embtrainer: CommandLine, three_papers: list[Path]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        ran = embtrainer("import", tmp_path / "project", three_papers[0], "--on", address)
        assert_plain(ran, 2, f"The papers would be sent to ray://{address}", "--yes")
        with pytest.raises(BlockingIOError):
            listening.accept()


GIVES_UP = """
from embtrainer_gui.cluster import connection
from embtrainer_gui.core.cluster_address import cluster_address
from embtrainer_gui.core.errors import EnvironmentProblem
connection.HEAR_SECONDS = 1.0
try:
    with connection.connected(cluster_address("{address}"), 0, lambda: None):
        pass
except EnvironmentProblem as problem:
    print(problem)
"""


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'embtrainer[cluster]'")
def test_that_something_else_than_ray_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"ray://127.0.0.1:{silent.getsockname()[1]}"
        code = GIVES_UP.format(address=address)
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert f"What answers at {address} is no Ray cluster" in ran.stdout, ran.stderr
