"""The form made from a config."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.config import GenerateConfig, ImportConfig, SplitConfig, TrainConfig
from embtrainer_gui.gui.widgets.config_form import ConfigForm


class Example(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    count: Annotated[int, Field(ge=2, le=64, description="How many there are.")] = 8
    rate: Annotated[float, Field(gt=0, le=1, description="How fast it goes.")] = 5e-5
    name: Annotated[str, Field(min_length=1, description="What it is called.")] = "rice"
    way: Literal["base", "tuned"] = "tuned"
    loud: bool = False
    parts: tuple[str, ...] = ()


FIELDS = ["count", "rate", "name", "way", "loud", "parts"]


@pytest.fixture
def form(qtbot: QtBot) -> ConfigForm:
    made = ConfigForm(Example, [("All", FIELDS)])
    qtbot.addWidget(made)
    made.show()
    return made


def error_of(form: ConfigForm, name: str) -> str:
    found = form.findChild(QLabel, f"form.{name}.error")
    return found.text() if found.isVisible() else ""


def type_into(form: ConfigForm, name: str, text: str) -> None:
    editor = form.findChild(QLineEdit, f"form.{name}")
    editor.setText(text)


def test_that_the_defaults_make_the_config(form: ConfigForm) -> None:
    assert form.values() == {
        "count": 8, "rate": 5e-5, "name": "rice", "way": "tuned", "loud": False, "parts": (),
    }  # fmt: skip
    assert Example.model_validate(form.values()) == Example()
    assert form.errors() == {}
    assert form.is_default()


def test_that_a_small_number_is_written_out(form: ConfigForm) -> None:
    assert form.findChild(QLineEdit, "form.rate").text() == "0.00005"


def test_that_each_kind_of_value_has_its_editor(form: ConfigForm) -> None:
    assert isinstance(form.editor("way"), QComboBox)
    assert isinstance(form.editor("loud"), QCheckBox)
    assert isinstance(form.editor("count"), QLineEdit)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("count", "1", "It must be at least 2."),
        ("count", "65", "It must be at most 64."),
        ("count", "many", "Type a whole number."),
        ("count", "2.5", "Type a whole number."),
        ("count", "", "Type a whole number."),
        ("rate", "0", "It must be more than 0."),
        ("rate", "nan", "Type a number."),
        ("rate", "fast", "Type a number."),
        ("name", "  ", "Type something here."),
    ],
)
def test_that_a_fault_is_said_at_its_field(form: ConfigForm, name: str, text: str, said: str) -> None:
    type_into(form, name, text)
    assert error_of(form, name) == said
    assert form.errors() == {name: said}
    others = [other for other in FIELDS if other != name]
    assert not any(error_of(form, other) for other in others)


def test_that_a_corrected_fault_goes_away(form: ConfigForm) -> None:
    type_into(form, "count", "1")
    type_into(form, "count", "2")
    assert (error_of(form, "count"), form.errors()) == ("", {})


@pytest.mark.parametrize(("text", "value"), [("0,5", 0.5), ("0.5", 0.5), (" 1 ", 1.0), ("1e-3", 0.001)])
def test_that_a_number_may_be_typed_as_people_type_it(form: ConfigForm, text: str, value: float) -> None:
    type_into(form, "rate", text)
    assert form.values()["rate"] == value
    assert not form.errors()


def test_that_several_faults_show_together(form: ConfigForm) -> None:
    type_into(form, "count", "x")
    type_into(form, "rate", "2")
    assert set(form.errors()) == {"count", "rate"}


def test_that_an_edit_is_told_once(form: ConfigForm) -> None:
    told: list[Any] = []
    form.changed.connect(lambda: told.append(form.values()["loud"]))
    form.editor("loud").click()  # type: ignore[attr-defined]
    assert told == [True]


def test_that_setting_values_shows_them_and_passes_over_strange_names(form: ConfigForm) -> None:
    told: list[bool] = []
    form.changed.connect(lambda: told.append(True))
    form.set_values({"count": 16, "way": "base", "parts": ("caption", "table"), "nonsense": 3})
    assert form.values() | {"rate": 0} == {
        "count": 16, "rate": 0, "name": "rice", "way": "base", "loud": False, "parts": ("caption", "table"),
    }  # fmt: skip
    assert told == [True]
    form.set_values({"count": 16})
    assert told == [True]


def test_that_help_is_at_the_field_and_for_a_screen_reader(form: ConfigForm) -> None:
    editor = form.editor("count")
    assert editor.toolTip() == editor.accessibleDescription() == "How many there are."
    assert any(found.text() == "How many there are." and found.isVisible() for found in form.findChildren(QLabel))


def test_that_the_wheel_does_not_change_a_choice(form: ConfigForm) -> None:
    editor = form.editor("way")
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, 120), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(editor, wheel)
    assert form.values()["way"] == "tuned"


def test_that_advanced_fields_are_folded_and_unfold(qtbot: QtBot) -> None:
    form = ConfigForm(Example, [("All", FIELDS)], {"rate", "parts"})
    qtbot.addWidget(form)
    form.show()
    assert form.editor("count").isVisible()
    assert not form.editor("rate").isVisible()
    qtbot.mouseClick(form.findChild(QPushButton, "form.advanced"), Qt.MouseButton.LeftButton)
    assert form.editor("rate").isVisible()


def test_that_a_fault_in_a_folded_field_is_seen(qtbot: QtBot) -> None:
    form = ConfigForm(Example, [("All", FIELDS)], {"rate"})
    qtbot.addWidget(form)
    form.show()
    form.set_values({"rate": 7.0})
    assert error_of(form, "rate") == "It must be at most 1."


def test_that_a_further_check_speaks_at_its_field(qtbot: QtBot) -> None:
    def check(values: Any) -> dict[str, str]:
        return {"name": "There is no such name."} if values["name"] == "maize" else {}

    form = ConfigForm(Example, [("All", FIELDS)], check=check)
    qtbot.addWidget(form)
    form.show()
    type_into(form, "name", "maize")
    assert error_of(form, "name") == "There is no such name."


class Optional(BaseModel):
    number: Annotated[int | None, Field(ge=0, le=9)] = None
    kind: Literal["plain", "rich"] = "plain"


def idle(values: Any) -> dict[str, str]:
    return {"number": "No effect where it is plain."} if values["kind"] == "plain" else {}


@pytest.fixture
def optional(qtbot: QtBot) -> ConfigForm:
    form = ConfigForm(Optional, [("All", ["number", "kind"])], idle=idle)
    qtbot.addWidget(form)
    form.show()
    return form


def test_that_an_empty_number_is_automatic_where_that_is_allowed(optional: ConfigForm) -> None:
    editor = optional.findChild(QLineEdit, "form.number")
    assert (optional.values()["number"], editor.text(), editor.placeholderText()) == (None, "", "automatic")
    optional.set_values({"number": 3})
    assert optional.values()["number"] == 3
    optional.set_values({"number": None})
    assert editor.text() == ""
    for text, said in (("x", "Type a whole number."), ("10", "It must be at most 9."), ("", "")):
        type_into(optional, "number", text)
        assert optional.errors().get("number", "") == said


def test_that_a_field_without_effect_is_disabled_and_says_why(optional: ConfigForm) -> None:
    editor, why = optional.editor("number"), optional.findChild(QLabel, "form.number.help")
    assert not editor.isEnabled()
    assert why.text() == editor.accessibleDescription() == "No effect where it is plain."
    optional.set_values({"kind": "rich"})
    assert editor.isEnabled()
    assert why.text() == ""
    optional.set_enabled(False)
    assert not editor.isEnabled()
    optional.set_enabled(True)
    assert editor.isEnabled()


def test_that_a_wrong_value_can_be_corrected_though_it_has_no_effect(optional: ConfigForm) -> None:
    optional.set_values({"kind": "rich", "number": 10})
    optional.set_values({"kind": "plain"})
    assert optional.editor("number").isEnabled()
    type_into(optional, "number", "9")
    assert not optional.editor("number").isEnabled()


@pytest.mark.parametrize("model", [TrainConfig, ImportConfig, GenerateConfig, SplitConfig])
def test_that_every_config_fits_a_form(qtbot: QtBot, model: type[BaseModel]) -> None:
    names = list(model.model_fields)
    form = ConfigForm(model, [("All", names)])
    qtbot.addWidget(form)
    assert model.model_validate(form.values()) == model()
    words = [form.editor(name).accessibleName() for name in names]
    assert all(words)
    assert len(set(words)) == len(words)
