"""Everything that is chosen before questions are made: the source, its server and key, kinds, prompt and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from embtrainer_gui.core.generate_config import GenerateConfig, generator_name
from embtrainer_gui.core.settings import Server
from embtrainer_gui.gui.widgets.basics import button, card, column, label, row
from embtrainer_gui.gui.widgets.config_form import ConfigForm
from embtrainer_gui.gui.widgets.kind_quotas import KindQuotas
from embtrainer_gui.gui.widgets.server_form import ServerForm
from embtrainer_gui.gui.widgets.source_cards import BUILTIN, SourceCards
from embtrainer_gui.gui.widgets.wording_choice import WordingChoice

COST = ("price_in", "price_out")
JUDGE = ("judge", "judge_mark", "judge_model")
REQUESTS = ("temperature", "reply_tokens", "context_tokens", "concurrency", "attempts", "request_seconds")


class QuestionSetup(QWidget):
    """``values`` are fields of ``GenerateConfig``; each server keeps the address and the model that was used last.

    Signals: ``changed`` after every edit, ``prompt_wanted``.
    """

    changed = Signal()
    prompt_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prompt: dict[str, Any] = {"prompt": "", "examples": ()}
        self._cards = SourceCards()
        self._wording = WordingChoice()
        self.servers = {"ollama": ServerForm("ollama"), "openai": ServerForm("openai")}
        self.form = ConfigForm(GenerateConfig, [(self.tr("Questions"), ["per_passage", "seed"])], {"seed"})
        self._kinds = KindQuotas()
        self._prompt_state = label("", "secondary", wrap=True)
        self._prompt_state.setObjectName("questions.prompt-state")
        self._edit = button(self.tr("Edit the prompt..."), "", "edit", "questions.prompt")
        self.more = ConfigForm(GenerateConfig, self._groups(), {*JUDGE[1:], *REQUESTS}, idle=self._idle)
        self._wishes = self._build_wishes()
        self.setLayout(
            column(
                *(self._cards, *self.servers.values(), self._wording, self.form, self._wishes, self.more),
                None,
                spacing=16,
            )
        )
        self._connect()
        self._show_source()

    def _groups(self) -> list[tuple[str, Sequence[str]]]:
        return [(self.tr("Judge"), JUDGE), (self.tr("Requests and cost"), (*COST, *REQUESTS))]

    def _build_wishes(self) -> QFrame:
        about = label(self.tr("How often each kind is asked for; 0 leaves it out."), "hint", wrap=True)
        prompt = row(self._prompt_state, self._edit)
        prompt.setStretch(0, 1)
        return card(label(self.tr("Kinds and prompt"), "section"), about, self._kinds, prompt)

    def _connect(self) -> None:
        self._cards.chosen.connect(self._on_source_chosen)
        for server in self.servers.values():
            server.changed.connect(self._on_edited)
        for part in (self.form, self.more):
            part.changed.connect(self.changed)
        for choice in (self._wording, self._kinds):
            choice.edited.connect(self.changed)
        self._edit.clicked.connect(self.prompt_wanted)

    @property
    def source(self) -> str:
        return self._cards.source()

    @property
    def server(self) -> ServerForm | None:
        """The form of the server that is chosen; None for the built-in generator."""
        return self.servers.get(self.source)

    @property
    def address(self) -> str:
        return self.server.address if self.server else ""

    def values(self) -> dict[str, Any]:
        made = {"backend": self.source, **self.form.values()}
        if self.server is None:
            return {**made, "wording": self._wording.value()}
        place = {"base_url": self.server.address, "model": self.server.model}
        return {**made, **place, **self.more.values(), **self._prompt, "kinds": self._kinds.value()}

    def kept(self) -> dict[str, Any]:
        """What the project keeps of it, for ``set_kept``; no key is among it."""
        places = {name: [form.address, form.model] for name, form in self.servers.items()}
        asked = {**self._prompt, "kinds": self._kinds.value(), "wording": self._wording.value()}
        everything = {**self.more.values(), **asked, **self.values()}
        return {"config": everything, "servers": places}

    def set_kept(self, kept: Mapping[str, Any]) -> None:
        """What ``kept`` gave; of an older project the settings of the built-in generator alone."""
        for name, (address, model) in kept.get("servers", {}).items():
            self.servers[name].set_place(address, model)
        config = kept.get("config", {})
        for part in (self.form, self.more):
            part.set_values(config)
        if "kinds" in config:
            self._kinds.set_value(config["kinds"])
        self._wording.set_value(config.get("wording", GenerateConfig().wording))
        self.set_prompt(config.get("prompt", ""), config.get("examples", ()))
        self._cards.set_source(config.get("backend", BUILTIN))
        self._show_source()

    def set_prompt(self, prompt: str, examples: Sequence[Mapping[str, str]]) -> None:
        """The template, "" for the shipped one, and the user's own questions."""
        self._prompt = {"prompt": prompt, "examples": [dict(example) for example in examples]}
        state = self.tr("Your own prompt") if prompt else self.tr("The prompt that comes with the program")
        if len(examples) == 1:
            state += self.tr(", one example")
        elif examples:
            state += self.tr(", {count} examples").format(count=len(examples))
        self._prompt_state.setText(state)

    @property
    def key(self) -> str:
        """That goes to the child and nowhere else."""
        return self.server.key if self.server else ""

    @property
    def generator(self) -> str:
        """What goes by its own name in the project: the source, with its model where it has several."""
        values = {"backend": self.source, "model": self.server.model if self.server else ""}
        values["wording"] = self._wording.value()
        return generator_name(GenerateConfig.model_validate(values))

    def has_errors(self) -> bool:
        return bool(self.form.errors() or (self.server and self.more.errors()))

    def fault(self) -> str:
        """What is missing before questions can be made, as a sentence; "" where nothing is."""
        if self.has_errors():
            return self.tr("A setting is out of its bounds.")
        return self.server.fault() if self.server else ""

    def config(self) -> GenerateConfig:
        return GenerateConfig.model_validate(self.values())

    def prompt_config(self) -> GenerateConfig:
        """What a request is worded by, also while something else is missing."""
        values = {} if self.form.errors() else self.form.values()
        return GenerateConfig.model_validate({**values, **self._prompt, "kinds": self._kinds.value()})

    def show_servers(self, servers: Sequence[Server]) -> None:
        for form in self.servers.values():
            form.show_servers(servers)

    def _idle(self, values: Mapping[str, Any]) -> dict[str, str]:
        why = self.tr("Has an effect when the server judges.")
        return {} if values["judge"] else dict.fromkeys(JUDGE[1:], why)

    def _on_source_chosen(self) -> None:
        self._show_source()
        self.changed.emit()

    def _on_edited(self) -> None:
        self._show_addresses()
        self.changed.emit()

    def _show_source(self) -> None:
        for name, form in self.servers.items():
            form.setVisible(name == self.source)
        for part in (self._wishes, self.more):
            part.setVisible(self.server is not None)
        self._wording.setVisible(self.server is None)
        self._show_addresses()
        if self.server is not None:
            self.server.look_for_key()

    def _show_addresses(self) -> None:
        for name, form in self.servers.items():
            self._cards.set_address(name, form.address)
