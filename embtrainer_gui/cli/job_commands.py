"""The commands of the main job: sample, run, generate, train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from embtrainer_gui.cli import plan_commands
from embtrainer_gui.cli.cluster import context_on
from embtrainer_gui.cli.compare_command import show_comparison
from embtrainer_gui.cli.session import Session
from embtrainer_gui.cli.window import SAMPLE_FOLDER
from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.general_report import report_of
from embtrainer_gui.core.loss_fields import idle_flags
from embtrainer_gui.core.negatives_report import NegativesReport
from embtrainer_gui.core.run_words import further_lines
from embtrainer_gui.core.store import create_project, open_project
from embtrainer_gui.core.translate import mark


def sample(session: Session) -> int:
    from embtrainer_gui.stages import whole_job

    folder = session.options.folder or SAMPLE_FOLDER
    session.output.say(mark("The whole job on the bundled papers; the project goes to {path}.").format(path=folder))
    with create_project(folder) as project:
        ctx = session.context(project)
        result = whole_job.run(ctx, [whole_job.sample_papers()], session.options.seed)
        searches = whole_job.sample_searches(ctx)
    show_comparison(session, result)
    for search in searches:
        session.output.say(f"\n{search['question']}")
        for model in ("base", "tuned"):
            session.output.say(f"  {model}")
            for hit in search[model]:
                text = " ".join(hit.passage.text.split())[:100]
                session.output.say(
                    f"    {hit.rank}  {hit.score:.3f}  {hit.document}, page {hit.passage.page}: {text}..."
                )
    session.output.say(mark('\nSearch it yourself: embtrainer search {path} "..." --model tuned').format(path=folder))
    session.output.result(result)
    return 0


def run(session: Session) -> int:
    from embtrainer_gui.stages import whole_job
    from embtrainer_gui.stages.recipe import read_recipe

    options, recipe = session.options, None
    if options.settings:
        recipe = read_recipe(options.settings, session.job_context(), options.base_model)
    elif options.base_model:
        raise UserError(mark("--base-model belongs to --from."), mark("Leave it out."))
    with create_project(options.project) as project, context_on(session, project) as ctx:
        result = whole_job.run(ctx, options.sources, options.seed, recipe)
    show_comparison(session, result)
    _show_differences(session, result)
    session.output.result(result)
    return 0


def _show_differences(session: Session, result: dict[str, Any]) -> None:
    """Of a run from a settings file: whether it came out as that tells."""
    if "differences" in result:
        same = mark("All numbers are those of the settings file.")
        session.output.say("\n".join(result["differences"]) or same)


def train(session: Session) -> int:
    options = session.options
    from embtrainer_gui.stages.bundle_files import is_bundle

    packed = options.project is not None and is_bundle(options.project)
    if options.launch and options.config:
        raise UserError(
            mark("--launch needs a project or a packed run."), mark("embtrainer train PROJECT --launch COMMAND")
        )
    if options.config and options.plan:
        return plan_commands.plan_of_config(session, _overrides(options))
    if (options.config or packed) and (options.check or options.plan):
        raise UserError(
            mark("--check and --plan look at a project, and {path} is none."),
            mark("Leave them out; a predecessor's config takes --plan."),
            path=options.config or options.project,
        )
    if packed:
        summary = _train_bundle(session)
    elif options.config:
        summary = _train_from_config(session)
        if options.test_only:
            session.output.say(mark("{model}: shape {shape}, norms {norms}").format(**summary))
            session.output.result(summary)
            return 0
    else:
        from embtrainer_gui.stages import launched, train_model

        with open_project(project_folder(session), write=True) as project:
            (config, reasons), context = plan_commands.settings(session, project), session.context(project)
            if options.plan:
                return plan_commands.plan(session, project, config, reasons)
            for warning in idle_flags(config, _given(options)):
                context.warn(warning)
            if options.check:
                return plan_commands.check(session, project, config)
            if options.launch:
                summary = launched.run(context, "train", project.folder, options.launch, config, resume=options.resume)
            else:
                summary = train_model.run(context, config, resume=options.resume)
    base, best = (summary["dev"][key].get("ndcg@10") for key in ("base", "best"))
    if base is not None and best is not None:
        text = mark("dev nDCG@10: untrained {base:.3f}, best {best:.3f}")
        if "lineage" in summary:
            text = mark("dev nDCG@10: before this run {base:.3f}, best {best:.3f}")
        session.output.say(text.format(base=base, best=best))
    for line in further_lines(summary):
        session.output.say(line)
    if "hard_negatives" in summary:
        session.output.say(NegativesReport(**summary["hard_negatives"]).sentence())
    say_general(session, summary)
    session.output.say(mark("{model}: {steps} steps, {pairs} pairs, {seconds} s").format(**summary))
    plan_commands.say_error(session, summary)
    session.output.result(summary)
    return 0


def _train_bundle(session: Session) -> dict[str, Any]:
    """What ``export --as bundle`` packed, on this computer."""
    options = session.options
    refuse_train_flags(options, mark("The settings of a packed run are fixed: --{flag} has no effect here."))
    if options.launch:
        from embtrainer_gui.stages import launched, registry

        return launched.run(session.job_context(), registry.TRAIN_BUNDLE, options.project, options.launch)
    from embtrainer_gui.stages import bundle_run

    return bundle_run.run(session.job_context(), options.project)


def refuse_train_flags(options: Any, fault: str) -> None:
    """Raise UserError where a training setting was given as a flag; ``fault`` names it as {flag}."""
    for name in sorted(_given(options)):
        raise UserError(fault, mark("Leave it out."), flag=name.replace("_", "-"))


def _train_from_config(session: Session) -> dict[str, Any]:
    from embtrainer_gui.stages import predecessor_train

    options = session.options
    if options.test_only:
        return predecessor_train.test_only(session.job_context(), options.config, options.output_dir)
    return predecessor_train.run(
        session.job_context(),
        options.config,
        _overrides(options),
        input_jsonl=options.input_jsonl,
        output_dir=options.output_dir,
        resume=options.resume,
    )


def project_folder(session: Session) -> Path:
    project: Path | None = session.options.project
    if project is None:
        raise UserError(
            mark("Name a project, or a config with --config."),
            mark("embtrainer {command} PROJECT"),
            command=session.options.command,
        )
    return project


def say_general(session: Session, summary: dict[str, Any]) -> None:
    report = report_of(summary)
    if report:
        session.output.say(report.sentence())


def _overrides(options: Any) -> dict[str, Any]:
    """Every training setting, None where it was not given."""
    return {name: getattr(options, name) for name in TrainConfig.model_fields}


def _given(options: Any) -> set[str]:
    """Training settings that were given as flags, 0 among them."""
    return {name for name in TrainConfig.model_fields if getattr(options, name) is not None}
