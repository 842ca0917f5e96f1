"""The models that training can start from, one a row, with what each needs to be used."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from embtrainer_gui.core.model_catalogue import CatalogueModel, Figure
from embtrainer_gui.core.model_store import ModelState
from embtrainer_gui.gui import format as fmt
from embtrainer_gui.gui import theme

NAME, STATE, SIZE, DIMENSION, TOKENS, SEARCH, SPEED = range(7)
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class CatalogueTable(QAbstractTableModel):
    def __init__(self, models: Sequence[CatalogueModel], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.models = models
        self._states: Sequence[ModelState] = [ModelState("download")] * len(models)

    def set_states(self, states: Sequence[ModelState]) -> None:
        self._states = states
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.models) - 1, SPEED))

    def state(self, row: int) -> ModelState:
        return self._states[row]

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.models)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else 7

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: N802
        if orientation is not Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._heads()[section]
            case Qt.ItemDataRole.ToolTipRole:
                return self._head_tips().get(section)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _side(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _side(column)
            case Qt.ItemDataRole.DecorationRole if column == STATE:
                here = self._states[row].kind != "download"
                return theme.icon("check" if here else "download", "good" if here else "text-2")
            case Qt.ItemDataRole.ToolTipRole if column == NAME:
                return self.models[row].name
            case Qt.ItemDataRole.AccessibleTextRole if column == NAME:
                return self._spoken(row)
        return None

    def _heads(self) -> tuple[str, ...]:
        return (
            self.tr("Model"),
            self.tr("State"),
            self.tr("Size"),
            self.tr("Dimension"),
            self.tr("Tokens"),
            self.tr("Search"),
            self.tr("Speed"),
        )

    def _head_tips(self) -> dict[int, str]:
        return {
            SIZE: self.tr("Size of its weights"),
            DIMENSION: self.tr("Numbers in each vector: more take more memory and disk"),
            TOKENS: self.tr("Longest text that it was made for, in tokens"),
            SEARCH: self.tr("nDCG@10 on the 15 retrieval sets of MTEB, as published; before any training of yours"),
            SPEED: self.tr("Sentences a second on one V100 graphics card, as published"),
        }

    def _text(self, row: int, column: int) -> str:
        model, state = self.models[row], self._states[row]
        match column:
            case 0:
                return model.short_name
            case 1:
                return self._state_text(state)
            case 2:
                return fmt.size(model.megabytes.value * 1e6)
            case 3:
                return fmt.count(model.dimension)
            case 4:
                return fmt.count(int(model.max_tokens.value))
            case 5:
                return number(model.search, 2)
            case _:
                return number(model.speed)

    def _state_text(self, state: ModelState) -> str:
        if state.kind == "download":
            return self.tr("partly here") if state.kept else self.tr("to download")
        return self.tr("bundled") if state.kind == "bundled" else self.tr("on this disk")

    def _spoken(self, row: int) -> str:
        model, text = self.models[row], self._text(row, STATE)
        if self._states[row].kind == "download":
            text = self.tr("needs a download of {size}").format(size=self._text(row, SIZE))
        return f"{model.name}: {text}"


def number(figure: Figure | None, digits: int = 0) -> str:
    """A dash where no figure was published."""
    if figure is None:
        return "–"
    return f"{figure.value:.{digits}f}" if digits else fmt.count(int(figure.value))


def _side(column: int) -> Qt.AlignmentFlag:
    return LEFT if column in (NAME, STATE) else RIGHT
