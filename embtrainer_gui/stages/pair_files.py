"""Pairs in and out of a project: list, accept, import and export."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange import (
    ExportPair,
    ImportedPair,
    document_name,
    export_pair,
    passage_text,
    write_json,
    write_jsonl,
)
from embtrainer_gui.core.interchange.columns import Columns
from embtrainer_gui.core.records import PairState, QAPair
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.whole_file import PAIRS
from embtrainer_gui.core.translate import mark
from embtrainer_gui.export.beir import write_beir
from embtrainer_gui.export.tables import write_csv, write_parquet
from embtrainer_gui.stages import check_pairs
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.judgements import found_right
from embtrainer_gui.stages.new_passages import one_line, put_back, texts_of_project, with_homes, write_passages
from embtrainer_gui.stages.question_records import left_out, read_records
from embtrainer_gui.stages.question_run import run_id
from embtrainer_gui.stages.retrieval import Library
from embtrainer_gui.stages.split import settle_split

WRITERS: dict[str, Callable[..., int]] = {
    "jsonl": write_jsonl,
    "json": write_json,
    "csv": write_csv,
    "parquet": write_parquet,
}


def list_pairs(project: Project, states: Collection[PairState]) -> list[dict[str, Any]]:
    """Each pair as ``pairs list --json`` shows it."""
    documents = {document.id: document.file_name for document in project.documents.all()}
    pairs = [pair for pair in project.pairs.all() if pair.state in states]
    passages = project.passages.get({pair.passage_id for pair in pairs})
    return [
        {
            "id": pair.uid,
            "question": pair.question,
            "answer": pair.answer,
            "kind": pair.kind.value,
            "state": pair.state.value,
            "reasons": [reason.value for reason in pair.reasons],
            "source": pair.source,
            "document": documents.get(passages[pair.passage_id].document_id, ""),
            "page": passages[pair.passage_id].page,
        }
        for pair in pairs
    ]


def accept(ctx: Context, *, clean_only: bool) -> dict[str, Any]:
    """Accept all pending pairs, or those that no check has flagged; gives ``{"accepted", "left"}``."""
    project = ctx.project
    with project.lock():
        if clean_only and project.pairs.unchecked():
            check_pairs.run(ctx, Library(project))
        pending = project.pairs.all(state=PairState.PENDING)
        chosen = [pair.id for pair in pending if not (clean_only and pair.reasons)]
        action = "accept clean" if clean_only else "accept all"
        changed = project.pairs.decide(chosen, PairState.ACCEPTED, action, utc_now())
    return {"accepted": changed, "left": len(pending) - changed}


def export_pairs(project: Project, out: Path, format_: str, states: Collection[PairState]) -> int:
    """Write pairs in one of ``states`` to ``out``; gives how many.

    Raises:
        UserError: there are none.
        EnvironmentProblem: ``out`` cannot be written.
    """
    pairs = [pair for pair in project.pairs.all() if pair.state in states]
    if not pairs:
        raise UserError(
            mark("There are no {states} questions to export."),
            mark("Make and accept some, or name other ones with --state."),
            states="/".join(sorted(states)),
        )
    documents = {document.id: document for document in project.documents.all()}
    if format_ == "beir":
        titles = {number: document.title for number, document in documents.items()}
        write_beir(out, project.passages.in_use(), titles, [*pairs, *found_right(project, pairs)])
        return len(pairs)
    passages = project.passages.get({pair.passage_id for pair in pairs})
    origins, servers = project.pairs.provenance(), project.server_runs.made_with()

    def exported(pair: QAPair) -> ExportPair:
        passage = passages[pair.passage_id]
        created_at, run = origins[pair.id]
        document, made_with = documents[passage.document_id], servers.get(pair.id)
        return export_pair(pair, passage, document, created_at=created_at, run_id=run, made_with=made_with)

    return WRITERS[format_](out, map(exported, pairs), states=frozenset(states))


def import_pairs(ctx: Context, path: Path, columns: Columns | None = None, sheet: str = "") -> dict[str, Any]:
    """Take in a file of pairs, wholly or not at all; gives ``{"added", "known", "rejected": [{"line", "reason",
    "text"}], "left_out", "notes"}``, of which ``rejected`` lists the first ones.

    A context that no passage of the project holds becomes one, of a document of its own name. Where nothing says
    which column holds what, the names of the exchange format count, else a guess.

    Raises:
        UserError: the file cannot be read at all, or holds no usable pair.
        Cancelled: stopped before anything came in, or, with all of it in, while the pairs were checked.
    """
    project = ctx.project
    records, rejected, notes = read_records(ctx, path, columns, sheet)
    if not records:
        first = f" ({rejected[0].line}: {rejected[0].reason})" if rejected else ""
        raise UserError(
            mark("{path} holds no usable pair{first}."),
            mark("Each row needs a question and an answer."),
            path=path,
            first=first,
        )
    with project.lock():
        project.documents.drop_unfinished()
        put_back(project, PAIRS, path)
        known = _with_homes(texts_of_project(project), records)
        file = write_passages(ctx, PAIRS, path, _new_documents(records, known))
        try:
            ctx.raise_if_cancelled()
            passage_ids = {**known, **file.passages()}
            added = file.take_pairs(_new_pairs(project, records, passage_ids))
        except BaseException:
            file.drop()
            raise
        settle_split(project)
        ctx.items_changed("pairs", added)
        check_pairs.run(ctx, Library(project))
    return {
        "added": added,
        "known": len(records) - added,
        **left_out(rejected),
        "notes": [{"line": note.line, "text": note.text} for note in notes],
    }


def _with_homes(known: Mapping[str, int], records: Sequence[ImportedPair]) -> Mapping[str, int]:
    """With the passage of a paper that holds a record's context and its answer: there it has its page."""
    found = with_homes(known, [passage_text(record) for record in records])
    text_of = {number: text for text, number in known.items()}
    lacking = {
        line
        for record in records
        if (line := one_line(passage_text(record))) not in known
        and line in found
        and one_line(record.answer) not in text_of[found[line]]
    }
    return {line: number for line, number in found.items() if line not in lacking}


def _new_documents(records: Sequence[ImportedPair], known: Mapping[str, int]) -> dict[str, tuple[str, list[str]]]:
    """``{name: (title, texts)}`` of the passages that the project lacks; one without a paper is a document of its own,
    so that the split can deal it."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    titles: dict[str, str] = {}
    for record in records:
        text = passage_text(record)
        if one_line(text) not in known:
            name = document_name(record)
            found[name].setdefault(one_line(text), text)
            titles[name] = record.file_name
    return {name: (titles[name], list(texts.values())) for name, texts in found.items()}


def _new_pairs(project: Project, records: Sequence[ImportedPair], passage_ids: Mapping[str, int]) -> list[NewPair]:
    """The records that the project does not have yet; an id that another pair has (a line number, say) is replaced."""
    existing = project.pairs.all()
    taken = project.pairs.uids()
    known = {(pair.question, pair.answer, pair.passage_id) for pair in existing}
    stamp, now = run_id(), utc_now()
    pairs = []
    for record in records:
        texts = (record.question, record.answer, passage_ids[one_line(passage_text(record))])
        if texts in known:
            continue
        known.add(texts)
        uid = str(uuid.uuid4()) if record.uid in taken else record.uid
        taken.add(uid)
        pairs.append(
            NewPair(
                uid=uid,
                passage_id=texts[2],
                question=record.question,
                answer=record.answer,
                kind=record.kind,
                source=record.model or "import",
                created_at=record.created_at or now,
                run_id=record.run_id or stamp,
                extra=record.extra,
                state=_state_of(record),
            )
        )
    return pairs


def _state_of(record: ImportedPair) -> PairState:
    """A file that this program exported carries the decision; others await one."""
    ours = record.raw.get("embtrainer")
    state = ours.get("state") if isinstance(ours, dict) else None
    return PairState(state) if state in set(PairState) else PairState.PENDING
