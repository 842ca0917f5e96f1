"""What every command has: its options, the output and the cancel flag."""

from __future__ import annotations

import argparse
import threading
from typing import Any, TypeVar

from pydantic import ValidationError

from embtrainer_gui.cli.output import Output
from embtrainer_gui.core.config import StageConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.context import Context, JobContext

ConfigType = TypeVar("ConfigType", bound=StageConfig)


class Session:
    """The options, the output and the cancel flag of one command."""

    def __init__(self, options: argparse.Namespace, output: Output, cancelled: threading.Event) -> None:
        self.options, self.output, self._cancelled = options, output, cancelled

    def context(self, project: Project) -> Context:
        return Context(project, self.output.event, self._cancelled)

    def job_context(self) -> JobContext:
        """For work without a project."""
        return JobContext(self.output.event, self._cancelled)


def config_from(kind: type[ConfigType], options: argparse.Namespace, **more: Any) -> ConfigType:
    """The config with the flags that were given.

    Raises:
        UserError: a value out of its bounds.
    """
    given = {name: getattr(options, name, None) for name in kind.model_fields} | more
    try:
        return kind.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as problem:
        first = problem.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        raise UserError(
            mark("--{flag} {value}: {detail}."),
            "{help}",
            flag=field.replace("_", "-"),
            value=first.get("input"),
            detail=first["msg"].removeprefix("Value error, "),
            help=kind.model_fields[field].description if field in kind.model_fields else "",
        ) from problem
