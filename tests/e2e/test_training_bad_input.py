"""What can be wrong with the pairs, the data or a run ends in one sentence with the cure, and loses nothing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commandline import CommandLine, SameProcess, assert_plain

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store import open_project

Rows = list[dict[str, object]]


def rows_of(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, rows: Rows) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def embtrainer() -> CommandLine:
    return SameProcess()


@pytest.fixture
def with_pairs(tmp_path: Path, embtrainer: CommandLine, pair_file: Path) -> Path:
    """A project of sixty accepted pairs over six documents."""
    embtrainer.ok("pairs", tmp_path / "project", "import", pair_file)
    embtrainer.ok("pairs", tmp_path / "project", "accept")
    return tmp_path / "project"


def test_that_a_corpus_without_questions_says_how_to_get_some(project_folder: Path, embtrainer: CommandLine) -> None:
    assert_plain(embtrainer("train", project_folder), 2, "No question is accepted", "pairs")


def one_document(rows: Rows) -> Rows:
    return [{**row, "file_name": "one.txt"} for row in rows]


def few(rows: Rows) -> Rows:
    return [row for row in rows if str(row["id"]).endswith(("-0", "-1"))]


def one_passage(rows: Rows) -> Rows:
    return [{**row, "context": f"The same text in {row['file_name']} about rice."} for row in rows]


@pytest.mark.parametrize(
    ("change", "words"),
    [(one_document, ("no test papers", "Import more")), (few, ("20",))],
)
def test_that_too_little_to_train_on_is_refused_with_the_cure(
    tmp_path: Path,
    embtrainer: CommandLine,
    pair_file: Path,
    change: Callable[[Rows], Rows],
    words: tuple[str, ...],
) -> None:
    changed = write(tmp_path / "changed.jsonl", change(rows_of(pair_file)))
    embtrainer.ok("pairs", tmp_path / "p", "import", changed)
    embtrainer.ok("pairs", tmp_path / "p", "accept")
    assert_plain(embtrainer("train", tmp_path / "p"), 2, *words)
    with open_project(tmp_path / "p") as project:
        assert len(project.pairs.all(state=PairState.ACCEPTED)) == len(change(rows_of(pair_file)))


def test_that_unusable_rows_are_listed_and_a_file_without_any_pair_is_refused(
    tmp_path: Path, embtrainer: CommandLine, pair_file: Path
) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text(pair_file.read_text(encoding="utf-8") + '{"question": "no answer?"}\n{broken\n', encoding="utf-8")
    summary = embtrainer.ok("pairs", tmp_path / "p", "import", broken)
    assert summary["added"] == 60
    assert [row["line"] for row in summary["rejected"]] == [61, 62]
    only_bad = tmp_path / "bad.jsonl"
    only_bad.write_text("{broken\n", encoding="utf-8")
    assert_plain(embtrainer("pairs", tmp_path / "p", "import", only_bad), 2, "no usable pair")


def test_that_the_same_pairs_are_not_added_twice(with_pairs: Path, embtrainer: CommandLine, pair_file: Path) -> None:
    again = embtrainer.ok("pairs", with_pairs, "import", pair_file)
    assert (again["added"], again["known"]) == (0, 60)
    assert embtrainer.ok("status", with_pairs)["pairs"]["accepted"] == 60


def test_that_pairs_without_ids_of_two_files_are_all_kept(
    tmp_path: Path, embtrainer: CommandLine, pair_file: Path
) -> None:
    rows = rows_of(pair_file)
    for name, part in (("a", rows[:30]), ("b", rows[30:])):
        anonymous = [{key: value for key, value in row.items() if key != "id"} for row in part]
        embtrainer.ok("pairs", tmp_path / "p", "import", write(tmp_path / f"{name}.jsonl", anonymous))
    assert embtrainer.ok("status", tmp_path / "p")["pairs"]["pending"] == 60


def test_that_an_export_comes_back_as_it_was(with_pairs: Path, embtrainer: CommandLine, tmp_path: Path) -> None:
    out, again = tmp_path / "out.jsonl", tmp_path / "again.jsonl"
    embtrainer.ok("pairs", with_pairs, "export", out)
    embtrainer.ok("pairs", tmp_path / "other", "import", out)
    embtrainer.ok("pairs", tmp_path / "other", "export", again)
    ours = "embtrainer"
    first, second = ([{k: v for k, v in row.items() if k != ours} for row in rows_of(file)] for file in (out, again))
    assert first == second


def test_that_a_resume_without_a_run_and_with_other_data_is_refused(with_pairs: Path, embtrainer: CommandLine) -> None:
    assert_plain(embtrainer("train", with_pairs, "--resume"), 2, "no unfinished", "embtrainer train")


def test_that_an_unknown_loss_is_an_error_outside_a_config(with_pairs: Path, embtrainer: CommandLine) -> None:
    assert_plain(embtrainer("train", with_pairs, "--loss", "TripletLoss"), 2, "--loss", "MultipleNegativesRankingLoss")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=150m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("no permission to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_that_a_full_disk_at_a_checkpoint_ends_in_one_sentence_and_keeps_the_pairs(
    small_disk: Path, embtrainer: CommandLine, pair_file: Path
) -> None:
    project = small_disk / "project"
    embtrainer.ok("pairs", project, "import", pair_file)
    embtrainer.ok("pairs", project, "accept")
    assert_plain(embtrainer("train", project), 3, "space")
    status = embtrainer.ok("status", project)
    assert status["pairs"]["accepted"] == 60
    assert status["steps"]["train"] == "failed"


@pytest.mark.slow
def test_that_the_predecessors_config_trains(tmp_path: Path, embtrainer: CommandLine, pair_file: Path) -> None:
    config = {
        "input_jsonl": str(pair_file), "output_dir": str(tmp_path / "out"), "num_epochs": 1, "train_batch_size": 8,
        "base_model": "sentence-transformers/all-MiniLM-L6-v2", "max_seq_length": 64, "warmup_steps": 500,
        "evaluation_steps": 1000, "save_steps": 1000, "learning_rate": 2e-5, "train_split": 0.7,
        "loss_function": "NoSuchLoss", "_comments": {"a": "note"},
    }  # fmt: skip
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    ran = embtrainer("train", "--config", path, "--json")
    assert ran.code == 0, ran.err[-2000:]
    assert set(ran.json) == {"run", "steps", "pairs", "best_step", "dev", "model", "seconds"}
    assert "NoSuchLoss" in ran.err
    assert "500" in ran.err
    out = tmp_path / "out"
    assert (out / "final_model" / "model.safetensors").exists()
    assert json.loads((out / "training_progress.json").read_text(encoding="utf-8"))["training_completed"] is True
    assert (out / "training_metrics.jsonl").stat().st_size
    tested = embtrainer.ok("train", "--config", path, "--test_only")
    assert tested["shape"] == [3, 384]
    assert tested["norms"] == pytest.approx([1, 1, 1], abs=1e-3)


def test_that_the_predecessors_generator_config_makes_its_files_and_goes_on(
    tmp_path: Path, embtrainer: CommandLine
) -> None:
    folder = tmp_path / "grobid_processed_pdf"
    folder.mkdir()
    line = "Rice blast is a fungal disease that lowers the yield of rice in warm and wet regions of the world."
    (folder / "paper.txt").write_text(
        f"{line}\nshort\nReferences: none of this is asked about at all, ever.\n{line}\n", encoding="utf-8"
    )
    config = tmp_path / "qa.json"
    secret = "sk-CANARY"
    config.write_text(
        json.dumps(
            {
                "input_dir": str(tmp_path / "grobid_proccessed_pdf"),
                "output_dir": str(tmp_path / "out"),
                "api_key": secret,
            }
        ),
        encoding="utf-8",
    )
    ran = embtrainer("generate", "--config", config, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["made"] > 0
    rows = rows_of(tmp_path / "out" / "questions_answers.jsonl")
    assert {row["line_number"] for row in rows} <= {1, 4}
    assert {row["file_name"] for row in rows} == {"paper.txt"}
    progress = json.loads((tmp_path / "out" / "progress.json").read_text(encoding="utf-8"))
    assert progress == {"paper.txt": {"line_number": 4}}
    assert embtrainer.ok("generate", "--config", config)["made"] == 0
    assert rows_of(tmp_path / "out" / "questions_answers.jsonl") == rows
    everything = ran.out + ran.err + "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "out").rglob("*.json*"))
    assert secret not in everything


def test_that_a_lost_progress_file_doubles_nothing(tmp_path: Path, embtrainer: CommandLine) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    line = "Root rot is caused by a fungus that lives in wet soil and attacks the roots of many young plants."
    (folder / "paper.txt").write_text(f"{line}\n", encoding="utf-8")
    config = tmp_path / "qa.json"
    config.write_text(json.dumps({"input_dir": str(folder), "output_dir": str(tmp_path / "out")}), encoding="utf-8")
    embtrainer.ok("generate", "--config", config)
    before = rows_of(tmp_path / "out" / "questions_answers.jsonl")
    (tmp_path / "out" / "progress.json").unlink()  # as if killed between the two files
    embtrainer.ok("generate", "--config", config)
    assert rows_of(tmp_path / "out" / "questions_answers.jsonl") == before
    (tmp_path / "out" / "progress.json").write_text("{torn", encoding="utf-8")
    assert_plain(embtrainer("generate", "--config", config), 2, "progress.json")
