"""What the Train page reads off the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from embtrainer_gui.core.store.reader import ProjectReader
from embtrainer_gui.core.store.runs import Run, RunStore
from embtrainer_gui.core.training_plan import TrainingFacts, training_facts


def read_facts(folder: Path) -> TrainingFacts:
    with ProjectReader(folder) as project:
        return training_facts(project)


def read_sizes(store: RunStore, runs: Sequence[Run]) -> dict[int, int]:
    """Looks at folders only, not at the database."""
    return {run.id: store.disk_taken(run) for run in runs}
