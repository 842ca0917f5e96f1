"""Passages that come with a file of questions, written under a source that nobody sees until the file is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from embtrainer_gui.core.base_model import model_folder
from embtrainer_gui.core.config import BUNDLED_MODEL
from embtrainer_gui.core.records import BlockKind, PassageDraft
from embtrainer_gui.core.shingles import homes
from embtrainer_gui.core.store import Project, utc_now
from embtrainer_gui.core.store.whole_file import WholeFile
from embtrainer_gui.stages.context import Context
from embtrainer_gui.stages.likeness import LikenessIndex
from embtrainer_gui.stages.sources import content_hash
from embtrainer_gui.text.near_duplicate import sketch
from embtrainer_gui.text.tokens import TokenCounter


def texts_of_project(project: Project) -> dict[str, int]:
    """``{text: passage id}``, white space aside."""
    return {one_line(text): number for text, number in project.passages.ids_of_texts().items()}


def with_homes(known: Mapping[str, int], texts: Sequence[str]) -> dict[str, int]:
    """``known`` (text -> passage id), and for each new text the passage of the project that holds it, if one does."""
    new = [line for line in map(one_line, texts) if line and line not in known]
    return dict(known) | homes(list(dict.fromkeys(new)), {number: text for text, number in known.items()})


def one_line(text: str) -> str:
    """``text`` with single spaces, which is what tells passages apart."""
    return " ".join(text.split())


def put_back(project: Project, prefix: str, path: Path) -> None:
    """A file whose passages were taken out of the project is imported again: they come back."""
    before = project.documents.source_by_hash(f"{prefix}-{content_hash(path)}")
    if before and before.removed:
        project.documents.put_back([before.id])


def write_passages(
    ctx: Context, prefix: str, path: Path, documents: Mapping[str, tuple[str, Sequence[str]]], marks: str = ""
) -> WholeFile:
    """Write the new passages of a file: ``documents[name]`` is a title and texts.

    Raises:
        Cancelled: stopped; nothing is left.
    """
    project = ctx.project
    if not documents:
        return WholeFile(project.database)
    stem = content_hash(path)
    source_hash, again = f"{prefix}-{stem}", 1
    while project.documents.source_by_hash(source_hash):  # read before, when the project knew some of its texts
        again += 1
        source_hash = f"{prefix}-{stem}-{again}"
    file = WholeFile(project.database, project.documents.begin(source_hash, path.name, utc_now()))
    start = f"{prefix[:1]}{stem[:11]}" if prefix != "pairs" else stem[:12]
    try:
        _write(ctx, file, documents, start if again == 1 else f"{start}-{again}", marks)
    except BaseException:
        file.drop()
        raise
    return file


def _write(
    ctx: Context, file: WholeFile, documents: Mapping[str, tuple[str, Sequence[str]]], start: str, marks: str
) -> None:
    store = ctx.project.documents
    count = TokenCounter(model_folder(BUNDLED_MODEL, verify=False)).count
    likeness = LikenessIndex(store.sketches())
    for number, (name, (title, texts)) in enumerate(documents.items(), 1):
        ctx.raise_if_cancelled()
        ctx.progress(number, len(documents), name)
        drafts = [
            PassageDraft(text, BlockKind.BODY, "", 1, (), tokens, marks=marks)
            for text, tokens in zip(texts, count(list(texts)), strict=True)
        ]
        keys = [f"{start}-{number}-{place}" for place in range(1, len(drafts) + 1)]
        print_ = sketch("\n".join(texts))
        alike = likeness.find(print_)
        group = alike[0].group if alike else None
        document = store.add(file.source_id or 0, title, 1, drafts, keys, print_, group)
        likeness.add(document, group or document, print_, name)
