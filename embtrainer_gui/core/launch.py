"""The command that starts several training processes: torchrun, with the options of its user."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from embtrainer_gui.core.child_process import worker_command
from embtrainer_gui.core.config import StageConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.messages import JobSpec, to_line
from embtrainer_gui.core.translate import mark

LAUNCHER = "torchrun"
EXAMPLE = "torchrun --nproc-per-node 2"
_PLACES = ("--nnodes", "--rdzv", "--master", "--standalone", "--node-rank")  # what says where the processes meet

_NO_COMMAND = mark("This is no command: {detail}.")
_NO_LAUNCHER = mark("It must begin with torchrun: {example}")
_NO_TORCHRUN = mark("torchrun is not on this machine.")


class LaunchConfig(StageConfig):
    """How a run is started, which changes nothing in what it computes: no part of a run's settings."""

    launch: Annotated[
        str,
        Field(
            max_length=1000,
            description=mark(
                "Several graphics cards or machines train one run together: torchrun --nproc-per-node 2, or with"
                " --nnodes and --rdzv-endpoint on each machine. Left out, one process trains."
            ),
        ),
    ] = ""


def launch_faults(values: Mapping[str, Any]) -> dict[str, str]:
    """``{"launch": sentence}`` where the command cannot start anything."""
    text = str(values["launch"]).strip()
    if not text:
        return {}
    try:
        words = shlex.split(text)
    except ValueError as problem:
        return {"launch": _NO_COMMAND.format(detail=problem)}
    if not words or Path(words[0]).stem != LAUNCHER:
        return {"launch": _NO_LAUNCHER.format(example=EXAMPLE)}
    if _is_frozen() and shutil.which(words[0]) is None:
        return {"launch": _NO_TORCHRUN}
    return {}


def launch_command(launch: str, spec: JobSpec) -> list[str]:
    """The command that makes every process of ``launch`` a rank of the job ``spec``.

    Raises UserError for what is no torchrun command.
    """
    faults = launch_faults({"launch": launch})
    if faults:
        raise UserError("{fault}", mark("For example: --launch '{example}'"), fault=faults["launch"], example=EXAMPLE)
    program, *options = shlex.split(launch)
    launcher = [program] if _is_frozen() else [sys.executable, "-m", "torch.distributed.run"]
    if not any(option.replace("_", "-").startswith(_PLACES) for option in options):
        options = ["--standalone", *options]  # else two runs on one machine want the same port
    return [*launcher, *options, "--no-python", *worker_command("rank"), to_line(spec)]


def _is_frozen() -> bool:
    return bool(getattr(sys, "frozen", False))
