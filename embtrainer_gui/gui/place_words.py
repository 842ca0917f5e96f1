"""Where text goes, in one line: nowhere, to a server on this computer, or to another machine."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.server_address import host_of, is_this_machine


def leaves_words(address: str) -> str:
    """What leaves this computer when questions are made by the server at ``address``; "" is the built-in generator."""
    if not address:
        return _tr("Nothing leaves this computer")
    if is_this_machine(address):
        return _tr("Passages go to {host}, on this computer").format(host=host_of(address))
    return _tr("Passages go to {host}, another machine").format(host=host_of(address))


def is_open_way(address: str) -> bool:
    """Whether text to ``address`` could be read on its way: another machine without encryption."""
    return address.startswith("http:") and not is_this_machine(address)


def _tr(text: str) -> str:
    return QCoreApplication.translate("PlaceWords", text)
