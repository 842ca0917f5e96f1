"""What can be wrong with a base model, a checkpoint or the data of a run: one sentence with the cure, nothing lost.

Runs of a tiny model that take a second; the command is called in this process, so that torch is loaded once.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from commandline import CommandLine, Ran, SameProcess, assert_plain
from tiny_model import make_tiny_model

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import open_project, utc_now

pytestmark = pytest.mark.slow

Rows = list[dict[str, object]]
Damage = Callable[[Path], None]
QUICK = ("--epochs", "6", "--max-seq-length", "32", "--batch-size", "8", "--evaluations", "6")
TOPICS = ("rice blast", "soil carbon", "bee decline", "leaf wax", "root rot", "seed oil")
FACTS = (
    "spreads in wet weather", "is measured in spring", "was found in 1998", "lowers the yield", "needs warm soil",
)  # fmt: skip


@pytest.fixture
def run() -> CommandLine:
    return SameProcess()


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny matrices are slower on two threads, and much slower on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("model"))


def rows() -> Rows:
    return [
        {
            "id": f"{document}-{number}",
            "question": f"What is known about {topic} on farm {number}?",
            "answer": FACTS[number % 5],
            "context": f"In region {document}, {topic} {FACTS[number % 5]} on farm {number} of region {document}. "
            f"Growers of {topic} report it yearly.",
            "file_name": f"paper{document}.txt",
        }
        for document, topic in enumerate(TOPICS)
        for number in range(10)
    ]


def project_of(folder: Path, rows: Rows) -> Path:
    """A project of accepted pairs."""
    file = folder / "pairs.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run = SameProcess()
    run.ok("pairs", folder / "project", "import", file)
    run.ok("pairs", folder / "project", "accept")
    return folder / "project"


def accepted(project: Path) -> int:
    with open_project(project) as opened:
        return opened.pairs.counts()["accepted"]


# Data that cannot train


def without_contexts(rows: Rows) -> Rows:
    """The passage of such a pair is its answer."""
    return [{"question": row["question"], "answer": "Yes.", "file_name": row["file_name"]} for row in rows]


def one_passage_a_paper(rows: Rows) -> Rows:
    first = {row["file_name"]: row["context"] for row in reversed(rows)}
    three = [row for row in rows if str(row["file_name"]) <= "paper2.txt"]
    more = [{**row, "id": f"{row['id']}-{n}", "question": f"{row['question']} {n}"} for row in three for n in range(3)]
    return [{**row, "context": first[row["file_name"]]} for row in more]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_contexts, ("fewer than three unlike papers", "Import more")),
        (one_passage_a_paper, ("same passage", "other passages")),
    ],
)
def test_that_data_with_nothing_to_tell_apart_is_refused(
    tmp_path: Path, run: CommandLine, change: Callable[[Rows], Rows], words: tuple[str, ...]
) -> None:
    project = project_of(tmp_path, change(rows()))
    before = accepted(project)
    assert_plain(run("train", project, *QUICK), 2, *words)
    assert accepted(project) == before


def test_that_equal_answers_on_unlike_passages_train(tmp_path: Path, run: CommandLine, tiny_model: Path) -> None:
    project = project_of(tmp_path, [{**row, "answer": "It was seen."} for row in rows()])
    ran = run("train", project, *QUICK, "--base-model", tiny_model, "--epochs", "1", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["pairs"] >= 20


@pytest.mark.parametrize(
    ("value", "words"),
    [(float("nan"), ("damaged", "choose another")), (1e30, ("no longer a number", "lower learning rate"))],
)
def test_that_weights_and_losses_that_are_no_numbers_are_said_with_the_cure(
    tmp_path: Path, run: CommandLine, tiny_model: Path, value: float, words: tuple[str, ...]
) -> None:
    from safetensors.torch import load_file, save_file

    broken = tmp_path / "broken"
    shutil.copytree(tiny_model, broken)
    weights = load_file(broken / "model.safetensors")
    weights["embeddings.LayerNorm.weight"].fill_(value)
    save_file(weights, broken / "model.safetensors", {"format": "pt"})
    project = project_of(tmp_path, rows())
    assert_plain(run("train", project, *QUICK, "--base-model", broken), 2, *words)
    assert accepted(project) == 60
    with open_project(project) as opened:
        assert [each.state for each in opened.runs.all()] == ["failed"]


# Losses


def warnings(ran: Ran) -> list[str]:
    """Of a command with --json."""
    events = [json.loads(line) for line in ran.err.splitlines() if line.startswith("{")]
    return [event["text"] for event in events if event["type"] == "warned"]


@pytest.mark.parametrize("loss", ["ContrastiveLoss", "OnlineContrastiveLoss", "CosineSimilarityLoss"])
def test_that_a_loss_of_pairs_trains_and_reports_its_hard_negatives(
    tmp_path: Path, run: CommandLine, tiny_model: Path, loss: str
) -> None:
    project = project_of(tmp_path, rows())
    ran = run("train", project, *QUICK, "--base-model", tiny_model, "--loss", loss, "--hard-negatives", "1", "--json")
    assert ran.code == 0, ran.err[-2000:]
    found = ran.json["hard_negatives"]
    assert 0 < found["served"] <= found["questions"]
    assert f"Hard negatives: {found['kept']} for {found['served']} of {found['questions']} questions" in ran.err
    assert not warnings(ran)


def test_that_a_flag_without_effect_under_the_loss_warns_and_the_run_goes_on(
    tmp_path: Path, run: CommandLine, tiny_model: Path
) -> None:
    project = project_of(tmp_path, rows())
    flags = ("--random-negatives", "0", "--contrastive-margin", "0.4", "--epochs", "1", "--json")
    ran = run("train", project, *QUICK, "--base-model", tiny_model, *flags)
    assert ran.code == 0, ran.err[-2000:]
    assert [text.split(":")[0] for text in warnings(ran)] == ["--random-negatives", "--contrastive-margin"]
    assert "hard_negatives" not in ran.json


def test_that_a_loss_of_pairs_without_negatives_is_refused_before_anything(tmp_path: Path, run: CommandLine) -> None:
    project = project_of(tmp_path, rows())
    none = ("--loss", "CosineSimilarityLoss", "--hard-negatives", "0", "--random-negatives", "0")
    assert_plain(run("train", project, *none), 2, "alike", "--random-negatives 2")
    assert not (project / "models" / "run-1").exists()


def test_that_the_predecessors_config_trains_with_the_loss_it_names(
    tmp_path: Path, run: CommandLine, tiny_model: Path
) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
    config = {
        "input_jsonl": str(pairs), "output_dir": str(tmp_path / "out"), "num_epochs": 2, "train_batch_size": 8,
        "base_model": str(tiny_model), "max_seq_length": 48, "loss_function": "OnlineContrastiveLoss",
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    ran = run("train", "--config", tmp_path / "config.json", "--contrastive-margin", "0.1", "--scale", "10", "--json")
    assert ran.code == 0, ran.err[-2000:]
    assert ran.json["hard_negatives"]["kept"] > 0
    assert not [text for text in warnings(ran) if "oss" in text.split(".")[0]]


# Checkpoints


@pytest.fixture(scope="module")
def stopped_once(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """A run that was stopped after two checkpoints."""
    project = project_of(tmp_path_factory.mktemp("stopped"), rows())
    over = threading.Event()
    stop = threading.Thread(target=stop_after_two_checkpoints, args=(project / "models" / "run-1", over))
    stop.start()
    code = SameProcess()("train", project, *QUICK, "--base-model", tiny_model).code
    over.set()
    stop.join()
    assert code == 130
    assert len(checkpoints(project)) >= 2
    return project


def stop_after_two_checkpoints(run: Path, over: threading.Event) -> None:
    while not over.wait(0.01):
        if len(list(run.glob("checkpoints/*/COMPLETE"))) >= 2:
            (run / "cancel").touch()
            return


def checkpoints(project: Path) -> list[Path]:
    """Oldest first."""
    found = (project / "models" / "run-1" / "checkpoints").glob("checkpoint-*")
    return sorted(found, key=lambda path: int(path.name.split("-")[1]))


@pytest.fixture
def stopped(tmp_path: Path, stopped_once: Path) -> Path:
    shutil.copytree(stopped_once, tmp_path / "stopped")
    return tmp_path / "stopped"


def resume(run: CommandLine, project: Path, model: Path, *more: str) -> Ran:
    return run("train", project, *QUICK, "--base-model", model, "--resume", *more)


def remove(pattern: str) -> Damage:
    return lambda folder: file_of(folder, pattern).unlink()


def truncate(pattern: str) -> Damage:
    def change(folder: Path) -> None:
        path = file_of(folder, pattern)
        path.write_bytes(path.read_bytes()[:-7])

    return change


def flip(pattern: str) -> Damage:
    def change(folder: Path) -> None:
        path = file_of(folder, pattern)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    return change


def file_of(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


DAMAGES = {
    f"{act.__name__} {name}": act(name)
    for act in (remove, truncate, flip)
    for name in ("model.safetensors", "training_state-exp_avg.safetensors", "state.json")
}
DAMAGES |= {"remove COMPLETE": remove("COMPLETE"), "flip manifest.json": flip("manifest.json")}


@pytest.mark.parametrize("damage", DAMAGES)
def test_that_a_damaged_checkpoint_is_named_and_the_one_before_is_used(
    stopped: Path, run: CommandLine, tiny_model: Path, damage: str
) -> None:
    *_, before, newest = checkpoints(stopped)
    DAMAGES[damage](newest)
    ran = resume(run, stopped, tiny_model, "--json")
    assert ran.code == 0, ran.err
    assert newest.name in ran.err
    assert "is skipped" in ran.err
    assert before.name not in ran.err
    assert ran.json["run"] == "run-1"
    assert accepted(stopped) == 60


@pytest.mark.parametrize("missing", ["folder", "damaged"])
def test_that_a_run_without_a_whole_checkpoint_begins_anew_and_says_so(
    stopped: Path, run: CommandLine, tiny_model: Path, missing: str
) -> None:
    for checkpoint in checkpoints(stopped):
        shutil.rmtree(checkpoint) if missing == "folder" else remove("model.safetensors")(checkpoint)
    ran = resume(run, stopped, tiny_model, "--json")
    assert ran.code == 0, ran.err
    assert "begins anew" in ran.err
    assert accepted(stopped) == 60


@pytest.mark.parametrize("what", ["pairs", "settings"])
def test_that_a_resume_on_something_else_is_refused_and_loses_nothing(
    stopped: Path, run: CommandLine, tiny_model: Path, what: str
) -> None:
    if what == "pairs":
        with open_project(stopped) as project:
            first = project.pairs.all(state=PairState.ACCEPTED)[0]
            project.pairs.decide([first.id], PairState.REJECTED, "reject", utc_now())
    kept = [path.name for path in checkpoints(stopped)]
    more = ("--seed", "7") if what == "settings" else ()
    assert_plain(resume(run, stopped, tiny_model, *more), 2, "changed")
    assert [path.name for path in checkpoints(stopped)] == kept
    if what == "pairs":
        with open_project(stopped) as project:
            project.pairs.decide([first.id], PairState.ACCEPTED, "accept", utc_now())
    ran = resume(run, stopped, tiny_model, "--json")
    assert ran.code == 0, ran.err
