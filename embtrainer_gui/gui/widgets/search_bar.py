"""The question box with its former questions, the rankings to show, and what the search is busy with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QStringListModel, Qt, Signal, Slot
from PySide6.QtWidgets import QCompleter, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from embtrainer_gui.gui.widgets.basics import button, label, row

MOST_RECENT = 30
NEED_TRAINING = ("tuned", "hybrid")


class SearchBar(QWidget):
    """Signals: ``asked`` with a question that is not empty, ``columns_changed`` when the user chose other rankings,
    ``training_asked``."""

    asked = Signal(str)
    columns_changed = Signal()
    training_asked = Signal()

    def __init__(self, names: Mapping[str, str], meanings: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QLineEdit()
        self.box.setObjectName("search.box")
        self.box.setProperty("role", "search")
        self.box.setPlaceholderText(self.tr("What do you want to find in these papers?"))
        self.box.setAccessibleName(self.tr("Question"))
        self._recent = QStringListModel(self)
        completer = QCompleter(self._recent, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.box.setCompleter(completer)
        go = button(self.tr("Search"), "primary", name="search.go")
        self._toggles = {name: self._toggle(name, text, meanings[name]) for name, text in names.items()}
        self._later = label(self.tr("After training, the tuned model gets a column here."), "secondary")
        self._later.setObjectName("search.later")
        self._train = button(self.tr("Go to Train"), "link", name="search.train")
        self.time = label("", "secondary")
        self.time.setObjectName("search.time")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(row(self.box, go))
        layout.addLayout(row(*self._toggles.values(), self._later, self._train, None, self.time))
        layout.addWidget(self._busy_line())
        self.box.returnPressed.connect(self._on_box_entered)
        go.clicked.connect(self._on_box_entered)
        self._train.clicked.connect(self.training_asked)

    def _toggle(self, name: str, text: str, meaning: str) -> QPushButton:
        made = button(text, "plain", name=f"search.toggle-{name}")
        made.setCheckable(True)
        made.setToolTip(meaning)
        made.toggled.connect(self.columns_changed)
        return made

    def _busy_line(self) -> QWidget:
        self._busy, self._busy_text = QWidget(), label("", "secondary")
        self._busy.setObjectName("search.busy")
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedSize(120, 4)
        self._busy.setLayout(row(bar, self._busy_text, None))
        self._busy.hide()
        return self._busy

    @property
    def recent(self) -> list[str]:
        """Former questions, newest first."""
        return self._recent.stringList()

    def columns(self) -> list[str]:
        return [name for name, toggle in self._toggles.items() if toggle.isChecked()]

    def show_choice(self, chosen: Iterable[str], *, trained: bool, recent: Iterable[str]) -> None:
        """Set everything without telling anybody; what needs a tuned model is only offered where there is one."""
        wanted = set(chosen)
        for name, toggle in self._toggles.items():
            toggle.blockSignals(True)
            toggle.setEnabled(trained or name not in NEED_TRAINING)
            toggle.setChecked(name in wanted and toggle.isEnabled())
            toggle.blockSignals(False)
        self._later.setVisible(not trained)
        self._train.setVisible(not trained)
        self._recent.setStringList(list(recent))

    def show_busy(self, text: str) -> None:
        """Empty: nothing is awaited any more."""
        self._busy_text.setText(text)
        self._busy.setVisible(bool(text))

    def clear(self) -> None:
        self.box.clear()
        self.time.clear()
        self.show_busy("")

    @Slot()
    def _on_box_entered(self) -> None:
        question = " ".join(self.box.text().split())
        if not question:
            self.box.setFocus()
            return
        others = [other for other in self.recent if other != question]
        self._recent.setStringList([question, *others][:MOST_RECENT])
        self.asked.emit(question)
