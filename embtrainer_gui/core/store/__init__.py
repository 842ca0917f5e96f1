"""The project store: SQLite in WAL mode through APSW."""

from embtrainer_gui.core.store.clock import utc_now
from embtrainer_gui.core.store.project import Project, create_project, open_project

__all__ = ["Project", "create_project", "open_project", "utc_now"]
