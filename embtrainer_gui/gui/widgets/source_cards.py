"""What can write questions: one card each to choose from; each says in a line what leaves this computer."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from embtrainer_gui.core.server_address import is_this_machine
from embtrainer_gui.gui.place_words import leaves_words
from embtrainer_gui.gui.widgets.basics import Chip, ElidedLabel, Icon, column, label, row

NARROWEST = 280
BUILTIN = "builtin"


class SourceCards(QWidget):
    """The cards one below the other, with the names of ``GenerateConfig.backend``. Signal: ``chosen`` by the user."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._cards = {source[0]: _Card(*source) for source in self._sources()}
        for card in self._cards.values():
            self._group.addButton(card)
        self._cards[BUILTIN].setChecked(True)
        self.setLayout(column(*self._cards.values()))
        self._group.buttonClicked.connect(lambda card: self.chosen.emit(card.source))

    def source(self) -> str:
        return next(name for name, card in self._cards.items() if card.isChecked())

    def set_source(self, source: str) -> None:
        self._cards[source].setChecked(True)

    def set_address(self, source: str, address: str) -> None:
        """Say on the card of a server where passages would go; "" where that is not known yet."""
        self._cards[source].show_place(address)

    def _sources(self) -> list[tuple[str, str, str, str]]:
        """``(backend, icon, name, what it is)``."""
        return [
            (BUILTIN, "chip", self.tr("Built-in"), self.tr("fast and basic")),
            ("ollama", "server", self.tr("Ollama"), self.tr("models on your own machines")),
            ("openai", "link", self.tr("Server"), self.tr("OpenAI-compatible")),
        ]


class _Card(QPushButton):
    def __init__(self, source: str, icon: str, name: str, about: str) -> None:
        super().__init__()
        self.source, self._name, self._about = source, name, about
        self.setObjectName(f"questions.source-{source}")
        self.setProperty("kind", "choice")
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lock = Icon("lock", "good", 14)
        self._place = ElidedLabel("", "hint")
        self._tick = Icon("check", "accent")
        self._tick.setVisible(False)
        head = row(label(name, "section"), label(about, "hint"), None, self._tick, spacing=8)
        words = column(head, row(self._lock, self._place, spacing=6), spacing=4)
        self._inside = row(Icon(icon, "accent", 22), words, spacing=12)
        self._inside.setStretch(1, 1)
        self._inside.setContentsMargins(14, 10, 14, 10)
        self.setLayout(self._inside)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.toggled.connect(self._tick.setVisible)
        self.show_place("")

    def show_place(self, address: str) -> None:
        is_near = self.source == BUILTIN or not address or is_this_machine(address)
        text = leaves_words(address)
        if self.source != BUILTIN and not address:
            text = self.tr("Passages go to the server that you name")
        self._lock.set("lock" if is_near else "warning", "good" if is_near else "warn")
        self._place.setText(text)
        self.setToolTip(text)
        self.setAccessibleName(f"{self._name}, {self._about}. {text}.")

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(NARROWEST, self._inside.sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - that of a button knows nothing of the layout in it
        return self.sizeHint()


class PairText(QWidget):
    """A question with its answer, and what is known about it as small words."""

    def __init__(self, question: str, answer: str, chips: list[tuple[str, str]]) -> None:
        super().__init__()
        words = row(*(Chip(text, tone) for text, tone in chips), None, spacing=6)
        self.setLayout(
            column(
                label(question, wrap=True, selectable=True),
                label(answer, "secondary", wrap=True, selectable=True),
                words,
                spacing=4,
            )
        )
