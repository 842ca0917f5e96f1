"""The checks over all pairs of a project: similar questions, and passages that answer a question as well."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from embtrainer_gui.core.records import BlockKind, FileState, PassageDraft, QuestionKind, Reason
from embtrainer_gui.core.store import Project, create_project, utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.stages import check_pairs
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library

TEXTS = (
    "Zinc oxide at 2500 ppm in the feed lowered diarrhoea of weaned piglets within two weeks after weaning.",
    "In weaned piglets, 2500 ppm zinc oxide in the feed lowered diarrhoea, and growth was better by a tenth.",
    "Wheat that was sown in October bore more grain than wheat that was sown in December on sandy soil.",
)
ASKED = (
    (0, "How does zinc oxide in the feed affect diarrhoea of weaned piglets?"),
    (2, "Why does wheat sown in October bear more grain on sandy soil?"),
    (2, "Why does wheat sown in October bear more grains on sandy soils?"),
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "project") as project:
        source = project.documents.begin("h", "a.pdf", utc_now())
        drafts = [PassageDraft(text, BlockKind.BODY, "", 1, (), 20) for text in TEXTS]
        project.documents.add(source, "Paper", 1, drafts, ["a", "b", "c"], (1,), None)
        project.documents.finish(source, FileState.DONE, "", 1, "text", "")
        ids = [passage.id for passage in project.passages.in_use()]
        project.pairs.add(
            [
                NewPair(str(n), ids[row], text, TEXTS[row], QuestionKind.FACT, "import", utc_now(), "r", {})
                for n, (row, text) in enumerate(ASKED)
            ]
        )
        yield project


def test_that_look_alikes_share_a_group_and_a_rival_passage_becomes_a_doubt_once(project: Project) -> None:
    for _ in range(2):  # again: the same groups, no second doubt
        check_pairs.run(Context(project, lambda event: None, threading.Event()), Library(project))
        zinc, wheat, wheats = project.pairs.all()
        assert Reason.DUPLICATE in wheats.reasons
        assert Reason.DUPLICATE not in wheat.reasons
        assert [project.pair_groups.size(pair.id) for pair in (zinc, wheat, wheats)] == [0, 2, 2]
        assert project.pair_groups.others(wheats.id) == [wheats.id]
        assert Reason.AMBIGUOUS in zinc.reasons
        [doubt] = project.doubts.of_pair(zinc.id)
        assert doubt.passage_id == [passage.id for passage in project.passages.in_use()][1]
        assert doubt.share >= 0.95
        assert not project.doubts.of_pair(wheat.id)
