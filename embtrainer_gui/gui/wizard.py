"""The shell around the pages: numbered sidebar, header with the state, banner, the page, Back and Next."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.workflow import Step, StepState
from embtrainer_gui.gui import step_words, theme
from embtrainer_gui.gui.feedback import Feedback, Message
from embtrainer_gui.gui.job_manager import JobManager
from embtrainer_gui.gui.page import Page
from embtrainer_gui.gui.session import Session
from embtrainer_gui.gui.step_states import StepStates
from embtrainer_gui.gui.widgets.banner import Banner
from embtrainer_gui.gui.widgets.basics import (
    Chip,
    EmptyState,
    button,
    column,
    focus_after,
    focus_first,
    label,
    line,
    row,
)
from embtrainer_gui.gui.widgets.page_frame import PageFrame
from embtrainer_gui.gui.widgets.sidebar import Sidebar

PageSource = tuple[str, str] | type[Page]


class Place(StrEnum):
    """Pages that are no step."""

    WELCOME = "welcome"
    PROJECT = "project"
    SETTINGS = "settings"
    HELP = "help"


PAGES: Mapping[Step | Place, PageSource] = {
    Place.WELCOME: ("welcome_page", "WelcomePage"),
    Step.PAPERS: ("papers_page", "PapersPage"),
    Step.QUESTIONS: ("questions_page", "QuestionsPage"),
    Step.REVIEW: ("review_page", "ReviewPage"),
    Step.TRAIN: ("train_page", "TrainPage"),
    Step.COMPARE: ("compare_page", "ComparePage"),
    Step.SEARCH: ("search_page", "SearchPage"),
    Step.EXPORT: ("export_page", "ExportPage"),
    Place.PROJECT: ("project_page", "ProjectPage"),
    Place.SETTINGS: ("settings_page", "SettingsPage"),
    Place.HELP: ("help_page", "HelpPage"),
}
"""Module and class below gui/pages: a page is imported and built on its first visit."""

KEPT_STEP = "shell"  # where the project keeps the step that was shown last


class Wizard(QWidget):
    """``go`` shows a step or a place. Signal ``moved`` says where it went."""

    moved = Signal(object)  # Step | Place

    def __init__(
        self,
        session: Session,
        jobs: JobManager,
        feedback: Feedback,
        pages: Mapping[Step | Place, PageSource] = PAGES,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._feedback, self._sources = session, jobs, feedback, pages
        self._built: dict[Step | Place, Page] = {}
        self._frames: dict[Step | Place, PageFrame] = {}
        self._blocked: EmptyState | None = None
        self.current: Step | Place | None = None
        self.states = StepStates(session, jobs, self)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.sidebar = Sidebar({step: step_words.name_of(step) for step in Step})
        self._title, self._subtitle = label("", "page-title"), label("", "secondary")
        self._badge = Chip("")
        self._badge.setObjectName("shell.state")
        self._head = QWidget()
        head = column(row(self._title, None, self._badge), self._subtitle, line(), spacing=8)
        self._head.setLayout(head)
        self._banner = Banner(self._feedback)
        self._stack = QStackedWidget()
        self._stack.setObjectName("shell.pages")
        self._foot = self._build_foot()
        area = column(self._head, self._banner, self._stack, self._foot, spacing=16)
        margin = theme.size("margin")
        area.setContentsMargins(margin, margin, margin, theme.size("gap"))
        area.setStretch(2, 1)
        whole = row(self.sidebar, area, spacing=0)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def _build_foot(self) -> QWidget:
        self._back = button(self.tr("Back"), "plain", "left", "shell.back")
        self._next = button("", "", "", "shell.next")
        foot = QWidget()
        foot.setLayout(column(line(), row(self._back, None, self._next), spacing=8))
        return foot

    def _connect(self) -> None:
        self.sidebar.step_chosen.connect(self.go)
        self.sidebar.settings_wanted.connect(lambda: self.go(Place.SETTINGS))
        self.sidebar.help_wanted.connect(self.show_help)
        self._banner.left.connect(self._on_banner_left)
        self._back.clicked.connect(self.go_back)
        self._next.clicked.connect(self.go_next)
        self.states.changed.connect(self._on_states_changed)
        self._session.project_changed.connect(self._on_project_changed)
        self._jobs.job_ended.connect(self._on_job_ended)

    def start(self) -> None:
        """Show the first page: where the open project was left, or the welcome page."""
        self._on_project_changed()

    @property
    def message(self) -> Message | None:
        """What stands in the banner."""
        return self._banner.message

    @property
    def page(self) -> Page | None:
        """The page that is shown; None where a blocked one stands instead."""
        return self._built.get(self.current) if self.current and self._blocked is None else None

    @Slot(object)
    def go(self, place: Step | Place) -> None:
        """Leave the current page and show another one."""
        if isinstance(place, Step) and not self._session.is_open:
            return
        self.leave()
        if self.current != place:
            self._feedback.clear()
        self.current = place
        self._show_frame(place)
        self._show_page(place)
        self.sidebar.show_current(place)
        self._keep_place()
        self.moved.emit(place)

    @Slot()
    def go_back(self) -> None:
        if isinstance(self.current, Step):
            steps = list(Step)
            place = steps.index(self.current)
            if place:
                self.go(steps[place - 1])
        elif self._session.is_open:
            self.go(self._kept_step())

    @Slot()
    def go_next(self) -> None:
        if isinstance(self.current, Step):
            steps = list(Step)
            place = steps.index(self.current)
            if place + 1 < len(steps):
                self.go(steps[place + 1])

    @Slot()
    def show_help(self) -> None:
        """The manual, at the page that is shown now."""
        topic = str(self.current) if self.current else ""
        self.go(Place.HELP)
        show_topic = getattr(self.page, "show_topic", None)
        if show_topic and topic != Place.HELP:
            show_topic(topic)

    def leave(self) -> None:
        """Keep what was typed on the current page. A project that cannot be written is told in the banner."""
        page = self.page
        if page is not None:
            self._safely(page.leave)

    def has_unsaved_work(self) -> bool:
        page = self.page
        return page is not None and page.has_unsaved_work()

    def built(self, place: Step | Place) -> Page:
        """The page of a place; it is imported and built on the first call."""
        if place not in self._built:
            page = self._class_of(place)(self._session, self._jobs, self._feedback)
            page.go_to.connect(self.go)
            self._built[place] = page
            self._frames[place] = PageFrame(page)
            self._stack.addWidget(self._frames[place])
        return self._built[place]

    def _class_of(self, place: Step | Place) -> type[Page]:
        source = self._sources[place]
        if not isinstance(source, tuple):
            return source
        found: type[Page] = getattr(importlib.import_module(f"embtrainer_gui.gui.pages.{source[0]}"), source[1])
        return found

    def _show_page(self, place: Step | Place) -> None:
        self._drop_blocked()
        if self._is_blocked(place):
            self._show_blocked(place)  # type: ignore[arg-type]  # only steps are blocked
            return
        page = self.built(place)
        self._stack.setCurrentWidget(self._frames[place])
        self._safely(page.enter)
        focus_after(self._frames[place], self._back, self._next)

    def _is_blocked(self, place: Step | Place) -> bool:
        if not isinstance(place, Step) or self.states.of(place).state != StepState.BLOCKED:
            return False
        return not getattr(self._class_of(place), "handles_blocked", False)

    def _show_blocked(self, step: Step) -> None:
        cure = step_words.cure_of(step, self.states.reports)
        go = button(self.tr("Go to {step}").format(step=step_words.name_of(cure)), "primary", name="shell.cure")
        go.clicked.connect(lambda: self.go(cure))
        reason = step_words.reason_of(self.states.of(step))
        kind = self._class_of(step)
        self._blocked = EmptyState(kind.icon or str(step), self.tr("Not yet"), reason, go)
        self._stack.addWidget(self._blocked)
        self._stack.setCurrentWidget(self._blocked)

    def _drop_blocked(self) -> None:
        if self._blocked is not None:
            self._stack.removeWidget(self._blocked)
            self._blocked.deleteLater()
            self._blocked = None

    def _show_frame(self, place: Step | Place) -> None:
        kind = self._class_of(place)
        self._title.setText(_translated(kind.title))
        self._subtitle.setText(_translated(kind.subtitle))
        self._head.setVisible(place != Place.WELCOME)
        self._show_badge()
        is_step = isinstance(place, Step)
        self._foot.setVisible(is_step or (place != Place.WELCOME and self._session.is_open))
        self._back.setVisible(place != Step.PAPERS)
        steps = list(Step)
        following = steps[steps.index(place) + 1 :] if isinstance(place, Step) else []
        self._next.setVisible(bool(following))
        if following:
            self._next.setText(self.tr("Next: {step}").format(step=step_words.name_of(following[0])))
            self._next.setAccessibleName(self._next.text())

    def _show_badge(self) -> None:
        step = self.current
        self._badge.setVisible(isinstance(step, Step))
        if isinstance(step, Step):
            report = self.states.of(step)
            self._badge.set(step_words.state_word(report.state), step_words.STATE_TONES[report.state])
            self._badge.setToolTip(step_words.reason_of(report))

    @Slot()
    def _on_banner_left(self) -> None:
        shown = self.page or self._blocked
        if shown is not None:
            focus_first(shown)

    @Slot()
    def _on_states_changed(self) -> None:
        self.sidebar.show_looks(self.states.looks())
        self._show_badge()
        step = self.current
        if isinstance(step, Step) and (self._blocked is not None) != self._is_blocked(step):
            if self._blocked is None:
                self.leave()  # what was typed there is kept before the page goes
            self._show_page(step)

    @Slot()
    def _on_project_changed(self) -> None:
        for place in [place for place in self._built if isinstance(place, Step) or place == Place.WELCOME]:
            del self._built[place]
            frame = self._frames.pop(place)
            self._stack.removeWidget(frame)
            frame.deleteLater()
        self._drop_blocked()
        self.current = None
        is_open = self._session.is_open
        folder = self._session.project.folder.resolve() if is_open else None
        self.sidebar.show_project(folder.name if folder else "", str(folder or ""))
        self.states.read()
        self.go(self._kept_step() if is_open else Place.WELCOME)

    @Slot(object)
    def _on_job_ended(self, job: object) -> None:
        self.states.refresh()
        if self.page is not None and isinstance(self.current, Step):
            self._safely(self.page.enter)

    def _kept_step(self) -> Step:
        kept = self._session.kept(KEPT_STEP).get("step")
        return Step(kept) if kept in list(Step) else step_words.next_to_do(self.states.reports)

    def _keep_place(self) -> None:
        if isinstance(self.current, Step):
            step = str(self.current)
            self._safely(lambda: self._session.keep(KEPT_STEP, step=step))

    def _safely(self, call: Callable[[], None]) -> None:
        """A project that became unreadable under the window is told in the banner, not as a fault."""
        try:
            call()
        except AppError as problem:
            self._feedback.problem(problem, retry=lambda: self.go(self.current) if self.current else None)


def _translated(text: str) -> str:
    """Titles of pages are marked like the strings of core."""
    return QCoreApplication.translate("core", text) if text else ""
