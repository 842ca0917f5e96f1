"""The question box with its history, the rankings to show, the doors to filters and files, and what the search is busy
with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import QPoint, QTimer, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QMenu, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import ElidedLabel, button, icon_button, label, row

SHOWN_RECENT = 20
LONGEST_SHOWN = 80  # characters of a former question in the menu
NEED_TRAINING = ("tuned", "hybrid")
TYPING_MS = 180  # after the last key
SHORTEST_TYPED = 3  # characters; Enter asks shorter ones too


class SearchBar(QWidget):
    """Signals: ``asked`` with a question that is not empty, ``typed`` with one that is still being typed,
    ``columns_changed`` when the user chose other rankings, ``training_asked``, ``recent_chosen`` with the place of a
    former question, ``clearing_asked`` of those, ``filters_toggled``, ``saving_asked``, ``stopping_asked``."""

    asked = Signal(str)
    typed = Signal(str)
    columns_changed = Signal()
    training_asked = Signal()
    recent_chosen = Signal(int)
    clearing_asked = Signal()
    filters_toggled = Signal(bool)
    saving_asked = Signal()
    stopping_asked = Signal()

    def __init__(self, names: Mapping[str, str], meanings: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recent: list[str] = []
        self._trained = False
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._on_typing_rested)
        self.box = QLineEdit()
        self.box.setObjectName("search.box")
        self.box.setProperty("role", "search")
        self.box.setPlaceholderText(self.tr("What do you want to find in these papers?"))
        self.box.setAccessibleName(self.tr("Question"))
        self.box.setMaxLength(2000)
        history = icon_button("clock", self.tr("Former questions"), "search.history")
        go = button(self.tr("Search"), "primary", name="search.go")
        self._toggles = {name: self._toggle(name, text, meanings[name]) for name, text in names.items()}
        self._later = ElidedLabel(self.tr("After training, the tuned model gets a column here."), "secondary")
        self._later.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._later.setObjectName("search.later")
        self._train = button(self.tr("Go to Train"), "link", name="search.train")
        self.filters = button(self.tr("Filters"), "plain", "filter", name="search.filters")
        self.filters.setCheckable(True)
        self.save = icon_button("download", self.tr("Save these hits as CSV or JSONL..."), "search.save")
        self.save.setEnabled(False)
        self.time = label("", "secondary")
        self.time.setObjectName("search.time")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row(self.box, history, go))
        second = row(*self._toggles.values(), self.filters, self._later, self._train, self._busy_line(), self.time)
        second.insertStretch(second.count() - 2, 1)
        second.addWidget(self.save)
        layout.addLayout(second)
        self.box.returnPressed.connect(self._on_box_entered)
        self.box.textEdited.connect(self._on_box_edited)
        go.clicked.connect(self._on_box_entered)
        history.clicked.connect(lambda: self._show_history(history))
        self._train.clicked.connect(self.training_asked)
        self.filters.toggled.connect(self.filters_toggled)
        self.save.clicked.connect(self.saving_asked)

    def _toggle(self, name: str, text: str, meaning: str) -> QPushButton:
        made = button(text, "plain", name=f"search.toggle-{name}")
        made.setCheckable(True)
        made.setToolTip(meaning)
        made.toggled.connect(self.columns_changed)
        return made

    def _busy_line(self) -> QWidget:
        """It takes the place of the time, so that nothing moves while one types."""
        self._busy, self._busy_text = QWidget(), ElidedLabel("", "secondary")
        self._busy.setObjectName("search.busy")
        self._busy_text.setMinimumWidth(160)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedSize(60, 4)
        stop = button(self.tr("Stop"), "link", name="search.stop")
        stop.clicked.connect(self.stopping_asked)
        self._busy.setLayout(row(bar, self._busy_text, stop))
        self._busy.hide()
        return self._busy

    def columns(self) -> list[str]:
        return [name for name, toggle in self._toggles.items() if toggle.isChecked()]

    def show_choice(self, chosen: Iterable[str], *, trained: bool) -> None:
        """Set everything without telling anybody; what needs a tuned model is only offered where there is one."""
        wanted = set(chosen)
        self._trained = trained
        for name, toggle in self._toggles.items():
            toggle.blockSignals(True)
            toggle.setEnabled(trained or name not in NEED_TRAINING)
            toggle.setChecked(name in wanted and toggle.isEnabled())
            toggle.blockSignals(False)
        self._show_later()

    def show_filters(self, count: int) -> None:
        """How many filters are set."""
        text = self.tr("Filters ({count})").format(count=count) if count else self.tr("Filters")
        self.filters.setText(text)
        self.filters.setAccessibleName(text)

    def show_busy(self, text: str) -> None:
        """Empty: nothing is awaited any more."""
        self._busy_text.setText(text)
        self._busy.setVisible(bool(text))
        self.time.setVisible(not text)
        self._show_later()

    def ask(self, question: str) -> None:
        self.box.setText(question)
        self._on_box_entered()

    def clear(self) -> None:
        self._typing.stop()
        self.box.clear()
        self.time.clear()
        self.show_busy("")

    def _show_later(self) -> None:
        for part in (self._later, self._train):
            part.setVisible(not self._trained and not self._busy_text.text())

    def history_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for place, question in enumerate(self.recent[:SHOWN_RECENT]):
            shown = question if len(question) <= LONGEST_SHOWN else question[: LONGEST_SHOWN - 1] + "…"
            menu.addAction(shown.replace("&", "&&"), partial(self.recent_chosen.emit, place))
        if self.recent:
            menu.addSeparator()
            menu.addAction(theme.icon("remove"), self.tr("Clear the history"), self.clearing_asked.emit)
        else:
            menu.addAction(self.tr("Nothing was asked yet")).setEnabled(False)
        return menu

    def _show_history(self, below: QWidget) -> None:
        self.history_menu().popup(below.mapToGlobal(QPoint(0, below.height())))

    @Slot()
    def _on_box_edited(self) -> None:
        self._typing.start()

    @Slot()
    def _on_typing_rested(self) -> None:
        question = " ".join(self.box.text().split())
        if len(question) >= SHORTEST_TYPED:
            self.typed.emit(question)

    @Slot()
    def _on_box_entered(self) -> None:
        self._typing.stop()
        question = " ".join(self.box.text().split())
        if not question:
            self.box.setFocus()
            return
        self.asked.emit(question)
