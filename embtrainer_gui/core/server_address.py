"""Addresses of servers: which machine they lead to, where their routes begin, and whether a key may go there."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit, urlunsplit

ROUTES = ("/chat/completions", "/api/chat", "/api/generate", "/api/tags", "/api", "/models")
"""Ends that people paste with an address."""
METADATA = (ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("fd20:ce::254"))


def host_of(address: str) -> str:
    """The machine that an address leads to, with its port where one is named."""
    return urlsplit(address).netloc


def is_this_machine(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    ip = _ip(host)
    return ip is not None and ip.is_loopback


def takes_key(address: str) -> bool:
    """Whether a key may be sent there: it stays on this machine, or goes encrypted."""
    return is_this_machine(address) or urlsplit(address).scheme == "https"


def names_a_host(address: str) -> bool:
    """Whether the machine is told by a name, which somebody else resolves, and not by its number."""
    return _ip(urlsplit(address).hostname or "") is None


def is_metadata(ip_address: str) -> bool:
    """Link-local addresses and those where clouds keep the credentials of a machine."""
    ip = _ip(ip_address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip is not None and (ip.is_link_local or ip in METADATA)


def ollama_base(address: str) -> str:
    """Where ``/api/chat`` is added: the address without the ``/v1`` of Ollama's other protocol."""
    return _without_route(address).removesuffix("/v1")


def openai_base(address: str) -> str:
    """Where ``/chat/completions`` is added: the address, with ``/v1`` where it names no path."""
    base = _without_route(address)
    return base if urlsplit(base).path else f"{base}/v1"


def _without_route(address: str) -> str:
    parts = urlsplit(address.strip())
    path = parts.path.rstrip("/")
    for route in ROUTES:
        if path.endswith(route):
            path = path.removesuffix(route)
            break
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", ""))


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
