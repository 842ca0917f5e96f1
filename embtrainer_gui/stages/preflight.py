"""Check before training: memory, disk, the first batch as the model reads it, and how long the run will take."""

from __future__ import annotations

from collections import Counter
from typing import Any

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.estimate import Cost, Estimate, Stopwatch, correction, machine, write_estimate
from embtrainer_gui.core.launch import launch_words
from embtrainer_gui.core.lora import refuse_without_peft
from embtrainer_gui.core.loss_fields import refuse_untrainable
from embtrainer_gui.core.memory import available_memory
from embtrainer_gui.core.model_memory import held_models
from embtrainer_gui.core.settings import device_wanted
from embtrainer_gui.core.training_plan import TrainingPlan, training_facts, training_plan
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.descent import descent_of
from embtrainer_gui.stages.forgetting import characters_encoded
from embtrainer_gui.stages.train_model import training_request
from embtrainer_gui.stages.training_data import data_for

ONE_PROCESS = mark(
    "The check tries one process alone: each of those that train together takes this much memory, and how long they"
    " take together is not measured."
)
FOLDER = ".check"  # below the models: on the disk that the checkpoints go to


def run(ctx: Context, config: TrainConfig, launch: str = "") -> dict[str, Any]:
    """Rehearse a run with these settings; gives the object that ``train --check --json`` prints. No run is made, and
    only the estimate of the time is kept.

    Args:
        launch: the command that several processes would be started with. One is tried, which is told.

    Raises:
        UserError: the run would not start, for the reason given; or ``launch`` could not start it.
        EnvironmentProblem: there is too little memory for a step of it.
        Cancelled: stopped.
    """
    refuse_untrainable(config)
    refuse_without_peft(config.lora_rank)
    if launch:
        launch_words(launch)
        ctx.warn(ONE_PROCESS)
    watch, project = Stopwatch(), ctx.project
    data = data_for(project, config)
    ctx.status(mark("Loading PyTorch..."))
    from embtrainer_gui.ml.preflight import rehearse

    before = watch.spent()
    facts, runs = training_facts(project), project.runs.all()
    plan = training_plan(config, facts, runs, project.folder, available_memory())
    descent = descent_of(config.base_model, runs, project.models, ctx, project.documents.all())
    request = training_request(config, descent, project.models / FOLDER, data, project=project.folder)
    closing = characters_encoded(project.index)
    found = rehearse(request, ctx, before, disk=plan.fits_disk, closing_characters=closing)
    whole = sum((part.cost for part in found.parts), Cost())
    factor = correction(runs, device_wanted())
    estimate = Estimate(
        config=config.model_dump(mode="json"),
        pairs=plan.pairs,
        passages=plan.passages,
        machine=machine(device_wanted()),
        measured=whole,
        told=whole.corrected(factor),
    )
    write_estimate(project.models, estimate)
    record = found.record()
    held = [(each, each.taken(record["device"])) for each in held_models(project.server_runs.hosts())]
    return {
        "device": record["device"],
        "memory": _memory(plan, found.memory),
        "held": [{"address": each.address, "model": each.model, "bytes": taken} for each, taken in held if taken],
        "disk": {"needed": plan.disk, "free": plan.free, "fits": plan.fits_disk},
        "data": {"pairs": plan.pairs, "passages": plan.passages, "alike": _alike(data.groups)},
        "truncated": {"passages": round(found.cut, 4), "questions": round(found.cut_questions, 4)},
        "steps": found.steps,
        "evaluations": found.evaluations,
        "estimate": {
            **estimate.record(),
            "correction": factor.record(),
            "parts": [{"name": p.name, "times": p.times, **p.cost.corrected(factor).record()} for p in found.parts],
        },
        "first_batch": record["batch"],
        "launch": launch,
        "seconds": round(watch.spent().wall, 1),
    }


def _memory(plan: TrainingPlan, most: int) -> dict[str, Any]:
    """Bytes; ``needed`` is reckoned, ``taken`` what the steps of the check took at most, 0 where nobody knows."""
    memory = plan.memory
    if memory is None:
        return {"needed": 0, "free": available_memory(), "taken": most, "fit": ""}
    return {"needed": memory.needed, "free": memory.free, "taken": most, "fit": memory.fit.value}


def _alike(groups: list[int]) -> int:
    """Passages that are nearly equal to an earlier one."""
    return sum(number - 1 for number in Counter(groups).values())
