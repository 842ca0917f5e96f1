"""Find a document that is nearly the same text as one in the project, one newcomer at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from embtrainer_gui.text.similarity import similarity

SAME = 0.9  # estimated Jaccard of word 5-shingles: another copy of the paper
ALIKE = 0.3  # a preprint and its publication, a report and its summary: never on two sides of the split


@dataclass(frozen=True, slots=True)
class Alike:
    document_id: int
    group: int
    file_name: str
    same: bool


class LikenessIndex:
    """Inverted lists from sketch value to document: only documents that share one are compared."""

    def __init__(self, sketches: Mapping[int, tuple[int, Sequence[int], str]]) -> None:
        self._known: dict[int, tuple[int, Sequence[int], str]] = {}
        self._by_value: dict[int, list[int]] = defaultdict(list)
        for document_id, (group, sketch, name) in sketches.items():
            self.add(document_id, group, sketch, name)

    def add(self, document_id: int, group: int, sketch: Sequence[int], name: str) -> None:
        self._known[document_id] = (group, sketch, name)
        for value in sketch:
            self._by_value[value].append(document_id)

    def find(self, sketch: Sequence[int]) -> list[Alike]:
        """Every document that is alike, the most alike first."""
        shared = Counter(document_id for value in sketch for document_id in self._by_value.get(value, ()))
        scored = [(similarity(sketch, self._known[other][1]), other) for other, _ in shared.most_common(20)]
        found = sorted((pair for pair in scored if pair[0] >= ALIKE), key=lambda pair: (-pair[0], pair[1]))
        return [Alike(other, self._known[other][0], self._known[other][2], score >= SAME) for score, other in found]

    def merge(self, groups: set[int], into: int) -> None:
        """A newcomer turned out to be alike to several groups: they are one."""
        for document_id, (group, sketch, name) in self._known.items():
            if group in groups:
                self._known[document_id] = (into, sketch, name)
