"""The children that answer requests about the open project, one of each kind, started at the first request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from embtrainer_gui.core.messages import Secrets
from embtrainer_gui.gui.service import Service

ServiceKind = Literal["search", "pages"]


class Services:
    """Passwords that the user typed stay in memory while the window is open, for the pages of encrypted papers."""

    def __init__(self, make: Callable[[ServiceKind], Service]) -> None:
        self._make = make
        self._running: dict[ServiceKind, Service] = {}
        self._passwords: dict[str, str] = {}
        self._shut = False

    def get(self, kind: ServiceKind) -> Service:
        if kind not in self._running:
            service = self._make(kind)
            if self._shut:
                service.close()
            service.renew(self._secrets())
            self._running[kind] = service
        return self._running[kind]

    def learn(self, passwords: Mapping[str, str]) -> None:
        if passwords.items() <= self._passwords.items():
            return
        self._passwords.update(passwords)
        if "pages" in self._running:
            self._running["pages"].renew(self._secrets())

    def stop(self) -> None:
        """End them all; the next request starts new ones."""
        while self._running:
            _, service = self._running.popitem()
            service.close()
            service.deleteLater()

    def shut(self) -> None:
        """End them all for good: the window closes."""
        self._shut = True
        self.stop()

    def _secrets(self) -> Secrets:
        return Secrets(passwords=dict(self._passwords))
