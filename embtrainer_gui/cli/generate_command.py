"""The command generate: questions by the built-in generator or a server, a preview, or the predecessor's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from embtrainer_gui.cli.cluster import context_on
from embtrainer_gui.cli.consent import ensure_consent
from embtrainer_gui.cli.job_commands import project_folder
from embtrainer_gui.cli.output import shortened
from embtrainer_gui.cli.session import Session, config_from
from embtrainer_gui.core import keys
from embtrainer_gui.core.config import GenerateConfig
from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.generate_config import LONGEST_PROMPT, MOST_EXAMPLES, ExampleQuestion
from embtrainer_gui.core.interchange import ImportedPair, read_pairs
from embtrainer_gui.core.server_address import host_of
from embtrainer_gui.core.store import Project, open_project
from embtrainer_gui.core.translate import mark

TEXT = mark("The text of the passages")
SOME_FAILED = EnvironmentProblem.exit_code


def generate(session: Session) -> int:
    options = session.options
    config = config_from(GenerateConfig, options, prompt=_prompt(options.prompt), examples=_examples(options.examples))
    if options.on and (options.config or options.preview is not None):
        raise UserError(mark("--on shares out the questions of a project."), mark("Leave it out here."))
    if options.config:
        from embtrainer_gui.stages import predecessor_generate

        summary = predecessor_generate.run(
            session.job_context(),
            options.config,
            config,
            predecessor_generate.Overrides(
                options.input_dir, options.output_dir, options.backend, options.base_url, options.model
            ),
            lambda address: options.api_key or keys.key_for(address),
            may_send=options.yes,
        )
        return _show(session, summary)
    key = "" if config.backend == "builtin" else options.api_key or keys.key_for(config.base_url)
    if options.api_key and config.backend == "builtin":
        session.output.say(mark("! --api-key is not used: the built-in generator asks no server."))
    with open_project(project_folder(session), write=options.preview is None or config.backend != "builtin") as project:
        if config.backend != "builtin":
            from embtrainer_gui.stages.server_asking import place_of

            host = host_of(place_of(config).address)  # of what is no address nobody is asked
            ensure_consent(session.output, project, host, TEXT, yes=options.yes)
        if options.preview is not None:
            return _preview(session, project, config, key)
        from embtrainer_gui.stages import generate_pairs

        with context_on(session, project) as ctx:
            summary = generate_pairs.run(ctx, config, key, retry=options.retry_failed)
    return _show(session, summary)


def _show(session: Session, summary: dict[str, Any]) -> int:
    """The figures, the sum of them in the last line; the exit code is that of success only where nothing failed."""
    say = session.output.say
    for name, count in {**summary["by_kind"], **summary["by_reason"]}.items():
        say(f"  {name:<14} {count}")
    for text, rows in (
        (mark("  not used: {count} because {reason}"), summary["left_out"]),
        (mark("  failed: {count} because {reason}"), summary["failures"]),
    ):
        for reason, count in rows.items():
            say(text.format(count=count, reason=shortened(reason.rstrip("."))))
    if summary["calls"]:
        say(_cost_line(summary))
    if summary["failed"]:
        say(mark("  Ask again about those that failed: add --retry-failed."))
    say(mark("{made} made, {failed} failed, {flagged} flagged, {seconds} s").format(**summary))
    session.output.result(summary)
    return SOME_FAILED if summary["failed"] else 0


def _cost_line(summary: dict[str, Any]) -> str:
    text = mark("  {calls} calls, {prompt_tokens} tokens sent, {completion_tokens} received").format(**summary)
    return text + (mark(", cost {cost}").format(cost=f"{summary['cost']:.4g}") if summary["cost"] else "")


def _preview(session: Session, project: Project, config: GenerateConfig, key: str) -> int:
    from embtrainer_gui.stages import preview

    wanted = session.options.preview
    if not 1 <= wanted <= 50:
        raise UserError(mark("--preview {number}: it must be from 1 to 50."), number=wanted)
    numbers = [passage.id for passage in project.passages.sample(wanted)]
    summary = preview.run(session.context(project), config, numbers, key)
    say = session.output.say
    for row in summary["passages"]:
        say(mark("\nPassage {number} ({seconds:.1f} s) {problem}").format(number=row["passage"], **row).rstrip())
        for question in row["questions"]:
            flags = f"  [{', '.join(question['reasons'])}]" if question["reasons"] else ""
            say(f"  {question['kind']:<10} {question['question']}{flags}\n             {shortened(question['answer'])}")
    text = mark("\n{waiting} passages are waiting: at most {waiting_seconds} s at this rate")
    cost = mark(", cost {waiting_cost}") if summary["waiting_cost"] else ""
    say((text + cost).format(**summary))
    session.output.result(summary)
    return SOME_FAILED if any(row["problem"] for row in summary["passages"]) else 0


def _prompt(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(
            mark("The prompt {path} cannot be read: {reason}."),
            mark("Name a text file in UTF-8."),
            path=path,
            reason=getattr(problem, "strerror", None) or mark("it is not UTF-8 text"),
        ) from problem
    if not text.strip() or len(text) > LONGEST_PROMPT:
        raise UserError(
            mark("The prompt {path} is empty or longer than {most} characters."),
            mark("Leave --prompt out to use the program's."),
            path=path,
            most=LONGEST_PROMPT,
        )
    return text


def _examples(path: Path | None) -> list[dict[str, str]] | None:
    """The first pairs of a file in any of the formats that pairs are imported from."""
    if path is None:
        return None
    found = [row for pair in read_pairs(path).records if (row := _example(pair))]
    if not found:
        raise UserError(
            mark("{path} holds no question with an answer."),
            mark("It needs a question and an answer a row."),
            path=path,
        )
    return found[:MOST_EXAMPLES]


def _example(pair: ImportedPair) -> dict[str, str] | None:
    """None where it is too long to be shown to a model."""
    row = {"question": pair.question, "answer": pair.answer}
    try:
        ExampleQuestion.model_validate(row)
    except ValidationError:
        return None
    return row
