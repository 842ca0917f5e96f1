"""What is known of one model, each figure with the address that it was read at."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from embtrainer_gui.core.model_catalogue import CatalogueModel, Figure
from embtrainer_gui.gui.models.catalogue_table import number
from embtrainer_gui.gui.widgets.basics import column, label

WIDTH = 276


class ModelFacts(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self._name = label("", "section", wrap=True, selectable=True)
        self._note = label("", "secondary", wrap=True)
        self._lines = [_Sourced() for _ in range(6)]
        self._prompts = label("", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (self._name, self._note, *self._lines, self._prompts):
            layout.addWidget(part)
        layout.addStretch(1)

    def show_model(self, model: CatalogueModel) -> None:
        self._name.setText(model.short_name)
        note = QCoreApplication.translate("core", model.note)
        self._note.setText(self.tr("{note} {licence} licence.").format(note=note, licence=model.licence))
        facts = [(text, figure) for text, figure in self._facts(model) if figure is not None]
        for place, line in enumerate(self._lines):
            line.setVisible(place < len(facts))
            if place < len(facts):
                line.show_figure(*facts[place])
        self._prompts.setText(self._prompt_words(model))

    def text(self) -> str:
        """All that is shown, one line each."""
        lines = [line.text() for line in self._lines if not line.isHidden()]
        return "\n".join([self._name.text(), self._note.text(), *lines, self._prompts.text()])

    def _facts(self, model: CatalogueModel) -> list[tuple[str, Figure | None]]:
        return [
            (self.tr("{number} nDCG@10, 15 search sets of MTEB").format(number=number(model.search, 2)), model.search),
            (
                self.tr("{number} mean of the 6 search sets of SBERT").format(number=number(model.sbert_search, 2)),
                model.sbert_search,
            ),
            (self.tr("{number} sentences a second on a V100").format(number=number(model.speed)), model.speed),
            (
                self.tr("{number} million parameters").format(number=f"{model.parameters.value / 1e6:.1f}"),
                model.parameters,
            ),
            (self.tr("{number} MB of weights").format(number=f"{model.megabytes.value:.0f}"), model.megabytes),
            (self.tr("{number} tokens at most").format(number=number(model.max_tokens)), model.max_tokens),
        ]

    def _prompt_words(self, model: CatalogueModel) -> str:
        prompts = [text for text in (model.query_prompt, model.passage_prompt) if text]
        if not prompts:
            return self.tr("It wants no prompts.")
        if len(prompts) == 1:
            return self.tr('It wants "{prompt}" before each question.').format(prompt=prompts[0])
        return self.tr('It wants "{query}" before questions and "{passage}" before passages.').format(
            query=model.query_prompt, passage=model.passage_prompt
        )


class _Sourced(QWidget):
    """A figure, and its source under it."""

    def __init__(self) -> None:
        super().__init__()
        self._words, self._source = label("", wrap=True), label("", "hint", wrap=True, selectable=True)
        self.setLayout(column(self._words, self._source, spacing=0))

    def show_figure(self, words: str, figure: Figure) -> None:
        self._words.setText(words)
        self._source.setText(figure.source.removeprefix("https://"))

    def text(self) -> str:
        return f"{self._words.text()}\n{self._source.text()}"
