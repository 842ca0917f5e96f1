"""Split by document into train, dev and test; near-duplicate papers stay together; frozen once made."""

from __future__ import annotations

import random
from collections import defaultdict

from embtrainer_gui.core.config import SplitConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import Document, Split
from embtrainer_gui.core.store import Project
from embtrainer_gui.core.store.documents import TEST_SET
from embtrainer_gui.core.translate import mark

VERSION = "split_version"
SEED = "split_seed"
FEWEST_GROUPS = 3  # one for each part


def settle_split(project: Project, config: SplitConfig | None = None) -> None:
    """Freeze the split where there are papers enough; later papers join train.

    A later paper that is nearly one of the test or dev papers joins that one, or it would leak.
    """
    documents = _papers(project)
    if project.meta.get(VERSION, 0):
        of_group = project.documents.split_of_groups()
        newcomers = {d.id: of_group.get(d.group, Split.TRAIN) for d in documents if d.split is None}
        if newcomers:
            project.documents.set_splits(newcomers)
    elif len({d.group for d in documents}) >= FEWEST_GROUPS:
        new_test_version(project, config)


def new_test_version(project: Project, config: SplitConfig | None = None) -> int:
    """Split all papers afresh; scores of the version before become stale. Gives the version's number.

    Raises:
        UserError: fewer than three unlike papers.
    """
    documents = _papers(project)
    config = config or SplitConfig(seed=project.meta.get(SEED, SplitConfig().seed))
    if len({d.group for d in documents}) < FEWEST_GROUPS:
        raise UserError(
            mark("A split needs at least {number} unlike papers; the project has {count}."),
            mark("Import more papers."),
            number=FEWEST_GROUPS,
            count=len({d.group for d in documents}),
        )
    version = int(project.meta.get(VERSION, 0)) + 1
    project.documents.set_splits(assign(documents, config, version), afresh=True)
    project.meta.set(VERSION, version)
    return version


def _papers(project: Project) -> list[Document]:
    """Those that are dealt: what came with a labelled test set is a test paper for good."""
    return [document for document in project.documents.all() if document.extractor != TEST_SET]


def assign(documents: list[Document], config: SplitConfig, version: int = 1) -> dict[int, Split]:
    """Deal whole groups, in an order that depends on the seed and the papers' content alone.

    Sizes are by number of documents: test is filled first, then dev, both with at least one group; the rest trains.
    """
    groups: dict[int, list[Document]] = defaultdict(list)
    for document in documents:
        groups[document.group].append(document)
    order = sorted(groups.values(), key=lambda group: min((d.hash, d.title, d.id) for d in group))
    random.Random(f"{config.seed}-{version}").shuffle(order)
    wanted = {
        Split.TEST: max(1.0, (1 - config.train - config.dev) * len(documents)),
        Split.DEV: max(1.0, config.dev * len(documents)),
    }
    splits: dict[int, Split] = {}
    left = len(order)
    for part, still_empty in ((Split.TEST, 2), (Split.DEV, 1)):
        taken = 0
        for group in list(order):
            room = wanted[part] - taken
            if left <= still_empty or room < 0.5:
                break
            if taken and len(group) > 2 * room:
                continue  # one large group must not eat the training papers
            splits.update({d.id: part for d in group})
            order.remove(group)
            taken, left = taken + len(group), left - 1
    splits.update({d.id: Split.TRAIN for group in order for d in group})
    return splits


def split_counts(project: Project) -> dict[str, int]:
    """``{"version", "train", "dev", "test"}``; version 0 while nothing is frozen."""
    counts: dict[str, int] = {"version": int(project.meta.get(VERSION, 0))} | {part.value: 0 for part in Split}
    for document in project.documents.all():
        if document.split:
            counts[document.split.value] += 1
    return counts
