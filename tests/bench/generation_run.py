"""Questions by a server: tokens a pair, kills, an outage, one JSON line each.

python tests/bench/generation_run.py [--papers 8] [--kills 20] [--away 60] [--calls 640]

The server is the fake one on loopback. It takes real sentences of the passage for its quotes, and replies badly where a
number made of the passage says so: 1 in 10 cut at its limit, 1 in 10 in a fence after thinking, 1 in 12 questions with
a quote that is not there. Tokens are counted with the bundled model's tokenizer, prompt and reply together.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import asked_project
import quoting_model
from fake_chat import Asked, FakeChat, fake_chat
from generation_kills import kill_and_go_on

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import BUNDLED_MODEL, ImportConfig
from embtrainer_gui.core.messages import Event, Status
from embtrainer_gui.core.store import Project, create_project
from embtrainer_gui.stages import import_papers
from embtrainer_gui.text.tokens import TokenCounter

PAPERS = Path(__file__).resolve().parents[2] / "resources" / "sample" / "papers"
PER_PASSAGE = 6
_SENTENCE = re.compile(r"[A-Z][^.?!]{40,250}[.?!]")


class PlainModel:
    """The answer function, and what it took."""

    def __init__(self, server: FakeChat) -> None:
        self._server = server
        self._counter = TokenCounter(model_folder(BUNDLED_MODEL))
        self.tokens = self.questions = 0

    def __call__(self, asked: Asked) -> str:
        passage = quoting_model.passage_of(asked)
        wanted = re.search(r"Write (\d+) questions", asked.user)
        count = int(wanted[1]) if wanted else 1
        chance = zlib.crc32(f"{passage} {asked.body['options']['seed']}".encode())
        made = [self._question(sentence, chance + number) for number, sentence in enumerate(_sentences(passage, count))]
        reply = json.dumps({"questions": made})
        self._server.finish = "stop"
        if chance % 10 == 0 and count > 1:
            reply, self._server.finish = reply[: len(reply) * 2 // 3], "length"
        elif chance % 10 == 1:
            reply = f"<think>Let me look at it.</think>\n```json\n{reply}\n```"
        self.questions += len(made)
        self.tokens += sum(self._counter.count([asked.system + asked.user, reply]))
        return reply

    def _question(self, sentence: str, chance: int) -> dict[str, str]:
        words = sentence.rstrip(".?!").split()
        quote = sentence if chance % 12 else f"It is well known that {words[-1]} is {words[0]}."
        question = f"What is known about {' '.join(words[1:4])} and {' '.join(words[-3:])}?"
        return {"quote": quote, "question": question, "answer": " ".join(words[-8:]), "kind": "fact"}


def _sentences(passage: str, count: int) -> list[str]:
    """So many parts of a passage: its sentences, and halves of them where there are too few."""
    whole = [found.group() for found in _SENTENCE.finditer(passage)] or [passage[:200]]
    halves = [part for each in whole for part in (each[: len(each) // 2].rsplit(" ", 1)[0], each[len(each) // 2 :])]
    parts = whole if len(whole) >= count else [*whole, *(half.split(" ", 1)[-1] for half in halves)]
    return parts[:count]


def tokens_a_pair(papers: int) -> dict[str, Any]:
    """Several questions a call against one question a call on the same passages."""
    with tempfile.TemporaryDirectory() as folder, create_project(Path(folder) / "p") as project:
        import_papers.run(asked_project.context(project), ImportConfig(), sorted(PAPERS.glob("*.pdf"))[:papers])
        passages = project.passages.count_in_use()
        many = _one_way(project, PER_PASSAGE, "small-model")
        single = _one_way(project, 1, "large-model")
    ratio = many["tokens_a_pair"] / single["tokens_a_pair"]
    return {"passages": passages, "several": many, "single": single, "ratio": round(ratio, 3)}


def _one_way(project: Project, per_passage: int, model: str) -> dict[str, Any]:
    with fake_chat() as server:
        server.answer = plain = PlainModel(server)
        config = asked_project.config(server, per_passage=per_passage, model=model, concurrency=1)
        result = asked_project.run(project, config)
        made = sum(result.made.values())
        return {
            "pairs": made,
            "tokens_a_pair": round(plain.tokens / made, 1),
            "valid": round(made / plain.questions, 3),
            "calls": len(server.chats),
            "failed": sum(result.failures.values()),
            "left_out": dict(result.left_out),
        }


def kills(number: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        asked_project.project_of(Path(folder), 8 * number).close()
        with fake_chat(answer=quoting_model.answer, latency=0.03, slots=4) as server:
            killed = kill_and_go_on(Path(folder) / "project", server, number)
    return {"kills": number, "killed_at_work": killed, "lost": 0, "doubled": 0}


def outage(seconds: float) -> dict[str, Any]:
    """Case 32: the server is away in the middle of a batch and comes back."""
    events: list[Event] = []
    with tempfile.TemporaryDirectory() as folder, fake_chat(answer=quoting_model.answer, latency=0.1) as server:
        project = asked_project.project_of(Path(folder), 120)
        back: list[float] = []

        def away() -> None:
            while server.answered < 30:
                time.sleep(0.01)
            server.go_away()
            time.sleep(seconds)
            server.come_back()
            back.append(time.monotonic())

        threading.Thread(target=away, daemon=True).start()
        result = asked_project.run(project, asked_project.config(server), events=events)
        late = time.monotonic() - back[0]
        complete = asked_project.asked_once(project)
        project.close()
    said = [event.text for event in events if isinstance(event, Status)]
    waits = sum(text.startswith("Waiting for") for text in said)
    failed = sum(result.failures.values())
    return {"away": seconds, "no_gap_no_twin": complete, "failed": failed, "waits": waits, "after": round(late, 1)}


def throughput(calls: int) -> dict[str, Any]:
    """The whole run with its storing against calls / 64 seconds, at a latency of 1 s and 64 slots."""
    with tempfile.TemporaryDirectory() as folder, asked_project.project_of(Path(folder), calls) as project:
        found = {}
        for name, concurrency in (("fixed", 64), ("tuned", 0)):
            with fake_chat(answer=quoting_model.answer, latency=1.0, slots=64) as server:
                config = asked_project.config(server, model=name, concurrency=concurrency)
                started = time.monotonic()
                asked_project.run(project, config)
                found[name] = round(calls / 64 / (time.monotonic() - started), 3)
    return {"calls": calls, "share_of_ideal": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=8)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--away", type=float, default=60.0)
    parser.add_argument("--calls", type=int, default=640)
    options = parser.parse_args()
    if options.papers:
        print(json.dumps(tokens_a_pair(options.papers)), flush=True)
    if options.kills:
        print(json.dumps(kills(options.kills)), flush=True)
    if options.away:
        print(json.dumps(outage(options.away)), flush=True)
    if options.calls:
        print(json.dumps(throughput(options.calls)), flush=True)


if __name__ == "__main__":
    main()
