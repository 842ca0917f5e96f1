"""A dialog that asks which models are to be compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from embtrainer_gui.core.compared_models import MOST
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import button, label, row

SIZE = (440, 460)


class ModelPick(QDialog):
    """``chosen`` holds the names of the models in the order of the list."""

    def __init__(
        self,
        models: Sequence[str],
        chosen: Collection[str],
        names: Mapping[str, str],
        meanings: Mapping[str, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models to compare"))
        self.resize(*SIZE)
        self.list = QListWidget()
        self.list.setObjectName("compare.models-list")
        self.list.setAccessibleName(self.windowTitle())
        for model in models:
            self._add(model, names[model], meanings[model], ticked=model in chosen)
        self._fault = label("", "error", wrap=True)
        cancel = button(self.tr("Cancel"), name="compare.models-cancel")
        self.ok = button(self.tr("Compare these"), "primary", name="compare.models-ok")
        self.ok.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(8)
        layout.addWidget(label(self.tr("Tick two or more"), "section"))
        about = self.tr("A hybrid merges the ranking of a model with that of BM25. Each model takes about a minute.")
        layout.addWidget(label(about, "secondary", wrap=True))
        layout.addWidget(self.list, 1)
        layout.addWidget(self._fault)
        layout.addLayout(row(None, cancel, self.ok))
        self.list.itemChanged.connect(self._on_list_changed)
        self.ok.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self._on_list_changed()

    @property
    def chosen(self) -> list[str]:
        items = (self.list.item(place) for place in range(self.list.count()))
        return [item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _add(self, model: str, name: str, meaning: str, *, ticked: bool) -> None:
        item = QListWidgetItem(name, self.list)
        item.setData(Qt.ItemDataRole.UserRole, model)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        item.setToolTip(meaning)
        item.setSizeHint(QSize(0, theme.size("row")))

    @Slot()
    def _on_list_changed(self) -> None:
        count = len(self.chosen)
        fault = ""
        if count < 2:
            fault = self.tr("Tick at least two.")
        elif count > MOST:
            fault = self.tr("Tick at most {most}.").format(most=MOST)
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self.ok.setEnabled(not fault)
