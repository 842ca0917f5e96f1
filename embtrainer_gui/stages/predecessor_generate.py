"""``generate --config``: a folder of texts in, questions_answers.jsonl out, as the predecessor's command did."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.files import write_problem
from embtrainer_gui.core.legacy.generator import read_generator_config
from embtrainer_gui.core.store.lock import FolderLock
from embtrainer_gui.generate.wordings import builtin_generator
from embtrainer_gui.stages.context import JobContext
from embtrainer_gui.stages.generate_pairs import cost_of
from embtrainer_gui.stages.predecessor_files import OutputFiles, StatementRun
from embtrainer_gui.stages.question_run import run_id


@dataclass(frozen=True, slots=True)
class Overrides:
    """Flags of the command line, which come before the config file; None where one was not given."""

    input_dir: str | None = None
    output_dir: str | None = None
    backend: str | None = None
    base_url: str | None = None
    model: str | None = None


def run(
    ctx: JobContext,
    config: Path,
    options: GenerateConfig,
    given: Overrides,
    key_of: Callable[[str], str] = lambda address: "",
    *,
    may_send: bool = False,
) -> dict[str, Any]:
    """Go through all statements that are not done yet; gives the object that ``generate --json`` prints.

    The server that the file or a flag names is asked; where neither does, the built-in generator makes the questions.

    Args:
        key_of: the key for an address; a key in the file is not used.
        may_send: text may go to another machine.

    Raises:
        UserError: a broken config or progress file, no statement to ask about, no consent, a refused key.
        EnvironmentProblem: the output cannot be written (what is in it stays), or the server is not there.
    """
    started = time.monotonic()
    legacy = read_generator_config(config)
    legacy = replace(
        legacy,
        input_dir=Path(given.input_dir) if given.input_dir else legacy.input_dir,
        output_dir=Path(given.output_dir) if given.output_dir else legacy.output_dir,
        base_url=given.base_url or legacy.base_url,
        model=given.model or legacy.model,
    )
    for warning in legacy.warnings:
        ctx.warn(warning)
    has_server = given.backend or ("server" if given.base_url or legacy.raw.get("base_url") else "builtin")
    try:
        legacy.output_dir.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise write_problem(legacy.output_dir, problem) from problem
    with FolderLock(legacy.output_dir, "generate"):
        files = OutputFiles(legacy)
        if has_server == "builtin":
            result = StatementRun(_all(ctx, files, options))
        else:
            from embtrainer_gui.stages import predecessor_by_server

            result = predecessor_by_server.run(ctx, files, options, given.backend, key_of, may_send=may_send)
    return {
        "made": sum(result.made.values()),
        "flagged": 0,
        "failed": sum(result.failures.values()),
        "by_kind": dict(result.made),
        "by_reason": {},
        "seconds": round(time.monotonic() - started, 2),
        "failures": dict(result.failures),
        "left_out": dict(result.left_out),
        "calls": result.calls,
        "prompt_tokens": result.prompt_tokens,
        "completion_tokens": result.completion_tokens,
        "cost": cost_of(options, result.prompt_tokens, result.completion_tokens),
    }


def _all(ctx: JobContext, files: OutputFiles, options: GenerateConfig) -> Counter[str]:
    generator = builtin_generator(options)
    generator.prepare([statement.text for statement in files.everything])
    made: Counter[str] = Counter()
    todo, stamp = files.todo(), run_id()
    questions = generator.make([statement.text for statement in todo])
    for number, (statement, found) in enumerate(zip(todo, questions, strict=True), 1):
        files.add(statement, found, f"builtin ({generator.label})", stamp)
        made.update(question.kind.value for question in found)
        ctx.progress(number, len(todo), statement.file_name)
        ctx.raise_if_cancelled()
    return made
