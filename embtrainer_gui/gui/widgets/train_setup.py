"""Before a run: presets and the form at the left, what will run at the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from embtrainer_gui.core.base_model import model_folder, readable_tokens
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.loss_fields import loss_faults, without_effect
from embtrainer_gui.core.memory import available_memory
from embtrainer_gui.core.presets import Preset, preset_for
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.training_plan import TrainingFacts, TrainingPlan, training_plan
from embtrainer_gui.gui.models.start_check import Missing, what_is_missing
from embtrainer_gui.gui.widgets.basics import button, column
from embtrainer_gui.gui.widgets.config_form import ConfigForm
from embtrainer_gui.gui.widgets.preset_bar import PresetBar
from embtrainer_gui.gui.widgets.steady_scroll import SteadyScroll
from embtrainer_gui.gui.widgets.what_will_run import WhatWillRun

ADVANCED = {"seed", "weight_decay", "max_grad_norm", "scale", "checkpoints", "negative_margin", "contrastive_margin"}
LEAST_FORM = 360


class TrainSetup(QWidget):
    """``config`` is what the form says. The card follows every edit.

    Signals: ``start_wanted``; ``cure_wanted`` (Missing) for what is done on another page; ``models_wanted`` for the
    list of models; ``edited``.
    """

    start_wanted = Signal()
    cure_wanted = Signal(object)
    models_wanted = Signal()
    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: TrainingFacts | None = None
        self._runs: Sequence[Run] = ()
        self._folder = Path()
        self._busy, self._read_only, self._on_card = "", False, False
        self._touched = False  # the user, or a kept form, has said what to run
        self._build()

    @property
    def config(self) -> TrainConfig:
        return TrainConfig.model_validate(self.form.values())

    def values(self) -> dict[str, Any]:
        return self.form.values()

    def set_values(self, values: Mapping[str, Any]) -> None:
        self._touched = True
        self.form.set_values(values)
        self._show()

    def forget(self) -> None:
        """Another project: defaults, and nothing is known."""
        self._facts, self._touched = None, False
        self.form.set_values(TrainConfig().model_dump())

    @property
    def is_touched(self) -> bool:
        return self._touched

    def show_project(
        self, facts: TrainingFacts, runs: Sequence[Run], folder: Path, *, read_only: bool, on_card: bool
    ) -> None:
        """What the project holds, and whether a graphics card with memory of its own will train. The preset that
        fits is taken unless the user has chosen settings."""
        self._facts, self._runs, self._folder = facts, runs, folder
        self._read_only, self._on_card = read_only, on_card
        if not self._touched:
            self.form.set_values(preset_for(facts.pairs).values)
        self._show()

    def show_busy(self, title: str) -> None:
        """The title of the job that runs, or ""."""
        if self._busy and not title:
            self.form.revalidate()  # it may have downloaded the model
        self._busy = title
        self._show()

    def plan(self) -> TrainingPlan | None:
        if self._facts is None:
            return None
        config = TrainConfig() if self.form.errors() else self.config
        free = None if self._on_card else available_memory()
        return training_plan(config, self._facts, self._runs, self._folder, free)

    def _build(self) -> None:
        self.presets = PresetBar()
        self.form = ConfigForm(TrainConfig, self._groups(), ADVANCED, check=_faults, idle=without_effect)
        choose = button(self.tr("Choose..."), name="train.choose-model")
        choose.clicked.connect(self.models_wanted)
        self.form.add_beside("base_model", choose)
        self.card = WhatWillRun()
        inner = QWidget()
        parts = column(self.presets, self.form, spacing=16)
        inner.setLayout(parts)
        scroll = SteadyScroll(inner)
        scroll.setMinimumWidth(LEAST_FORM)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.card)
        self._scroll = scroll
        self.presets.preset_chosen.connect(self._on_preset_chosen)
        self.form.changed.connect(self._on_form_changed)
        self.card.start_clicked.connect(self.start_wanted)
        self.card.cure_clicked.connect(self._on_cure_clicked)

    def _groups(self) -> list[tuple[str, list[str]]]:
        return [
            (self.tr("Model"), ["base_model", "loss"]),
            (
                self.tr("Data"),
                ["epochs", "evaluations", "hard_negatives", "random_negatives", "negative_margin", "seed"],
            ),
            (
                self.tr("Training"),
                ["learning_rate", "warmup_ratio", "weight_decay", "max_grad_norm", "scale", "contrastive_margin"],
            ),
            (self.tr("Memory"), ["batch_size", "max_seq_length", "checkpoints"]),
        ]

    def _show(self) -> None:
        plan = self.plan()
        if self._facts is None or plan is None:
            return
        errors = self.form.errors()
        self.presets.show_values(self.form.values(), self._facts.pairs)
        missing = what_is_missing(self._facts, plan, errors, self._busy, self._read_only)
        config = TrainConfig() if errors else self.config
        length = readable_tokens(config.base_model, config.max_seq_length)
        self.card.show_plan(self._facts, plan, length, missing)

    def _on_form_changed(self) -> None:
        self._show()
        self.edited.emit()
        untouched = self._untouched()
        if any(value != untouched[name] for name, value in self.form.values().items()):
            self._touched = True

    def _untouched(self) -> dict[str, Any]:
        if self._facts is None:  # what is typed before the project was read stays too
            return TrainConfig().model_dump()
        return preset_for(self._facts.pairs).config(TrainConfig()).model_dump()

    def _on_preset_chosen(self, preset: Preset) -> None:
        self._touched = True
        self.form.set_values(preset.values)
        self._show()

    def _on_cure_clicked(self, missing: Missing) -> None:
        errors = self.form.errors()
        if missing.step is None and errors:
            editor = self.form.editor(next(iter(errors)))
            editor.setFocus()
            self._scroll.ensureWidgetVisible(editor)
        else:
            self.cure_wanted.emit(missing)


def _faults(values: Mapping[str, Any]) -> dict[str, str]:
    """What the loss lacks; and whether the model lies on this disk, which is known without loading it."""
    found = {name: QCoreApplication.translate("core", fault) for name, fault in loss_faults(values).items()}
    return found | _model_fault(values)


def _model_fault(values: Mapping[str, Any]) -> dict[str, str]:
    try:
        model_folder(str(values["base_model"]), verify=False)
    except AppError as problem:
        template = QCoreApplication.translate("core", problem.template)
        return {"base_model": template.format(**problem.values)}
    return {}
