"""PyMuPDF without the layout model that its import brings along.

``import pymupdf`` (2.0) also imports its layout network, onnxruntime and pymupdf4llm: 0.60 s of processor time
instead of 0.09 s in every reading process. They are kept out of that one import and stay importable afterwards.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

_NOT_NEEDED = ("pymupdf.layout", "pymupdf4llm", "onnxruntime")


def _import_alone() -> None:
    blocked = [name for name in _NOT_NEEDED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type]  # None: an import raises ImportError
    try:
        import pymupdf  # noqa: F401
    finally:
        for name in blocked:
            del sys.modules[name]


_import_alone()

import pymupdf  # noqa: E402
from pymupdf import mupdf  # noqa: E402

MUPDF_ERRORS = (RuntimeError, ValueError, mupdf.FzErrorBase)
"""What it raises for a broken file or page."""

__all__ = ["MUPDF_ERRORS", "Paper", "mupdf", "pymupdf"]


class Paper(pymupdf.Document):
    """A file that is opened without its table of contents: nobody asks for it here, a book's takes as long as some
    pages, and a broken one has crashed the library before."""

    def _loadOutline(self) -> None:  # noqa: N802 - the library's own name
        """Called while the file is opened."""


def printed(write: Callable[..., None], text: mupdf.FzStextPage, *options: Any) -> bytes:
    """What one of MuPDF's ``fz_print_stext_page_as_...`` writes of a page's text."""
    buffer = mupdf.FzBuffer(65536)
    output = mupdf.FzOutput(buffer)
    write(output, text, *options)
    output.fz_close_output()
    return bytes(buffer.fz_buffer_extract())
