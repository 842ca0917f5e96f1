"""The manual inside the program: texts of ``resources/help``, every field of every config, and the keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from PySide6.QtCore import QCoreApplication

from embtrainer_gui.core.config import (
    CompareConfig,
    CopiesConfig,
    GenerateConfig,
    ImportConfig,
    MapConfig,
    SearchConfig,
    SplitConfig,
    TrainConfig,
)
from embtrainer_gui.core.launch import LaunchConfig
from embtrainer_gui.core.settings import Settings
from embtrainer_gui.core.workflow import Step
from embtrainer_gui.gui import format as fmt
from embtrainer_gui.gui import review_keys, step_words
from embtrainer_gui.gui.field_words import choice_label, field_label
from embtrainer_gui.gui.language import help_file, own_language_file
from embtrainer_gui.gui.window_keys import WINDOW_KEYS

START = "start"
TOUR = "tour"
PROJECT = "project"
SETTINGS = "settings"
KEYS = "keys"
PROBLEMS = "problems"
FORMATS = "formats"
ELSEWHERE = "elsewhere"
MACHINES = "machines"
SCALE = "scale"
COMMANDS = "commands"
TOPICS = (
    *(START, TOUR, *map(str, Step), PROJECT, SETTINGS, KEYS),
    *(PROBLEMS, FORMATS, ELSEWHERE, MACHINES, SCALE, COMMANDS),
)

CONFIGS: Mapping[str, tuple[type[BaseModel], ...]] = {
    Step.PAPERS: (ImportConfig, SplitConfig),
    Step.QUESTIONS: (GenerateConfig,),
    Step.TRAIN: (TrainConfig, LaunchConfig),
    Step.COMPARE: (CompareConfig,),
    Step.SEARCH: (SearchConfig, MapConfig, CopiesConfig),
    SETTINGS: (Settings,),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Manual", text)


def title_of(topic: str) -> str:
    titles = {
        START: _tr("How it works"),
        TOUR: _tr("A tour"),
        PROJECT: _tr("Project"),
        SETTINGS: _tr("Settings"),
        KEYS: _tr("Keys"),
        PROBLEMS: _tr("When something goes wrong"),
        FORMATS: _tr("File formats"),
        ELSEWHERE: _tr("Use the model elsewhere"),
        MACHINES: _tr("Several cards and machines"),
        SCALE: _tr("How it scales"),
        COMMANDS: _tr("Commands"),
    }
    return titles.get(topic) or step_words.name_of(Step(topic))


def settings_heading() -> str:
    return _tr("What can be set")


def fields_of(topic: str) -> str:
    """Every setting of the topic in Markdown, with its help text and bounds; "" where it has none."""
    return "\n\n".join(map(_fields, CONFIGS.get(topic, ())))


def text_of(topic: str) -> str:
    """The topic in Markdown."""
    parts = [f"# {title_of(topic)}"]
    parts.append(keys() if topic == KEYS else help_file(topic).read_text(encoding="utf-8").strip())
    if topic == Step.REVIEW:
        parts.append(_keys_of_review(review_keys.native))
    if topic in CONFIGS:
        parts += [f"## {settings_heading()}", fields_of(topic)]
    return "\n\n".join(parts) + "\n"


def keys(native: Callable[[str], str] = review_keys.native) -> str:
    """All keys in Markdown, each written as ``native`` does."""
    return "\n\n".join([_tr("## In the whole window"), _table(_window_keys()), _keys_of_review(native)])


def is_translated(topic: str) -> bool:
    """Whether the topic's text is in the language of the window."""
    return topic == KEYS or own_language_file(topic).is_file()


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it: links in the Markdown files work in both places."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _fields(config: type[BaseModel]) -> str:
    """Every field that has a help text: what is stored for the program itself has none."""
    described = {name: field for name, field in config.model_fields.items() if field.description}
    return "\n\n".join(_field(name, field) for name, field in described.items())


def _field(name: str, field: FieldInfo) -> str:
    meaning = QCoreApplication.translate("core", field.description or "")
    return f"### {field_label(name)}\n\n{meaning} {_limits(field)}`{name}`"


def _limits(field: FieldInfo) -> str:
    found = {}
    for constraint in field.metadata:
        for kind in ("ge", "gt", "le", "lt"):
            value = getattr(constraint, kind, None)
            if isinstance(value, int | float):
                found[kind] = value
    low, high = found.get("ge", found.get("gt")), found.get("le", found.get("lt"))
    parts = []
    if low is not None and high is not None:
        parts.append(_tr("{low} to {high}").format(low=_figure(low), high=_figure(high)))
    if isinstance(field.default, bool):
        parts.append(_tr("on unless you turn it off") if field.default else _tr("off unless you turn it on"))
    elif isinstance(field.default, int | float) or (isinstance(field.default, str) and field.default):
        parts.append(_tr("{value} unless you change it").format(value=_figure(field.default)))
    return f"*{_capital(', '.join(parts))}* · " if parts else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _figure(value: float | str) -> str:
    if isinstance(value, str):
        return choice_label(value)
    return fmt.count(int(value)) if value == int(value) else f"{value:g}"


def _window_keys() -> tuple[tuple[str, str], ...]:
    return tuple((keys, QCoreApplication.translate("core", text)) for keys, text in WINDOW_KEYS)


def _keys_of_review(native: Callable[[str], str]) -> str:
    rows = tuple((", ".join(map(native, key.keys)), key.text) for key in review_keys.KEYS)
    return "\n\n".join([_tr("## Keys of the review"), _table(rows)])


def _table(rows: tuple[tuple[str, str], ...]) -> str:
    lines = [f"| {_tr('Key')} | {_tr('What it does')} |", "|---|---|"]
    return "\n".join(lines + [f"| {key} | {text} |" for key, text in rows])
