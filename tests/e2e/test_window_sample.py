"""The whole sample by hand: the real window as ``app.run`` starts it, driven with clicks, keys and a drop."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]
DRIVER = Path(__file__).with_name("drive_sample.py")
PAPERS = ("PMC1397864", "PMC5884149", "PMC5981179", "PMC6150305", "PMC6313609")  # of the sample; --soak takes all


@pytest.fixture(scope="session")
def papers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sample_papers: Path) -> Path:
    """The folder of what is dropped."""
    if request.config.getoption("--soak"):
        return sample_papers
    folder = tmp_path_factory.mktemp("papers")
    for name in PAPERS:
        shutil.copy(sample_papers / f"{name}.pdf", folder)
    return folder


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory, papers: Path) -> dict[str, dict[str, Any]]:
    """What the driver saw at each step, by its name."""
    folder = tmp_path_factory.mktemp("window")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("QT_QPA_PLATFORM", "offscreen")
        environment.setenv("HF_HUB_OFFLINE", "1")
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            environment.setenv(name, str(folder / name.lower()))
        command = [sys.executable, str(DRIVER), str(folder / "sample"), str(papers)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert ran.returncode == 0, f"{ran.stderr[-3000:]}\nafter {lines[-2:]}\n{folder}/where-it-failed.png"
    assert "Traceback" not in ran.stderr, ran.stderr[-3000:]
    return {line["step"]: line for line in lines}


def number(text: str) -> int:
    """The first number of a text, whose thousands stand apart."""
    found = re.search(r"\d[\d\u202f\u2009]*", text)
    assert found, text
    return int(re.sub(r"\D", "", found.group()))


def test_that_a_new_project_opens_on_its_papers_with_later_steps_blocked(seen: dict[str, dict[str, Any]]) -> None:
    step = seen["new_project"]
    assert step["title"].startswith("sample – ")
    assert step["project"] == "sample"
    assert "Ready" in step["papers"]
    assert "Not yet" in step["train"]


def test_that_dropped_papers_are_read_and_listed(seen: dict[str, dict[str, Any]], papers: Path) -> None:
    step = seen["add_papers"]
    dropped = len(list(papers.iterdir()))
    stored, passages = step["stored"]
    assert step["files"] == stored == step["rows"] == dropped > 1
    assert step["summary"].startswith(f"{dropped} papers, ")
    assert number(step["summary"].split(",")[1]) == passages > 25 * dropped


def test_that_questions_of_every_passage_are_made(seen: dict[str, dict[str, Any]]) -> None:
    step = seen["make_questions"]
    assert number(step["todo"]) == seen["add_papers"]["stored"][1]
    assert step["stored"]["pending"] > 500
    assert number(step["side"]) == step["stored"]["pending"]


def test_that_keys_decide_and_undo_and_the_button_accepts_the_rest(seen: dict[str, dict[str, Any]]) -> None:
    step = seen["review"]
    assert step["after_keys"] == [[1, 0], [1, 1], [1, 0], [2, 0]]
    assert step["next"] != step["first"]
    stored = step["stored"]
    assert stored["accepted"] > 500
    assert stored["rejected"] == 0
    shown = [number(part) for part in step["counts"].split(" · ")[:3]]
    assert shown == [stored["accepted"], stored["rejected"], stored["pending"]]


def test_that_one_epoch_is_trained_as_the_form_says(seen: dict[str, dict[str, Any]]) -> None:
    step = seen["train"]
    assert (step["epochs"], step["rounds"], step["state"]) == (1, 1, "done")
    a_pass, in_all = number(step["plan"].split("pass")[0]), number(step["plan"].split(",")[1])
    assert in_all == 2 * a_pass  # two rounds of one pass
    assert number(step["plan_as_typed"].split(",")[1]) == a_pass  # and one
    assert any("nDCG@10" in remark for remark in step["remarks"])
    assert 0 < step["dev"]["base"] <= step["dev"]["best"] <= 1


def test_that_the_comparison_ends_in_a_verdict(seen: dict[str, dict[str, Any]]) -> None:
    step = seen["compare"]
    verdict = re.sub(r"<[^>]+>", "", step["verdict"])
    assert verdict.startswith(("Better: ", "Worse: ", "No clear difference: "))
    assert re.search(r"nDCG@10 0\.\d{3} → 0\.\d{3} \([+−]0\.\d{3}, 95 % interval", verdict)
    assert re.search(r"\d+ unseen papers?\)", verdict)
    assert "improved" in step["note"]
    assert step["rows"] > 0


def test_that_the_first_hit_opens_its_page_with_the_passage_marked(seen: dict[str, dict[str, Any]]) -> None:
    step = seen["search"]
    assert step["hits"] == {"base": 10, "tuned": 10}
    assert step["time"].startswith("Found in ")
    page = re.search(r"page (\d+)", step["opened"])
    assert step["opened"].startswith("Hit 1: ")
    assert page
    assert step["page"]
    assert step["page"][0].startswith(f"Page {page.group(1)} of ")
    assert step["marked"] > 100


def test_that_the_settings_are_saved_where_it_says(seen: dict[str, dict[str, Any]]) -> None:
    step = seen["export"]
    assert step["files"] == ["sample-settings.json"]
    assert "exports/sample-settings.json" in step["where"]


def test_that_nothing_is_left_when_the_window_has_closed(seen: dict[str, dict[str, Any]]) -> None:
    assert seen["end"]["faults"] is False
    closed = seen["closed"]
    left = {name: closed[name] for name in ("lock", "qt_threads", "threads", "children")}
    assert left == {"lock": False, "qt_threads": [], "threads": [], "children": []}
    assert closed["code"] == 0
