"""The careful wording in a project: made beside the many questions, asked anew first, told in the record."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from embtrainer_gui.cli import main
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.pair_maker import SEVERAL, Maker
from embtrainer_gui.core.records import BlockKind, FileState, PassageDraft
from embtrainer_gui.core.store import Project, create_project, open_project, utc_now
from embtrainer_gui.core.store.review_queue import PairFilter, ReviewQueue
from embtrainer_gui.export.methods import MADE_BY
from embtrainer_gui.stages import check_pairs, generate_pairs, regenerate
from embtrainer_gui.stages.context import Context

CAREFUL = "builtin (basic, careful wording)"
MANY = "builtin (basic)"
PROSE = (
    "Hepcidin is a peptide hormone that regulates iron in the blood of mammals. The liver produces hepcidin because "
    "inflammation raises the level of interleukin 6. Hepcidin lowers the release of iron from macrophages. Hepcidin is "
    "more abundant in sick calves than in healthy calves."
)
OTHER = "The weather of the mountain region changes with the seasons and the height of the ground above the sea"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """One passage that tells something and thirty that do not; no model is loaded for the checks."""
    monkeypatch.setattr(check_pairs, "_vector_checks", lambda *_: None)
    made = create_project(tmp_path / "project")
    texts = [PROSE, *(f"{OTHER} of valley {number}." for number in range(30))]
    drafts = [PassageDraft(text, BlockKind.BODY, "Results", 1, (), 40, "", "en") for text in texts]
    source = made.documents.begin("hash", "paper.pdf", utc_now())
    made.documents.add(source, "Iron", 1, drafts, [str(number) for number in range(len(texts))], (1,), None)
    made.documents.finish(source, FileState.DONE, "", 1, "text", "")
    return made


def context(project: Project) -> Context:
    return Context(project, lambda event: None, threading.Event())


def shown(project: Project, maker: Maker) -> set[str]:
    queue = ReviewQueue(project.database, PairFilter(states=(), maker=maker))
    queue.finish()
    return {row.pair.source for row in queue.rows(0, len(queue))}


def test_that_the_command_makes_careful_questions_and_later_the_many(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.close()
    folder = tmp_path / "project"
    assert main(["generate", str(folder), "--wording", "careful"]) == 0
    assert "30 passages gave no question in careful wording" in capsys.readouterr().err
    with open_project(folder) as made:
        careful = made.pairs.all()
        assert {pair.source for pair in careful} == {CAREFUL}
        assert made.passages.count_without_questions("builtin:careful") == 0
        assert made.passages.count_without_questions("builtin") == 31
        assert made.meta.get(SEVERAL, False)
    assert main(["generate", str(folder), "--wording", "careful"]) == 0  # nothing is made twice
    assert main(["generate", str(folder)]) == 0
    with open_project(folder) as made:
        sources = [pair.source for pair in made.pairs.all()]
        assert sources.count(CAREFUL) == len(careful) > 0
        assert sources.count(MANY) > 0
        assert shown(made, Maker.CAREFUL) == {CAREFUL}
        assert shown(made, Maker.BUILTIN) == {MANY}
        assert shown(made, Maker.OTHERS) == set()


def test_that_an_unknown_wording_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["generate", str(tmp_path), "--wording", "lavish"]) == 2
    assert "wording" in capsys.readouterr().err


def test_that_a_question_asked_anew_is_careful_while_there_is_one(project: Project) -> None:
    generate_pairs.run(context(project), GenerateConfig(per_passage=1))
    pair = project.pairs.all()[0]
    config = GenerateConfig(per_passage=20, wording="careful")
    proposed = regenerate.run(context(project), GenerateConfig(), pair.id)["question"]
    generate_pairs.run(context(project), config)
    careful = {each.question for each in project.pairs.all() if each.source == CAREFUL}
    assert proposed in careful
    again = regenerate.run(context(project), GenerateConfig(), pair.id)["question"]
    assert again not in careful  # all of those are there: the many are asked for one


def test_that_the_methods_paragraph_tells_the_wordings_apart() -> None:
    assert "careful wording" in MADE_BY[CAREFUL]
    assert "careful" not in MADE_BY[MANY.partition(" ")[0]]
