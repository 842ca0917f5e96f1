"""A run that several processes train: started by torchrun, watched from here, told as if it were one."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import Any, Literal

from embtrainer_gui.core.config import StageConfig
from embtrainer_gui.core.errors import AppError, Cancelled, EnvironmentProblem, UserError
from embtrainer_gui.core.job_child import JobChild
from embtrainer_gui.core.launch import launch_command
from embtrainer_gui.core.messages import Failed, Finished, JobSpec, Started, Stopped
from embtrainer_gui.core.settings import DEVICE_VARIABLE
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import JobContext

LOOK_SECONDS = 0.1  # between two looks whether to stop
_KILLED = re.compile(r"exitcode\s*:\s*-\d+")  # in torchrun's table of what failed
_USAGE = 2  # exit code of a launcher that does not take its options


def run(
    ctx: JobContext, stage: str, folder: Path, launch: str, config: StageConfig | None = None, *, resume: bool = False
) -> dict[str, Any]:
    """The ``stage`` train, or train-bundle, of the project or bundle ``folder`` in the processes that ``launch``
    starts here.

    Raises what the stage raises; UserError for a command that torchrun does not take; EnvironmentProblem where a
    process was killed.
    """
    spec = JobSpec(
        stage=stage,
        project=str(folder.resolve()),
        config=config.model_dump(mode="json") if config else {},
        options={"resume": resume},
        threads=int(os.environ.get("OMP_NUM_THREADS") or 0),
        device=_device(),
    )
    child = JobChild(launch_command(launch, spec), spec)
    over = threading.Event()
    watcher = threading.Thread(target=_pass_cancel_on, args=(ctx, child, over), name="cancel", daemon=True)
    ctx.status(mark("Starting the training processes..."))
    watcher.start()
    started = False
    try:
        for event in child.events():
            match event:
                case Finished(summary=summary):
                    return summary
                case Stopped(checkpoint=checkpoint):
                    raise Cancelled(checkpoint)
                case Failed():
                    raise _error(event, started, child.log_tail())
            started = started or isinstance(event, Started)
            ctx.emit(event)
    finally:
        over.set()
        watcher.join()
    raise AssertionError("a child's events always have an end")


def _pass_cancel_on(ctx: JobContext, child: JobChild, over: threading.Event) -> None:
    while not over.wait(LOOK_SECONDS):
        try:
            ctx.raise_if_cancelled()
        except Cancelled:
            child.cancel()
            return


def _device() -> Literal["auto", "cpu"]:
    return "cpu" if os.environ.get(DEVICE_VARIABLE) == "cpu" else "auto"


def _error(event: Failed, started: bool, log: str) -> Exception:
    if event.kind != "bug":
        kind: type[AppError] = UserError if event.kind == "user" else EnvironmentProblem
        return kind("{text}", "{cure}", text=event.message, cure=event.hint)
    if not started:
        return UserError(
            mark("torchrun did not start the training: {reason}"),
            mark("Correct its options; see: torchrun --help"),
            reason=_last_line(log),
        )
    if _KILLED.search(log):
        return EnvironmentProblem(
            mark("One of the training processes was killed; it was probably out of memory."),
            mark("Resume the run: it goes on from its last checkpoint, with as many processes as you like."),
        )
    return RuntimeError(f"{event.message}\n{event.trace}")


def _last_line(log: str) -> str:
    return next((line.strip() for line in reversed(log.splitlines()) if line.strip()), mark("it said nothing"))
