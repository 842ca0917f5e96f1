"""Asks before text goes to another machine for the first time: which text, and to which host."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.gui.place_words import is_open_way
from embtrainer_gui.gui.widgets.question import Answer, Question

SEND = "send"


def may_send(parent: QWidget, address: str, what: str) -> bool:
    """Whether the user lets ``what`` ("The text of 5 passages") go to the server at ``address``."""
    host = host_of(address)
    text = _tr(
        "{what} will be sent to {host}, with the titles of their papers, their headings, your prompt and your examples."
        " That is another machine: who runs it can read and keep what it gets. File names and your decisions stay"
        " here.\n\nThis is asked once for this project and this host."
    ).format(what=what, host=host)
    if is_open_way(address):
        text += "\n\n" + _tr("The way there is not encrypted (http): others on the network can read it as well.")
    answers = (Answer("cancel", _tr("Cancel")), Answer(SEND, _tr("Send"), "primary"))
    return Question(parent, _tr("Send passages to {host}?").format(host=host), text, answers).ask() == SEND


def _tr(text: str) -> str:
    return QCoreApplication.translate("SendQuestion", text)
