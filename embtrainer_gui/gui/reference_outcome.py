"""What came of an import from Zotero or from an exported file, in one sentence and its hint."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.records import FileState
from embtrainer_gui.gui.feedback import Feedback, Message, Tone, joined
from embtrainer_gui.gui.format import count

SHOWN = 2


def tell_references(feedback: Feedback, summary: dict[str, Any], before: Message | None = None) -> Message | None:
    """A toast where all went well, else a banner with what is missing, which is given back. ``before`` still holds."""
    files, about = summary["files"], summary["references"]
    good = sum(row["state"] in (FileState.DONE, FileState.PARTIAL) for row in files)
    known = sum(row["state"] == FileState.DUPLICATE for row in files)
    bad = len(files) - good - known
    parts = [_tr("{good} papers read.").format(good=count(good))]
    if known:
        parts.append(_tr("{known} were in the project already and have their metadata.").format(known=count(known)))
    if bad:
        parts.append(_tr("{bad} could not be read: they stand at the top of the table.").format(bad=count(bad)))
    missing = _missing(about)
    if not (bad or missing or before):
        feedback.say(" ".join(parts))
        return None
    told = joined(before, Message(Tone.WARN, " ".join(parts), " ".join(missing)))
    feedback.banner.emit(told)
    return told


def _missing(about: dict[str, Any]) -> list[str]:
    parts = []
    if about["without_pdf"]:
        parts.append(_tr("{count} items have no PDF.").format(count=count(about["without_pdf"])))
    if about["left_out"]:
        parts.append(_tr("{count} entries of the file are broken.").format(count=count(len(about["left_out"]))))
    if gone := about["gone"]:
        parts += gone[:SHOWN]
        if len(gone) > SHOWN:
            parts.append(_tr("So are {count} more.").format(count=count(len(gone) - SHOWN)))
    return parts


def _tr(text: str) -> str:
    return QCoreApplication.translate("papers", text)
