"""Push the tuned model, with its card as of now, to a repository that the user names."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from embtrainer_gui.core.model_licence import CARD
from embtrainer_gui.core.translate import mark
from embtrainer_gui.export.hub import push_folder
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.model_card import card_of
from embtrainer_gui.stages.retrieval import tuned_choice


def run(ctx: Context, repository: str, *, public: bool) -> dict[str, Any]:
    """Gives ``{"as", "path", "items"}``, the path being the model's address. Raises what ``push_folder`` raises."""
    choice = tuned_choice(ctx.project)
    ctx.status(mark("Uploading..."))
    with TemporaryDirectory(prefix="embtrainer-push-") as scratch:
        folder = Path(scratch, "model")
        shutil.copytree(choice.folder, folder)
        (folder / CARD).write_text(card_of(ctx.project), encoding="utf-8")
        address = push_folder(folder, repository, public=public)
    return {"as": "hub", "path": address, "items": 1}
