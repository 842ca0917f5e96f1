"""Every line of the command-line contract, run as a user would, with the shapes that scripts rely on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import CommandLine, Ran

HIT = {"rank", "score", "document", "page", "section", "text", "boxes"}
STEPS = ["papers", "questions", "review", "train", "compare", "search", "export"]


def events(ran: Ran) -> list[dict[str, object]]:
    return [json.loads(line) for line in ran.err.splitlines()]


def test_that_import_prints_its_shape(tmp_path: Path, embtrainer: CommandLine, three_papers: list[Path]) -> None:
    ran = embtrainer("import", tmp_path / "p", three_papers[0], "--json")
    summary = ran.json
    assert ran.code == 0
    assert set(summary) == {"files", "documents", "passages", "seconds"}
    assert set(summary["files"][0]) == {"file", "state", "pages", "passages", "reason"}
    assert summary["files"][0]["file"] == three_papers[0].name
    assert len(ran.out.splitlines()) == 1
    assert {"type": "progress", "done": 1, "total": 1, "item": three_papers[0].name} in events(ran)


@pytest.mark.parametrize("model", ["base", "bm25"])
def test_that_search_prints_its_shape(project_folder: Path, embtrainer: CommandLine, model: str) -> None:
    found = embtrainer.ok("search", project_folder, "essential oils against larvae", "--model", model, "--top", "3")
    assert set(found) == {"query", "model", "ms", "hits"}
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    scores = [hit["score"] for hit in found["hits"]]
    assert scores == sorted(scores, reverse=True)
    for hit in found["hits"]:
        assert set(hit) == HIT
        assert hit["page"] == hit["boxes"][0][0]
    assert found["hits"][0]["document"] == "PMC5758638.pdf"


def test_that_search_for_people_names_document_and_page(project_folder: Path, embtrainer: CommandLine) -> None:
    ran = embtrainer("search", project_folder, "larvae", "--model", "bm25", "--top", "1")
    assert ran.code == 0
    assert "PMC5758638.pdf, page " in ran.out


def test_that_the_bundled_model_goes_by_its_hub_name_and_asks_no_hub(
    project_folder: Path, embtrainer: CommandLine
) -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from embtrainer_gui.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "search", str(project_folder), "larvae", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_that_passages_are_exported_in_their_shape_and_reading_order(
    project_folder: Path, embtrainer: CommandLine, tmp_path: Path
) -> None:
    out = tmp_path / "passages.jsonl"
    summary = embtrainer.ok("export", project_folder, "--as", "passages", out)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert summary["items"] == len(rows) == embtrainer.ok("status", project_folder)["passages"]
    assert set(rows[0]) == {"_id", "title", "text", "document", "page", "section", "boxes"}
    assert len({row["_id"] for row in rows}) == len(rows)
    pages = [row["page"] for row in rows if row["document"] == "PMC5771181.pdf"]
    assert pages == sorted(pages)


def test_that_a_faiss_export_finds_what_search_finds(
    project_folder: Path, embtrainer: CommandLine, tmp_path: Path
) -> None:
    out = tmp_path / "index"
    embtrainer.ok("export", project_folder, "--as", "faiss", out)
    from embtrainer_gui.core.base_model import bundled_folder

    script = [sys.executable, str(out / "search_index.py"), str(bundled_folder()), "essential oils against larvae"]
    printed = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    first = embtrainer.ok("search", project_folder, "essential oils against larvae")["hits"][0]
    text = " ".join(first["text"].split())[:50]
    assert printed.startswith(f"{first['score']:.3f}  {first['document']}, page {first['page']}: {text}")


def test_that_status_prints_its_shape(project_folder: Path, embtrainer: CommandLine) -> None:
    status = embtrainer.ok("status", project_folder)
    assert set(status) == {"project", "documents", "passages", "pairs", "split", "runs", "steps"}
    assert status["pairs"] == {"pending": 0, "accepted": 0, "rejected": 0}
    assert status["split"] == {"version": 1, "train": 1, "dev": 1, "test": 1}
    assert list(status["steps"]) == STEPS
    assert status["steps"]["papers"] == "done"
    assert status["steps"]["train"] == "blocked"


def test_that_doctor_prints_its_shape_and_a_cure_for_each_finding(embtrainer: CommandLine) -> None:
    report = embtrainer.ok("doctor")
    assert set(report) == {
        "versions", "system", "device", "memory_gb", "disk_gb", "display", "keyring", "folders", "servers", "findings",
    }  # fmt: skip
    assert report["versions"]["torch"]
    assert tuple(map(int, report["versions"]["sqlite"].split("."))) >= (3, 51, 3)
    assert all(finding["what"] and finding["cure"] for finding in report["findings"])


def test_that_flags_are_accepted_with_underscores(
    tmp_path: Path, embtrainer: CommandLine, three_papers: list[Path]
) -> None:
    ran = embtrainer("import", tmp_path / "p", three_papers[0], "--passage_tokens=90", "--json")
    assert ran.code == 0
    ran_dashes = embtrainer("import", tmp_path / "q", three_papers[0], "--passage-tokens", "90", "--json")
    assert ran.json["passages"] == ran_dashes.json["passages"] > 14


def test_that_a_flag_out_of_bounds_is_named_with_its_help(tmp_path: Path, embtrainer: CommandLine) -> None:
    ran = embtrainer("import", tmp_path / "p", "x.pdf", "--passage-tokens", "1")
    assert ran.code == 2
    assert "--passage-tokens 1" in ran.err


def test_that_the_split_can_be_shown_and_renewed(project_folder: Path, embtrainer: CommandLine) -> None:
    assert embtrainer.ok("split", project_folder)["version"] == 1
    assert embtrainer.ok("split", project_folder, "--new-version")["version"] == 2


def test_that_without_a_terminal_there_is_no_progress_bar(project_folder: Path, embtrainer: CommandLine) -> None:
    ran = embtrainer("status", project_folder)
    assert "\x1b" not in ran.out + ran.err
