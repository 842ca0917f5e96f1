"""Asks before papers go to another machine for the first time: what of them, and to which host."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QWidget

from embtrainer_gui.core.config import ImportConfig
from embtrainer_gui.core.consent import SERVER_EXTRACTORS, allow, is_allowed, read_by
from embtrainer_gui.core.store import Project
from embtrainer_gui.gui.place_words import is_open_way
from embtrainer_gui.gui.widgets.question import Answer, Question

SEND = "send"


def may_be_sent(project: Project, config: ImportConfig, parent: QObject | None) -> bool:
    """Whether an import by ``config`` may start; an answer of yes is kept."""
    if config.extractor not in SERVER_EXTRACTORS:
        return True
    host, what = read_by(config, config.extractor)
    if is_allowed(project, host):
        return True
    text = _tr(
        "{what} will be sent to {host}. That is another machine: who runs it can read and keep them. File names stay"
        " here.\n\nThis is asked once for this project and this host."
    ).format(what=_told(what), host=host)
    url = config.grobid_url if config.extractor == "grobid" else config.vision_url
    if is_open_way(url):
        text += "\n\n" + _tr("The way there is not encrypted (http): others on the network can read them as well.")
    answers = (Answer("cancel", _tr("Cancel")), Answer(SEND, _tr("Send"), "primary"))
    window = parent if isinstance(parent, QWidget) else QWidget()
    if Question(window, _tr("Send papers to {host}?").format(host=host), text, answers).ask() != SEND:
        return False
    allow(project, host)
    return True


def _told(what: str) -> str:
    return QCoreApplication.translate("core", what)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SendPapers", text)
