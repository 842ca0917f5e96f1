"""What a node is asked before it gets work. The function travels whole: the node may lack this program."""

from __future__ import annotations


def node_facts() -> dict[str, str]:
    """Versions on the node where it runs; "" where the program is not installed there."""
    import platform
    import socket

    try:
        from embtrainer_gui import __version__
    except ImportError:
        __version__ = ""
    return {"host": socket.gethostname(), "python": platform.python_version(), "embtrainer": __version__}
