"""Search the papers with several rankings side by side: what training changed is seen on one's own questions. Further
tabs compare texts, search a file of questions, find near copies and draw a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.messages import Explain, Explanation
from embtrainer_gui.core.search_config import SearchConfig
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.core.store import utc_now
from embtrainer_gui.core.store.searches import Search
from embtrainer_gui.core.translate import mark
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui.background import Background
from embtrainer_gui.gui.feedback import Action
from embtrainer_gui.gui.model_words import model_meanings, model_names
from embtrainer_gui.gui.models.search_asking import SearchAsking
from embtrainer_gui.gui.models.search_choices import SearchChoices, read_choices
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.save_hits import save_hits
from embtrainer_gui.gui.widgets.basics import ElidedLabel, EmptyState, column, icon_button, row
from embtrainer_gui.gui.widgets.hit_list import HitColumns
from embtrainer_gui.gui.widgets.index_offer import IndexOffer
from embtrainer_gui.gui.widgets.pdf_view import PdfView
from embtrainer_gui.gui.widgets.search_bar import SHOWN_RECENT, SearchBar
from embtrainer_gui.gui.widgets.search_filter import SearchFilter
from embtrainer_gui.gui.widgets.search_tools import SearchTools

if TYPE_CHECKING:
    from embtrainer_gui.core.messages import Failed, HitRow, QueryHits, Reply
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.widgets.hit_card import HitCard

BEFORE_TRAINING = ("base", "bm25")
AFTER_TRAINING = ("base", "tuned")
TOP = SearchConfig().top


class SearchPage(Page):
    step = Step.SEARCH
    title = mark("Search")
    subtitle = mark("Ask your papers, and see how training changed the answers.")
    icon = "search"

    def _build(self) -> None:
        self._times: dict[str, float] = {}
        self._asked = ""
        self._noted = False  # the question that is shown stands in the history
        self._visited = False  # ``enter`` comes after a job too, and leaves the focus alone then
        self._trained = False
        self._history: list[Search] = []
        self._asking, self._background = SearchAsking(self.jobs, self), Background(self)
        self._bar, self._filter, self._hits = SearchBar(model_names(), model_meanings()), SearchFilter(), HitColumns()
        self._filter.hide()
        self._hits.setObjectName("search.hits")
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._hits)
        self._results = QStackedWidget()
        hint = self.tr("Type a question in your own words. Hits come as you type; Enter keeps it in the history.")
        self._results.addWidget(EmptyState("search", self.tr("Ask a question"), hint))
        self._results.addWidget(area)
        self._tools = SearchTools(self.session, self.jobs, self.feedback, self._asking)
        self._body = QStackedWidget()
        self._body.addWidget(self._results)
        self._body.addWidget(self._tools)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(16)
        self._split.addWidget(self._body)
        self._split.addWidget(self._pane())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self._offer = IndexOffer()
        for part in (self._tab_bar(), self._bar, self._filter, self._offer):
            layout.addWidget(part)
        layout.addWidget(self._split, 1)

    def _tab_bar(self) -> QTabBar:
        self._tabs = QTabBar()
        self._tabs.setObjectName("search.tabs")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        for title in (self.tr("Search"), *self._tools.titles()):
            self._tabs.addTab(title)
        return self._tabs

    def _pane(self) -> QWidget:
        self._page_view = PdfView(self.jobs)
        self._page_title = ElidedLabel("", "section")
        self._close = icon_button("close", self.tr("Close the page"), "search.close-page")
        self._side = QWidget()
        self._side.setObjectName("search.page")
        self._side.setMinimumWidth(272)  # beside two columns of hits in the narrowest window
        layout = column(row(self._page_title, self._close), self._page_view)
        layout.setStretch(1, 1)
        self._side.setLayout(layout)
        self._side.hide()
        return self._side

    def _connect(self) -> None:
        bar = self._bar
        bar.asked.connect(self._on_question_asked)
        bar.typed.connect(self._on_question_typed)
        bar.columns_changed.connect(self._on_columns_changed)
        bar.training_asked.connect(lambda: self.go_to.emit(Step.TRAIN))
        bar.recent_chosen.connect(self._on_recent_chosen)
        bar.clearing_asked.connect(self._on_clearing_asked)
        bar.filters_toggled.connect(self._filter.setVisible)
        bar.saving_asked.connect(lambda: save_hits(self, self.feedback, self._asked, self._hits.hits()))
        bar.stopping_asked.connect(self._asking.stop)
        self._filter.changed.connect(self._on_filter_changed)
        self._asking.answered.connect(self._on_answered)
        self._asking.failed.connect(self._on_failed)
        self._asking.busy_changed.connect(bar.show_busy)
        self._offer.build_asked.connect(self._on_index_asked)
        self._close.clicked.connect(self._on_page_closed)
        self._hits.opened.connect(self._on_hit_opened)
        self._hits.marked.connect(self._on_hit_marked)
        self._hits.why_asked.connect(self._on_why_asked)
        self._tabs.currentChanged.connect(self._on_tab_changed)
        self._tools.opened.connect(self._open_page)
        self._background.failed.connect(self.feedback.problem)
        self.jobs.job_ended.connect(self._on_job_ended)
        self.session.project_changed.connect(self._on_project_changed)

    def enter(self) -> None:
        trained = self.session.project.runs.latest() is not None
        kept = self.session.kept("search")
        chosen = kept.get("columns") if kept.get("trained") == trained else None
        default = AFTER_TRAINING if trained else BEFORE_TRAINING
        self._bar.show_choice(chosen or default, trained=trained)
        self._read_history()
        folder = self.session.project.folder
        self._background.run("choices", lambda: read_choices(folder), self._show_choices)
        if trained and not self._trained and self._asked:
            self._search()  # the columns that could not be filled before
        self._trained = trained
        if self._tabs.currentIndex():
            self._tools.enter()
        if not self._visited:
            self._visited = True
            self._begin()

    def _begin(self) -> None:
        if self._tabs.currentIndex():
            self._tools.begin()
        else:
            self._bar.box.setFocus()

    def leave(self) -> None:
        self._visited = False
        if self._side.isVisible():
            self.session.keep("search", split=self._split.sizes())

    # Asking

    @Slot(str)
    def _on_question_asked(self, question: str) -> None:
        self._asked, self._noted = question, False
        self._note()
        self._search()

    @Slot(str)
    def _on_question_typed(self, question: str) -> None:
        if question != self._asked and self.session.is_open:  # the last letter may be told after the project was closed
            self._asked, self._noted = question, False
            self._search(typed=True)

    @Slot()
    def _on_columns_changed(self) -> None:
        self.session.keep("search", columns=self._bar.columns(), trained=self._trained)
        if self._asked:
            self._search()

    @Slot()
    def _on_filter_changed(self) -> None:
        self._bar.show_filters(self._filter.count())
        if self._asked:
            self._search(typed=True)

    def _search(self, *, typed: bool = False) -> None:
        """While one types, the hits before stay until the new ones are there."""
        columns, names = self._bar.columns(), model_names()
        self._bar.time.clear()
        self._times.clear()
        if not typed or list(self._hits.columns) != columns:
            self._hits.set_columns({name: names[name] for name in columns})
            for name in columns:
                self._hits.columns[name].say(self.tr("Searching..."))
        self._hits.begin(self._asked)
        self._show_marks(self._asked)
        self._results.setCurrentIndex(1 if columns else 0)
        self._bar.save.setEnabled(False)
        self._asking.search(self._asked, columns, self._filter.filters(), self._filter.over(), TOP)

    @Slot(str, object)
    def _on_answered(self, name: str, reply: QueryHits) -> None:
        if name not in self._hits.columns:
            return
        if reply.how or reply.due:  # words alone tell nothing of the index
            building = self.jobs.current is not None and self.jobs.current.stage == "index"
            self._offer.setVisible(reply.due and not building)
        if problem := reply.problems.get(name):
            self._hits.columns[name].say(problem)
            return
        self._times[name] = reply.ms.get(name, 0.0)
        time = self.tr("{number} ms").format(number=max(1, round(self._times[name])))
        self._hits.show_hits(name, reply.hits.get(name, []), time, self._nothing())
        total = max(1, round(sum(self._times.values())))
        self._bar.time.setText(self.tr("Found in {number} ms").format(number=total))
        self._bar.save.setEnabled(True)

    @Slot()
    def _on_index_asked(self) -> None:
        self._offer.setVisible(self.jobs.start("index", {}) is None)

    def _nothing(self) -> str:
        if self._filter.count():
            return self.tr("Nothing matches with these filters.")
        return self.tr("No passage matches.")

    @Slot(str, object)
    def _on_failed(self, name: str, failure: Failed) -> None:
        if name in self._hits.columns:
            self._hits.columns[name].say(f"{failure.message} {failure.hint}".strip())
        if failure.kind != "user":
            self.feedback.failed(failure, retry=self._search)

    # Hits

    @Slot(object)
    def _on_hit_opened(self, hit: HitRow) -> None:
        self._note()
        self._open_page(hit.title or hit.file_name, hit.document, hit.page, hit.boxes)

    def _open_page(
        self, title: str, document: int, page: int, boxes: list[tuple[int, float, float, float, float]]
    ) -> None:
        if not self._side.isVisible():
            self._side.show()
            sizes = self.session.kept("search").get("split") or [3 * self.width() // 5, 2 * self.width() // 5]
            self._split.setSizes(sizes)
        self._page_title.setText(title)
        self._page_view.show_page(document, page, boxes, boxes)

    @Slot(object, object)
    def _on_hit_marked(self, card: HitCard, relevance: int | None) -> None:
        """A mark makes a test question: it is on the disk before it is shown."""
        question, passage = card.question, card.hit.passage
        before = self.session.project.test_sets.marks(question).get(passage)
        self._set_mark(question, passage, relevance)
        texts = {
            1: self.tr("Marked as right: a test question of yours for Compare."),
            0: self.tr("Marked as wrong for this question."),
            None: self.tr("The mark is taken back."),
        }
        undo = Action(self.tr("Undo"), lambda: self._set_mark(question, passage, before))
        self.feedback.say(texts[relevance], action=undo)
        if question == self._asked:
            self._note()

    def _set_mark(self, question: str, passage: int, relevance: int | None) -> None:
        project = self.session.project
        try:
            project.test_sets.mark(question, passage, relevance)
            self.session.table_changed.emit("test_sets")
        except AppError as problem:
            self.feedback.problem(problem)
        self._show_marks(question)

    def _show_marks(self, question: str) -> None:
        project = self.session.project
        self._hits.show_marks(question, project.test_sets.marks(question), possible=not project.read_only)

    @Slot(str, object)
    def _on_why_asked(self, name: str, card: HitCard) -> None:
        why = card.why
        assert why is not None

        def on_reply(reply: Reply) -> None:
            if isinstance(reply, Explanation) and shiboken6.isValid(why):  # its card may be gone by now
                why.show_explanation(reply, card.hit.text)

        def on_failure(failure: Failed) -> None:
            if shiboken6.isValid(why):
                why.say(f"{failure.message} {failure.hint}".strip())

        request = Explain(text=card.question, model=name, passage=card.hit.passage)
        self._asking.ask(request, on_reply, on_failure)

    @Slot()
    def _on_page_closed(self) -> None:
        self.session.keep("search", split=self._split.sizes())
        self._side.hide()
        self._hits.choose(None)
        if not self._tabs.currentIndex():
            self._bar.box.setFocus()

    # History and choices

    def _note(self) -> None:
        """Keep the question that is shown in the history."""
        project = self.session.project
        if self._noted or not self._asked or project.read_only:
            return
        self._noted = True
        filters = self._filter.filters().model_dump(exclude_defaults=True)
        settings = {"columns": self._bar.columns(), "filters": filters, "over": self._filter.over()}
        project.searches.note(self._asked, settings, utc_now())
        self._read_history()

    def _read_history(self) -> None:
        self._history = self.session.project.searches.all(SHOWN_RECENT)
        self._bar.recent = [search.question for search in self._history]

    @Slot(int)
    def _on_recent_chosen(self, place: int) -> None:
        search = self._history[place]
        try:
            filters = SearchFilters.model_validate(search.settings.get("filters", {}))
        except ValueError:
            filters = SearchFilters()
        self._filter.set_values(filters, str(search.settings.get("over", "")))
        self._bar.show_filters(self._filter.count())
        self._bar.ask(search.question)

    @Slot()
    def _on_clearing_asked(self) -> None:
        cleared = self.session.project.searches.clear()
        self._read_history()

        def undo() -> None:
            self.session.project.searches.restore(cleared)
            self._read_history()

        self.feedback.say(self.tr("The history is cleared."), action=Action(self.tr("Undo"), undo))

    def _show_choices(self, choices: SearchChoices) -> None:
        self._filter.show_choices(choices.papers, choices.sections, choices.years)
        self._tools.show_choices(choices)
        self._bar.show_filters(self._filter.count())

    # The project

    @Slot(int)
    def _on_tab_changed(self, tab: int) -> None:
        self._bar.setVisible(tab == 0)
        self._filter.setVisible(tab == 0 and self._bar.filters.isChecked())
        self._offer.hide()  # the next answer says whether it is still due
        self._body.setCurrentIndex(1 if tab else 0)
        if tab:
            self._tools.show_tool(tab - 1)
        else:
            self._bar.box.setFocus()

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if self._asked and self.isVisible() and job.ended_well and job.stage in ("train", "sample", "run"):
            self.enter()  # there is a tuned model now
        if self._asked and self.isVisible() and job.stage == "index":
            self._search()

    @Slot()
    def _on_project_changed(self) -> None:
        self._asking.forget()
        self._asked = ""
        self._bar.clear()
        self._filter.set_values(SearchFilters(), "passages")
        self._bar.show_filters(0)
        self._bar.save.setEnabled(False)
        self._side.hide()
        self._offer.hide()
        self._hits.set_columns({})
        self._results.setCurrentIndex(0)
        self._tools.forget()
        self._tabs.setCurrentIndex(0)
