"""``train --plan`` and ``train --check``: what a run would do, without doing it; and the settings of ``--preset``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from embtrainer_gui.cli.session import Session, config_from
from embtrainer_gui.core.advisor import advise
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.estimate import Cost, error
from embtrainer_gui.core.hardware import hardware
from embtrainer_gui.core.loss_fields import without_effect
from embtrainer_gui.core.presets import PRESETS
from embtrainer_gui.core.settings import device_wanted
from embtrainer_gui.core.shortfalls import shortfalls
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.training_plan import training_facts, training_plan
from embtrainer_gui.core.translate import mark

RECOMMENDED = "recommended"
PART_NAMES = {
    "read": mark("reading the data, loading libraries"),
    "load": mark("loading the model"),
    "prepare": mark("tokens, teachers, hard negatives"),
    "steps": mark("training steps"),
    "search": mark("searches of the dev questions"),
    "save": mark("checkpoints"),
    "finish": mark("choosing and saving the model"),
}


def settings(session: Session, project: Project) -> tuple[TrainConfig, list[str]]:
    """The flags that were given, over those of ``--preset`` or of the run that goes on; and the reasons for what is
    recommended."""
    given, name = config_from(TrainConfig, session.options), session.options.preset
    if name is None and session.options.resume:  # with the settings that the run began with
        begun = next((run.config for run in project.runs.all()[-1:] if run.state != "done"), {})
        kept = {field: value for field, value in begun.items() if field in TrainConfig.model_fields}
        return config_from(TrainConfig, session.options, **_not_given(session, kept)), []
    if name is None:
        return given, []
    if name == RECOMMENDED:
        advice = advise(given, training_facts(project), hardware(device_wanted()), project.folder)
        return config_from(TrainConfig, session.options, **_not_given(session, advice.values)), list(advice.reasons)
    preset = next(preset for preset in PRESETS if preset.key == name)
    return config_from(TrainConfig, session.options, **_not_given(session, preset.values)), [preset.why]


def plan(session: Session, project: Project, config: TrainConfig, reasons: list[str]) -> int:
    """Print what the run would do; nothing is loaded."""
    facts, machine = training_facts(project), hardware(device_wanted())
    found = training_plan(config, facts, project.runs.all(), project.folder, machine.free_memory())
    changed = shortfalls(config, facts, found)
    idle = without_effect(config.model_dump())
    say = session.output.say
    for reason in reasons:
        say(f"- {reason}")
    for name, value in config.model_dump().items():
        told = changed.get(name) or idle.get(name, "")
        say(f"{name:<20} {value if value is not None else '-'}{f'  ! {told}' if told else ''}")
    say(
        mark("{pairs} questions on {passages} passages: {steps} steps ({warmup_steps} of warm-up)").format(
            pairs=found.pairs - found.stand_ins,
            passages=found.passages - found.stand_ins,
            steps=found.steps,
            warmup_steps=found.warmup_steps,
        )
    )
    if found.stand_ins:
        say(mark("{number} passages without a question, by a phrase of each").format(number=found.stand_ins))
    session.output.result(
        {
            "settings": config.model_dump(),
            "reasons": reasons,
            "changed": changed,
            "without_effect": idle,
            "plan": asdict(found),
        }
    )
    return 0


def plan_of_config(session: Session, overrides: Mapping[str, Any]) -> int:
    """The same for a config of the predecessor."""
    from embtrainer_gui.stages import predecessor_train

    options, say = session.options, session.output.say
    found = predecessor_train.plan(session.job_context(), options.config, overrides, input_jsonl=options.input_jsonl)
    for name, value in found["settings"].items():
        say(f"{name:<20} {value if value is not None else '-'}")
    for text in found["changed"]:
        say(f"! {text}")
    say(mark("{pairs} questions on {passages} passages: {steps} steps").format(**found))
    session.output.result(found)
    return 0


def check(session: Session, project: Project, config: TrainConfig) -> int:
    """Rehearse the run and print what came of it."""
    from embtrainer_gui.stages import preflight

    summary = preflight.run(session.context(project), config, session.options.launch or "")
    _say_batch(session, summary)
    _say_figures(session, summary)
    session.output.result(summary)
    return 0


def say_error(session: Session, summary: Mapping[str, Any]) -> None:
    """How far the check before the run was off, where there was one."""
    off = error(summary, "cpu")
    if off is not None:
        text = mark("processor time: {spent:.0f} s; the check had told {told:.0f} s ({off:+.0%})")
        told = summary["estimate"]["told"]["cpu"]
        session.output.say(text.format(spent=summary["spent"]["cpu"], told=told, off=off))


def _not_given(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(session.options, name) is None}


def _say_batch(session: Session, summary: Mapping[str, Any]) -> None:
    """The first batch, as the model reads it."""
    say = session.output.say
    say(mark("The first batch as the model reads it:"))
    for row in summary["first_batch"]:
        text = row["text"]
        place = f"{row['passage']:>3} " if row["role"] == "passage" else "    ? "
        length = f"{text['tokens']}" if text["tokens"] == text["whole"] else f"{text['tokens']}/{text['whole']}"
        say(f"{place}[{length}] {text['read']}")
        if text["cut"]:
            say(mark("      not read: {text}").format(text=text["cut"]))


def _say_figures(session: Session, summary: Mapping[str, Any]) -> None:
    say, memory, disk = session.output.say, summary["memory"], summary["disk"]
    say(mark("computes on {device}").format(device=summary["device"]))
    say(
        mark("memory: about {needed:.1f} GB of {free:.1f} GB free; the check took {taken:.1f} GB").format(
            **{name: memory[name] / 1e9 for name in ("needed", "free", "taken")}
        )
    )
    for held in summary["held"]:
        text = mark("of this computer's memory, {model} at {address} holds {size:.1f} GB: ollama stop {model}")
        say(text.format(size=held["bytes"] / 1e9, **held))
    say(mark("disk: {need:.1f} GB of {free:.1f} GB free").format(need=disk["needed"] / 1e9, free=disk["free"] / 1e9))
    say(
        mark("longer than the model reads: {passages:.1%} of the passages, {questions:.1%} of the questions").format(
            **summary["truncated"]
        )
    )
    if summary["data"]["alike"]:
        say(mark("passages that are nearly equal to another one: {alike}").format(alike=summary["data"]["alike"]))
    estimate = summary["estimate"]
    for part in estimate["parts"]:
        say(f"  {PART_NAMES[part['name']]:<38} {part['times']:>5} {part['wall']:>9.1f} s")
    told = Cost(**estimate["told"])
    text = mark("it will take about {wall:.0f} s, and {cpu:.0f} s of processor time")
    say(text.format(wall=told.wall, cpu=told.cpu))
