"""``embtrainer compare``: the models, what they are compared on, and the report."""

from __future__ import annotations

from typing import Any

from embtrainer_gui.cli.session import Session, config_from
from embtrainer_gui.core.compared_models import called
from embtrainer_gui.core.comparison import titles_of
from embtrainer_gui.core.config import CompareConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.general_report import report_of
from embtrainer_gui.core.store import open_project
from embtrainer_gui.core.translate import mark

HEADS = {
    "ndcg@10": "nDCG@10",
    "mrr@10": "MRR@10",
    "recall@1": "R@1",
    "recall@5": "R@5",
    "recall@10": "R@10",
    "spearman": "Spearman",
}
NAME_WIDTH = 24


def compare(session: Session) -> int:
    from embtrainer_gui.stages import compare as stage
    from embtrainer_gui.stages import comparison_report

    options = session.options
    config, out = config_from(CompareConfig, options), options.report
    if out is not None:
        comparison_report.checked_out(out)
    with open_project(options.project) as project:
        if out is not None and project.read_only:
            raise UserError(
                mark("The project {path} cannot be written, and a report is made of what is stored in it."),
                mark("Make its folder writable, or copy it."),
                path=options.project,
            )
        context = session.context(project)
        result = stage.run(context, config, options.set)
        titles = titles_of(project)
        if out is not None:
            written = comparison_report.run(context, out, result["name"], tuple(result["compared"]))
            result["report"] = written["path"]
    show_comparison(session, result, titles)
    session.output.result(result)
    return 0


def show_comparison(session: Session, result: dict[str, Any], titles: dict[str, str] | None = None) -> None:
    """The table, the verdict, and what each further model changed; a result of ``stages.compare.run``."""
    say, names = session.output.say, {name: called(name, titles or {}) for name in result["models"]}
    metrics = list(next(iter(result["models"].values())))
    say(f"\n{'':<{NAME_WIDTH}} " + " ".join(f"{HEADS[metric]:>8}" for metric in metrics) + mark("   95 % interval"))
    for model, values in result["models"].items():
        low, high = result["bounds"][model][metrics[0]]
        figures = " ".join(f"{values[metric]:>8.3f}" for metric in metrics)
        say(f"{names[model][:NAME_WIDTH]:<{NAME_WIDTH}} {figures}   " + f"{low:.3f} - {high:.3f}")
    counted = mark("{queries} pairs of sentences") if metrics[0] == "spearman" else mark("{queries} questions")
    text = mark("{verdict}: {metric} {delta:+.3f} (95 % interval {low:+.3f} to {high:+.3f}), {counted}")
    low, high = result["ci95"]
    say(
        text.format(
            verdict=result["verdict"],
            metric=HEADS[metrics[0]],
            delta=result["delta"],
            low=low,
            high=high,
            counted=counted.format(queries=result["queries"]),
        )
    )
    for pair in result["pairs"][1:]:
        told = pair["metrics"][metrics[0]]
        text = mark("{before} → {after}: {delta:+.3f} ({low:+.3f} to {high:+.3f}) {verdict}")
        low, high = told["ci95"]
        before, after = names[pair["from"]], names[pair["to"]]
        say(text.format(before=before, after=after, delta=told["delta"], low=low, high=high, verdict=pair["verdict"]))
    _show_kinds(session, result, names)
    for report in filter(None, [report_of(result)]):
        say(report.sentence())
    if "report" in result:
        say(mark("Report: {path}").format(path=result["report"]))


def _show_kinds(session: Session, result: dict[str, Any], names: dict[str, str]) -> None:
    for row in result.get("by_kind", ()):
        scores = ", ".join(f"{names[model]} {score:.3f}" for model, score in row["scores"].items())
        text = mark("{kind} ({queries} questions): {scores}")
        session.output.say(text.format(kind=row["name"], queries=row["queries"], scores=scores))
