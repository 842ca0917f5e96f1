"""Recommended settings and presets by data size, and why they are so."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from embtrainer_gui.core.advisor import Advice
from embtrainer_gui.core.presets import PRESETS, Preset, chosen_preset, preset_for
from embtrainer_gui.gui.format import count
from embtrainer_gui.gui.widgets.basics import button, card, column, label
from embtrainer_gui.gui.widgets.flow_layout import FlowLayout


class PresetBar(QWidget):
    """Signals: ``values_chosen`` with fields of TrainConfig."""

    values_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._advice: Advice | None = None
        self._why = label("", "hint", wrap=True)
        self._why.setObjectName("train.preset-why")
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)  # none is chosen once a setting was changed by hand
        self._recommended = self._button("recommended", self.tr("Recommended"))
        self._recommended.clicked.connect(self._on_recommended_clicked)
        self._buttons: dict[str, QPushButton] = {}
        for preset in PRESETS:
            made = self._button(preset.key, _core(preset.title))
            made.setToolTip(f"{_core(preset.fits)}: {_core(preset.why)}")
            made.setAccessibleDescription(_core(preset.why))
            made.clicked.connect(lambda _=False, chosen=preset: self.values_chosen.emit(chosen.values))
            self._buttons[preset.key] = made
        bar = FlowLayout()
        for made in (self._recommended, *self._buttons.values()):
            bar.addWidget(made)
        outer = column(card(label(self.tr("Start from"), "section"), bar, self._why))
        self.setLayout(outer)

    def show_values(self, values: Mapping[str, object], pairs: int, advice: Advice) -> None:
        """Mark what ``values`` are, and say why that is recommended, or which preset fits ``pairs`` questions."""
        self._advice = advice
        recommended = all(values.get(name) == value for name, value in advice.values.items())
        chosen, fitting = chosen_preset(values), preset_for(pairs)
        self._recommended.setChecked(recommended)
        for preset in PRESETS:
            self._buttons[preset.key].setChecked(preset is chosen and not recommended)
        if recommended and pairs:
            self._why.setText("\n".join(advice.reasons))
        else:
            self._why.setText(self._words(chosen, fitting, pairs))

    def _button(self, key: str, title: str) -> QPushButton:
        made = button(title, "", "", f"train.preset.{key}")
        made.setCheckable(True)
        self._group.addButton(made)
        return made

    def _words(self, chosen: Preset | None, fitting: Preset, pairs: int) -> str:
        if chosen is fitting and not pairs:
            return self.tr("No questions are accepted yet. {title} is for {range}. {why}").format(
                title=_core(chosen.title), range=_core(chosen.fits), why=_core(chosen.why)
            )
        if chosen is fitting:
            return self.tr("Fits your {pairs} questions ({range}). {why}").format(
                pairs=count(pairs), range=_core(chosen.fits), why=_core(chosen.why)
            )
        if chosen is None:
            return self.tr("Your own settings. For {pairs} questions, {title} is the usual start.").format(
                pairs=count(pairs), title=_core(fitting.title)
            )
        return self.tr("{title} is for {range}; you have {pairs}. {why}").format(
            title=_core(chosen.title), range=_core(chosen.fits), pairs=count(pairs), why=_core(chosen.why)
        )

    def _on_recommended_clicked(self) -> None:
        if self._advice is not None:
            self.values_chosen.emit(self._advice.values)


def _core(text: str) -> str:
    return QCoreApplication.translate("core", text)
