"""The command that starts several training processes: torchrun, with the options of its user."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field

from embtrainer_gui.core.child_process import is_frozen, worker_command
from embtrainer_gui.core.config import StageConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.messages import JobSpec, to_line
from embtrainer_gui.core.translate import mark

LAUNCHER = "torchrun"
EXAMPLE = "torchrun --nproc-per-node 2"
_CURE = mark("For example: {example}")
_PLACES = ("--nnodes", "--rdzv", "--master", "--standalone", "--node-rank")  # what says where the processes meet


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


def launch_words(launch: str) -> list[str]:
    """The words of a command that can start training processes.

    Raises UserError for any other.
    """
    try:
        words = shlex.split(launch)
    except ValueError as problem:
        raise UserError(
            mark("{launch} is no command: {detail}."), _CURE, launch=launch, detail=problem, example=EXAMPLE
        ) from problem
    if not words or Path(words[0]).stem != LAUNCHER:
        raise UserError(mark("The command must begin with torchrun, as in: {example}"), _CURE, example=EXAMPLE)
    if is_frozen() and shutil.which(words[0]) is None:
        raise UserError(mark("torchrun is not on this machine."), mark("It comes with PyTorch: pip install torch"))
    return words


def launch_command(launch: str, spec: JobSpec) -> list[str]:
    """The command that makes every process of ``launch`` a rank of the job ``spec``. Raises as ``launch_words``."""
    program, *options = launch_words(launch)
    launcher = [program] if is_frozen() else [sys.executable, "-m", "torch.distributed.run"]
    if not any(option.replace("_", "-").startswith(_PLACES) for option in options):
        options = ["--standalone", *options]  # else two runs on one machine want the same port
    return [*launcher, *options, "--no-python", *worker_command("rank"), to_line(spec)]
