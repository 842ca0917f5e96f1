"""The card beside the form: what a run would really do, and the Start button that names what is missing."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from embtrainer_gui.core.records import Split
from embtrainer_gui.core.training_memory import Fit, MemoryPlan
from embtrainer_gui.core.training_plan import TrainingFacts, TrainingPlan
from embtrainer_gui.gui.format import count, seconds, size
from embtrainer_gui.gui.models.start_check import Missing
from embtrainer_gui.gui.widgets.basics import Chip, button, card, column, label, line, row
from embtrainer_gui.gui.widgets.steady_scroll import SteadyScroll

WIDTH = 320
FEW_QUESTIONS = 50  # below it a score says little
MUCH_CUT = 0.05  # of the passages
TIGHT = 2  # times the disk that is needed


class WhatWillRun(QWidget):
    """Signals: ``start_clicked``, ``check_clicked``; ``cure_clicked`` with the Missing that the button names."""

    start_clicked = Signal()
    check_clicked = Signal()
    cure_clicked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._missing: Missing | None = None
        self.setFixedWidth(WIDTH)
        self.start = button(self.tr("Start training"), "primary", "play", "train.start")
        self.start.clicked.connect(self._on_start_clicked)
        self.check = button(self.tr("Check before training"), "", "eye", "train.check")
        self.check.setToolTip(self.tr("Tries some steps: shows the first batch, and measures memory and time."))
        self.check.clicked.connect(self.check_clicked)
        self._why = label("", "hint", wrap=True)
        self._why.setObjectName("train.why")
        self._fit = Chip("")
        self._fit.setObjectName("train.fit")
        self._values: dict[str, QLabel] = {}
        self._warning = label("", "warn", wrap=True)
        self._warning.setObjectName("train.warning")
        top = row(label(self.tr("What will run"), "section"), None, self._fit)
        plan = QWidget()
        plan.setLayout(column(self._grid(), self._warning, None))
        scroll = SteadyScroll(plan)
        frame = card(top, scroll, line(), self.check, self.start, self._why)
        self.setLayout(column(frame))

    def show_plan(self, facts: TrainingFacts, plan: TrainingPlan, length: int, missing: Missing | None) -> None:
        self._missing = missing
        for name, text in self._texts(facts, plan, length).items():
            self._values[name].setText(text)
            self._values[name].setAccessibleName(text)
        for name, widget in self._values.items():
            shown = bool(widget.text())
            widget.setVisible(shown)
            self._captions[name].setVisible(shown)
        warnings = self._warnings(facts, plan)
        self._warning.setText("\n".join(warnings))
        self._warning.setVisible(bool(warnings))
        self._show_fit(plan)
        self._fit.setVisible(bool(facts.passages))
        self._show_start(plan, missing)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """It scrolls inside: its text asks the page for no height."""
        return False

    def value(self, name: str) -> str:
        return self._values[name].text()

    def _grid(self) -> QGridLayout:
        captions = {
            "questions": self.tr("Questions"),
            "stand_ins": self.tr("Phrases"),
            "keywords": self.tr("Keywords"),
            "papers": self.tr("Papers"),
            "held": self.tr("Held out"),
            "batch": self.tr("Batch"),
            "negatives": self.tr("Negatives"),
            "steps": self.tr("Steps"),
            "warmup": self.tr("Warm-up"),
            "evaluations": self.tr("Checks"),
            "cut": self.tr("Too long"),
            "disk": self.tr("Disk"),
            "memory": self.tr("Memory"),
            "time": self.tr("Time"),
        }
        grid = QGridLayout()
        grid.setContentsMargins(0, 8, 0, 8)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        self._captions: dict[str, QLabel] = {}
        for place, (name, caption) in enumerate(captions.items()):
            self._captions[name] = label(caption, "secondary")
            self._values[name] = label("…", wrap=True)
            self._values[name].setObjectName(f"train.plan.{name}")
            grid.addWidget(self._captions[name], place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._values[name], place, 1)
        return grid

    def _texts(self, facts: TrainingFacts, plan: TrainingPlan, length: int) -> dict[str, str]:
        papers, questions = facts.papers, facts.questions
        texts = {
            "questions": self.tr("{pairs} on {passages} passages").format(
                pairs=count(plan.pairs - plan.stand_ins), passages=count(plan.passages - plan.stand_ins)
            ),
            "keywords": self.tr("{number} keep the model to what it knew").format(number=count(facts.keywords)),
            "papers": self.tr("{train} to train, {dev} to choose, {test} to test").format(
                train=count(papers.get(Split.TRAIN, 0)),
                dev=count(papers.get(Split.DEV, 0)),
                test=count(papers.get(Split.TEST, 0)),
            ),
            "held": self.tr("{dev} questions to choose by, {test} to test").format(
                dev=count(questions.get(Split.DEV, 0)), test=count(questions.get(Split.TEST, 0))
            ),
            "stand_ins": self.tr("of {number} passages without a question").format(number=count(plan.stand_ins))
            if plan.stand_ins
            else "",
            "batch": self.tr("{number} passages with all their questions").format(number=count(plan.batch)),
            "negatives": self._negative_words(plan),
            "steps": self.tr("{steps} a pass, {total} in all").format(
                steps=count(plan.steps_per_epoch), total=count(plan.steps)
            ),
            "warmup": self.tr("up to step {steps}").format(steps=count(plan.warmup_steps))
            if plan.warmup_steps
            else self.tr("none"),
            "evaluations": self.tr("{number}, the first before training").format(number=count(plan.evaluations)),
            "cut": self._cut_words(plan.cut, length),
            "disk": self.tr("{need} of {free} free").format(need=size(plan.disk), free=size(plan.free)),
            "memory": self._memory_words(plan.memory),
            "time": "",
        }
        if not facts.keywords:
            texts["keywords"] = ""
        if not facts.passages:  # nothing is known of a run yet
            texts |= dict.fromkeys(("batch", "negatives", "steps", "warmup", "evaluations", "cut", "disk"), "")
        if plan.seconds and plan.checked:
            texts["time"] = self.tr("{time}, measured by a check").format(time=self._time_words(plan.seconds))
        elif plan.seconds and plan.pairs_per_second and not facts.lacking:
            texts["time"] = self.tr("{time}, at {pace} questions/s of an earlier run").format(
                time=self._time_words(plan.seconds), pace=f"{plan.pairs_per_second:.1f}"
            )
        return texts

    def _negative_words(self, plan: TrainingPlan) -> str:
        if plan.random:
            text = self.tr("up to {hard} hard and {random} random ones a question")
        elif plan.hard:
            text = self.tr("up to {hard} hard ones a question, and the batch")
        else:
            return ""
        return text.format(hard=count(plan.hard), random=count(plan.random))

    def _cut_words(self, share: float, length: int) -> str:
        if not share:
            return self.tr("no passage is over {length} tokens").format(length=count(length))
        return self.tr("{share} of passages are over {length} tokens").format(
            share=_percent(share), length=count(length)
        )

    def _memory_words(self, memory: MemoryPlan | None) -> str:
        if memory is None:
            return ""
        return self.tr("about {need} of {free} free").format(need=size(memory.needed), free=size(memory.free))

    def _time_words(self, spent: float) -> str:
        if spent < 60:
            return self.tr("under a minute")
        return self.tr("about {time}").format(time=seconds(round(spent / 10) * 10))

    def _warnings(self, facts: TrainingFacts, plan: TrainingPlan) -> list[str]:
        found = []
        dev, test = (facts.questions.get(part, 0) for part in (Split.DEV, Split.TEST))
        if plan.pairs and not dev:
            found.append(self.tr("No accepted question is on a dev paper: the last model is taken, unchecked."))
        elif plan.pairs and dev < FEW_QUESTIONS:
            text = self.tr("With {number} dev questions the choice of the best model is chancy.")
            found.append(text.format(number=dev))
        if plan.pairs and test < FEW_QUESTIONS:
            text = self.tr("With {number} test questions a small gain cannot be told from chance.")
            found.append(text.format(number=test))
        if plan.cut > MUCH_CUT:
            text = self.tr("The ends of long passages are not read: raise the longest text, or cut passages shorter.")
            found.append(text)
        found += [QCoreApplication.translate("core", note) for note in plan.notes]
        if plan.memory is not None and plan.memory.fit is not Fit.FITS:
            found.append(self._memory_cure(plan.memory))
        return found

    def _memory_cure(self, memory: MemoryPlan) -> str:
        if memory.fit is Fit.TIGHT:
            return self.tr("Memory is tight: close other programs before you start.")
        match memory.cure:
            case ("batch_size", number):
                cure = self.tr("A batch of {number} would fit.").format(number=count(number))
            case ("max_seq_length", number):
                cure = self.tr("A longest text of {number} tokens would fit.").format(number=count(number))
            case _:
                cure = self.tr("Close other programs, or choose a smaller model.")
        return self.tr("There is too little memory for this run: it may be ended by the system. {cure}").format(
            cure=cure
        )

    def _show_fit(self, plan: TrainingPlan) -> None:
        """One badge for disk and memory: the worse of the two."""
        memory = plan.memory.fit if plan.memory else None
        if not plan.fits_disk:
            self._fit.set(self.tr("Disk full"), "bad")
        elif memory is Fit.TOO_LITTLE:
            self._fit.set(self.tr("Too little memory"), "bad")
        elif plan.disk * TIGHT > plan.free:
            self._fit.set(self.tr("Disk tight"), "warn")
        elif memory is Fit.TIGHT:
            self._fit.set(self.tr("Memory tight"), "warn")
        else:
            self._fit.set(self.tr("Fits this computer") if memory else self.tr("Fits the disk"), "good")

    def _show_start(self, plan: TrainingPlan, missing: Missing | None) -> None:
        if missing:
            text, why = missing.text, missing.why
        else:
            text, why = self.tr("Start training"), self.tr("It can be stopped at any time; what was learned is kept.")
            if plan.seconds:
                text = self.tr("Start training ({time})").format(time=self._time_words(plan.seconds))
        self.check.setEnabled(missing is None)
        self.start.setText(text)
        self.start.setAccessibleName(text)
        self.start.setAccessibleDescription(why)
        self._why.setText(why)

    def _on_start_clicked(self) -> None:
        if self._missing is None:
            self.start_clicked.emit()
        else:
            self.cure_clicked.emit(self._missing)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"
