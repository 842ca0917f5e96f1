"""The files of ``generate --config``: statements in, questions_answers.jsonl and progress.json out, safe from kills."""

from __future__ import annotations

import json
import os
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import write_problem
from embtrainer_gui.core.interchange.records_out import ExportPair, record_of
from embtrainer_gui.core.legacy.generator import LegacyGeneratorConfig
from embtrainer_gui.core.legacy.progress import is_done, read_progress, write_progress
from embtrainer_gui.core.legacy.statements import Statement, read_statements
from embtrainer_gui.core.records import MadeQuestion, PairState
from embtrainer_gui.core.translate import mark


@dataclass(slots=True)
class StatementRun:
    """``made`` counts questions by kind, ``failures`` statements by reason, ``left_out`` single questions by reason."""

    made: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class OutputFiles:
    """``progress.json`` says of each text file up to which line all is done: a statement that failed stops it there,
    and what is done behind it is known by the output.

    Raises:
        UserError: a progress file that cannot be understood, or no statement at all.
    """

    def __init__(self, legacy: LegacyGeneratorConfig) -> None:
        self.legacy = legacy
        self._output = legacy.output_dir / legacy.jsonl_output
        self._progress_path = legacy.output_dir / legacy.progress_file
        self._progress = read_progress(self._progress_path)
        self._stuck: set[str] = set()
        self.everything = list(read_statements(legacy.input_dir))
        if not self.everything:
            raise UserError(
                mark("There is no statement to ask about in {path}."),
                mark("It needs .txt files with one paragraph of at least ten words a line."),
                path=legacy.input_dir,
            )

    def todo(self) -> list[Statement]:
        """What is not done yet, in order."""
        written = _in_output(self._output)
        return [
            each
            for each in self.everything
            if not is_done(self._progress, each.file_name, each.line_number)
            and (each.file_name, each.line_number) not in written
        ]

    def add(self, statement: Statement, questions: Sequence[MadeQuestion], model: str, stamp: str) -> None:
        """Write the questions of a statement, then that it is done.

        Raises:
            EnvironmentProblem: the disk does not take it; the output then holds all of them or none.
        """
        _append(self._output, _lines(statement, questions, model, stamp))
        name = statement.file_name
        if name not in self._stuck:
            self._progress[name] = {**self._progress.get(name, {}), "line_number": statement.line_number}
            write_progress(self._progress_path, self._progress)

    def fail(self, statement: Statement, reason: str) -> None:
        """Leave a statement for the next run, and say so in the log file."""
        self._stuck.add(statement.file_name)
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        line = f"{now} - ERROR - {statement.file_name}, line {statement.line_number}: {' '.join(reason.split())}\n"
        _append(self.legacy.output_dir / self.legacy.log_file, line.encode("utf-8", "replace"))


def _in_output(output: Path) -> set[tuple[str, int]]:
    """Statements whose questions are in the output already: a kill can fall between output and progress file."""
    written: set[tuple[str, int]] = set()
    try:
        with output.open(encoding="utf-8") as file:
            for line in file:
                try:
                    row = json.loads(line)
                    written.add((row["file_name"], int(row["line_number"])))
                except (ValueError, KeyError, TypeError, RecursionError):
                    continue  # somebody else's row: left alone
    except FileNotFoundError:
        pass
    return written


def _lines(statement: Statement, questions: Sequence[MadeQuestion], model: str, stamp: str) -> bytes:
    now = datetime.now(UTC)
    records = [
        record_of(
            ExportPair(
                uid=str(uuid.uuid4()),
                question=question.question,
                answer=question.answer,
                context=statement.text,
                file_name=statement.file_name,
                line_number=statement.line_number,
                model=model,
                kind=question.kind,
                state=PairState.PENDING,
                run_id=stamp,
            ),
            now,
        )
        for question in questions
    ]
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def _append(output: Path, lines: bytes) -> None:
    """All questions of a statement in one write, or none: a part is taken back."""
    if not lines:
        return
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            size = os.fstat(descriptor).st_size
            if os.write(descriptor, lines) < len(lines):
                os.ftruncate(descriptor, size)
                raise OSError(28, "No space left on device")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise write_problem(output, problem) from problem
