"""What else of the project a pair has to do with: similar questions, passages that fit as well as its own,
and the quote that its answer rests on."""

from __future__ import annotations

from dataclasses import dataclass

from embtrainer_gui.core.store import Project


@dataclass(frozen=True, slots=True)
class Beside:
    similar: int = 0  # pairs of its group, itself among them
    share: float | None = None  # how close the nearest other passage scores that fits too
    quote: str = ""  # of the passage


def beside(project: Project, pair_id: int) -> Beside:
    collisions = project.doubts.of_pair(pair_id)
    groups = project.pair_groups
    return Beside(groups.size(pair_id), collisions[0].share if collisions else None, groups.quote(pair_id))
