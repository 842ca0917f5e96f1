"""By which settings the next import of the open project reads: kept in the project, as those of the other steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from pydantic import ValidationError

from embtrainer_gui.core.config import ImportConfig, IncludedKind

if TYPE_CHECKING:
    from embtrainer_gui.gui.session import Session

KEPT = "import"


def import_config(session: Session) -> ImportConfig:
    """What was set in this project, else the defaults."""
    included = [kind for kind in session.project.passages.included() if kind in get_args(IncludedKind)]
    try:
        return ImportConfig.model_validate({**session.kept(KEPT).get("config", {}), "include": included})
    except ValidationError:  # kept by another version of the program
        return ImportConfig.model_validate({"include": included})


def keep_import_config(session: Session, config: ImportConfig) -> None:
    """For the next import. Which parts are searched holds for the papers that are there, and changes at once."""
    session.keep(KEPT, config=config.model_dump(mode="json", exclude={"include"}))
    if set(config.include) != set(session.project.passages.included()):
        session.project.passages.include(config.include)
        session.table_changed.emit("documents")
