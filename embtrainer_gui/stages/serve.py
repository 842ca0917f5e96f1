"""A child that lives on: it answers requests in the order they come until its parent lets go of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from embtrainer_gui.core.child_stream import Commands
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.failure import failure_of
from embtrainer_gui.core.messages import Event, JobSpec, Query, RenderPage, Reply, Request, Secrets
from embtrainer_gui.core.translate import mark
from embtrainer_gui.stages.borrowed import open_borrowed
from embtrainer_gui.stages.context import Context


class Answering(Protocol):
    def answer(self, request: Request) -> Reply:
        """Raises what the window is to be told as Failed."""


def serve(spec: JobSpec, secrets: Secrets, emit: Callable[[Event], None], commands: Commands) -> None:
    """Open the project and answer; only the end of the process ends this."""
    with open_borrowed(Path(spec.project), write=False) as project:
        service = _service(spec, secrets, Context(project, emit, commands.cancelled))
        while True:
            request = commands.next()
            if not isinstance(request, Query | RenderPage):
                continue
            try:
                emit(service.answer(request))
            except Exception as error:  # noqa: BLE001 - one request must not end the others
                emit(failure_of(error, project.folder, request.ticket))


def _service(spec: JobSpec, secrets: Secrets, ctx: Context) -> Answering:
    if spec.stage == "search":
        from embtrainer_gui.stages.serve_search import SearchService

        return SearchService(ctx)
    if spec.stage == "pages":
        from embtrainer_gui.stages.serve_pages import PageService

        return PageService(ctx, Path(str(spec.options["scratch"])), list(secrets.passwords.values()))
    raise UserError(mark("There is no service {name!r}."), name=spec.stage)
