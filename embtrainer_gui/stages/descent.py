"""Where a run starts from and what that descends from; and whether it was trained on what now measures it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embtrainer_gui.core.lineage import (
    Ancestor,
    Lineage,
    descent_sentence,
    lineage_of,
    paper_key,
    start_folder,
    untrained_folder,
)
from embtrainer_gui.core.records import Document, Split
from embtrainer_gui.core.report import Reporter
from embtrainer_gui.core.store.runs import Run
from embtrainer_gui.core.translate import mark
from embtrainer_gui.ml.model_files import model_fingerprint

NAMED = 3  # papers in a warning


@dataclass(frozen=True, slots=True)
class Descent:
    """``start`` is the folder of the model that training starts from, ``original`` that of the untrained one, None
    where both are one; ``leaked`` counts dev and test papers that an earlier run learned from."""

    start: Path
    original: Path | None
    before: Lineage
    leaked: int = 0

    def lineage(self, run: str, project: str, papers: Sequence[str] | None, matryoshka: Sequence[int]) -> Lineage:
        """That of the model which ``run`` will make."""
        known = None if papers is None else tuple(papers)
        return self.before.then(Ancestor(run, project, model_fingerprint(self.start), known, tuple(matryoshka)))

    def record(self) -> dict[str, Any]:
        """``lineage`` for a summary in JSON; nothing where the run starts from an untrained model."""
        return {"lineage": {**self.before.record(), "leaked": self.leaked}} if self.before.runs else {}


def descent_of(
    name: str, runs: Sequence[Run], models: Path, reporter: Reporter, documents: Sequence[Document] = ()
) -> Descent:
    """Of a run with ``base_model`` ``name``; says so where it goes on from another, and warns of leaks.

    Raises:
        UserError: there is no such run or model.
        EnvironmentProblem: the bundled model is damaged or missing.
    """
    start, before = start_folder(name, runs, models), lineage_of(name, runs, models)
    if not before.runs:
        return Descent(start, None, before)
    reporter.status(descent_sentence(before.record()))
    original = untrained_folder(name, runs, models)
    if original == start:
        reporter.warn(
            mark("The untrained model {name} is not on this disk: the model that this run goes on from stands for it.")
            .format(name=before.original)
        )  # fmt: skip
        return Descent(start, None, before, _leak(before, documents, reporter))
    began_with = before.runs[0].started_from
    if began_with and model_fingerprint(original) != began_with:
        reporter.warn(
            mark("The untrained model {name} is not what it was when {run} was trained from it.").format(
                name=before.original, run=before.runs[0].called
            )
        )
    return Descent(start, original, before, _leak(before, documents, reporter))


def papers_of(documents: Mapping[int, Document], ids: Collection[int], *, every: bool = False) -> list[str]:
    """The keys of the papers with these ids, or of ``every`` training paper."""
    found = [each for id_, each in documents.items() if id_ in ids or (every and each.split is Split.TRAIN)]
    return sorted({paper_key(document) for document in found})


def _leak(before: Lineage, documents: Sequence[Document], reporter: Reporter) -> int:
    held = {paper_key(found): found for found in documents if found.split in (Split.DEV, Split.TEST)}
    unknown = [run.called for run in before.runs if run.papers is None]
    if unknown and documents:
        reporter.warn(
            mark(
                "It is not recorded on which papers {runs} was trained: if dev or test papers were among them, the"
                " scores of this run look better than they are."
            ).format(runs=", ".join(unknown))
        )
    learned = {key for run in before.runs for key in run.papers or ()}
    leaked = [document.file_name for key, document in held.items() if key in learned]
    if leaked:
        reporter.warn(
            mark(
                "{count} dev or test papers ({names}) were training papers of the model that this run goes on from:"
                " its scores look better than they are. Start from the untrained model to measure truly."
            ).format(count=len(leaked), names=", ".join(leaked[:NAMED]) + (", ..." if len(leaked) > NAMED else ""))
        )
    return len(leaked)
