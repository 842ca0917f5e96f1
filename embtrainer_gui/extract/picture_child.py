"""One drawing process: a line in for each page, a PNG file and a line out."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import AppError, PasswordNeeded
from embtrainer_gui.core.records import FileState
from embtrainer_gui.core.translate import mark
from embtrainer_gui.extract.page_picture import PagePainter, limit_process


def main() -> int:
    """Serve the parent on the standard pipes until it closes them.

    The first line out is ``{}``: it is ready. Each line in is ``{"path", "page", "dpi", "target", "password"}``, the
    answer ``{"pages", "words"}``, else ``{"state", "reason"}``.
    """
    faulthandler.enable()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    limit_process()
    painters: dict[str, PagePainter] = {}  # by password: one file's opens no other

    def send(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        answers.flush()

    send({})
    for line in sys.stdin.buffer:
        task = json.loads(line)
        send(_answer(painters.setdefault(task["password"], PagePainter([task["password"]])), task))
    return 0


def _answer(painter: PagePainter, task: dict[str, Any]) -> dict[str, Any]:
    try:
        picture = painter.paint(Path(task["path"]), task["page"], task["dpi"], Path(task["target"]), "png")
    except PasswordNeeded:
        wrong, missing = mark("The password is wrong."), mark("The file is protected by a password.")
        return {"state": FileState.ENCRYPTED, "reason": wrong if task["password"] else missing}
    except AppError as problem:
        return {"state": FileState.FAILED, "reason": str(problem)}
    except MemoryError:
        return {"state": FileState.STOPPED, "reason": mark("Stopped: the page needs too much memory to be drawn.")}
    return {"pages": picture.pages, "words": picture.words}
