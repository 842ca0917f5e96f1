"""Passages that are near copies of others, in groups; a passage opens its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QHeaderView, QStackedWidget, QTreeWidget, QTreeWidgetItem, QWidget

from embtrainer_gui.core.config import CopiesConfig
from embtrainer_gui.core.found_file import COPIES_FILE, CopyGroup, NearCopies
from embtrainer_gui.gui.format import count, metric
from embtrainer_gui.gui.models.found_place import FoundPlace
from embtrainer_gui.gui.widgets.basics import EmptyState, button, column, inset, label, row
from embtrainer_gui.gui.widgets.dense_choice import DenseChoice

if TYPE_CHECKING:
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.session import Session

STAGE = "copies"
PASSAGE = int(Qt.ItemDataRole.UserRole)
LONGEST = 160  # characters of a passage
SCORE_WIDTH, PLACE_WIDTH, ROW = 96, 260, 28
OPEN_AT_FIRST = 5  # groups


class CopiesTool(QWidget):
    """Signal ``opened``: see ``SearchTools``."""

    opened = Signal(str, int, int, list)

    def __init__(self, session: Session, jobs: JobManager, feedback: Feedback) -> None:
        super().__init__()
        self._session, self._jobs = session, jobs
        self._place = FoundPlace(session, COPIES_FILE)
        self._shown: NearCopies | None = None
        self._names: dict[int, str] = {}
        self._model = DenseChoice("search.copies-model")
        self._least = QDoubleSpinBox()
        inset(self._least)
        self._least.setObjectName("search.copies-least")
        self._least.setRange(0.5, 1.0)
        self._least.setSingleStep(0.01)
        self._least.setDecimals(2)
        self._least.setValue(CopiesConfig().least)
        self._least.setAccessibleName(self.tr("Least similarity"))
        self._least.setToolTip(self.tr("Similarity from which two passages are near copies"))
        self._start = button(self.tr("Look for near copies"), "primary", "search", "search.copies-start")
        self._note = label("", "secondary", wrap=True)
        self._note.setObjectName("search.copies-note")
        self._list = self._new_list()
        hint = self.tr("The same text in two papers, a preprint beside its article, sentences that every paper has.")
        self._body = QStackedWidget()
        self._empty = EmptyState("copy", self.tr("Near copies"), hint)
        self._body.addWidget(self._empty)
        self._body.addWidget(self._list)
        over = label(self.tr("at least"), "secondary")
        layout = column(row(self._model, over, self._least, self._start, None), self._note, self._body)
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self._start.clicked.connect(self._on_start_clicked)
        self._list.itemExpanded.connect(self._fill)
        self._list.itemActivated.connect(self._on_item_chosen)
        self._list.itemClicked.connect(self._on_item_chosen)
        jobs.job_ended.connect(self._on_job_ended)

    def enter(self) -> None:
        self._model.set_trained(self._session.project.runs.latest() is not None)
        self._show(self._place.read(NearCopies))

    def forget(self) -> None:
        self._place.forget()
        self._show(None)

    def _new_list(self) -> QTreeWidget:
        made = QTreeWidget()
        made.setObjectName("search.copies")
        made.setColumnCount(3)
        made.setHeaderLabels([self.tr("Similarity"), self.tr("Where"), self.tr("Text")])
        made.setUniformRowHeights(True)
        made.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        made.header().setStretchLastSection(True)
        made.setColumnWidth(0, SCORE_WIDTH)
        made.setColumnWidth(1, PLACE_WIDTH)
        made.setTextElideMode(Qt.TextElideMode.ElideRight)
        return made

    def _show(self, found: NearCopies | None) -> None:
        self._list.clear()
        self._shown = found
        self._body.setCurrentIndex(1 if found is not None and found.groups else 0)
        self._note.setText("" if found is None else self._words(found))
        if found is None:
            return
        project = self._session.project
        self._names = {document.id: document.title or document.file_name for document in project.documents.all()}
        for place, group in enumerate(found.groups):
            item = self._group_item(group)
            self._list.addTopLevelItem(item)
            item.setExpanded(place < OPEN_AT_FIRST)

    def _words(self, found: NearCopies) -> str:
        one = self.tr("1 group among {passages} passages, {least} and above.")
        more = self.tr("{groups} groups among {passages} passages, {least} and above.")
        text = (one if found.groups_found == 1 else more).format(
            groups=count(found.groups_found), passages=count(found.passages), least=f"{found.least:.2f}"
        )
        if len(found.groups) < found.groups_found:
            text += " " + self.tr("The strongest {shown} are shown.").format(shown=count(len(found.groups)))
        if found.stamp != self._place.stamp():
            text += " " + self.tr("Papers or the model have changed since: look again.")
        return text

    def _group_item(self, group: CopyGroup) -> QTreeWidgetItem:
        item = QTreeWidgetItem([metric(group.highest), self.tr("{count} passages").format(count=count(group.size)), ""])
        item.setData(0, PASSAGE, list(group.passages))
        item.setSizeHint(0, QSize(0, ROW))
        item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        return item

    @Slot(QTreeWidgetItem)
    def _fill(self, item: QTreeWidgetItem) -> None:
        """The passages of a group are read when it is opened."""
        if item.childCount() or item.parent() is not None:
            return
        passages = self._session.project.passages.get(item.data(0, PASSAGE))
        for passage in passages.values():
            name = self._names.get(passage.document_id, "")
            place = self.tr("{title}, page {page}").format(title=name, page=passage.page)
            text = " ".join(passage.text.split())
            child = QTreeWidgetItem(["", place, text[:LONGEST]])
            child.setData(0, PASSAGE, passage.id)
            child.setToolTip(1, place)
            child.setToolTip(2, text)
            item.addChild(child)

    @Slot(QTreeWidgetItem)
    def _on_item_chosen(self, item: QTreeWidgetItem) -> None:
        number = item.data(0, PASSAGE)
        if item.parent() is None or not isinstance(number, int):
            return
        passage = self._session.project.passages.get([number]).get(number)
        if passage is not None:
            title = self._names.get(passage.document_id, "")
            self.opened.emit(title, passage.document_id, passage.page, list(passage.boxes))

    @Slot()
    def _on_start_clicked(self) -> None:
        config = CopiesConfig(model=self._model.chosen(), least=round(self._least.value(), 2))
        if self._jobs.start(STAGE, config, out=self._place.path()) is not None:
            self._note.setText(self.tr("Comparing... its progress stands below."))

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job.stage == STAGE and self._session.is_open:
            self._show(self._place.read(NearCopies))
            if self._shown is not None and not self._shown.groups:
                self._empty.title.setText(self.tr("No near copies"))
                text = self.tr("Every passage says something of its own; a lower limit finds looser likenesses.")
                self._empty.text.setText(text)
