"""Pairs in and out of a project: list, accept, import and export."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange import (
    ExportPair,
    ImportedPair,
    document_name,
    export_pair,
    passage_text,
    read_pairs,
    write_json,
    write_jsonl,
)
from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QAPair
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.translate import mark
from embtrainer_gui.export.beir import write_beir
from embtrainer_gui.export.tables import write_csv, write_parquet
from embtrainer_gui.stages import check_pairs
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.judgements import found_right
from embtrainer_gui.stages.likeness import LikenessIndex
from embtrainer_gui.stages.question_run import run_id
from embtrainer_gui.stages.retrieval import Library
from embtrainer_gui.stages.sources import content_hash
from embtrainer_gui.stages.split import settle_split
from embtrainer_gui.text.near_duplicate import sketch
from embtrainer_gui.text.tokens import TokenCounter

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
    origins = project.pairs.provenance()

    def exported(pair: QAPair) -> ExportPair:
        passage = passages[pair.passage_id]
        created_at, run = origins[pair.id]
        return export_pair(pair, passage, documents[passage.document_id], created_at=created_at, run_id=run)

    return WRITERS[format_](out, map(exported, pairs), states=frozenset(states))


def import_pairs(ctx: Context, path: Path) -> dict[str, Any]:
    """Take in a file of pairs; gives ``{"added", "known", "rejected": [{"line", "reason", "text"}], "notes"}``.

    A context that is no passage of the project yet becomes one, of a document of its own name.

    Raises:
        UserError: the file cannot be read at all, or holds no usable pair.
    """
    project = ctx.project
    file = read_pairs(path)
    rejected = [{"line": row.line, "reason": row.reason, "text": row.text} for row in file.rejected]
    if not file.records:
        first = f" ({rejected[0]['line']}: {rejected[0]['reason']})" if rejected else ""
        raise UserError(
            mark("{path} holds no usable pair{first}."),
            mark("Each row needs a question and an answer."),
            path=path,
            first=first,
        )
    with project.lock():
        project.documents.drop_unfinished()
        passage_ids = _passages_for(project, path, file.records)
        added = project.pairs.add(_new_pairs(project, file.records, passage_ids))
        settle_split(project)
        check_pairs.run(ctx, Library(project))
    ctx.items_changed("pairs", added)
    return {
        "added": added,
        "known": len(file.records) - added,
        "rejected": rejected,
        "notes": [{"line": note.line, "text": note.text} for note in file.notes],
    }


def _passages_for(project: Project, path: Path, records: Sequence[ImportedPair]) -> dict[str, int]:
    """``{passage text: passage id}`` for every record, making passages where the project has none."""
    hash_ = content_hash(path)
    before = project.documents.source_by_hash(f"pairs-{hash_}")
    if before and before.removed:
        project.documents.put_back([before.id])
    known = project.passages.ids_of_texts()
    new: dict[str, dict[str, None]] = defaultdict(dict)
    for record in records:
        text = passage_text(record)
        if text not in known:
            new[document_name(record)][text] = None
    if not new:
        return known
    count = TokenCounter(model_folder(BUNDLED_MODEL, verify=False)).count
    likeness = LikenessIndex(project.documents.sketches())
    source = project.documents.begin(f"pairs-{hash_}", path.name, utc_now())
    for number, (name, texts) in enumerate(new.items(), 1):
        drafts = [
            PassageDraft(text, BlockKind.BODY, "", 1, (), tokens)
            for text, tokens in zip(texts, count(list(texts)), strict=True)
        ]
        keys = [f"{hash_[:12]}-{number}-{place}" for place in range(1, len(drafts) + 1)]
        print_ = sketch("\n".join(texts))
        alike = likeness.find(print_)
        group = alike[0].group if alike else None
        document = project.documents.add(source, name, 1, drafts, keys, print_, group)
        likeness.add(document, group or document, print_, name)
    project.documents.finish(source, FileState.DONE, "", 0, "pairs", "")
    return project.passages.ids_of_texts()


def _new_pairs(project: Project, records: Sequence[ImportedPair], passage_ids: dict[str, int]) -> list[NewPair]:
    """The records that the project does not have yet; an id that another pair has (a line number, say) is replaced."""
    existing = project.pairs.all()
    taken = project.pairs.uids()
    known = {(pair.question, pair.answer, pair.passage_id) for pair in existing}
    stamp, now = run_id(), utc_now()
    pairs = []
    for record in records:
        texts = (record.question, record.answer, passage_ids[passage_text(record)])
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
