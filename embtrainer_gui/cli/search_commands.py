"""The commands that search: search, similar, map, copies."""

from __future__ import annotations

from embtrainer_gui.cli.output import shortened
from embtrainer_gui.cli.session import Session, config_from
from embtrainer_gui.core.config import CopiesConfig, MapConfig, SearchConfig
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.store import open_project
from embtrainer_gui.core.translate import mark

CELL = 7  # characters of a figure in a table
SHOWN_GROUPS = 20


def run(session: Session) -> int:
    return {"search": _search, "similar": _similar, "map": _map, "copies": _copies}[session.options.command](session)


def _search(session: Session) -> int:
    from embtrainer_gui.stages import search

    options = session.options
    if options.queries or options.out:
        return _search_many(session)
    with open_project(options.project) as project:
        summary = search.run(session.context(project), config_from(SearchConfig, options), options.question or "")
    for hit in summary["hits"]:
        place = mark("{document}, page {page}").format(**hit) + (f", {hit['section']}" if hit["section"] else "")
        session.output.say(f"{hit['rank']:>2}  {hit['score']:.3f}  {place}\n    {shortened(hit['text'])}")
        if "answer" in hit:
            session.output.say(f"    {shortened(hit['question'])} -> {shortened(hit['answer'])}")
    if not summary["hits"]:
        session.output.say(mark("No passage matches."))
    session.output.result(summary)
    return 0


def _search_many(session: Session) -> int:
    from embtrainer_gui.stages import search_many

    options = session.options
    if options.question or not (options.queries and options.out):
        raise UserError(
            mark("--queries and --out belong together, without a question."),
            mark("embtrainer search PROJECT --queries questions.txt --out hits.csv"),
        )
    with open_project(options.project) as project:
        config = config_from(SearchConfig, options)
        summary = search_many.run(session.context(project), config, options.queries, options.out)
    text = mark("{hits} hits for {questions} questions in {path}; {without_hits} without a hit, {seconds} s")
    session.output.say(text.format(**summary))
    session.output.result(summary)
    return 0


def _similar(session: Session) -> int:
    from embtrainer_gui.stages import similar

    options = session.options
    if options.file and options.texts:
        raise UserError(mark("Give the texts, or a file of them, not both."), mark("Leave --file out."))
    texts = similar.texts_of(options.file) if options.file else options.texts
    with open_project(options.project) as project:
        summary = similar.run(session.context(project), options.model, texts)
    numbers = range(1, len(texts) + 1)
    session.output.say(" " * 4 + "".join(f"{number:>{CELL}}" for number in numbers))
    for number, row, text in zip(numbers, summary["cosines"], texts, strict=True):
        cells = "".join(f"{value:>{CELL}.3f}" for value in row)
        session.output.say(f"{number:>4}{cells}  {shortened(text, 60)}")
    session.output.result(summary)
    return 0


def _map(session: Session) -> int:
    from embtrainer_gui.stages import passage_map

    options = session.options
    if options.out.suffix.lower() != ".csv":
        raise UserError(mark("The map is written as CSV."), mark("Name a file that ends in .csv."))
    with open_project(options.project) as project:
        summary = passage_map.run(session.context(project), config_from(MapConfig, options), options.out)
    session.output.say(mark("{points} of {passages} passages in {path}").format(**summary))
    for number, words in enumerate(summary["clusters"], 1):
        session.output.say(f"{number:>4}  {words}")
    session.output.result(summary)
    return 0


def _copies(session: Session) -> int:
    from embtrainer_gui.stages import near_copies

    with open_project(session.options.project) as project:
        found = near_copies.find(session.context(project), config_from(CopiesConfig, session.options))
        passages = project.passages.get({number for group in found.groups for number in group.passages})
        names = {document.id: document.file_name for document in project.documents.all()}
    for group in found.groups[:SHOWN_GROUPS]:
        session.output.say(mark("{highest:.3f}  {size} passages").format(highest=group.highest, size=group.size))
        for number in group.passages:
            passage = passages[number]
            place = mark("{document}, page {page}").format(document=names[passage.document_id], page=passage.page)
            session.output.say(f"    {place}: {shortened(passage.text, 100)}")
    text = mark("{groups} groups of near copies among {passages} passages")
    session.output.say(text.format(groups=found.groups_found, passages=found.passages))
    session.output.result(found.model_dump(mode="json"))
    return 0
