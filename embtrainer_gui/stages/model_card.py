"""The card in the folder of the newest run's model: written after training, and anew when it was compared."""

from __future__ import annotations

from pathlib import Path

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.files import atomic_write_text
from embtrainer_gui.core.model_licence import CARD, licence_of
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.translate import mark
from embtrainer_gui.export.model_card import LIBRARY, USE, model_card
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.project_record import project_record


def card_of(project: Project, use: str = USE, library: str = LIBRARY) -> str:
    """The card of the newest finished run, which there is; ``use`` and ``library`` as in ``model_card``."""
    record = project_record(project)
    return model_card(record, _licence(record["training"]["config"]["base_model"]), use, library)


def write_card(ctx: Context) -> None:
    """Into ``final_model`` of the newest finished run; a card that cannot be written is a warning."""
    project = ctx.project
    run = project.runs.latest()
    folder = project.models / run.name / "final_model" if run else None
    if folder is None or not folder.is_dir() or folder.is_symlink() or project.read_only:
        return  # where a link leads is not ours to write
    try:
        atomic_write_text(folder / CARD, card_of(project))
    except AppError as problem:
        ctx.warn(mark("The model's card was not written: {reason}").format(reason=problem))


def _licence(base_model: str) -> str:
    try:
        folder: Path = model_folder(base_model, verify=False)
    except AppError:
        return ""  # it is no longer on this computer
    return licence_of(folder)
