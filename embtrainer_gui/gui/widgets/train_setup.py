"""Before a run: presets and the form at the left, what will run at the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from embtrainer_gui.core.advisor import Advice, advise
from embtrainer_gui.core.base_model import readable_tokens
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.estimate import Estimate, read_estimate
from embtrainer_gui.core.hardware import Hardware
from embtrainer_gui.core.launch import LaunchConfig, launch_words
from embtrainer_gui.core.lineage import start_folder
from embtrainer_gui.core.lora import lora_fault
from embtrainer_gui.core.loss_fields import loss_faults, without_effect
from embtrainer_gui.core.shortfalls import shortfalls
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.training_plan import MODELS, TrainingFacts, TrainingPlan, training_plan
from embtrainer_gui.gui.models.start_check import Missing, what_is_missing
from embtrainer_gui.gui.widgets.basics import button, column
from embtrainer_gui.gui.widgets.config_form import ConfigForm
from embtrainer_gui.gui.widgets.preset_bar import PresetBar
from embtrainer_gui.gui.widgets.steady_scroll import SteadyScroll
from embtrainer_gui.gui.widgets.what_will_run import WhatWillRun

ADVANCED = {
    "seed", "weight_decay", "max_grad_norm", "scale", "checkpoints", "negative_margin", "contrastive_margin",
    "query_prompt", "passage_prompt", "matryoshka", "lora_rank", "answer_weight", "title_weight", "excerpt_weight",
    "stand_ins", "layer_decay", "average_from", "remember", "lexical",
}  # fmt: skip
LEAST_FORM = 360


class TrainSetup(QWidget):
    """``config`` is what the form says, ``launch_options`` how its run is started. The card follows every edit.

    Signals: ``start_wanted``, ``check_wanted``; ``cure_wanted`` (Missing) for what is done on another page;
    ``models_wanted`` for the list of models; ``edited``.
    """

    start_wanted = Signal()
    check_wanted = Signal()
    cure_wanted = Signal(object)
    models_wanted = Signal()
    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: TrainingFacts | None = None
        self._runs: Sequence[Run] = ()
        self._folder = Path()
        self._machine = Hardware("cpu", "", 1)
        self._told: Estimate | None = None
        self._advice = Advice({}, ())
        self._busy, self._read_only = "", False
        self._advised: tuple[Any, Any] | None = None  # the model and the loss that the advice is for
        self._touched = False  # the user, or a kept form, has said what to run
        self._build()

    @property
    def config(self) -> TrainConfig:
        return TrainConfig.model_validate(self.form.values())

    @property
    def launch_options(self) -> dict[str, str]:
        command = str(self.launch.values()["launch"]).strip()
        return {"launch": command} if command and not self.launch.errors() else {}

    def values(self) -> dict[str, Any]:
        return self.form.values() | self.launch.values()

    def set_values(self, values: Mapping[str, Any]) -> None:
        self._touched = True
        self.launch.set_values(values)
        self.form.set_values(values)
        self._show()

    def forget(self) -> None:
        """Another project: defaults, and nothing is known."""
        self._facts, self._touched = None, False
        self.launch.set_values(LaunchConfig().model_dump())
        self.form.set_values(TrainConfig().model_dump())

    @property
    def is_touched(self) -> bool:
        return self._touched

    def show_project(
        self, facts: TrainingFacts, runs: Sequence[Run], folder: Path, *, read_only: bool, machine: Hardware
    ) -> None:
        """What the project holds, and what will train. What is recommended is taken unless the user has chosen
        settings."""
        self._facts, self._runs, self._folder = facts, runs, folder
        self._read_only, self._machine = read_only, machine
        self._told = read_estimate(folder / MODELS)
        self._advise()
        self.form.revalidate()  # the model may be one of the runs
        if not self._touched:
            self.form.set_values(self._advice.values)
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
        plan = training_plan(config, self._facts, self._runs, self._folder, self._machine.free_memory())
        told = None if self.launch_options else self._told  # a check tries one process
        if told is not None and told.is_of(config, self._facts.trained(config), self._machine.device):
            return replace(plan, seconds=told.told.wall, checked=True)
        return plan

    def _advise(self) -> None:
        """Anew where another model or loss is chosen: it looks at the disk."""
        if self._facts is not None and not self.form.errors():
            self._advice = advise(self.config, self._facts, self._machine, self._folder)

    def _build(self) -> None:
        self.presets = PresetBar()
        self.form = ConfigForm(TrainConfig, self._groups(), ADVANCED, check=self._faults, idle=without_effect)
        choose = button(self.tr("Choose..."), name="train.choose-model")
        choose.clicked.connect(self.models_wanted)
        self.form.add_beside("base_model", choose)
        self.launch = ConfigForm(
            LaunchConfig, [(self.tr("Where it runs"), ["launch"])], {"launch"}, check=_launch_fault
        )
        self.card = WhatWillRun()
        inner = QWidget()
        parts = column(self.presets, self.form, self.launch, spacing=16)
        inner.setLayout(parts)
        scroll = SteadyScroll(inner)
        scroll.setMinimumWidth(LEAST_FORM)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.card)
        self._scroll = scroll
        self.presets.values_chosen.connect(self._on_preset_chosen)
        self.form.changed.connect(self._on_form_changed)
        self.launch.changed.connect(self._on_form_changed)
        self.card.start_clicked.connect(self.start_wanted)
        self.card.check_clicked.connect(self.check_wanted)
        self.card.cure_clicked.connect(self._on_cure_clicked)

    def _groups(self) -> list[tuple[str, list[str]]]:
        return [
            (self.tr("Model"), ["base_model", "loss", "query_prompt", "passage_prompt", "matryoshka", "lora_rank"]),
            (
                self.tr("Data"),
                ["epochs", "soup", "evaluations", "hard_negatives", "random_negatives", "negative_margin"]
                + ["stand_ins", "seed"],
            ),
            (
                self.tr("Training"),
                ["learning_rate", "warmup_ratio", "weight_decay", "max_grad_norm", "scale", "contrastive_margin"]
                + [
                    "layer_decay",
                    "average_from",
                    "remember",
                    "lexical",
                    "excerpt_weight",
                    "answer_weight",
                    "title_weight",
                ],
            ),
            (self.tr("Memory"), ["batch_size", "max_seq_length", "checkpoints"]),
        ]

    def _show(self) -> None:
        plan = self.plan()
        if self._facts is None or plan is None:
            return
        errors = self.form.errors()
        self.presets.show_values(self.form.values(), self._facts.pairs, self._advice)
        self.form.show_notes({} if errors else shortfalls(self.config, self._facts, plan))
        missing = what_is_missing(self._facts, plan, errors | self.launch.errors(), self._busy, self._read_only)
        config = TrainConfig() if errors else self.config
        length = readable_tokens(config.base_model, config.max_seq_length)
        self.card.show_plan(self._facts, plan, length, missing)

    def _on_form_changed(self) -> None:
        if self._advised != (advised := (self.form.values()["base_model"], self.form.values()["loss"])):
            self._advised = advised
            self._advise()
        self._show()
        self.edited.emit()
        untouched = self._untouched()
        if any(value != untouched[name] for name, value in self.values().items()):
            self._touched = True

    def _untouched(self) -> dict[str, Any]:
        launch = LaunchConfig().model_dump()
        if self._facts is None:  # what is typed before the project was read stays too
            return launch | TrainConfig().model_dump()
        return launch | self._advice.config(TrainConfig()).model_dump()

    def _on_preset_chosen(self, values: Mapping[str, Any]) -> None:
        self._touched = True
        self.form.set_values(values)
        self._show()

    def _on_cure_clicked(self, missing: Missing) -> None:
        form = self.form if self.form.errors() else self.launch
        if missing.step is None and form.errors():
            editor = form.editor(next(iter(form.errors())))
            editor.setFocus()
            self._scroll.ensureWidgetVisible(editor)
        else:
            self.cure_wanted.emit(missing)

    def _faults(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What the loss or the adapters lack; and whether the model lies on this disk, known without loading it."""
        faults = loss_faults(values)
        if fault := lora_fault(int(values["lora_rank"])):
            faults["lora_rank"] = fault
        found = {name: QCoreApplication.translate("core", fault) for name, fault in faults.items()}
        name, models = str(values["base_model"]), self._folder / MODELS
        return found | _fault("base_model", lambda: start_folder(name, self._runs, models, verify=False))


def _launch_fault(values: Mapping[str, Any]) -> dict[str, str]:
    command = str(values["launch"]).strip()
    return _fault("launch", lambda: launch_words(command)) if command else {}


def _fault(field: str, check: Callable[[], object]) -> dict[str, str]:
    try:
        check()
    except AppError as problem:
        template = QCoreApplication.translate("core", problem.template)
        return {field: template.format(**problem.values)}
    return {}
