"""The map of passages before and after training, side by side: near ones mean like things to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QWidget,
)

from embtrainer_gui.core.config import MapConfig
from embtrainer_gui.core.found_file import MAP_FILE
from embtrainer_gui.core.records import Passage
from embtrainer_gui.gui.background import Background
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.model_words import model_names
from embtrainer_gui.gui.models.found_place import FoundPlace
from embtrainer_gui.gui.models.map_points import Group, MapPoints, read_points
from embtrainer_gui.gui.widgets.basics import ElidedLabel, EmptyState, button, column, label, row

if TYPE_CHECKING:
    from embtrainer_gui.gui.feedback import Feedback
    from embtrainer_gui.gui.job import Job
    from embtrainer_gui.gui.job_manager import JobManager
    from embtrainer_gui.gui.session import Session
    from embtrainer_gui.gui.widgets.map_area import MapArea

STAGE = "map"
TYPING_MS = 200
LEGEND_WIDTH = 210
DOT = 10  # px
PLACE = int(Qt.ItemDataRole.UserRole)
MOST_LISTED = 200  # passages of what was found
LONGEST = 300  # characters of a passage that is pointed at


class MapTool(QWidget):
    """Signal ``opened``: see ``SearchTools``."""

    opened = Signal(str, int, int, list)

    def __init__(self, session: Session, jobs: JobManager, feedback: Feedback) -> None:
        super().__init__()
        self._session, self._jobs = session, jobs
        self._place, self._background = FoundPlace(session, MAP_FILE), Background(self)
        self._background.failed.connect(feedback.problem)
        self._points: MapPoints | None = None
        self._areas: dict[str, MapArea] = {}
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._find)
        self._build()
        jobs.job_ended.connect(self._on_job_ended)

    def enter(self) -> None:
        folder, file = self._session.project.folder, self._place.path()
        self._background.run("map", lambda: read_points(folder, file), self._show)

    def forget(self) -> None:
        self._place.forget()
        self._show(None)

    def _build(self) -> None:
        self._find_box = QLineEdit()
        self._find_box.setObjectName("search.map-find")
        self._find_box.setPlaceholderText(self.tr("Find words on the map"))
        self._find_box.setAccessibleName(self._find_box.placeholderText())
        self._by = QComboBox()
        self._by.setObjectName("search.map-by")
        self._by.addItem(self.tr("Colours: papers"), "paper")
        self._by.addItem(self.tr("Colours: clusters"), "cluster")
        self._again = button(self.tr("Draw again"), "", "retry", "search.map-again")
        self._note = label("", "secondary", wrap=True)
        self._note.setObjectName("search.map-note")
        self._told = ElidedLabel("", "secondary")
        self._told.setObjectName("search.map-told")
        self._maps = QHBoxLayout()
        self._maps.setSpacing(12)
        self._legend, self._listed = self._new_list("search.map-legend"), self._new_list("search.map-passages")
        self._legend.setIconSize(QSize(DOT, DOT))
        side = QWidget()
        side.setFixedWidth(LEGEND_WIDTH)
        side.setLayout(column(self._legend, self._listed))
        shown = QWidget()
        body = row(side, spacing=12)
        body.insertLayout(0, self._maps, 1)
        head = row(self._find_box, self._by, self._again)
        head.setStretch(0, 1)
        layout = column(head, body, self._told, self._note)
        layout.setStretch(1, 1)
        shown.setLayout(layout)
        start = button(self.tr("Draw the map"), "primary", name="search.map-start")
        hint = self.tr("Every passage as a point, near to those that mean the same to the model. 20,000 take a minute.")
        self._stack = QStackedWidget()
        self._stack.addWidget(EmptyState("circle", self.tr("A map of your papers"), hint, start))
        self._stack.addWidget(shown)
        self.setLayout(column(self._stack))
        for draw in (start, self._again):
            draw.clicked.connect(self._on_draw_clicked)
        self._find_box.textChanged.connect(lambda: self._typing.start())
        self._by.currentIndexChanged.connect(self._color)
        self._legend.itemSelectionChanged.connect(self._on_legend_selected)
        self._listed.itemClicked.connect(self._on_listed_chosen)
        self._listed.itemActivated.connect(self._on_listed_chosen)
        self._listed.currentItemChanged.connect(self._on_listed_pointed)

    def _new_list(self, name: str) -> QListWidget:
        made = QListWidget()
        made.setObjectName(name)
        made.setUniformItemSizes(True)
        made.setTextElideMode(Qt.TextElideMode.ElideRight)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return made

    def _show(self, points: MapPoints | None) -> None:
        self._points = points
        self._listed.clear()
        self._stack.setCurrentIndex(0 if points is None or not points.ids else 1)
        if points is None:
            return
        self._lay_areas(points)
        self._color()
        self._note.setText(self._words(points))
        self._note.setVisible(bool(self._note.text()))

    def _words(self, points: MapPoints) -> str:
        parts = []
        if len(points.ids) < points.total:
            text = self.tr("{shown} of {total} passages, drawn by lot.")
            parts.append(text.format(shown=count(len(points.ids)), total=count(points.total)))
        if points.stamp != self._place.stamp():
            parts.append(self.tr("Papers or the model have changed since: draw it again."))
        return " ".join(parts)

    def _lay_areas(self, points: MapPoints) -> None:
        from embtrainer_gui.gui.widgets.map_area import MapArea, link

        names = model_names()
        if list(self._areas) != list(points.layouts):
            while (item := self._maps.takeAt(0)) is not None:
                if (old := item.widget()) is not None:
                    old.hide()
                    old.deleteLater()
            self._areas = {model: MapArea() for model in points.layouts}
            for model, area in self._areas.items():
                frame = QWidget()
                frame.setLayout(column(label(names.get(model, model), "section"), area, spacing=4))
                self._maps.addWidget(frame, 1)
                area.setObjectName(f"search.map-{model}")
                area.pointed.connect(self._on_pointed)
                area.clicked.connect(self._open)
            link(list(self._areas.values()))

    @Slot()
    def _color(self) -> None:
        if self._points is None:
            return
        groups, numbers = self._points.groups(self._by.currentData())
        for model, area in self._areas.items():
            area.show_points(self._points.layouts[model], numbers)
        self._legend.clear()
        for group in groups:
            self._legend.addItem(self._legend_item(group))
        self._find()

    def _legend_item(self, group: Group) -> QListWidgetItem:
        from embtrainer_gui.gui.widgets.map_area import group_color

        dot = QPixmap(DOT, DOT)
        dot.fill(group_color(group.number))
        name = group.name or (self.tr("others") if group.number < 0 else self.tr("without a name"))
        item = QListWidgetItem(dot, f"{name}  {count(group.count)}")
        item.setData(PLACE, group.number)
        item.setToolTip(f"{name}: {count(group.count)}")
        return item

    @Slot()
    def _find(self) -> None:
        """Words in the box count; without any, the group that is chosen in the legend."""
        if self._points is None:
            return
        words, chosen = self._find_box.text().strip(), self._legend.selectedItems()
        found = None
        if words:
            found = self._points.with_words(words)
        elif chosen:
            _, numbers = self._points.groups(self._by.currentData())
            found = (numbers == chosen[0].data(PLACE)).nonzero()[0]
        for area in self._areas.values():
            area.show_found(found)
        self._listed.clear()
        self._listed.setVisible(found is not None)
        if found is None:
            self._told.setText(
                self.tr("Point at a passage to read it; click to open its page; double click to see all.")
            )
            return
        self._told.setText(self.tr("{count} passages").format(count=count(len(found))))
        for number in found[:MOST_LISTED].tolist():
            title = self._points.titles.get(self._points.documents[number], "")
            item = QListWidgetItem(self.tr("p. {page}  {title}").format(page=self._points.pages[number], title=title))
            item.setData(PLACE, number)
            item.setToolTip(self._points.texts[number][:LONGEST])
            self._listed.addItem(item)

    @Slot()
    def _on_legend_selected(self) -> None:
        if self._find_box.text():
            self._find_box.clear()  # which finds
        else:
            self._find()

    @Slot(int)
    def _on_pointed(self, number: int) -> None:
        for area in self._areas.values():
            area.point_at(number)
        passage = self._passage(number)
        if passage is not None and self._points is not None:
            title = self._points.titles.get(passage.document_id, "")
            place = self.tr("{title}, page {page}").format(title=title, page=passage.page)
            self._told.setText(f"{place}: {' '.join(passage.text.split())[:LONGEST]}")

    def _passage(self, number: int) -> Passage | None:
        if self._points is None or not 0 <= number < len(self._points.ids):
            return None
        found = self._points.ids[number]
        return self._session.project.passages.get([found]).get(found)

    @Slot(int)
    def _open(self, number: int) -> None:
        passage = self._passage(number)
        if passage is not None and self._points is not None:
            title = self._points.titles.get(passage.document_id, "")
            self.opened.emit(title, passage.document_id, passage.page, list(passage.boxes))

    @Slot(QListWidgetItem)
    def _on_listed_chosen(self, item: QListWidgetItem) -> None:
        self._open(int(item.data(PLACE)))

    @Slot()
    def _on_listed_pointed(self) -> None:
        item = self._listed.currentItem()
        if item is not None:
            self._on_pointed(int(item.data(PLACE)))

    @Slot()
    def _on_draw_clicked(self) -> None:
        self._jobs.start(STAGE, MapConfig(), out=self._place.path())

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job.stage == STAGE and job.ended_well and self._session.is_open:
            self.enter()
