"""The further tabs of Search; each is made when it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from embtrainer_gui.gui.widgets.basics import column
from embtrainer_gui.gui.widgets.copies_tool import CopiesTool
from embtrainer_gui.gui.widgets.many_tool import ManyTool
from embtrainer_gui.gui.widgets.map_tool import MapTool
from embtrainer_gui.gui.widgets.similarity_tool import SimilarityTool

if TYPE_CHECKING:
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.models.search_asking import SearchAsking
    from embtrainer_gui.gui.models.search_choices import SearchChoices
    from embtrainer_gui.gui.session import Session

Tool = SimilarityTool | ManyTool | CopiesTool | MapTool


class SearchTools(QStackedWidget):
    """Signal ``opened`` with title, document, page and boxes of a passage whose page is to be shown."""

    opened = Signal(str, int, int, list)

    def __init__(self, session: Session, jobs: JobManager, feedback: Feedback, asking: SearchAsking) -> None:
        super().__init__()
        self._session, self._jobs, self._feedback, self._asking = session, jobs, feedback, asking
        self._made: dict[int, Tool] = {}
        self._choices: SearchChoices | None = None
        self._places: list[QVBoxLayout] = []
        for _ in self.titles():
            place = QWidget()
            self._places.append(column())
            place.setLayout(self._places[-1])
            self.addWidget(place)

    def titles(self) -> list[str]:
        return [self.tr("Similarity"), self.tr("Many questions"), self.tr("Near copies"), self.tr("Map")]

    def tool(self, number: int) -> Tool:
        if number not in self._made:
            self._made[number] = self._new(number)
            self._places[number].addWidget(self._made[number])
        return self._made[number]

    def show_tool(self, number: int) -> None:
        tool = self.tool(number)
        self.setCurrentIndex(number)
        tool.enter()
        self.begin()

    def begin(self) -> None:
        """Put the focus where one types, in a tool where one types."""
        if proxy := self.tool(self.currentIndex()).focusProxy():
            proxy.setFocus()

    def enter(self) -> None:
        """Read again what the tool that is shown shows."""
        self.tool(self.currentIndex()).enter()

    def show_choices(self, choices: SearchChoices) -> None:
        """What the searches can be narrowed to."""
        self._choices = choices
        for tool in self._made.values():
            if isinstance(tool, ManyTool):
                tool.show_choices(choices)

    def forget(self) -> None:
        """Another project is open."""
        self._choices = None
        for tool in self._made.values():
            tool.forget()

    def _new(self, number: int) -> Tool:
        if number == 0:
            return SimilarityTool(self._session, self._asking, self._feedback)
        if number == 1:
            many = ManyTool(self._session, self._jobs, self._feedback)
            if self._choices is not None:
                many.show_choices(self._choices)
            return many
        tool = (CopiesTool if number == 2 else MapTool)(self._session, self._jobs, self._feedback)
        tool.opened.connect(self.opened)
        return tool
