"""``embtrainer models``: which models training can start from, and the download of one."""

from __future__ import annotations

from typing import Any

from embtrainer_gui.cli.session import Session
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.model_catalogue import CATALOGUE, CatalogueModel, Figure
from embtrainer_gui.core.model_store import ModelState, model_state
from embtrainer_gui.core.translate import mark

LINE = "{:<60} {:>4} {:>4} {:>6} {:>6} {:>6} {:>7}  {}"


def models(session: Session) -> int:
    return _get(session) if session.options.action == "get" else _list(session)


def _get(session: Session) -> int:
    from embtrainer_gui.stages import get_model

    name = session.options.name
    if not name:
        raise UserError(mark("Which model? {command}"), command="embtrainer models get NAME")
    summary = get_model.run(session.job_context(), name)
    say = session.output.say
    if summary["bytes"]:
        say(mark("{megabytes:.0f} MB in {seconds} s").format(megabytes=summary["bytes"] / 1e6, **summary))
    say(mark("{model} is in {path}").format(**summary))
    say(mark("Use it: embtrainer train PROJECT --base-model {model}").format(**summary))
    session.output.result(summary)
    return 0


def _list(session: Session) -> int:
    say = session.output.say
    heads = (mark("model"), mark("MB"), mark("dim"), mark("tokens"), mark("MTEB"), mark("SBERT"), mark("sent/s"))
    say(LINE.format(*heads, mark("state")))
    for model in CATALOGUE:
        whole = (model.megabytes, model.max_tokens, model.speed)
        megabytes, tokens, speed = (_number(figure, ".0f") for figure in whole)
        search, sbert = _number(model.search, ".2f"), _number(model.sbert_search, ".2f")
        state = _state_words(model, model_state(model))
        say(LINE.format(model.name, megabytes, model.dimension, tokens, search, sbert, speed, state))
    say(
        mark(
            "\nMTEB: nDCG@10 on its 15 retrieval sets. SBERT: mean of its 6 search sets. sent/s: on one V100."
            "\nA dash: no published figure was found. The source of each figure: embtrainer models --json."
        )
    )
    session.output.result({"models": [_row(model) for model in CATALOGUE]})
    return 0


def _row(model: CatalogueModel) -> dict[str, Any]:
    state = model_state(model)
    return {
        "name": model.name,
        "state": state.kind,
        "path": str(state.folder) if state.folder else None,
        "kept_bytes": state.kept,
        "revision": model.revision,
        "licence": model.licence,
        "dimension": model.dimension,
        "prompts": {"query": model.query_prompt, "passage": model.passage_prompt},
        "card": model.card,
        "figures": {
            "parameters": _figure(model.parameters),
            "megabytes": _figure(model.megabytes),
            "max_tokens": _figure(model.max_tokens),
            "mteb_retrieval_ndcg@10": _figure(model.search),
            "sbert_semantic_search": _figure(model.sbert_search),
            "sentences_per_second_v100": _figure(model.speed),
        },
    }


def _figure(figure: Figure | None) -> dict[str, Any] | None:
    return {"value": figure.value, "source": figure.source} if figure else None


def _number(figure: Figure | None, form: str) -> str:
    return format(figure.value, form) if figure else "-"


def _state_words(model: CatalogueModel, state: ModelState) -> str:
    if state.kind == "bundled":
        return mark("bundled")
    if state.kind == "here":
        return mark("on this disk")
    words = mark("needs a download of {megabytes:.0f} MB").format(megabytes=model.megabytes.value)
    return words + (mark(", {kept:.0f} MB are there").format(kept=state.kept / 1e6) if state.kept else "")
