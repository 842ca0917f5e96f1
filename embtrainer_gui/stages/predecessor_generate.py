"""``generate --config``: a folder of texts in, questions_answers.jsonl out, as the predecessor's command did."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.files import write_problem
from embtrainer_gui.core.interchange.records_out import ExportPair, record_of
from embtrainer_gui.core.legacy.generator import LegacyGeneratorConfig, read_generator_config
from embtrainer_gui.core.legacy.progress import is_done, read_progress, write_progress
from embtrainer_gui.core.legacy.statements import Statement, read_statements
from embtrainer_gui.core.records import MadeQuestion, PairState
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.core.translate import mark
from embtrainer_gui.generate.builtin import BuiltinGenerator
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.question_run import run_id


def run(
    ctx: JobContext, config: Path, options: GenerateConfig, input_dir: str | None, output_dir: str | None
) -> dict[str, Any]:
    """Go through all statements that are not done yet; gives the object that ``generate --json`` prints.

    Raises:
        UserError: a broken config or progress file, or no statement to ask about.
        EnvironmentProblem: the output cannot be written; what is in it stays.
    """
    started = time.monotonic()
    legacy = read_generator_config(config)
    legacy = replace(
        legacy,
        input_dir=Path(input_dir) if input_dir else legacy.input_dir,
        output_dir=Path(output_dir) if output_dir else legacy.output_dir,
    )
    for warning in legacy.warnings:
        ctx.warn(warning)
    ctx.warn(
        mark("{url} is not asked: this version makes questions with the built-in generator (basic).").format(
            url=legacy.base_url
        )
    )
    try:
        legacy.output_dir.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise write_problem(legacy.output_dir, problem) from problem
    with FolderLock(legacy.output_dir, "generate"):
        made = _all(ctx, legacy, options)
    return {
        "made": sum(made.values()),
        "flagged": 0,
        "failed": 0,
        "by_kind": dict(made),
        "by_reason": {},
        "seconds": round(time.monotonic() - started, 2),
    }


def _all(ctx: JobContext, legacy: LegacyGeneratorConfig, options: GenerateConfig) -> Counter[str]:
    output, progress_path = legacy.output_dir / legacy.jsonl_output, legacy.output_dir / legacy.progress_file
    progress = read_progress(progress_path)
    everything = list(read_statements(legacy.input_dir))
    if not everything:
        raise UserError(
            mark("There is no statement to ask about in {path}."),
            mark("It needs .txt files with one paragraph of at least ten words a line."),
            path=legacy.input_dir,
        )
    written = _in_output(output)
    todo = [
        s
        for s in everything
        if not is_done(progress, s.file_name, s.line_number) and (s.file_name, s.line_number) not in written
    ]
    generator = BuiltinGenerator(options)
    generator.prepare([statement.text for statement in everything])
    made: Counter[str] = Counter()
    stamp = run_id()
    questions = generator.make([statement.text for statement in todo])
    for number, (statement, found) in enumerate(zip(todo, questions, strict=True), 1):
        _append(output, _lines(statement, found, generator.label, stamp))
        progress[statement.file_name] = {**progress.get(statement.file_name, {}), "line_number": statement.line_number}
        write_progress(progress_path, progress)
        made.update(question.kind.value for question in found)
        ctx.progress(number, len(todo), statement.file_name)
        ctx.raise_if_cancelled()
    return made


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


def _lines(statement: Statement, questions: Sequence[MadeQuestion], label: str, stamp: str) -> bytes:
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
                model=f"builtin ({label})",
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
