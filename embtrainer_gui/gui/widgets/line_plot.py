"""One chart of lines over the steps of training, with its title and its figures in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from embtrainer_gui.gui.models.curve import Curve
from embtrainer_gui.gui.widgets.basics import ElidedLabel, column, label, row
from embtrainer_gui.gui.widgets.chart_area import ChartArea
from embtrainer_gui.gui.widgets.curve_key import CurveKey, KeyEntry


class LinePlot(QWidget):
    """``show_curves`` replaces what it shows. Dragging and the wheel move along x, a double click shows all again
    (signal ``reset``)."""

    reset = Signal()

    def __init__(self, title: str, explanation: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label(title, "section")
        self._title.setToolTip(explanation)
        self.note = ElidedLabel("", "hint")
        self.note.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._curves: Sequence[Curve] = ()
        self._area: ChartArea | None = None
        frame = QFrame()
        frame.setProperty("role", "card")
        self.key = CurveKey()
        self._inner = column(row(self._title, None, self.note), self.key)
        self._inner.setContentsMargins(12, 8, 12, 8)
        self._inner.addStretch()
        frame.setLayout(self._inner)
        self.setLayout(column(frame))
        self.setAccessibleName(title)
        self.setAccessibleDescription(explanation)

    @property
    def area(self) -> ChartArea:
        """Made when it is first asked for: that takes a while."""
        if self._area is None:
            self._area = ChartArea()
            self._inner.addWidget(self._area, 1)
            self._area.show_curves(self._curves)
        return self._area

    def set_note(self, text: str, key: Sequence[KeyEntry] = ()) -> None:
        """The figures of the chart in words, and which line is which; they are what a screen reader says."""
        if text != self.note.text() or list(key) != list(self.key.entries):
            self.note.setText(text)
            self.key.show_entries(key)
            self.setAccessibleName(f"{self._title.text()}: {' · '.join([text, *(entry.text for entry in key)])}")

    def show_curves(self, curves: Sequence[Curve]) -> None:
        self._curves = curves
        if self._area is not None:
            self._area.show_curves(curves)

    def show_all(self) -> None:
        if self._area is not None:
            self._area.show_all()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.show_all()
        self.reset.emit()
