"""What a model descends from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from embtrainer_gui.core.base_model import bundled_folder
from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.lineage import (
    FILE,
    Ancestor,
    Lineage,
    descent_sentence,
    lineage_of,
    paper_key,
    read_lineage,
    start_folder,
    untrained_folder,
    untrained_of_run,
    without_path,
)
from embtrainer_gui.core.records import Document, FileState
from embtrainer_gui.core.run_words import further_lines, leak_warning
from embtrainer_gui.core.store.runs import Run


def run(number: int, base: str = BUNDLED_MODEL, title: str = "") -> Run:
    return Run(number, f"run-{number}", "done", {"base_model": base}, "print", {}, title)


def model(models: Path, name: str, lineage: Lineage | None = None) -> Path:
    folder = models / name / "final_model"
    folder.mkdir(parents=True)
    (folder / "modules.json").write_text("[]")
    if lineage:
        lineage.write(folder)
    return folder


def test_that_a_run_is_found_by_its_name_and_by_its_title(tmp_path: Path) -> None:
    runs = [run(1, title="the good one"), run(2)]
    first, second = model(tmp_path, "run-1"), model(tmp_path, "run-2")
    assert start_folder("run-1", runs, tmp_path) == start_folder("the good one", runs, tmp_path) == first
    assert start_folder("run-2", runs, tmp_path) == second
    assert start_folder(BUNDLED_MODEL, runs, tmp_path) == bundled_folder()
    assert start_folder(str(bundled_folder()), runs, tmp_path) == bundled_folder()


def test_that_a_run_that_is_not_there_or_has_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no run run-7"):
        start_folder("run-7", [run(1)], tmp_path)
    with pytest.raises(UserError, match="run-1 left no model"):
        start_folder("run-1", [run(1)], tmp_path)
    with pytest.raises(UserError, match="not on this machine"):
        start_folder("some/model", [run(1)], tmp_path)


def test_that_a_lineage_is_read_as_it_was_written_and_a_broken_one_is_none(tmp_path: Path) -> None:
    lineage = Lineage("base").then(Ancestor("run-1", "rice", "abc", ("p", "q"), (64, 32)))
    lineage = lineage.then(Ancestor("run-2", "rice", "def"))
    lineage.write(tmp_path)
    assert read_lineage(tmp_path) == lineage
    (tmp_path / FILE).write_text('{"original": "x", "runs": [{}]}')
    assert read_lineage(tmp_path) is None
    (tmp_path / FILE).unlink()
    assert read_lineage(tmp_path) is None


def test_that_the_untrained_model_is_the_original_one_whatever_was_deleted(tmp_path: Path) -> None:
    kept = Lineage(BUNDLED_MODEL).then(Ancestor("run-1", "rice", "abc", ()))
    first, second = model(tmp_path, "run-1", kept), model(tmp_path, "run-2", kept.then(Ancestor("run-2", "rice", "x")))
    runs = [run(1), run(2, "run-1")]
    assert lineage_of("run-1", runs, tmp_path) == kept
    assert untrained_folder("run-1", runs, tmp_path) == bundled_folder()
    assert untrained_folder(str(second), [], tmp_path) == bundled_folder()  # as in another project
    shutil.rmtree(first.parent)
    assert untrained_of_run(runs[1], [runs[1]], tmp_path) == bundled_folder()


def test_that_runs_of_an_older_program_tell_their_descent_by_their_settings(tmp_path: Path) -> None:
    runs = [run(1), run(2, "run-1"), run(3, "run-2")]
    for each in runs:
        model(tmp_path, each.name)
    found = lineage_of("run-3", runs, tmp_path)
    assert found.original == BUNDLED_MODEL
    assert [(each.run, each.papers) for each in found.runs] == [("run-1", None), ("run-2", None), ("run-3", None)]
    assert untrained_of_run(runs[2], runs, tmp_path) == bundled_folder()


def test_that_a_model_whose_original_is_not_here_stands_for_it(tmp_path: Path) -> None:
    folder = model(tmp_path, "run-1", Lineage("far/away").then(Ancestor("run-1", "rice", "abc", ())))
    assert untrained_folder("run-1", [run(1, "far/away")], tmp_path) == folder


def test_that_a_model_that_is_taken_away_names_no_path_of_this_disk(tmp_path: Path) -> None:
    for original, kept in (("/home/me/models/base", "base"), (BUNDLED_MODEL, BUNDLED_MODEL)):
        Lineage(original).then(Ancestor("run-1", "rice", "abc")).write(tmp_path)
        without_path(tmp_path)
        found = read_lineage(tmp_path)
        assert found is not None
        assert found.original == kept


def document(hash_: str, title: str, file_name: str) -> Document:
    return Document(1, hash_, file_name, title, 1, FileState.DONE, "", "", None, 1)


def test_that_a_paper_has_the_same_key_in_every_project() -> None:
    assert paper_key(document("h", "A", "a.pdf")) == paper_key(document("h", "B", "renamed.pdf"))
    assert paper_key(document("h", "A", "a.pdf")) != paper_key(document("i", "A", "a.pdf"))
    assert paper_key(document("h", "A", "corpus.jsonl")) != paper_key(document("h", "B", "corpus.jsonl"))


def test_that_the_descent_and_a_leak_are_told_in_words() -> None:
    lineage = Lineage("some/base").then(Ancestor("run-1", "rice", "abc")).then(Ancestor("run-2", "rice", "def"))
    said = descent_sentence(lineage.record())
    assert said == ("The run goes on from run-2 of rice (base → run-1 of rice → run-2 of rice).")
    summary = {"lineage": {**lineage.record(), "leaked": 2}, "dev_original": {"ndcg@10": 0.5}}
    assert list(further_lines(summary)) == [said, "The untrained model scores 0.500 on the dev questions."]
    assert leak_warning(summary).startswith("2 dev or test papers were training papers")
    assert list(further_lines({})) == []
    assert leak_warning({}) == ""
    cut = {"dimensions": {"16": {"ndcg@10": 0.3}, "128": {"ndcg@10": 0.4}}}
    assert list(further_lines(cut)) == [
        "Dev nDCG@10 of shorter vectors: 0.400 with 128 dimensions, 0.300 with 16 dimensions."
    ]
