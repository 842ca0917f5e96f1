"""Papers that are taken out of a project vanish from every query, and are there again when they are put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Split
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.core.store.document_list import DocumentList
from embtrainer_gui.core.store.pairs import NewPair


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "project")


def add_paper(project: Project, name: str, group: int | None = None, sketch: tuple[int, ...] = (1, 2)) -> int:
    """A paper of two passages and a caption, with one pair; gives the id of its source."""
    source = project.documents.begin(f"hash-{name}", name, utc_now())
    kinds = (BlockKind.BODY, BlockKind.BODY, BlockKind.CAPTION)
    drafts = [PassageDraft(f"{name} {n}", kind, "", 1, (), 4) for n, kind in enumerate(kinds)]
    keys = [f"{name}-{n}" for n in range(3)]
    document = project.documents.add(source, f"Title of {name}", 2, drafts, keys, sketch, group)
    project.documents.finish(source, FileState.DONE, "", 2, "text", f"{name}.pdf")
    passage = project.passages.of_document(document)[0]
    kind = QuestionKind.FACT
    project.pairs.add([NewPair(f"uid-{name}", passage.id, "Q?", "A", kind, "import", utc_now(), "r", {})])
    return source


def everything(project: Project) -> tuple[object, ...]:
    """What every query shows."""
    return (
        [source.id for source in project.documents.sources()],
        project.documents.all(),
        project.documents.count(),
        list(project.passages.in_use()),
        project.passages.count_in_use(),
        project.passages.fingerprint(),
        sorted(project.passages.ids_of_texts()),
        project.pairs.all(),
        project.pairs.counts(),
        project.pairs.unchecked(),
        DocumentList(project.database).rows(0, 99, project.passages.counts_of_documents),
    )


def test_that_a_removed_paper_vanishes_from_every_query(project: Project) -> None:
    kept = add_paper(project, "a")
    only_a = everything(project)
    gone = add_paper(project, "b")
    both = everything(project)
    assert all(before != after for before, after in zip(only_a, both, strict=True))
    project.documents.remove([gone], utc_now())
    assert everything(project) == only_a
    assert [source.id for source in project.documents.sources()] == [kept]


def test_that_a_removed_paper_comes_back_with_its_pairs_and_decisions(project: Project) -> None:
    add_paper(project, "a")
    gone = add_paper(project, "b")
    pair = project.pairs.all()[1]
    project.pairs.decide([pair.id], PairState.ACCEPTED, "accept", utc_now())
    before = everything(project)
    project.documents.remove([gone], utc_now())
    assert project.pairs.counts()["accepted"] == 0
    project.documents.put_back([gone])
    assert everything(project) == before


def test_that_removing_deletes_no_row(project: Project) -> None:
    source = add_paper(project, "a")
    project.documents.remove([source], utc_now())
    for table, rows in {"sources": 1, "documents": 1, "passages": 3, "pairs": 1}.items():
        assert project.database.one(f"SELECT count(*) FROM {table}") == rows


def test_that_a_paper_that_missed_a_new_split_joins_the_side_of_its_twin(project: Project) -> None:
    first, twin, other = (add_paper(project, name) for name in "abc")
    documents = {document.file_name: document for document in project.documents.all()}
    project.documents.merge_groups([documents["b"].group], documents["a"].group)
    project.documents.remove([twin, other], utc_now())
    project.documents.set_splits({documents["a"].id: Split.TEST}, afresh=True)
    project.documents.put_back([twin, other])
    assert [document.split for document in project.documents.all()] == [Split.TEST, Split.TEST, Split.TRAIN]
    assert first


def test_that_a_removed_paper_is_no_duplicate_but_keeps_its_group(project: Project) -> None:
    source = add_paper(project, "a")
    document = project.documents.all()[0]
    project.documents.remove([source], utc_now())
    assert {key: (group, name) for key, (group, _, name) in project.documents.sketches().items()} == {
        document.id: (document.group, "")
    }


def test_that_the_rows_of_a_removed_corpus_give_up_their_ids_and_those_of_others_do_not(project: Project) -> None:
    gone, _ = add_paper(project, "a"), add_paper(project, "b")
    project.documents.remove([gone], utc_now())
    project.passages.free_keys(["a-0", "b-0"])
    assert set(project.passages.texts_of_keys(["a-0", "a-1", "b-0"])) == {"a-1", "b-0"}


def test_that_the_list_shows_failed_files_first_and_counts_passages_in_use(project: Project) -> None:
    add_paper(project, "a")
    failed = project.documents.begin("hash-bad", "bad.pdf", utc_now())
    project.documents.finish(failed, FileState.FAILED, "It is damaged.", 0, "", "")
    rows = DocumentList(project.database).rows(0, 10, project.passages.counts_of_documents)
    assert [(row.file_name, row.state, row.passages) for row in rows] == [("bad.pdf", "failed", 0), ("a", "done", 2)]


def test_that_the_sample_for_a_preview_goes_round_the_project(project: Project) -> None:
    for name in "abcdef":
        add_paper(project, name)
    first, second = (project.passages.sample(5, skip) for skip in (0, 1))
    assert len(first) == len(second) == 5
    assert len({passage.document_id for passage in first}) == 5
    assert {passage.id for passage in first} != {passage.id for passage in second}


@pytest.mark.parametrize("sweep", ["drop_source", "drop_unfinished"])
def test_that_a_retry_that_does_not_end_leaves_the_failed_row(project: Project, sweep: str) -> None:
    failed = project.documents.begin("hash-bad", "bad.pdf", utc_now())
    project.documents.finish(failed, FileState.STOPPED, "Too slow.", 3, "", "copy.pdf")
    before = project.documents.sources()
    again = project.documents.begin("hash-bad", "bad.pdf", utc_now())
    assert project.documents.sources() == before  # also while it is being read
    project.documents.drop_source(again) if sweep == "drop_source" else project.documents.drop_unfinished()
    assert project.documents.sources() == before
    again = project.documents.begin("hash-bad", "bad.pdf", utc_now())
    project.documents.finish(again, FileState.DONE, "", 3, "pdf", "copy.pdf")
    assert [(source.hash, source.state) for source in project.documents.sources()] == [("hash-bad", "done")]


def test_that_a_retry_may_use_the_names_of_passages_that_came_before_the_failure(project: Project) -> None:
    draft = PassageDraft("text", BlockKind.BODY, "", 1, (), 3, "own-key")
    for state in (FileState.STOPPED, FileState.DONE):
        source = project.documents.begin("hash-corpus", "corpus.jsonl", utc_now())
        assert project.passages.texts_of_keys(["own-key"]) == {}
        project.documents.add(source, "T", 1, [draft], ["own-key"], (), None)
        project.documents.finish(source, state, "", 1, "corpus", "")
    assert project.documents.count() == project.passages.count_in_use() == 1
