"""What the generator makes of a few passages, before the whole batch: one passage at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from embtrainer_gui.core.records import Passage, QuestionKind, Reason
from embtrainer_gui.gui.pair_words import kind_words, reason_words
from embtrainer_gui.gui.widgets.basics import EmptyState, button, column, icon_button, label, line, row
from embtrainer_gui.gui.widgets.source_cards import PairText

LEAST_HEIGHT = 240


class QuestionPreview(QFrame):
    """Signal: ``sample_wanted`` when the user asks for (other) passages."""

    sample_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._rows: Sequence[Mapping[str, Any]] = ()
        self._passages: Mapping[int, Passage] = {}
        self._names: Mapping[int, str] = {}
        self._place = 0
        self._where = label("", "secondary")
        self._where.setObjectName("questions.preview-place")
        self._previous = icon_button("left", self.tr("Previous passage"), "questions.preview-previous")
        self._next = icon_button("right", self.tr("Next passage"), "questions.preview-next")
        self._sample = button(self.tr("Next sample"), "", "retry", "questions.next-sample")
        self._first = first = button(self.tr("Try it on 5 passages"), "", "eye", "questions.preview")
        self._busy = label("", "secondary", wrap=True)
        self._busy.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty = EmptyState(
            "eye",
            self.tr("See what comes out first"),
            self.tr("Five passages of your papers with the questions that would be made of them. Nothing is stored."),
            first,
        )
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._estimate = label("", "secondary", wrap=True)
        self._estimate.setObjectName("questions.estimate")
        self._pages = QStackedLayout()
        for page in (empty, self._busy, self._scroll):
            self._pages.addWidget(page)
        head = row(
            label(self.tr("Preview"), "section"), None, self._where, self._previous, self._next, self._sample, spacing=4
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addLayout(self._pages, 1)
        layout.addWidget(self._estimate)
        first.clicked.connect(self.sample_wanted)
        self._sample.clicked.connect(self.sample_wanted)
        self._previous.clicked.connect(lambda: self._go(-1))
        self._next.clicked.connect(lambda: self._go(1))
        self.show_nothing()

    def show_nothing(self) -> None:
        self._rows = ()
        self._pages.setCurrentIndex(0)
        self.show_estimate("")
        self._show_place()

    def set_can_try(self, can: bool) -> None:
        """Whether everything is there that a sample needs."""
        for part in (self._first, self._sample):
            part.setEnabled(can)

    def show_estimate(self, text: str) -> None:
        """What the sample took, and what the batch would."""
        self._estimate.setText(text)
        self._estimate.setVisible(bool(text))

    def show_busy(self, text: str) -> None:
        self._busy.setText(text)
        self._pages.setCurrentIndex(1)

    def show_sample(
        self, rows: Sequence[Mapping[str, Any]], passages: Mapping[int, Passage], names: Mapping[int, str]
    ) -> None:
        """``rows`` as the job "preview" gives them; ``names``: of the documents."""
        self._rows, self._passages, self._names = rows, passages, names
        self._place = 0
        self._show()

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """It scrolls inside: its text asks the page for no more height than its empty state takes."""
        return LEAST_HEIGHT

    def end_busy(self) -> None:
        """The job ended without a result: what was there before is shown again."""
        self._pages.setCurrentIndex(2 if self._rows else 0)

    def _go(self, by: int) -> None:
        self._place = (self._place + by) % max(1, len(self._rows))
        self._show()

    def _show(self) -> None:
        if not self._rows:
            self.show_nothing()
            return
        shown = self._rows[self._place]
        passage = self._passages[shown["passage"]]
        name = self._names.get(passage.document_id, "")
        where = self.tr("{name}, page {page}").format(name=name, page=passage.page)
        parts: list[QWidget] = [
            label(where, "hint", wrap=True),
            label(passage.text, wrap=True, selectable=True),
            line(),
        ]
        for made in shown["questions"]:
            chips = [(kind_words(QuestionKind(made["kind"])), "")]
            chips += [(reason_words(Reason(reason)), "warn") for reason in made["reasons"]]
            parts.append(PairText(made["question"], made["answer"], chips))
        if shown["problem"]:
            parts.append(label(shown["problem"], "warn", wrap=True))
        elif not shown["questions"]:
            parts.append(label(self.tr("It makes no question of this passage."), "secondary", wrap=True))
        inside = QWidget()
        layout = column(*parts, None, spacing=12)
        layout.setContentsMargins(0, 0, 8, 0)
        inside.setLayout(layout)
        inside.setMinimumHeight(1)  # its height follows its width: not that of text as narrow as it goes
        self._scroll.setWidget(inside)
        self._pages.setCurrentIndex(2)
        self._show_place()

    def _show_place(self) -> None:
        several = bool(self._rows)
        for part in (self._where, self._previous, self._next, self._sample):
            part.setVisible(several)
        self._where.setText(self.tr("{place} of {count}").format(place=self._place + 1, count=len(self._rows)))
