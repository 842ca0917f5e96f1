"""Search the papers with several rankings side by side: what training changed is seen on one's own questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from embtrainer_gui.core.messages import Query, QueryHits
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.model_words import model_meanings, model_names
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.widgets.basics import ElidedLabel, EmptyState, column, icon_button, row
from embtrainer_gui.gui.widgets.hit_list import HitColumns
from embtrainer_gui.gui.widgets.index_offer import IndexOffer
from embtrainer_gui.gui.widgets.pdf_view import PdfView
from embtrainer_gui.gui.widgets.search_bar import SearchBar

if TYPE_CHECKING:
    from embtrainer_gui.core.messages import Failed, HitRow, Reply
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.service import Service

ASKED_FIRST = ("bm25", "base", "tuned", "hybrid")  # word matching answers while the models still load
BEFORE_TRAINING = ("base", "bm25")
AFTER_TRAINING = ("base", "tuned")
TOP = 10


class SearchPage(Page):
    step = Step.SEARCH
    title = mark("Search")
    subtitle = mark("Ask your papers, and see how training changed the answers.")
    icon = "search"

    def _build(self) -> None:
        self._tickets: dict[int, str] = {}  # of the requests that are still out
        self._times: dict[str, float] = {}
        self._asked = ""
        self._trained = False
        self._service: Service | None = None
        self._bar, self._hits = SearchBar(model_names(), model_meanings()), HitColumns()
        self._hits.setObjectName("search.hits")
        self._offer = IndexOffer()
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._hits)
        self._results = QStackedWidget()
        hint = self.tr("Type a question in your own words and press Enter.")
        self._results.addWidget(EmptyState("search", self.tr("Ask a question"), hint))
        self._results.addWidget(area)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(16)
        self._split.addWidget(self._results)
        self._split.addWidget(self._pane())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._bar)
        layout.addWidget(self._offer)
        layout.addWidget(self._split, 1)

    def _pane(self) -> QWidget:
        self._page_view = PdfView(self.jobs)
        self._page_title = ElidedLabel("", "section")
        self._close = icon_button("close", self.tr("Close the page"), "search.close-page")
        self._side = QWidget()
        self._side.setObjectName("search.page")
        self._side.setMinimumWidth(320)
        layout = column(row(self._page_title, self._close), self._page_view)
        layout.setStretch(1, 1)
        self._side.setLayout(layout)
        self._side.hide()
        return self._side

    def _connect(self) -> None:
        self._bar.asked.connect(self._on_question_asked)
        self._bar.columns_changed.connect(self._on_columns_changed)
        self._bar.training_asked.connect(lambda: self.go_to.emit(Step.TRAIN))
        self._offer.build_asked.connect(self._on_index_asked)
        self._close.clicked.connect(self._on_page_closed)
        self._hits.opened.connect(self._on_hit_opened)
        self.jobs.job_ended.connect(self._on_job_ended)
        self.session.project_changed.connect(self._on_project_changed)

    def enter(self) -> None:
        trained = self.session.project.runs.latest() is not None
        kept = self.session.kept("search")
        chosen = kept.get("columns") if kept.get("trained") == trained else None
        default = AFTER_TRAINING if trained else BEFORE_TRAINING
        self._bar.show_choice(chosen or default, trained=trained, recent=kept.get("recent", []))
        if trained and not self._trained and self._asked:
            self._search()  # the columns that could not be filled before
        self._trained = trained
        self._bar.box.setFocus()

    def leave(self) -> None:
        if self._side.isVisible():
            self.session.keep("search", split=self._split.sizes())

    @Slot(str)
    def _on_question_asked(self, question: str) -> None:
        self.session.keep("search", recent=self._bar.recent)
        self._asked = question
        self._search()

    @Slot()
    def _on_columns_changed(self) -> None:
        columns = self._bar.columns()
        self.session.keep("search", columns=columns, trained=self._trained)
        if self._asked:
            self._search()

    def _search(self) -> None:
        columns, names = self._bar.columns(), model_names()
        self._drop_requests()
        self._bar.time.clear()
        self._times.clear()
        self._hits.set_columns({name: names[name] for name in columns})
        self._results.setCurrentIndex(1 if columns else 0)
        for name in columns:
            self._hits.columns[name].say(self.tr("Searching..."))
        for name in (name for name in ASKED_FIRST if name in columns):
            self._ask(name)

    def _ask(self, name: str) -> None:
        """One request for each ranking, so that the quick one is seen while a model loads."""
        query = Query(slot=f"search-{name}", text=self._asked, models=(name,), top=TOP)
        answered: list[str] = []

        def on_reply(reply: Reply) -> None:
            answered.append(name)
            if isinstance(reply, QueryHits):
                self._show(name, reply)

        def on_failure(failure: Failed) -> None:
            answered.append(name)
            self._show_failure(name, failure)

        self._bar.show_busy(self.tr("Loading the models: a few seconds the first time..."))
        ticket = self._connected_service().ask(query, on_reply, on_failure)
        if not answered:
            self._tickets[ticket] = name

    def _connected_service(self) -> Service:
        service = self.jobs.service("search")
        if service is not self._service:
            self._service = service
            service.status_changed.connect(self._on_service_status_changed)
        return service

    def _drop_requests(self) -> None:
        for ticket in self._tickets:
            if self._service is not None:
                self._service.drop(ticket)
        self._tickets.clear()
        self._bar.show_busy("")

    def _done(self, name: str) -> None:
        self._tickets = {ticket: other for ticket, other in self._tickets.items() if other != name}
        if not self._tickets:
            self._bar.show_busy("")

    def _show(self, name: str, reply: QueryHits) -> None:
        self._done(name)
        self._offer.setVisible(reply.due and not (self.jobs.current and self.jobs.current.stage == "index"))
        if problem := reply.problems.get(name):
            self._hits.columns[name].say(problem)
            return
        self._times[name] = reply.ms.get(name, 0.0)
        time = self.tr("{number} ms").format(number=max(1, round(self._times[name])))
        self._hits.show_hits(name, reply.hits.get(name, []), time, self.tr("No passage matches."))
        total = max(1, round(sum(self._times.values())))
        self._bar.time.setText(self.tr("Found in {number} ms").format(number=total))

    def _show_failure(self, name: str, failure: Failed) -> None:
        self._done(name)
        if name in self._hits.columns:
            self._hits.columns[name].say(f"{failure.message} {failure.hint}".strip())
        if failure.kind != "user":
            self.feedback.failed(failure, retry=self._search)

    @Slot()
    def _on_index_asked(self) -> None:
        self._offer.setVisible(self.jobs.start("index", {}) is None)

    @Slot(str)
    def _on_service_status_changed(self, text: str) -> None:
        if text and self._tickets:
            self._bar.show_busy(text)

    @Slot(object)
    def _on_hit_opened(self, hit: HitRow) -> None:
        if not self._side.isVisible():
            self._side.show()
            sizes = self.session.kept("search").get("split") or [3 * self.width() // 5, 2 * self.width() // 5]
            self._split.setSizes(sizes)
        self._page_title.setText(hit.title or hit.file_name)
        self._page_view.show_page(hit.document, hit.page, hit.boxes, hit.boxes)

    @Slot()
    def _on_page_closed(self) -> None:
        self.session.keep("search", split=self._split.sizes())
        self._side.hide()
        self._hits.choose(None)
        self._bar.box.setFocus()

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if self._asked and self.isVisible() and job.stage == "index":
            self._search()
        if self._asked and self.isVisible() and job.ended_well and job.stage in ("train", "sample", "run"):
            self.enter()  # there is a tuned model now

    @Slot()
    def _on_project_changed(self) -> None:
        self._tickets.clear()  # the manager has stopped the service
        self._service = None
        self._asked = ""
        self._bar.clear()
        self._offer.hide()
        self._side.hide()
        self._hits.set_columns({})
        self._results.setCurrentIndex(0)
