"""What the search child answers on a real index of a tiny model: filters, answers, reasons, similarity; and the jobs
beside it: many questions, the map, near copies."""

from __future__ import annotations

import csv
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from paired_project import context, tuned_project_of
from tiny_model import make_tiny_model

from embtrainer_gui.core.config import CopiesConfig, MapConfig, SearchConfig
from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.found_file import PassageMap, read_found, stamp_of
from embtrainer_gui.core.messages import CompareTexts, Explain, HitRow, Query, Warned
from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.reference import Reference
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.search_filters import SearchFilters
from embtrainer_gui.core.store import Project, open_project, utc_now
from embtrainer_gui.ml.near_copies import near_groups
from embtrainer_gui.ml.nearest import nearest
from embtrainer_gui.stages import near_copies, passage_map, search, search_many
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.serve_search import SearchService

ALL = ("base", "tuned", "bm25", "hybrid")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With its indexes: tests copy it."""
    folder = tmp_path_factory.mktemp("searched")
    path = tuned_project_of(folder, make_tiny_model(folder / "model"))
    with open_project(path, write=True) as project:
        SearchService(context(project)).answer(Query(text="rice", models=ALL))
    return path


@pytest.fixture
def project(tmp_path: Path, made: Path) -> Iterator[Project]:
    shutil.copytree(made, tmp_path / "project")
    with open_project(tmp_path / "project", write=True) as opened:
        yield opened


def hits(service: SearchService, model: str, text: str = "rice blast on farm 3", **more: object) -> list[HitRow]:
    reply = service.answer(Query(text=text, models=(model,), **more))  # type: ignore[arg-type]
    return reply.hits[model]  # type: ignore[union-attr]


@pytest.mark.parametrize("model", ALL)
def test_that_a_filter_gives_the_ranking_of_all_without_what_it_keeps_out(project: Project, model: str) -> None:
    service = SearchService(context(project))
    everything = hits(service, model, top=60)
    wanted = [hit.passage for hit in everything if hit.document == 1]
    found = hits(service, model, top=60, filters=SearchFilters(papers=(1,)))
    if model == "hybrid":  # its ranks are those among what is left
        assert {hit.document for hit in found} == {1}
    else:
        assert [hit.passage for hit in found] == wanted
    assert [hit.rank for hit in found] == list(range(1, len(found) + 1))


@pytest.mark.parametrize("model", ALL)
def test_that_a_filter_that_lets_nothing_through_finds_nothing(project: Project, model: str) -> None:
    assert hits(SearchService(context(project)), model, filters=SearchFilters(section="nowhere")) == []


def test_that_runs_are_found_by_their_title_and_an_unknown_model_is_refused(project: Project) -> None:
    project.runs.rename(project.runs.all()[0].id, "Long passages")
    service = SearchService(context(project))
    tuned, hybrid = hits(service, "tuned"), hits(service, "hybrid")
    assert hits(service, "run:Long passages") == tuned
    assert hits(service, "hybrid:base") == hybrid  # the two models are the same one
    with pytest.raises(UserError, match="no model tunde"):
        hits(service, "tunde")


def test_that_years_are_refused_where_no_paper_has_one(project: Project) -> None:
    with pytest.raises(UserError, match="No paper of this project has a year"):
        search.run(context(project), SearchConfig(year_from=2020), "rice blast")
    with project.database.transaction() as connection:
        connection.execute("UPDATE documents SET year = 2021 WHERE id = 1")
    assert search.run(context(project), SearchConfig(year_from=2020), "rice blast")["hits"]
    assert search.run(context(project), SearchConfig(year_from=2022), "rice blast")["hits"] == []


def test_that_answers_are_searched_and_shown_in_their_passage(project: Project) -> None:
    service = SearchService(context(project))
    for model in ALL:
        (first, *_) = hits(service, model, "seed oil lowers the yield on farm 3", over="answers")
        assert first.question.startswith("What is known about")
        assert first.text[slice(*first.sentence)] in {pair.answer for pair in project.pairs.all()}
    assert hits(service, "bm25", "seed oil lowers farm 3", over="answers")[0].question.endswith("seed oil on farm 3?")


def test_that_an_answer_that_is_no_longer_accepted_is_not_found(project: Project) -> None:
    service = SearchService(context(project))
    found = hits(service, "bm25", "seed oil lowers farm 3", over="answers")[0]
    pair = next(pair for pair in project.pairs.all() if pair.question == found.question)
    project.pairs.decide([pair.id], PairState.REJECTED, "reject", utc_now())
    again = hits(service, "bm25", "seed oil lowers farm 3", over="answers")
    assert again
    assert found.question not in {hit.question for hit in again}


def test_that_a_project_without_accepted_answers_says_so(project: Project) -> None:
    project.pairs.decide([pair.id for pair in project.pairs.all()], PairState.REJECTED, "reject", utc_now())
    with pytest.raises(UserError, match="no question is accepted"):
        hits(SearchService(context(project)), "bm25", over="answers")


def test_that_the_parts_of_shared_words_add_up_to_the_score(project: Project) -> None:
    service = SearchService(context(project))
    first = hits(service, "bm25")[0]
    found = service.answer(Explain(text="rice blast on farm 3", model="bm25", passage=first.passage))
    assert sum(score for _, score in found.words) == pytest.approx(first.score, abs=0.01)  # type: ignore[union-attr]
    assert found.scores == []  # type: ignore[union-attr]
    assert {first.text[start:end].lower() for start, end in found.spans} >= {"rice", "blast", "farm"}  # type: ignore[union-attr]


def test_that_every_sentence_is_scored_by_the_model_that_ranked_it(project: Project) -> None:
    service = SearchService(context(project))
    first = hits(service, "tuned")[0]
    for model in ("base", "tuned", "hybrid"):
        found = service.answer(Explain(text="rice blast", model=model, passage=first.passage))
        assert len(found.scores) == len(found.sentences) == 2  # type: ignore[union-attr]
        assert all(-1 <= score <= 1.001 for score in found.scores)  # type: ignore[union-attr]
    with pytest.raises(UserError, match="no longer"):
        service.answer(Explain(text="rice", model="base", passage=9999))


def test_that_texts_are_compared_each_with_each(project: Project) -> None:
    texts = ("rice blast", "soil carbon", "rice blast")
    matrix = SearchService(context(project)).answer(CompareTexts(texts=texts, model="tuned")).cosines  # type: ignore[union-attr]
    assert np.allclose(matrix, np.transpose(matrix))
    assert np.allclose(np.diag(matrix), 1, atol=1e-3)
    assert matrix[0][2] == pytest.approx(1, abs=1e-3)
    assert matrix[0][1] < 0.999


def test_that_many_questions_find_what_each_finds_alone(project: Project, tmp_path: Path) -> None:
    (tmp_path / "questions.txt").write_text("rice blast\n\nsoil carbon\nzorblax\n", encoding="utf-8")
    config = SearchConfig(model="bm25", top=3, paper="paper0")
    summary = search_many.run(context(project), config, tmp_path / "questions.txt", tmp_path / "hits.csv")
    with (tmp_path / "hits.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    alone = [
        hit["text"]
        for text in ("rice blast", "soil carbon")
        for hit in search.run(context(project), config, text)["hits"]
    ]
    assert [row["text"] for row in rows] == alone
    assert (summary["questions"], summary["hits"], summary["without_hits"]) == (
        3,
        len(rows),
        3 - len({row["query"] for row in rows}),
    )


def test_that_many_questions_are_narrowed_to_papers_and_years(project: Project, tmp_path: Path) -> None:
    project.references.fill([2, 3], Reference(year=2009, by="zotero"))
    (tmp_path / "questions.txt").write_text("rice blast\nsoil carbon\n", encoding="utf-8")
    names = {document.id: document.title for document in project.documents.all()}
    assert len(set(names.values())) == len(names) > 2
    for filters, expected in (
        (SearchFilters(papers=(1, 2)), {names[1], names[2]}),
        (SearchFilters(papers=(1, 2), year_from=2005), {names[2]}),
    ):
        config, out = SearchConfig(model="bm25", top=50), tmp_path / "hits.csv"
        search_many.run(context(project), config, tmp_path / "questions.txt", out, filters)
        with out.open(encoding="utf-8", newline="") as file:
            assert {row["title"] for row in csv.DictReader(file)} == expected


def test_that_stopping_many_questions_leaves_no_file(project: Project, tmp_path: Path) -> None:
    (tmp_path / "questions.txt").write_text("rice\nsoil\n", encoding="utf-8")
    cancelled = threading.Event()
    cancelled.set()
    ctx = Context(project, lambda event: None, cancelled)
    with pytest.raises(Cancelled):
        search_many.run(ctx, SearchConfig(model="bm25"), tmp_path / "questions.txt", tmp_path / "hits.jsonl")
    assert not (tmp_path / "hits.jsonl").exists()


def test_that_a_paper_that_is_not_there_is_refused_in_words(project: Project) -> None:
    with pytest.raises(UserError, match="zorblax"):
        search.run(context(project), SearchConfig(model="bm25", paper="zorblax"), "rice")


def test_that_the_map_is_the_same_twice_and_keeps_before_and_after_together(project: Project, tmp_path: Path) -> None:
    for name in ("one", "two"):
        passage_map.run(context(project), MapConfig(clusters=3), tmp_path / f"{name}.json")
    one, two = (read_found(tmp_path / f"{name}.json", PassageMap) for name in ("one", "two"))
    assert one is not None
    assert two is not None
    assert one.layouts == two.layouts
    assert one.clusters == two.clusters
    assert len(one.passages) == one.total == 60
    before, after = (np.array(one.layouts[model]).T for model in ("base", "tuned"))
    assert np.abs(before).max() == pytest.approx(1)
    moved = np.linalg.norm(before - after, axis=1)
    apart = np.linalg.norm(before[:, None] - before[None], axis=2).mean()
    assert moved.mean() < apart / 2  # the two models are the same one


def test_that_a_map_and_near_copies_are_out_of_date_where_papers_go_while_they_are_made(
    project: Project, tmp_path: Path
) -> None:
    before = stamp_of(project)
    source = project.documents.sources()[-1].id

    def remove(event: object) -> None:
        project.documents.remove([source], utc_now())

    ctx = Context(project, remove, threading.Event())
    copies = near_copies.find(ctx, CopiesConfig())
    assert stamp_of(project) != before == copies.stamp
    project.documents.put_back([source])
    passage_map.run(ctx, MapConfig(clusters=3), tmp_path / "map.json")
    found = read_found(tmp_path / "map.json", PassageMap)
    assert found is not None
    assert stamp_of(project) != before == found.stamp


def test_that_a_map_of_too_many_is_drawn_by_lot_and_says_so(project: Project, tmp_path: Path) -> None:
    events: list[object] = []
    ctx = Context(project, events.append, threading.Event())
    summary = passage_map.run(ctx, MapConfig(most=50), tmp_path / "map.csv")
    assert (summary["points"], summary["passages"]) == (50, 60)
    assert ["50 of 60" in event.text for event in events if isinstance(event, Warned)] == [True]
    with (tmp_path / "map.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 50
    assert {"x_base", "y_base", "x_tuned", "y_tuned", "cluster_words"} <= rows[0].keys()


def test_that_the_same_text_in_two_papers_is_a_near_copy(project: Project, tmp_path: Path) -> None:
    passages = list(project.passages.in_use())
    with project.database.transaction() as connection:
        connection.execute("UPDATE documents SET title = ''")
        connection.execute("UPDATE passages SET text = ? WHERE id = ?", (passages[0].text, passages[-1].id))
    near_copies.run(context(project), CopiesConfig(least=1.0), tmp_path / "copies.json")
    groups = json.loads((tmp_path / "copies.json").read_text(encoding="utf-8"))["groups"]
    assert {passages[0].id, passages[-1].id} <= set(groups[0]["passages"])
    assert groups[0]["highest"] == 1.0


def test_that_groups_hold_what_is_over_the_bar_and_nothing_else() -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(400, 64)).astype(np.float32)
    vectors[10] = vectors[300] + 0.01 * vectors[11]
    vectors[20] = vectors[10] + 0.01 * vectors[12]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    (group,) = near_groups(vectors, 0.95, Silent())
    assert group.rows == (10, 20, 300)
    assert 0.95 <= group.lowest <= group.highest <= 1


def test_that_the_nearest_of_many_are_found_by_lists_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    centres = rng.normal(size=(20, 32))
    vectors = (centres[rng.integers(0, 20, 2000)] + 0.3 * rng.normal(size=(2000, 32))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    exact, _ = nearest(vectors, 5, Silent())
    monkeypatch.setattr("embtrainer_gui.ml.nearest.EXACT", 100)
    listed, cosines = nearest(vectors, 5, Silent())
    assert np.mean([len(set(a) & set(b)) / 5 for a, b in zip(exact, listed, strict=True)]) > 0.95
    assert (np.diff(cosines, axis=1) <= 1e-6).all()
    assert not (listed == np.arange(2000)[:, None]).any()
