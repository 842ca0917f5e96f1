"""The same papers and seed train the same batches, in whatever order the files were read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Split
from embtrainer_gui.core.store import create_project, utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.stages.split import VERSION
from embtrainer_gui.stages.training_data import TrainingData, training_data


def data_of(folder: Path, read: Sequence[str]) -> TrainingData:
    """Of a project whose papers were ``read`` in this order."""
    with create_project(folder) as project:
        for name in read:
            source = project.documents.begin(f"hash-{name}", name, utc_now())
            drafts = [PassageDraft(f"{name} says {n}.", BlockKind.BODY, "", 1, (), 5) for n in range(3)]
            keys = [f"{name}-{n}" for n in range(3)]
            document = project.documents.add(source, name, 1, drafts, keys, (hash(name) % 99,), None)
            project.documents.finish(source, FileState.DONE, "", 1, "text", "")
            project.documents.set_splits({document: Split.TRAIN})
        project.meta.set(VERSION, 1)
        asked = [
            NewPair(p.key, p.id, f"What of {p.text}?", p.text, QuestionKind.FACT, "import", utc_now(), "r", {})
            for p in project.passages.in_use()
        ]
        project.pairs.add(asked)
        project.pairs.decide([pair.id for pair in project.pairs.all()], PairState.ACCEPTED, "accept", utc_now())
        return training_data(project)


def test_that_the_order_in_which_files_were_read_changes_no_batch(tmp_path: Path) -> None:
    names = ("a.pdf", "b.pdf", "c.pdf", "d.pdf")
    one, other = data_of(tmp_path / "one", names), data_of(tmp_path / "other", names[::-1])
    assert one.passages == other.passages
    assert one.pairs == other.pairs
    assert one.documents == other.documents
    assert one.groups == other.groups
