"""Start Ray on this computer, or connect to a cluster; silent, within seconds, and gone at the end."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from embtrainer_gui.core.cluster_address import ClusterAddress
from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.translate import mark

REACH_SECONDS = 5.0
CONNECT_SECONDS = 40.0
START_SECONDS = 90.0
OBJECTS_MB = 256  # of a Ray on this computer: papers are not copied there, results are small
LONGEST_FOLDER = 40  # of the path below which Ray makes its sockets, whose paths a system bounds to 107
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S": "5",
    "RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S": "5",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}


@contextlib.contextmanager
def connected(address: ClusterAddress, processes: int, wait: Callable[[], None]) -> Iterator[None]:
    """Ray is there inside the block.

    Args:
        processes: how many run side by side where Ray is started here; 0: one a processor.
        wait: called again and again meanwhile; raises what ends the wait.

    Raises:
        EnvironmentProblem: nothing answers there, or it is no Ray.
        UserError: Ray is not installed here, or is of another version there.
    """
    if not address.is_local:
        _reach(address)
    kept = {name: os.environ.get(name) for name in (*_QUIET, "RAY_AUTH_MODE", "RAY_AUTH_TOKEN")}
    os.environ.update(_QUIET)
    folder = _folder() if address.is_local else None
    try:
        ray = _imported()
        if folder is not None:
            # Ray has no password of its own: whoever reaches a port of it runs code as this user.
            os.environ.update({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)})
            _begin(lambda: _start(ray, processes, folder), START_SECONDS, address, wait)
        else:
            _begin(lambda: _connect(ray, address), CONNECT_SECONDS, address, wait)
        yield
    finally:
        with contextlib.suppress(Exception):
            _imported().shutdown()
        for name, value in kept.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _imported() -> Any:
    try:
        import ray
    except ImportError as problem:
        raise UserError(
            mark("Ray is not installed."), mark("Install it: pip install 'embtrainer[cluster]'.")
        ) from problem
    for name in ("ray", "ray.data", "grpc"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return ray


def _folder() -> Path:
    base = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="ray-", dir=base if len(base) <= LONGEST_FOLDER else "/tmp"))


def _start(ray: Any, processes: int, folder: Path) -> None:
    from ray._private import ray_constants

    ray_constants.ENABLE_RAY_CLUSTER = False  # the one way to have it listen on the loopback address alone
    ray.init(
        num_cpus=processes or os.cpu_count() or 1,
        num_gpus=0,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.CRITICAL,
        object_store_memory=OBJECTS_MB * 2**20,
        _node_ip_address="127.0.0.1",
        _temp_dir=str(folder),
    )
    if any(row["NodeManagerAddress"] != "127.0.0.1" for row in ray.nodes()):
        ray.shutdown()
        raise EnvironmentProblem(
            mark("Ray would listen to the network here; it was stopped."), mark("Leave --on out, or update Ray.")
        )


def _connect(ray: Any, address: ClusterAddress) -> None:
    ray.init(address.for_ray, log_to_driver=False, logging_level=logging.CRITICAL)


def _reach(address: ClusterAddress) -> None:
    try:
        socket.create_connection((address.host, address.port), REACH_SECONDS).close()
    except OSError as problem:
        raise EnvironmentProblem(
            mark("No Ray cluster answers at {address}: {reason}."),
            mark("Look at the address and whether the cluster runs: ray status, on its first machine."),
            address=address.name,
            reason=problem.strerror or str(problem) or type(problem).__name__,
        ) from problem


def _begin(work: Callable[[], None], seconds: float, address: ClusterAddress, wait: Callable[[], None]) -> None:
    """``work`` on a thread that is left behind when it hangs: Ray waits for minutes."""
    outcome: list[BaseException | None] = []

    def do() -> None:
        try:
            work()
            outcome.append(None)
        except BaseException as problem:  # noqa: BLE001 - raised below, whatever it is
            outcome.append(problem)

    thread = threading.Thread(target=do, name="ray-connect", daemon=True)
    thread.start()
    left = seconds
    while thread.is_alive() and left > 0:
        wait()
        thread.join(0.1)
        left -= 0.1
    problem = outcome[0] if outcome else TimeoutError(mark("no answer within {seconds:.0f} s").format(seconds=seconds))
    if problem is None:
        return
    if isinstance(problem, UserError | EnvironmentProblem):
        raise problem
    said = " ".join(str(problem).split())[:300] or type(problem).__name__
    if "version" in said.lower() and "mismatch" in said.lower():
        raise UserError(
            mark("Ray or Python is of another version at {address}: {reason}"),
            mark("Install the same versions everywhere."),
            address=address.name,
            reason=said,
        ) from problem
    raise EnvironmentProblem(
        mark("Ray does not start.") + " {reason}"
        if address.is_local
        else mark("No Ray cluster answers at {address}: {reason}."),
        mark("Look at the address and whether the cluster runs: ray status, on its first machine."),
        address=address.name,
        reason=said.rstrip("."),
    ) from problem
