"""The split: whole near-duplicate groups, the shares that were asked for, frozen once made."""

from __future__ import annotations

from pathlib import Path

import pytest

from embtrainer_gui.core.config import SplitConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.records import BlockKind, Document, FileState, PassageDraft, Split
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.stages.split import assign, new_test_version, settle_split, split_counts


def documents(count: int, group_of: dict[int, int] | None = None) -> list[Document]:
    groups = group_of or {}
    return [
        Document(n, f"hash{n}", f"{n}.pdf", f"Title {n}", 1, FileState.DONE, "", "text", None, groups.get(n, n))
        for n in range(count)
    ]


@pytest.mark.parametrize(("count", "train", "dev", "test"), [(3, 1, 1, 1), (10, 7, 1, 2), (100, 70, 10, 20)])
def test_that_the_shares_are_those_asked_for(count: int, train: int, dev: int, test: int) -> None:
    parts = list(assign(documents(count), SplitConfig()).values())
    assert [parts.count(part) for part in (Split.TRAIN, Split.DEV, Split.TEST)] == [train, dev, test]


def test_that_near_duplicates_stay_together() -> None:
    parts = assign(documents(40, {n: n // 4 for n in range(40)}), SplitConfig())
    for group in range(10):
        assert len({parts[n] for n in range(group * 4, group * 4 + 4)}) == 1


def test_that_one_large_group_does_not_eat_the_training_papers() -> None:
    parts = list(assign(documents(20, dict.fromkeys(range(12), 0)), SplitConfig()).values())
    assert parts.count(Split.TRAIN) >= 12
    assert parts.count(Split.TEST) >= 1
    assert parts.count(Split.DEV) >= 1


def test_that_the_split_does_not_depend_on_the_order_of_import() -> None:
    papers = documents(30)
    first = assign(papers, SplitConfig())
    assert assign(papers[::-1], SplitConfig()) == first
    assert assign(papers, SplitConfig(seed=7)) != first


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "project")


def add(project: Project, name: str, group: int | None = None) -> int:
    source = project.documents.begin(name, name, utc_now())
    draft = PassageDraft(f"text of {name}", BlockKind.BODY, "", 1, (), 5)
    document = project.documents.add(source, name, 1, [draft], [f"{name}-1"], (), group)
    project.documents.finish(source, FileState.DONE, "", 1, "text", "")
    return document


def split_of(project: Project, name: str) -> Split | None:
    return next(document.split for document in project.documents.all() if document.file_name == name)


def test_that_new_papers_join_train_and_old_ones_stay(project: Project) -> None:
    for number in range(10):
        add(project, f"{number}.pdf")
    settle_split(project)
    before = {document.file_name: document.split for document in project.documents.all()}
    for number in range(10, 20):
        add(project, f"{number}.pdf")
    settle_split(project)
    after = {document.file_name: document.split for document in project.documents.all()}
    assert {name: after[name] for name in before} == before
    assert {after[f"{number}.pdf"] for number in range(10, 20)} == {Split.TRAIN}


def test_that_a_late_twin_of_a_test_paper_joins_test(project: Project) -> None:
    for number in range(5):
        add(project, f"{number}.pdf")
    settle_split(project)
    tested = next(document for document in project.documents.all() if document.split is Split.TEST)
    add(project, "twin.pdf", group=tested.group)
    settle_split(project)
    assert split_of(project, "twin.pdf") is Split.TEST


def test_that_nothing_is_frozen_before_there_are_three_unlike_papers(project: Project) -> None:
    first = add(project, "a.pdf")
    add(project, "b.pdf")
    add(project, "twin of a.pdf", group=first)
    settle_split(project)
    assert split_counts(project) == {"version": 0, "train": 0, "dev": 0, "test": 0}
    with pytest.raises(UserError, match="three|3"):
        new_test_version(project)


def test_that_a_new_version_deals_afresh_and_counts_up(project: Project) -> None:
    for number in range(30):
        add(project, f"{number}.pdf")
    settle_split(project)
    before = {document.id: document.split for document in project.documents.all()}
    assert new_test_version(project) == 2
    assert {document.id: document.split for document in project.documents.all()} != before
    assert split_counts(project)["version"] == 2
