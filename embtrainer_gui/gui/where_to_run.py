"""Where a job's work is shared out, as the settings say; asks before anything goes to another machine's cluster."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QWidget

from embtrainer_gui.core.cluster_address import cluster_address
from embtrainer_gui.core.consent import allow, is_allowed
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.widgets.question import Answer, Question

SEND = "send"


def cluster_options(session: Session, what: str, parent: QObject | None) -> dict[str, str] | None:
    """What a job's options say of where it runs; None where ``what`` ("The papers") may not go there."""
    if not session.settings.cluster:
        return {}
    address = cluster_address(session.settings.cluster)
    found = {"on": session.settings.cluster}
    if address.is_local or is_allowed(session.project, address.name):
        return found
    text = _tr(
        "{what} will be sent to the machines of the Ray cluster at {host}. Who runs them can read and keep what they"
        " get, and the way there is not encrypted: take a network of your own.\n\nThis is asked once for this project"
        " and this cluster."
    ).format(what=what, host=address.name)
    answers = (Answer("cancel", _tr("Cancel")), Answer(SEND, _tr("Send"), "primary"))
    window = parent if isinstance(parent, QWidget) else QWidget()
    if Question(window, _tr("Send to the cluster at {host}?").format(host=address.name), text, answers).ask() != SEND:
        return None
    allow(session.project, address.name)
    return found


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhereToRun", text)
