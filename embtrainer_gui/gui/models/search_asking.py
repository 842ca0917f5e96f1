"""One question out to the search child by several rankings; answers to older questions are dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from embtrainer_gui.core.messages import Failed, Query, QueryHits, Reply, Request
from embtrainer_gui.core.search_config import SearchedTexts
from embtrainer_gui.core.search_filters import SearchFilters

if TYPE_CHECKING:
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.service import Service

ASKED_FIRST = ("bm25", "base", "tuned", "hybrid")  # word matching answers while the models still load


class SearchAsking(QObject):
    """Signals: ``answered`` and ``failed`` with the ranking and what came; ``busy_changed`` with what the child does
    while somebody waits, "" when nobody does."""

    answered = Signal(str, object)  # QueryHits
    failed = Signal(str, object)  # Failed
    busy_changed = Signal(str)

    def __init__(self, jobs: JobManager, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._service: Service | None = None
        self.tickets: dict[int, str] = {}  # of the requests that are still out

    def search(
        self, question: str, models: Iterable[str], filters: SearchFilters, over: SearchedTexts, top: int
    ) -> None:
        """One request for each ranking, so that the quick one is seen while a model loads."""
        self.drop()
        chosen = set(models)
        for name in (name for name in ASKED_FIRST if name in chosen):
            query = Query(slot=f"search-{name}", text=question, models=(name,), top=top, filters=filters, over=over)
            self._search(name, query)

    def ask(self, request: Request, on_reply: Callable[[Reply], None], on_failure: Callable[[Failed], None]) -> None:
        """Something else that the search child answers."""
        self._connected().ask(request, on_reply, on_failure)

    def drop(self) -> None:
        """Nobody wants what is still out."""
        for ticket in self.tickets:
            if self._service is not None:
                self._service.drop(ticket)
        self.tickets.clear()
        self.busy_changed.emit("")

    def stop(self) -> None:
        """End the child in whatever it does, and tell all that wait; passages that it has encoded stay encoded."""
        if self._service is not None:
            text = self.tr("Stopped. Ask again when you like: what was encoded is kept.")
            self._service.stop(Failed(kind="user", message=text))

    def forget(self) -> None:
        """The manager has stopped the child: another project is open."""
        self.tickets.clear()
        self._service = None
        self.busy_changed.emit("")

    def _search(self, name: str, query: Query) -> None:
        answered: list[str] = []

        def done() -> None:
            answered.append(name)
            self.tickets = {ticket: other for ticket, other in self.tickets.items() if other != name}
            if not self.tickets:
                self.busy_changed.emit("")

        def on_reply(reply: Reply) -> None:
            done()
            if isinstance(reply, QueryHits):
                self.answered.emit(name, reply)

        def on_failure(failure: Failed) -> None:
            done()
            self.failed.emit(name, failure)

        self.busy_changed.emit(self.tr("Loading the models: a few seconds the first time..."))
        ticket = self._connected().ask(query, on_reply, on_failure)
        if not answered:
            self.tickets[ticket] = name

    def _connected(self) -> Service:
        service = self._jobs.service("search")
        if service is not self._service:
            self._service = service
            service.status_changed.connect(self._on_status_changed)
        return service

    @Slot(str)
    def _on_status_changed(self, text: str) -> None:
        if text and self.tickets:
            self.busy_changed.emit(text)
