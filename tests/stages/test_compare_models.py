"""Any models on any set: runs, hybrids, labelled sets, sentence pairs, and a report; with a real (tiny) model."""

from __future__ import annotations

import csv
import json
import shutil
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from paired_project import project_of
from tiny_model import make_tiny_model

from embtrainer_gui.cli import main
from embtrainer_gui.core.compared_models import USUAL
from embtrainer_gui.core.comparison import LABELLED_SET, PAIR_SET, read_comparison
from embtrainer_gui.core.config import CompareConfig, TrainConfig
from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.messages import JobSpec, Secrets, Warned
from embtrainer_gui.core.records import Split
from embtrainer_gui.core.store import Project, open_project, utc_now
from embtrainer_gui.stages import compare, comparison_report
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.recipe import recipe_record
from embtrainer_gui.stages.registry import run_stage

RUNS = ("run-1", "run-2")
MODELS = ("run:run-1", "run:run-2", "bm25", "hybrid:run-1")
HOSTILE = 'What is "oil" <script>alert(1)</script> | [x](javascript:1) & `a`?'


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty accepted pairs, two runs that ended with models of different sizes; no model was trained."""
    folder = tmp_path_factory.mktemp("compare")
    path = project_of(folder)
    with open_project(path, write=True) as project:
        for width, name in zip((32, 16), RUNS, strict=True):
            model = make_tiny_model(folder / f"made-{name}", width=width)
            config = TrainConfig(base_model=str(model), max_seq_length=32)
            number = project.runs.begin(name, config.model_dump(), "f", utc_now())
            shutil.copytree(model, project.models / name / "final_model")
            project.runs.finish(number, "done", {"run": name}, utc_now())
    return path


@pytest.fixture
def project(two_runs: Path, tmp_path: Path) -> Iterator[Project]:
    shutil.copytree(two_runs, tmp_path / "project")
    with open_project(tmp_path / "project", write=True) as project:
        yield project


def context(project: Project, events: list[Any] | None = None) -> Context:
    return Context(project, lambda event: events.append(event) if events is not None else None, threading.Event())


def config(*models: str) -> CompareConfig:
    return CompareConfig(models=models or MODELS, resamples=200)


def test_that_every_two_models_are_held_against_each_other(project: Project) -> None:
    result = compare.run(context(project), config())
    assert list(result["models"]) == list(MODELS)
    assert [(pair["from"], pair["to"]) for pair in result["pairs"]][:3] == [(MODELS[0], each) for each in MODELS[1:]]
    assert len(result["pairs"]) == 6
    for pair in result["pairs"]:
        for metric, told in pair["metrics"].items():
            delta = result["models"][pair["to"]][metric] - result["models"][pair["from"]][metric]
            assert told["delta"] == pytest.approx(delta, abs=2e-4)
            assert told["ci95"][0] <= told["delta"] <= told["ci95"][1]
    stored = read_comparison(project, models=MODELS)
    assert stored is not None
    assert not stored.stale
    assert read_comparison(project) is None  # the usual four are another comparison


def test_that_the_settings_of_the_usual_comparison_are_kept_for_the_settings_file(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "write_card", lambda ctx: None)  # these runs measured nothing
    compare.run(context(project), CompareConfig(models=USUAL, resamples=300, seed=7))
    compare.run(context(project), config())
    kept = recipe_record(project)["compare"]
    assert (kept["resamples"], kept["seed"]) == (300, 7)


def test_that_questions_that_change_while_it_runs_make_a_comparison_stale(project: Project) -> None:
    passages = list(project.passages.in_use())
    set_id = project.test_sets.create("Mine", "hand")
    project.test_sets.add(set_id, "First?", "", {passages[0].id: 1})
    ctx, models = context(project), ("run:run-1", "bm25")

    def add_another(event: object) -> None:
        project.test_sets.add(set_id, "Second?", "", {passages[1].id: 1})

    ctx.emit = add_another
    assert compare.run(ctx, config(*models), "Mine")["queries"] == 1
    stored = read_comparison(project, f"{LABELLED_SET}Mine", models)
    assert stored is not None
    assert stored.stale


def test_that_kinds_and_papers_add_up_to_the_whole(project: Project) -> None:
    compare.run(context(project), config())
    found = read_comparison(project, models=MODELS)
    assert found is not None
    for sort in ("by_kind", "by_paper"):
        groups = found.groups(sort, MODELS[0], MODELS[2])
        assert sum(group.queries for group in groups) == len(found.questions)
        mean = sum(group.after * group.queries for group in groups) / len(found.questions)
        assert mean == pytest.approx(found.value("bm25"), abs=1e-3)


def test_that_the_users_name_of_a_run_stands_for_it(project: Project) -> None:
    project.runs.rename(project.runs.all()[0].id, "Long passages")
    result = compare.run(context(project), config("run:Long passages", "bm25"))
    assert result["compared"] == ["run:run-1", "bm25"]
    with pytest.raises(UserError, match="twice"):
        compare.run(context(project), config("run:Long passages", "run:run-1"))


def test_that_a_missing_run_is_told_before_anything_is_encoded(project: Project) -> None:
    shutil.rmtree(project.models / "run-2")
    events: list[Any] = []
    with pytest.raises(UserError, match="run-2 left no model"):
        compare.run(context(project, events), config())
    assert not events
    with pytest.raises(UserError, match="no run run-9") as told:
        compare.run(context(project), config("run:run-9", "bm25"))
    assert told.value.values["names"] == "run-1"


def test_that_a_labelled_set_is_scored_by_its_own_judgements(project: Project) -> None:
    passages = list(project.passages.in_use())[:3]
    set_id = project.test_sets.create("Mine", "search")
    project.test_sets.add(set_id, passages[0].text, "fact", {passages[0].id: 1, passages[1].id: 0})
    project.test_sets.add(set_id, "Nobody knows", "", {passages[2].id: 0})
    events: list[Any] = []
    result = compare.run(context(project, events), config("bm25", "run:run-1"), "Mine")
    assert result["name"] == f"{LABELLED_SET}Mine"
    assert result["queries"] == 1
    assert result["models"]["bm25"]["recall@1"] == 1
    assert any(isinstance(event, Warned) and event.text.startswith("1 questions") for event in events)
    with pytest.raises(UserError, match="no test set, folder or file other"):
        compare.run(context(project), config(), "other")


def test_that_a_run_from_before_a_labelled_set_is_told_to_know_its_questions_and_a_later_one_is_not(
    project: Project,
) -> None:
    trained = {document.id for document in project.documents.all() if document.split is Split.TRAIN}
    passage = next(passage for passage in project.passages.in_use() if passage.document_id in trained)
    asked = next(pair.question for pair in project.pairs.all() if pair.passage_id == passage.id)
    set_id = project.test_sets.create("Mine", "hand")
    project.test_sets.add(set_id, asked, "", {passage.id: 1})
    number = project.runs.begin("run-3", project.runs.all()[0].config, "f", utc_now())
    shutil.copytree(project.models / "run-1" / "final_model", project.models / "run-3" / "final_model")
    project.runs.finish(number, "done", {}, utc_now())
    events: list[Any] = []
    compare.run(context(project, events), config("run:run-1", "run:run-3"), "Mine")
    (told,) = (event.text for event in events if isinstance(event, Warned))
    assert told.startswith("run-1 learned from accepted questions")
    assert "Train again" in told


def sentence_file(folder: Path, rows: list[tuple[str, str, object]], name: str = "sts.csv") -> Path:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("sentence1", "sentence2", "score"), *rows])
    return folder / name


def test_that_sentence_pairs_are_compared_by_spearman_and_rankers_are_left_out(
    project: Project, tmp_path: Path
) -> None:
    texts = [passage.text for passage in project.passages.in_use()]
    rows = [(texts[0], texts[0], 5), *((texts[0], text, number % 4) for number, text in enumerate(texts[1:30]))]
    events: list[Any] = []
    result = compare.run(context(project, events), config(), sentence_file(tmp_path, rows))
    assert result["compared"] == ["run:run-1", "run:run-2"]
    assert any(isinstance(event, Warned) and "BM25" in event.text for event in events)
    low, high = result["bounds"]["run:run-1"]["spearman"]
    assert -1 <= low <= result["models"]["run:run-1"]["spearman"] <= high <= 1
    stored = read_comparison(project, f"{PAIR_SET}sts", ("run:run-1", "run:run-2"))
    assert stored is not None
    assert stored.is_similarity
    assert stored.questions[0].scores["run:run-1"] == 1  # the most alike pair is where it belongs
    with pytest.raises(UserError, match="two models of vectors"):
        compare.run(context(project), config("run:run-1", "bm25"), tmp_path / "sts.csv")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,b\nx,y\n", "no column sentence1, sentence2, score"),
        ("sentence1,sentence2,score\nx,y,much\n", "line 2: no two sentences"),
        ("sentence1,sentence2,score\nx,y,nan\n", "line 2: no two sentences"),
        ("sentence1,sentence2,score\nx,y,1\nx,z,1\nx,v,1\n", "with different scores"),
        ("", "no column"),
    ],
)
def test_that_a_broken_file_of_pairs_is_refused_with_its_line(
    project: Project, tmp_path: Path, content: str, told: str
) -> None:
    (tmp_path / "sts.csv").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=told):
        compare.run(context(project), config(), tmp_path / "sts.csv")


def test_that_a_comparison_is_stopped_between_two_models(project: Project) -> None:
    ctx = context(project)
    ctx.emit = lambda event: ctx.cancelled.set()
    with pytest.raises(Cancelled):
        compare.run(ctx, config())
    assert project.runs.compared() == []


class Tags(HTMLParser):
    """Collects the tags of a page, and fails on one that is closed in the wrong place."""

    VOID = ("meta", "line", "circle")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attributes
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_that_a_report_is_one_file_without_scripts_in_which_text_stays_text(project: Project, tmp_path: Path) -> None:
    passage = next(iter(project.passages.in_use()))
    set_id = project.test_sets.create("Mine", "search")
    project.test_sets.add(set_id, HOSTILE, "<b>kind</b>", {passage.id: 1})
    project.runs.rename(project.runs.all()[0].id, "<img src=x onerror=alert(1)>")
    compare.run(context(project), config("run:run-1", "bm25"), "Mine")
    pair = ("bm25", "run:run-1")
    for name in ("out.html", "out.md"):
        comparison_report.run(context(project), tmp_path / name, f"{LABELLED_SET}Mine", ("run:run-1", "bm25"), pair)
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    tags = Tags(page)
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(tags.seen)
    assert HOSTILE in tags.text
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name in ("src", "href")]
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert tags.seen.count("svg") >= 1
    marked = (tmp_path / "out.md").read_text(encoding="utf-8")
    assert "<script>" not in marked
    assert "\\<script\\>" in marked
    assert "\\| \\[x\\](javascript:1) \\& \\`a\\`" in marked


def test_that_the_window_s_jobs_compare_and_write_the_report(two_runs: Path, tmp_path: Path) -> None:
    folder, models = tmp_path / "project", ["bm25", "hybrid:run-2"]
    shutil.copytree(two_runs, folder)
    with open_project(folder, write=True) as project:
        set_id = project.test_sets.create("Mine", "hand")
        with project.database.transaction() as connection:  # named as the project's own questions, which was allowed
            connection.execute("UPDATE test_sets SET name = 'test'")
        project.test_sets.add(set_id, "Rice blast?", "", {next(iter(project.passages.in_use())).id: 2})

    def ran(stage: str, **options: Any) -> dict[str, Any]:
        spec = JobSpec(stage=stage, project=str(folder), config={"models": models}, options=options)
        return run_stage(spec, Secrets(), lambda event: None, threading.Event())

    result = ran("compare", set="set/test")
    assert (result["name"], result["queries"]) == ("set/test", 1)
    written = ran("compare-report", set="set/test", out=str(tmp_path / "out.html"), pair=models[::-1])
    assert written == {"path": str(tmp_path / "out.html"), "as": "html"}
    assert "BM25 against run-2 + BM25" in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_that_a_report_of_what_was_never_compared_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not been compared"):
        comparison_report.run(context(project), tmp_path / "out.md", "test", ("base", "bm25"))
    with pytest.raises(UserError, match=r"\.html or an \.md"):
        comparison_report.run(context(project), tmp_path / "out.pdf", "test", ("base", "bm25"))


def test_that_the_command_line_names_models_set_and_report(
    two_runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(two_runs, folder)
    flags = ["--models", "run:run-1,bm25,hybrid:run-1", "--resamples", "100", "--report", str(tmp_path / "out.md")]
    assert main(["compare", str(folder), *flags, "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(result["models"]) == ["run:run-1", "bm25", "hybrid:run-1"]
    assert "run-1 + BM25" in (tmp_path / "out.md").read_text(encoding="utf-8")
    assert main(["compare", str(folder), *flags]) == 0
    shown = capsys.readouterr().out
    assert "run-1 + BM25" in shown
    assert "95 % interval" in shown
    assert main(["compare", str(folder), "--models", "base"]) == 2
    assert "two models or more" in capsys.readouterr().err
