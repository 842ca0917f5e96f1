"""Questions: run a generator over every passage in use that it has not been through, then the checks."""

from __future__ import annotations

import time
from typing import Any

from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import AppError, Cancelled
from embtrainer_gui.stages import check_pairs
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.question_run import QuestionRun, run_id
from embtrainer_gui.stages.recipe import note
from embtrainer_gui.stages.retrieval import Library

GENERATED_FOR = "generated_for"


def run(ctx: Context, config: GenerateConfig, key: str = "", *, retry: bool = False) -> dict[str, Any]:
    """Make and check questions; gives the object that ``generate --json`` prints. A second run goes on where a
    first one was stopped: no passage is asked twice, none is left out.

    Args:
        key: of the server, where it wants one.
        retry: ask those again, too, that failed for their own reasons. Those that failed because of the server
            always are.

    Raises:
        UserError: no passages, a prompt of no use, no consent to send text to another machine, a refused key.
        EnvironmentProblem: the server is not there at the start. One that goes away later is waited for.
    """
    started = time.monotonic()
    project, stamp = ctx.project, run_id()
    library = Library(project, ctx.workplace)
    with project.lock():
        note(project, "generate", config)
        last_call = project.server_runs.last_call()
        result = _generate(ctx, config, library, stamp, key, last_call, retry=retry)
        used = project.server_runs.used_after(last_call)
        reasons = check_pairs.run(ctx, library)
        project.meta.set(GENERATED_FOR, project.passages.fingerprint())
    if result.problem is not None:
        raise result.problem
    return {
        "made": sum(result.made.values()),
        "flagged": reasons.flagged,
        "failed": sum(result.failures.values()),
        "by_kind": dict(result.made),
        "by_reason": reasons.by_reason,
        "seconds": round(time.monotonic() - started, 2),
        "failures": dict(result.failures),
        "left_out": dict(result.left_out),
        "judged": result.judged,
        "calls": used.calls,
        "prompt_tokens": used.prompt_tokens,
        "completion_tokens": used.completion_tokens,
        "cost": cost_of(config, used.prompt_tokens, used.completion_tokens),
    }


def cost_of(config: GenerateConfig, prompt_tokens: int, completion_tokens: int) -> float:
    """In the currency of the prices."""
    return round((prompt_tokens * config.price_in + completion_tokens * config.price_out) / 1e6, 6)


def _generate(
    ctx: Context, config: GenerateConfig, library: Library, stamp: str, key: str, last_call: int, *, retry: bool
) -> QuestionRun:
    if config.backend == "builtin":
        from embtrainer_gui.stages import generate_builtin

        return generate_builtin.run(ctx, config, library, stamp)
    from embtrainer_gui.stages import generate_by_server, judge_pairs

    result = generate_by_server.run(ctx, config, library, stamp, key, retry=retry)
    if config.judge:
        ctx.project.meta.set(check_pairs.JUDGE_MARK, config.judge_mark)
        used = ctx.project.server_runs.used_after(last_call)
        try:
            result.judged = judge_pairs.run(ctx, config, stamp, key, used, sum(result.failures.values()))
        except Cancelled:
            raise
        except AppError as problem:  # of the judge alone: what was made is checked first
            result.problem = problem
    return result
