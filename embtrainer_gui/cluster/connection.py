"""Start Ray on this computer, or connect to a cluster; silent, within seconds, and gone at the end."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from embtrainer_gui.cluster.scratch import private_folder
from embtrainer_gui.cluster.session import Place, Session
from embtrainer_gui.core.cluster_address import ClusterAddress
from embtrainer_gui.core.environment import KEY_VARIABLE
from embtrainer_gui.core.errors import AppError, EnvironmentProblem, UserError
from embtrainer_gui.core.translate import mark

REACH_SECONDS = 5.0
HEAR_SECONDS = 10.0  # for a first sign of Ray; then it may start a process of ours on a machine that is busy
CONNECT_SECONDS = 120.0
START_SECONDS = 90.0
OBJECTS_MB = 256  # of a Ray on this computer: papers are not copied there, results are small
FOLDER = "ray-"
LONGEST_FOLDER = 18  # of the path below which Ray makes its sockets, whose paths a system bounds to 103
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S": "5",
    "RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S": "5",
    "GRPC_VERBOSITY": "NONE",
}


@contextlib.contextmanager
def connected(address: ClusterAddress, processes: int, wait: Callable[[], None]) -> Iterator[Session]:
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
    kept = {name: os.environ.get(name) for name in (*_QUIET, "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", KEY_VARIABLE)}
    os.environ.update(_QUIET)
    os.environ["RAY_ENABLE_AUTO_CONNECT"] = "0"  # for good: a thread that ends late would connect anew
    os.environ.pop(KEY_VARIABLE, None)  # no child has it that does not need it
    folder = _folder() if address.is_local else None
    if folder is not None:  # whoever reaches a port of Ray runs code as this user; read when Ray is loaded
        os.environ.update({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)})
    session = None
    try:
        ray = _imported()
        begin = (lambda: _connect(ray, address)) if folder is None else (lambda: _start(ray, processes, folder))
        session = Session(begin, ray.shutdown, frees=address.is_client)
        try:
            session.wait(CONNECT_SECONDS if folder is None else START_SECONDS, wait)
        except AppError:
            raise
        except (Exception, SystemExit) as problem:
            raise _in_words(problem, address) from problem
        _restore({KEY_VARIABLE: kept[KEY_VARIABLE]})
        yield session
    finally:
        if session is not None:
            session.end()
        _restore(kept)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _restore(kept: Mapping[str, str | None]) -> None:
    for name, value in kept.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def _imported() -> Any:
    try:
        import ray
    except ImportError as problem:
        raise UserError(
            mark("Ray is not installed."), mark("Install it: pip install 'embtrainer[cluster]'.")
        ) from problem
    for name in ("ray", "ray.data", "ray.util.client.logsclient", "grpc"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False  # some loggers below it have a level of their own
    worker: Any = ray._private.worker
    worker.print_to_stdstream = lambda *what, **how: None  # errors of nodes, whatever log_to_driver says
    warnings.filterwarnings("ignore", module=r"ray\.")  # what is wrong is told in our words
    return ray


def _folder() -> Path:
    base = tempfile.gettempdir()
    return private_folder(FOLDER, base if len(base) <= LONGEST_FOLDER else "/tmp")


def _start(ray: Any, processes: int, folder: Path) -> Place:
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
            mark("Ray would listen to the network here; it was stopped."), mark("Work without Ray, or update it.")
        )
    host, port = ray.get_runtime_context().gcs_address.rsplit(":", 1)
    return host, int(port)


def _connect(ray: Any, address: ClusterAddress) -> Place:
    import grpc
    from ray._private.grpc_utils import init_grpc_channel

    with init_grpc_channel(address.for_ray.removeprefix("ray://")) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=HEAR_SECONDS)
        except grpc.FutureTimeoutError as problem:
            raise EnvironmentProblem(
                mark("What answers at {address} is no Ray cluster."),
                mark("Look at the address and whether the cluster runs: ray status, on its first machine."),
                address=address.name,
            ) from problem
        _show_secret(channel, address)
    ray.init(address.for_ray, log_to_driver=False, logging_level=logging.CRITICAL)
    return address.host, address.port


def _show_secret(channel: Any, address: ClusterAddress) -> None:
    """Ray itself tries for minutes."""
    import grpc
    from ray._private.authentication.authentication_utils import is_token_auth_enabled
    from ray.core.generated import gcs_service_pb2, gcs_service_pb2_grpc, ray_client_pb2, ray_client_pb2_grpc

    client: Any = ray_client_pb2  # mypy does not see what is made when they are loaded
    cluster: Any = gcs_service_pb2
    try:
        if address.is_client:
            ping = client.ClusterInfoRequest(type=client.ClusterInfoType.PING)
            ray_client_pb2_grpc.RayletDriverStub(channel).ClusterInfo(ping, timeout=HEAR_SECONDS)
        else:
            stub = gcs_service_pb2_grpc.NodeInfoGcsServiceStub(channel)
            stub.CheckAlive(cluster.CheckAliveRequest(), timeout=HEAR_SECONDS)
    except grpc.RpcError as problem:
        if problem.code() is not grpc.StatusCode.UNAUTHENTICATED:
            return  # whatever it is, Ray says it better
        told = mark("The Ray cluster at {address} has another secret than this computer.")
        untold = mark("The Ray cluster at {address} asks for its secret, and this computer has none.")
        raise UserError(
            told if is_token_auth_enabled() else untold,
            mark("Set RAY_AUTH_MODE=token and the cluster's own RAY_AUTH_TOKEN before the program is started."),
            address=address.name,
        ) from problem


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


def _in_words(problem: BaseException, address: ClusterAddress) -> AppError:
    said = (" ".join(str(problem).split())[:300] or type(problem).__name__).rstrip(".")
    if "version" in said.lower() and "mismatch" in said.lower():
        return UserError(
            mark("Ray or Python is of another version at {address}: {reason}."),
            mark("Install the same versions everywhere."),
            address=address.name,
            reason=said,
        )
    if address.is_local:
        return EnvironmentProblem(
            mark("Ray does not start: {reason}."),
            mark("This computer works without it: leave --on out, or empty the field in Settings."),
            reason=said,
        )
    return EnvironmentProblem(
        mark("No Ray cluster answers at {address}: {reason}."),
        mark("Look at the address and whether the cluster runs: ray status, on its first machine."),
        address=address.name,
        reason=said,
    )
