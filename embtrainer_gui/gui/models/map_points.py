"""The points of the map and what is known of their passages: colours by paper or cluster, words that are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embtrainer_gui.core.found_file import PassageMap, read_found
from embtrainer_gui.core.store.reader import ProjectReader

MOST_GROUPS = 12  # with a colour of their own; the others share one
OTHERS = -1


@dataclass(frozen=True, slots=True)
class Group:
    """``number`` of a group of points, its name and how many there are."""

    number: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class MapPoints:
    """Point n is passage ``ids[n]`` on page ``pages[n]`` of ``documents[n]``; ``layouts[model]`` is (n, 2)."""

    ids: Sequence[int]
    documents: Sequence[int]
    pages: Sequence[int]
    texts: Sequence[str]
    titles: dict[int, str]
    layouts: dict[str, npt.NDArray[np.float64]]
    clusters: Sequence[int]
    names: Sequence[str]
    total: int
    stamp: str

    def groups(self, by: str) -> tuple[list[Group], npt.NDArray[np.int64]]:
        """The largest groups, by ``"paper"`` or ``"cluster"``, and the number of that of each point."""
        keys = list(self.documents if by == "paper" else self.clusters)
        counts = Counter(keys).most_common()
        named = {key: number for number, (key, _) in enumerate(counts[:MOST_GROUPS])}
        found = [Group(named[key], self._name(by, key), count) for key, count in counts[:MOST_GROUPS]]
        if rest := sum(count for _, count in counts[MOST_GROUPS:]):
            found.append(Group(OTHERS, "", rest))
        return found, np.array([named.get(key, OTHERS) for key in keys], np.int64)

    def with_words(self, words: str) -> npt.NDArray[np.int64]:
        """Points whose text or title holds all of these words, in whatever case."""
        wanted = words.casefold().split()
        return np.array(
            [
                place
                for place, (text, document) in enumerate(zip(self.texts, self.documents, strict=True))
                if all(word in text or word in self.titles.get(document, "").casefold() for word in wanted)
            ],
            np.int64,
        )

    def _name(self, by: str, key: int) -> str:
        return self.titles.get(key, "") if by == "paper" else self.names[key]


def read_points(folder: Path, file: Path) -> MapPoints | None:
    """None where there is no map; points whose passage is gone are left out."""
    found = read_found(file, PassageMap)
    if found is None:
        return None
    with ProjectReader(folder) as project:
        passages = project.passages.get(found.passages)
        titles = {document.id: document.title or document.file_name for document in project.documents.all()}
    here = [place for place, number in enumerate(found.passages) if number in passages]
    known = [passages[found.passages[place]] for place in here]
    return MapPoints(
        ids=[passage.id for passage in known],
        documents=[passage.document_id for passage in known],
        pages=[passage.page for passage in known],
        texts=[passage.text.casefold() for passage in known],
        titles=titles,
        layouts={model: np.array(axes, np.float64).T[here] for model, axes in found.layouts.items()},
        clusters=[found.clusters[place] for place in here],
        names=found.names,
        total=found.total,
        stamp=found.stamp,
    )
