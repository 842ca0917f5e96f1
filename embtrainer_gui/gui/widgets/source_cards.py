"""What can write questions, one card each; it says what leaves this computer."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QWidget

from embtrainer_gui.gui.widgets.basics import Chip, Icon, card, column, label, row


class SourceCards(QWidget):
    """The cards side by side; further sources are further entries of ``_sources``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLayout(row(*(self._card(*source) for source in self._sources())))

    def _sources(self) -> list[tuple[str, str, str, str]]:
        """``(name, icon, what it does, what leaves the computer)``."""
        return [
            (
                self.tr("Built-in"),
                "chip",
                self.tr("Makes questions from the sentences of your papers, without a language model: fast and basic."),
                self.tr("Nothing leaves this computer."),
            )
        ]

    def _card(self, name: str, icon: str, text: str, privacy: str) -> QFrame:
        made = card(
            row(Icon(icon, "accent"), label(name, "section"), None, Chip(self.tr("Selected"), "info")),
            label(text, "secondary", wrap=True),
            row(Icon("lock", "good", 16), label(privacy), None),
        )
        made.setAccessibleName(f"{name}. {text} {privacy}")
        return made


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
