"""The check before training, on a tiny model: the first batch is that of the run, and nothing stays."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ml.test_trainer import Watcher

from embtrainer_gui.core.config import LOSSES
from embtrainer_gui.core.errors import Cancelled, UserError
from embtrainer_gui.core.estimate import Cost
from embtrainer_gui.core.report import Silent
from embtrainer_gui.ml.batching import epoch_batches
from embtrainer_gui.ml.first_batch import as_read
from embtrainer_gui.ml.loading import load_model
from embtrainer_gui.ml.preflight import Rehearsal, rehearse
from embtrainer_gui.ml.request import DevSet, TrainingRequest
from embtrainer_gui.ml.sample_batches import part_of, sample_batches
from embtrainer_gui.ml.tokens import TokenisedTexts
from embtrainer_gui.ml.trainer import train
from embtrainer_gui.ml.training_set import training_set

PARTS = ["read", "load", "prepare", "steps", "search", "save", "finish"]


def rehearsed(request: TrainingRequest) -> Rehearsal:
    return rehearse(request, Silent(), Cost(1, 1), disk=True, closing_characters=1000)


@pytest.mark.parametrize("loss", LOSSES)
def test_that_each_loss_is_rehearsed_and_nothing_stays(tiny_request, loss: str) -> None:
    request = tiny_request(loss=loss, hard_negatives=2)
    found = rehearsed(request)
    assert [part.name for part in found.parts] == PARTS
    assert all(part.cost.cpu > 0 and part.cost.wall > 0 for part in found.parts)
    assert (found.steps, found.evaluations) == (12, 4)
    assert [part.times for part in found.parts] == [1, 1, 1, 12, 4, 3, 1]
    assert found.memory > 10**8
    assert not request.out_dir.exists()


def test_that_the_first_batch_is_that_of_the_run_with_the_very_tokens(tiny_request, tiny_model: Path) -> None:
    request = tiny_request()
    found = rehearsed(request).batch
    data = training_set(request)
    rows = epoch_batches(data.groups, 8, request.config.seed, 0, data.documents)[0]
    passages = [row.text for row in found if row.role == "passage"]
    model = load_model(tiny_model, request.config.max_seq_length)
    ids = TokenisedTexts(model, [data.passages[row] for row in rows], "document")
    for place, passage in enumerate(passages):
        tokens = ids.features(np.array([place]))["input_ids"][0].tolist()
        assert passage.read == model.tokenizer.decode(tokens)
        assert passage.tokens == len(tokens)
    asked = [row.text.read for row in found if row.role == "question" and row.passage == 1]
    assert len(passages) == 8
    assert len(asked) == 2
    assert all(f"sample {rows[0]}" in text for text in asked)


def test_that_what_is_not_read_is_shown_and_counted(tiny_request, tiny_model: Path) -> None:
    found = rehearsed(tiny_request(max_seq_length=16))
    cut = [row.text for row in found.batch if row.text.cut]
    assert cut
    for text in cut:
        assert text.tokens == 16 < text.whole
        assert text.cut.endswith(".")
        assert not text.read.removesuffix(" [SEP]").endswith(text.cut)
    assert 0 < found.cut < 1


def test_that_prompts_are_part_of_what_is_read(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "prompted"
    shutil.copytree(tiny_model, folder)
    settings = json.loads((folder / "config_sentence_transformers.json").read_text())
    settings["prompts"] = {"query": "query: ", "document": "passage: "}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings))
    model = load_model(folder, 16)
    (question,) = as_read(model, ["What is rice?"], "query")
    (passage,) = as_read(model, ["Rice is a cereal " * 8], "document")
    assert "query : what is rice?" in question.read.replace("query: ", "query : ")
    assert passage.read.startswith("[CLS] passage")
    assert passage.cut.startswith(("rice", "Rice", "is", "a", "cereal"))


def test_that_the_check_stops_when_it_is_told_to_and_leaves_nothing(tiny_request) -> None:
    request = tiny_request()
    for at in (2, 20):
        with pytest.raises(Cancelled):
            rehearse(request, Watcher(cancel_at=at), Cost(), disk=True, closing_characters=1000)
        assert not request.out_dir.exists()


def test_that_data_that_cannot_train_is_refused_as_the_run_would(tiny_request) -> None:
    request = tiny_request()
    with pytest.raises(UserError, match="at least 20 different pairs"):
        rehearsed(replace(request, pairs=request.pairs[:5]))


def test_that_one_batch_no_dev_questions_and_a_full_disk_are_no_obstacle(tiny_request) -> None:
    request = tiny_request(batch_size=64, epochs=1, dev=DevSet())
    found = rehearse(request, Silent(), Cost(), disk=False, closing_characters=1000)
    costs = {part.name: part.cost for part in found.parts}
    assert costs["search"] == costs["save"] == Cost()
    assert found.steps == 1


def test_that_a_part_of_the_data_keeps_its_passages_questions_and_papers(tiny_request) -> None:
    request = replace(tiny_request(), documents=[row // 5 for row in range(30)])
    data = training_set(request)
    part = part_of(request, data, [3, 17, 4])
    assert list(part.passages[:3]) == [data.passages[row] for row in (3, 17, 4)]
    assert list(part.documents[:3]) == [0, 3, 0]
    made = training_set(part)
    assert made.passages[:3] == list(part.passages[:3])
    assert made.pairs >= 20  # as many as it takes to train


def test_that_timed_batches_stand_for_all_of_them(tiny_request, tiny_model: Path) -> None:
    request = tiny_request(batch_size=4)
    found = sample_batches(load_model(tiny_model, 48), request, training_set(request), 4)
    assert found.sizes[2] >= found.sizes[0] >= found.sizes[1]  # a long, a middle and a short one
    assert sum(found.sizes) / len(found.sizes) == pytest.approx(found.mean_size, rel=0.15)


def test_that_a_rehearsal_changes_no_run(tiny_request) -> None:
    rehearsed(tiny_request("checked"))
    assert train(tiny_request("after"), Silent()).steps == 12
