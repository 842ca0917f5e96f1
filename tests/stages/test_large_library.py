"""A library that is large: searched without its texts, encoded once, quick once the job "index" was run."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embtrainer_gui.core.config import SearchConfig
from embtrainer_gui.core.messages import Query
from embtrainer_gui.core.records import BlockKind, FileState, HowRead, PassageDraft
from embtrainer_gui.core.store import Project, create_project, open_project, utc_now
from embtrainer_gui.core.store.rereading import NewReading
from embtrainer_gui.ml import passage_index
from embtrainer_gui.stages import build_index, passage_table, retrieval, search, serve_search
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.retrieval import Library

PAPERS, PASSAGES, DIMENSION = 6, 100, 32


class WordEncoder:
    """Vectors of the words in a text; counts what it encodes."""

    encoded: list[str]

    def encode_passages(self, texts: list[str], reporter: object = None) -> np.ndarray:
        self.encoded += texts
        return self._vectors(texts)

    def encode_queries(self, texts: list[str], reporter: object = None) -> np.ndarray:
        return self._vectors(texts)

    def _vectors(self, texts: list[str]) -> np.ndarray:
        rows = [sum(self._word(word) for word in text.split()) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32)

    def _word(self, word: str) -> np.ndarray:
        return np.random.default_rng(list(word.encode())).standard_normal(DIMENSION)


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> WordEncoder:
    made = WordEncoder()
    made.encoded = []
    monkeypatch.setattr(retrieval.ModelChoice, "encoder", lambda self: made)
    monkeypatch.setattr(passage_table, "KEPT_FROM", 10)
    monkeypatch.setattr(passage_index, "LARGE", 100)
    return made


def draft(text: str) -> PassageDraft:
    return PassageDraft(text, BlockKind.BODY, "Results", 1, ((1, 1.0, 2.0, 3.0, 4.0),), 5)


def text_of(paper: int, number: int) -> str:
    return f"subject{number % 40} finding{number} measured{paper} value{paper * PASSAGES + number}"


def add(project: Project, paper: int, texts: list[str]) -> int:
    source = project.documents.begin(f"hash{paper}", f"paper{paper}.pdf", utc_now())
    keys = [f"hash{paper}-{number}" for number in range(len(texts))]
    project.documents.add(source, f"Title{paper}", 3, [draft(text) for text in texts], keys, [1, 2], None)
    project.documents.finish(source, FileState.DONE, "", 3, "text", "")
    return source


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "project"
    with create_project(folder) as project:
        for paper in range(PAPERS):
            add(project, paper, [text_of(paper, number) for number in range(PASSAGES)])
    return folder


@pytest.fixture
def project(tmp_path: Path, made_once: Path) -> Iterator[Project]:
    shutil.copytree(made_once, tmp_path / "project")
    with open_project(tmp_path / "project", write=True) as project:
        yield project


def context(project: Project) -> Context:
    return Context(project, lambda event: None, threading.Event())


def found(project: Project, question: str) -> str:
    text: str = search.run(context(project), SearchConfig(model="base", top=3), question)["hits"][0]["text"]
    return text


def test_that_the_index_is_built_and_then_answers(project: Project, encoder: WordEncoder) -> None:
    done = build_index.run(context(project))
    assert done["passages"] == done["encoded"] == len(encoder.encoded) == PAPERS * PASSAGES
    assert done["indexes"]["base"]["how"] == "approximate"
    assert done["indexes"]["base"]["recall"] >= 0.99
    assert found(project, text_of(3, 17)) == text_of(3, 17)
    again = build_index.run(context(project))
    assert again["encoded"] == 0
    assert again["indexes"]["base"] == {"how": "approximate", "recall": None, "candidates": None}


def test_that_a_search_reads_no_texts_but_those_of_its_hits(
    project: Project, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index.run(context(project))

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("all texts were read")

    for name in ("in_use", "searched"):
        monkeypatch.setattr(type(project.passages), name, never)
    read: list[int] = []
    real = type(project.passages).get

    def counted(store: Any, ids: Any) -> Any:
        read.extend(ids)
        return real(store, ids)

    monkeypatch.setattr(type(project.passages), "get", counted)
    assert found(project, text_of(5, 99)) == text_of(5, 99)
    assert len(read) == 3


def test_that_only_new_passages_are_encoded_and_all_are_found(project: Project, encoder: WordEncoder) -> None:
    build_index.run(context(project))
    encoder.encoded.clear()
    add(project, 99, ["subject0 something quite new", text_of(0, 0)])
    assert found(project, "something quite new") == "subject0 something quite new"
    assert encoder.encoded == ["Title99 subject0 something quite new", f"Title99 {text_of(0, 0)}"]


def test_that_a_paper_that_was_read_again_is_known_by_its_new_texts(
    project: Project, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passage_table, "LOOKED_AT", 0)  # the stamp alone must tell
    Library(project)
    source = add(project, 98, ["old words here"])
    before = Library(project)
    assert before.passages_at([len(before) - 1])[0].text == "old words here"
    for title, texts in (("Title98", []), ("Title98", ["other words here"]), ("Renamed", ["other words here"])):
        reading = NewReading(
            title=title, pages=3, passages=[draft(text) for text in texts], sketch=[1, 2], state=FileState.DONE,
            reason="", extractor="text", how=HowRead(),
        )  # fmt: skip
        project.rereading.replace(source, reading)
        library = Library(project)
        assert len(library) == PAPERS * PASSAGES + len(texts)
        if texts:
            assert library.keys[-1] == passage_table.text_key(f"{title} {texts[0]}")


def test_that_a_wrong_table_is_found_out_and_made_again(project: Project, encoder: WordEncoder) -> None:
    library = Library(project)
    right = list(library.keys)
    file = project.index / "passages.npz"
    with np.load(file) as kept:
        columns = dict(kept)
    columns["keys"] = columns["keys"][::-1]
    np.savez(file, **columns)
    assert Library(project).keys == right
    file.write_bytes(b"no archive")
    assert Library(project).keys == right


def test_that_all_columns_of_the_library_belong_together(project: Project, encoder: WordEncoder) -> None:
    for _ in ("read", "kept"):
        library = Library(project)
        assert [p.id for p in library.passages] == library.ids.tolist()
        assert library.texts[150] == f"Title1 {text_of(1, 50)}"
        assert library.keys == [passage_table.text_key(text) for text in library.texts]
        assert library.row_of[library.passages[77].id] == 77
        assert library.passages_at([5, 2]) == [library.passages[5], library.passages[2]]
        assert list(library.each_text()) == library.texts
        assert set(library.some_texts(10)) <= set(library.texts)


def test_that_the_window_is_told_how_it_was_found_and_what_to_build(
    project: Project, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = serve_search.SearchService(context(project))
    query = Query(ticket=1, text=text_of(2, 2), models=("base",), top=3)
    monkeypatch.setattr(serve_search, "ENCODED_HERE", 10)
    unencoded = service.answer(query)
    assert (unencoded.due, unencoded.hits) == (True, {})
    assert "600 passages are not encoded" in unencoded.problems["base"]
    monkeypatch.setattr(serve_search, "ENCODED_HERE", 10_000)
    exact = service.answer(query)
    assert (exact.due, exact.how) == (True, {"base": "exact"})
    build_index.run(context(project))
    quick = service.answer(query)
    assert (quick.due, quick.how) == (False, {"base": "approximate"})
    assert quick.hits["base"][0].text == exact.hits["base"][0].text == text_of(2, 2)
