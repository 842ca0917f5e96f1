"""Where a stage may run: this computer, Ray on this computer, or a Ray cluster at an address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.translate import mark

ON_THIS_COMPUTER = "ray"
CLIENT = "ray://"
CLIENT_PORT = 10001  # of ``ray start --head``
CLUSTER_PORT = 6379


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """``for_ray`` is what Ray takes; "" as ``host``: a Ray that is started here and ends with the job."""

    host: str = ""
    port: int = 0
    for_ray: str = ""

    @property
    def is_local(self) -> bool:
        return not self.host

    @property
    def is_client(self) -> bool:
        """Ray Client: this computer is no node of the cluster."""
        return self.for_ray.startswith(CLIENT)

    @property
    def name(self) -> str:
        """As consent is kept for it: asked for wherever its first machine is, since the others may be anywhere."""
        return CLIENT + self.for_ray.removeprefix(CLIENT) if self.host else ON_THIS_COMPUTER


def cluster_address(text: str) -> ClusterAddress:
    """Of ``ray``, ``ray://HOST:PORT`` (Ray Client, from any computer) or ``HOST:PORT`` (on a node of the cluster).

    Raises:
        UserError: it is none of them.
    """
    text = text.strip()
    if text == ON_THIS_COMPUTER:
        return ClusterAddress()
    is_client = text.startswith(CLIENT)
    try:
        parts = urlsplit(text if is_client else f"//{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if not host or parts.path.strip("/") or parts.username or parts.query or (not is_client and "://" in text):
        raise UserError(
            mark("{address!r} is no address of a Ray cluster."),
            mark("Write ray for this computer, ray://HOST:10001, or on a node of the cluster HOST:6379."),
            address=text,
        )
    port = port or (CLIENT_PORT if is_client else CLUSTER_PORT)
    found = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return ClusterAddress(host, port, f"{CLIENT if is_client else ''}{found}")


def checked_cluster(text: str) -> str:
    """For settings: "" or an address. Raises ValueError in words."""
    if text:
        try:
            cluster_address(text)
        except UserError as problem:
            raise ValueError(problem.message) from problem
    return text
