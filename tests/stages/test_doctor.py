"""The doctor: what is wrong with a machine is found, each with its cure; servers are asked only by a wish."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import fake_chat
import pytest

from embtrainer_gui.core import hardware
from embtrainer_gui.core.doctor_report import as_text
from embtrainer_gui.core.settings import Server, Settings, save_settings
from embtrainer_gui.stages import doctor, doctor_findings
from embtrainer_gui.stages.doctor_servers import look_at_servers


def words(findings: list[dict[str, str]]) -> str:
    assert all(finding["what"] and finding["cure"] for finding in findings)
    return " ".join(f"{finding['what']} {finding['cure']}" for finding in findings)


def test_that_folders_of_the_report_begin_with_a_tilde_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_DOCUMENTS_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    report = doctor.run()
    assert {folder[:2] for folder in report["folders"].values()} == {"~/"}
    assert str(tmp_path) not in json.dumps(report)
    assert report["device"].startswith(("cpu", "cuda", "mps"))


def test_that_the_text_holds_every_fact_and_finding() -> None:
    report = doctor.run()
    text = as_text(report)
    for name, version in report["versions"].items():
        assert f"{name} " in text
        assert version in text
    for finding in report["findings"]:
        assert f"! {finding['what']} {finding['cure']}" in text


def test_that_a_broken_settings_file_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(os.environ["XDG_CONFIG_HOME"]) / "embtrainer" / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text("{", encoding="utf-8")
    assert "settings.json cannot be read" in words(doctor.run()["findings"])


def test_that_folders_that_may_not_be_written_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path and may(path, mode))
    found = doctor_findings.folders({"projects": tmp_path / "new" / "deep", "logs": Path("/tmp")}, str)
    assert len(found) == 1
    assert "Choose another folder" in words(found)


def test_that_little_memory_and_disk_are_found() -> None:
    assert doctor_findings.room(8, 80) == []
    text = words(doctor_findings.room(2.5, 1.5))
    assert "2.5 GB of memory" in text
    assert "1.5 GB are free" in text


def test_that_a_package_is_missed_unless_it_is_of_an_extra() -> None:
    assert words(doctor_findings.versions({"torch": "", "spacy": "3.8", "peft": ""})).count("not installed") == 1


def test_that_an_idle_graphics_card_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_findings, "graphics_card", lambda: hardware.NVIDIA_CARD)
    name, found = doctor_findings.device("auto")
    if name.startswith("cpu"):
        assert "graphics card" in words(found)
    assert doctor_findings.device("cpu")[1] == []


def test_that_a_missing_keyring_is_no_fault_without_servers() -> None:
    assert doctor_findings.keyring(works=True) == []
    assert "Nothing to do without servers" in words(doctor_findings.keyring(works=False))


def servers(address: str) -> dict[str, Any]:
    return {"servers": (Server(name="Lab", address=address),)}


def test_that_servers_are_not_asked_unless_somebody_wants_it() -> None:
    with fake_chat.fake_chat() as server:
        save_settings(Settings(**servers(server.address)))
        report = doctor.run()
        assert server.asked == []
    assert report["servers"][0]["name"] == "Lab"
    assert report["servers"][0]["state"].endswith("not asked")


def test_that_a_server_that_answers_is_told_from_one_that_does_not() -> None:
    with fake_chat.fake_chat() as server:
        good = server.address
        rows, found = look_at_servers(servers(good)["servers"], ask=True)
        assert rows[0]["state"].endswith(f"answers, {len(fake_chat.MODELS)} models")
        assert found == []
    rows, found = look_at_servers(servers(good)["servers"], ask=True)  # it is gone now
    assert rows[0]["state"].endswith("does not answer")
    assert words(found).startswith("Lab: ")
