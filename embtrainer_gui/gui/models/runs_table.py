"""The runs of a project as a list that can be ticked, and the settings in which some of them differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.general_report import report_of
from embtrainer_gui.core.store.runs import Run, questions_of
from embtrainer_gui.gui.field_words import choice_label, field_label, number_text
from embtrainer_gui.gui.format import change, count, date, metric, seconds, size

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
OUTCOME, FIGURES, TOKEN, PINNED = (Qt.ItemDataRole.UserRole + number for number in (1, 2, 3, 4))
SCORE = "ndcg@10"


def dev_scores(run: Run) -> tuple[float | None, float | None]:
    """nDCG@10 on the dev questions of the untrained and of the chosen model."""
    dev = run.summary.get("dev", {})
    return dev.get("base", {}).get(SCORE), dev.get("best", {}).get(SCORE)


class RunsTable(QAbstractListModel):
    """Pinned runs first, then the newest. ``colors`` are tokens of the runs that are drawn, by id.

    Signals: ``ticked_changed``; ``renamed`` with the run and its new title.
    """

    ticked_changed = Signal()
    renamed = Signal(object, str)  # Run

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[Run] = []
        self._sizes: dict[int, int] = {}
        self._colors: dict[int, str] = {}
        self._live: int | None = None
        self.ticked: set[int] = set()

    def show(self, runs: Sequence[Run], live: int | None = None) -> None:
        self.beginResetModel()
        self._runs = sorted(runs, key=lambda run: (not run.pinned, -run.id))
        self._live = live
        self.ticked &= {run.id for run in runs}
        self.endResetModel()

    def set_sizes(self, sizes: Mapping[int, int]) -> None:
        """Bytes on disk, by id."""
        self._sizes = dict(sizes)
        self._tell([FIGURES])

    def set_colors(self, colors: Mapping[int, str]) -> None:
        self._colors = dict(colors)
        self._tell([TOKEN])

    def run(self, index: Index) -> Run | None:
        return self._runs[index.row()] if index.isValid() else None

    def index_of(self, run_id: int) -> QModelIndex:
        rows = [row for row, run in enumerate(self._runs) if run.id == run_id]
        return self.index(rows[0]) if rows else QModelIndex()

    @property
    def runs(self) -> list[Run]:
        return list(self._runs)

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._runs)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        run = self._runs[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return run.called
            case Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if run.id in self.ticked else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, [run.called, self._outcome(run), self._figures(run), run.note]))
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{run.called}, {self._outcome(run)}, {self._figures(run)}"
            case int() if role == OUTCOME:
                return self._outcome(run)
            case int() if role == FIGURES:
                return self._figures(run)
            case int() if role == PINNED:
                return run.pinned
            case int() if role == TOKEN:
                return self._colors.get(run.id, "")
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        run = self.run(index)
        if run is None:
            return False
        if role == Qt.ItemDataRole.CheckStateRole:
            self.ticked ^= {run.id}
            self.dataChanged.emit(index, index, [role])
            self.ticked_changed.emit()
            return True
        if role == Qt.ItemDataRole.EditRole:
            self.renamed.emit(run, "" if value == run.name else str(value))
            return True
        return False

    def _figures(self, run: Run) -> str:
        parts = [date(run.started_at)]
        if run.id in self._sizes:
            parts.append(size(self._sizes[run.id]))
        return " · ".join(filter(None, parts))

    def _outcome(self, run: Run) -> str:
        if run.id == self._live:
            return self.tr("training now")
        base, best = dev_scores(run)
        if run.state == "done" and base is not None and best is not None:
            return change(best - base)
        words = {
            "done": self.tr("done"),
            "running": self.tr("interrupted"),
            "stopped": self.tr("stopped"),
            "failed": self.tr("failed"),
        }
        return words.get(run.state, run.state)

    def _tell(self, roles: list[int]) -> None:
        if self._runs:
            self.dataChanged.emit(self.index(0), self.index(len(self._runs) - 1), roles)


class SettingsTable(QAbstractTableModel):
    """A row for each setting in which the runs differ, and for what came of them; a column for each run."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[Run] = []
        self._rows: list[tuple[str, list[str]]] = []

    def show(self, runs: Sequence[Run]) -> None:
        self.beginResetModel()
        self._runs = list(runs)
        self._rows = self._differing() + self._outcomes() if len(runs) > 1 else []
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._rows[index.row()][1][index.column()]
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return self._runs[section].called
        return self._rows[section][0]

    def _differing(self) -> list[tuple[str, list[str]]]:
        names = dict.fromkeys(name for run in self._runs for name in run.config)
        defaults = TrainConfig().model_dump(mode="json")  # what a run of an older program had without naming it
        values = {name: [run.config.get(name, defaults.get(name)) for run in self._runs] for name in names}
        return [
            (field_label(name), [_words(value) for value in found])
            for name, found in values.items()
            if any(value != found[0] for value in found)
        ]

    def _outcomes(self) -> list[tuple[str, list[str]]]:
        scores = [dev_scores(run) for run in self._runs]
        summaries = [run.summary for run in self._runs]
        return [
            (
                self.tr("Questions"),
                [count(questions_of(summary)) if "pairs" in summary else "–" for summary in summaries],
            ),
            (self.tr("Dev nDCG@10, untrained"), [metric(base) for base, _ in scores]),
            (self.tr("Dev nDCG@10, tuned"), [metric(best) for _, best in scores]),
            (self.tr("General questions"), [_general(summary) for summary in summaries]),
            (self.tr("Time"), [seconds(summary["seconds"]) if "seconds" in summary else "–" for summary in summaries]),
        ]


def _general(summary: Mapping[str, Any]) -> str:
    """How far nDCG@10 moved in the forgetting check."""
    report = report_of(summary)
    return change(report.delta) if report else "–"


def _words(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    if value is None or value == "":
        return "–"
    return number_text(value) if isinstance(value, int | float) else choice_label(value)
