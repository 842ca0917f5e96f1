"""The verdict of a comparison as one sentence, whose words explain themselves."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QVBoxLayout, QWidget

from embtrainer_gui.core.comparison import FEW_PAPERS, FEW_QUESTIONS, LEAKED, PROJECT_SET
from embtrainer_gui.core.general_report import GeneralReport
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import change, count, metric
from embtrainer_gui.gui.widgets.basics import Icon, label, row

if TYPE_CHECKING:
    from embtrainer_gui.core.comparison import Comparison, Difference

TONES = {"BETTER": ("check", "good"), "WORSE": ("cross", "bad"), "NO CLEAR DIFFERENCE": ("info", "warn")}
ICON = 28


class Verdict(QWidget):
    """``show_comparison`` sets the sentence; a term under the mouse says what it means, and so does the whole to a
    screen reader."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self.sentence = Icon("info", "text-2", ICON), label("", "page-title", wrap=True)
        self.sentence.setObjectName("compare.verdict")
        self.sentence.setTextFormat(Qt.TextFormat.RichText)
        self.sentence.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self.sentence.linkHovered.connect(self._on_sentence_hovered)
        self.note = label("", "secondary", wrap=True)
        self.note.setObjectName("compare.note")
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self.sentence)
        words.addWidget(self.note)
        words.addWidget(self._general_line())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        self._shown: Comparison | None = None
        self._pair, self._names = ("base", "tuned"), {"base": "", "tuned": ""}
        theme.changes().changed.connect(self._on_theme_changed)

    def _general_line(self) -> QWidget:
        """What the run forgot outside its field."""
        self._general_icon, self.general = Icon("info", "text-2"), label("", "secondary", wrap=True)
        self.general.setObjectName("compare.general")
        line = row(self._general_icon, self.general)
        line.setStretch(1, 1)
        line.setAlignment(self._general_icon, Qt.AlignmentFlag.AlignTop)
        self._general_row = QWidget()
        self._general_row.setLayout(line)
        return self._general_row

    def show_comparison(self, comparison: Comparison, pair: tuple[str, str], names: Mapping[str, str]) -> None:
        """``pair``: the model that is held against, and the one that the sentence is about."""
        self._shown, self._pair, self._names = comparison, pair, dict(names)
        found = comparison.difference(*pair)
        icon, tone = TONES.get(found.verdict, ("info", "text-2"))
        self._icon.set(icon, tone)
        self.sentence.setText(self._sentence(comparison, found, theme.color(tone).name()))
        self.sentence.setAccessibleDescription(" ".join(self._meanings(comparison).values()))
        self.note.setText(" ".join(self._notes(comparison)))
        told = comparison.result.get("forgetting", {}).get(pair[1])
        if told is None and pair[1] == "tuned":  # as earlier versions kept it
            told = comparison.result.get("general")
        self._general_row.setVisible(told is not None)
        if told is not None:
            general = GeneralReport(**told)
            self._general_icon.set(*(("warning", "warn") if general.lost else ("info", "text-2")))
            self.general.setText(general.sentence())

    def _sentence(self, comparison: Comparison, found: Difference, color: str) -> str:
        word = {
            "BETTER": self.tr("Better"),
            "WORSE": self.tr("Worse"),
            "NO CLEAR DIFFERENCE": self.tr("No clear difference"),
        }.get(found.verdict, self.tr("Not tested"))
        parts = {"score": self.tr("Spearman") if comparison.is_similarity else self.tr("nDCG@10")}
        if found.bounds:
            low, high = found.bounds
            interval = self.tr("95 % interval {low} to {high}")
            parts["interval"] = interval.format(low=_bound(low, high), high=_bound(high, low))
        parts["questions"] = self._asked(comparison)
        if not comparison.is_similarity:
            parts["papers"] = self._papers(comparison)
        linked = {key: _link(key, text, theme.color("text").name()) for key, text in parts.items()}
        before, after = (self._value(comparison, model) for model in self._pair)
        figures = f"{linked.pop('score')} {before} → {after} ({', '.join([change(found.delta), *linked.values()])})"
        return f'<span style="color:{color}">{escape(word)}:</span> {figures}'

    def _value(self, comparison: Comparison, model: str) -> str:
        """With its name where it is not the untrained or the newest model, whom the arrow tells apart."""
        value = metric(comparison.value(model))
        return value if self._pair == ("base", "tuned") else f"{value} {escape(self._names[model])}"

    def _asked(self, comparison: Comparison) -> str:
        number = comparison.result["queries"]
        if comparison.is_similarity:
            return self.tr("{number} pairs of sentences").format(number=count(number))
        return self._counted(number, self.tr("1 question"), self.tr("{number} questions"))

    def _papers(self, comparison: Comparison) -> str:
        if comparison.name == PROJECT_SET:
            return self._counted(comparison.papers, self.tr("1 unseen paper"), self.tr("{number} unseen papers"))
        return self._counted(comparison.papers, self.tr("1 document"), self.tr("{number} documents"))

    def _counted(self, number: int, one: str, many: str) -> str:
        return one if number == 1 else many.format(number=count(number))

    def _meanings(self, comparison: Comparison) -> dict[str, str]:
        about = self.tr("The left number is that of {model}.").format(model=self._names[self._pair[0]])
        score = self.tr(
            "nDCG@10 says how high the right passage stands among the first ten hits: 1 when it is always the first"
            " one, 0 when it is never among them."
        )
        if comparison.is_similarity:
            score = self.tr(
                "Spearman's correlation: 1 when the model orders the pairs of sentences just as people's scores do, 0"
                " when the two orders have nothing in common."
            )
        questions = self.tr("Every model was asked these. Below {few}, a small gain cannot be told from chance.")
        return {
            "score": f"{score} {about}",
            "interval": self.tr(
                "If the test were repeated with other papers of the same kind, the change would lie between these"
                " two numbers 95 times of 100. The model is called better only when both are above zero."
            ),
            "questions": questions.format(few=FEW_QUESTIONS),
            "papers": self.tr("Papers that were put aside: training never saw a question or a passage of them.")
            if comparison.name == PROJECT_SET
            else self.tr("Documents of this set. Nobody checked whether training saw any of them."),
        }

    def _notes(self, comparison: Comparison) -> list[str]:
        improved, worse = len(comparison.improved(*self._pair)), len(comparison.worse(*self._pair))
        same = len(comparison.questions) - improved - worse
        told = self.tr("{improved} questions improved, {worse} got worse, {same} stayed the same.")
        if comparison.is_similarity:
            told = self.tr("{improved} pairs came nearer to their place, {worse} went away from it, {same} stayed.")
        notes = [told.format(improved=count(improved), worse=count(worse), same=count(same))]
        if comparison.result["queries"] < FEW_QUESTIONS:
            few = self.tr("These are few questions: accept more on test papers to be surer.")
            few_pairs = self.tr("These are few pairs: a small change cannot be told from chance.")
            notes.append(few_pairs if comparison.is_similarity else few)
        if comparison.papers < FEW_PAPERS and not comparison.is_similarity:
            notes.append(self.tr("The interval rests on very few papers: put more aside for testing to trust it."))
        if not comparison.is_similarity:
            notes += self._cautions(comparison)
        return notes

    def _cautions(self, comparison: Comparison) -> list[str]:
        models = comparison.models
        if "base" in models and comparison.value("base") >= LEAKED:
            return [self.tr("The untrained model finds nearly everything: these questions are too easy to tell.")]
        after = self._pair[1]
        if "bm25" in models and after != "bm25" and comparison.value("bm25") > comparison.value(after):
            text = self.tr(
                "Plain word matching (BM25) finds more here, {score}: questions made from a passage share its words."
                " Questions in other words, as people ask them, are the harder test."
            )
            return [text.format(score=metric(comparison.value("bm25")))]
        return []

    def _on_sentence_hovered(self, term: str) -> None:
        if term and self._shown:
            QToolTip.showText(QCursor.pos(), f"<p>{escape(self._meanings(self._shown)[term])}</p>", self.sentence)
        else:
            QToolTip.hideText()

    def _on_theme_changed(self) -> None:
        if self._shown:
            self.show_comparison(self._shown, self._pair, self._names)


def _link(key: str, text: str, color: str) -> str:
    return f'<a href="{key}" style="color:{color};text-decoration:none">{escape(text)}</a>'


def _bound(value: float, other: float) -> str:
    """Both without a sign where both are gains."""
    return metric(value) if value >= 0 and other >= 0 else change(value)
