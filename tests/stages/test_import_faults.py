"""A fault at the n-th write while a paper comes in, for every n: the paper is there whole, or not at all."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import apsw
import pytest
from fault_vfs import Kind, faulty
from small_project import small_project

from embtrainer_gui.core.errors import AppError
from embtrainer_gui.core.records import BlockKind, FileState, PassageDraft
from embtrainer_gui.core.store import Project, open_project
from embtrainer_gui.core.store.integrity import examine
from embtrainer_gui.extract.reading import DocumentDraft, FileResult
from embtrainer_gui.stages.incoming import Incoming
from embtrainer_gui.stages.likeness import LikenessIndex
from embtrainer_gui.stages.paper_writer import PaperWriter

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of a close that fails
PASSAGES, MOST = 4, 400


def write_paper(project: Project, file: Path) -> None:
    """What the import does with one that was read."""
    project.documents.drop_unfinished()
    writer = PaperWriter(project, LikenessIndex(project.documents.sketches()))
    incoming = Incoming(file, file.name, "hash-of-new")
    texts = [f"New passage {number} tells of bees." for number in range(PASSAGES)]
    drafts = tuple(PassageDraft(text, BlockKind.BODY, "", 1, (), 5) for text in texts)
    try:
        writer.add(incoming, [DocumentDraft("New", 1, drafts, (7, 8, 9))])
        writer.finish(incoming, FileResult(file, FileState.DONE, "", 1, "txt"))
    finally:
        writer.close()


def passages(folder: Path) -> int:
    with open_project(folder, write=True) as project:
        project.documents.drop_unfinished()  # as the next import does
        hidden = project.database.one("SELECT count(*) FROM passages") - project.passages.count_in_use()
        assert hidden == 0
        return project.passages.count_in_use()


@pytest.mark.parametrize("kind", ["fails", "dies", "tears"])
def test_that_a_paper_is_there_whole_or_not_at_all(kind: Kind, tmp_path: Path) -> None:
    small_project(tmp_path / "project").close()
    file = tmp_path / "new.txt"
    file.write_text("New passages tell of bees.", encoding="utf-8")
    before, ends = passages(tmp_path / "project"), set()
    for at in range(1, MOST):
        here, acknowledged = tmp_path / "try", False
        shutil.rmtree(here, ignore_errors=True)
        shutil.copytree(tmp_path / "project", here)
        with faulty(at, kind) as vfs:
            with suppress(AppError, apsw.Error), open_project(here, write=True) as project:
                write_paper(project, file)
                acknowledged = True
            reached = vfs.count >= at
        found = passages(here)
        assert found in (before, before + PASSAGES), f"fault {at}"
        assert not acknowledged or found > before, f"fault {at}: lost"
        assert examine(here / "project.db") == ()
        ends.add(found)
        if not reached:
            break
    assert ends == {before, before + PASSAGES}
