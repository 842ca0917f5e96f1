"""The project store: migrations, refusals, locks, rows that are wholly there or not at all, the journal."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest

from embtrainer_gui.core.errors import EnvironmentProblem, UserError
from embtrainer_gui.core.records import BlockKind, FileState, PairState, PassageDraft, QuestionKind, Reason, Split
from embtrainer_gui.core.store import Project, create_project, open_project, utc_now
from embtrainer_gui.core.store import database as database_module
from embtrainer_gui.core.store.pairs import NewPair
from embtrainer_gui.core.store.schema import APPLICATION_ID, SCHEMA_VERSION

NORMAL, FULL = 1, 2  # SQLite's names for whether a commit waits for the disk


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "project")


def add_document(project: Project, name: str = "a.pdf", passages: int = 3) -> int:
    source = project.documents.begin(f"hash-{name}", name, utc_now())
    drafts = [
        PassageDraft(f"{name} text {n}", BlockKind.BODY, "Intro", 1, ((1, 0, 0, 9, 9),), 5) for n in range(passages)
    ]
    keys = [f"{name}-{n}" for n in range(passages)]
    project.documents.add(source, f"Title of {name}", 2, drafts, keys, (1, 2, 3), None)
    project.documents.finish(source, FileState.DONE, "", 2, "text", "")
    return source


def new_pair(project: Project, uid: str) -> NewPair:
    passage = next(iter(project.passages.in_use()))
    return NewPair(uid, passage.id, f"Question {uid}?", "text", QuestionKind.FACT, "import", utc_now(), "r", {"x": 1})


def test_that_rows_come_back_as_they_went_in(project: Project) -> None:
    add_document(project)
    first = next(iter(project.passages.in_use()))
    assert (first.text, first.section, first.boxes, first.number) == ("a.pdf text 0", "Intro", ((1, 0, 0, 9, 9),), 1)
    document = project.documents.all()[0]
    assert (document.file_name, document.title, document.group) == ("a.pdf", "Title of a.pdf", document.id)


def test_that_an_unfinished_source_is_invisible_and_swept_away(project: Project) -> None:
    source = project.documents.begin("h", "half.pdf", utc_now())
    draft = PassageDraft("half", BlockKind.BODY, "", 1, (), 3)
    project.documents.add(source, "Half", 1, [draft], ["half-1"], (), None)
    assert project.passages.count_in_use() == 0
    assert project.documents.count() == 0
    project.documents.drop_unfinished()
    assert project.database.one("SELECT count(*) FROM passages") == 0


def test_that_a_switch_brings_left_out_kinds_back(project: Project) -> None:
    source = project.documents.begin("h", "b.pdf", utc_now())
    drafts = [PassageDraft("body", BlockKind.BODY, "", 1, (), 3), PassageDraft("cap", BlockKind.CAPTION, "", 1, (), 3)]
    project.documents.add(source, "B", 1, drafts, ["b-1", "b-2"], (), None)
    project.documents.finish(source, FileState.DONE, "", 1, "text", "")
    before = project.passages.fingerprint()
    assert [p.text for p in project.passages.in_use()] == ["body"]
    project.meta.set("include", ["caption"])
    assert [p.text for p in project.passages.in_use()] == ["body", "cap"]
    assert project.passages.fingerprint() != before


def test_that_every_decision_is_journalled_with_what_was_before(project: Project) -> None:
    add_document(project)
    project.pairs.add([new_pair(project, str(n)) for n in range(450)])
    ids = [pair.id for pair in project.pairs.all()]
    assert project.pairs.decide(ids, PairState.ACCEPTED, "accept all", utc_now()) == 450
    assert project.pairs.decide(ids, PairState.ACCEPTED, "accept all", utc_now()) == 0
    rows = project.database.rows("SELECT before, after, batch FROM decisions")
    assert len(rows) == 450
    assert set(rows) == {("pending", "accepted", 1)}


def test_that_pairs_keep_reasons_and_unknown_keys(project: Project) -> None:
    add_document(project)
    project.pairs.add([new_pair(project, "one")])
    pair = project.pairs.all()[0]
    project.pairs.set_reasons({pair.id: [Reason.COPIED, Reason.DUPLICATE]})
    again = project.pairs.all()[0]
    assert again.reasons == (Reason.COPIED, Reason.DUPLICATE)
    assert again.extra == {"x": 1}


def test_that_a_passage_is_never_generated_twice(project: Project) -> None:
    add_document(project)
    passage = next(iter(project.passages.in_use()))
    project.pairs.add_generated("builtin", [(passage.id, [new_pair(project, "first")])])
    project.pairs.add_generated("builtin", [(passage.id, [new_pair(project, "second")])])
    assert [pair.uid for pair in project.pairs.all()] == ["first"]


def test_that_pairs_are_found_by_split(project: Project) -> None:
    add_document(project)
    project.pairs.add([new_pair(project, "one")])
    document = project.documents.all()[0]
    assert project.pairs.all(splits=(Split.TEST,)) == []
    project.documents.set_splits({document.id: Split.TEST})
    assert len(project.pairs.all(splits=(Split.TEST,))) == 1


def test_that_a_second_writer_is_refused_with_the_number_of_the_first(project: Project) -> None:
    with project.lock():
        other = open_project(project.folder)
        with pytest.raises(EnvironmentProblem) as refused, other.lock():
            pass
    assert str(os.getpid()) in refused.value.message
    with other.lock():
        pass


def test_that_the_lock_of_a_killed_process_is_free(project: Project) -> None:
    holder = (
        "import sys, time; from pathlib import Path; from embtrainer_gui.core.store import open_project\n"
        "project = open_project(Path(sys.argv[1])); lock = project.lock()\n"
        "lock.__enter__(); print('held', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", holder, str(project.folder)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    with pytest.raises(EnvironmentProblem), project.lock():
        pass
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    started = time.monotonic()
    with project.lock():
        pass
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("content", [b"", b"not a database at all " * 50, b"SQLite format 3\x00" + bytes(200)])
def test_that_what_is_no_project_is_refused_and_unchanged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "project.db").write_bytes(content)
    with pytest.raises(UserError):
        open_project(tmp_path)
    assert (tmp_path / "project.db").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["project.db"]


def test_that_a_newer_project_is_refused_and_unchanged(project: Project) -> None:
    project.close()
    file = project.folder / "project.db"
    newer = apsw.Connection(str(file))
    newer.pragma("user_version", SCHEMA_VERSION + 1)
    newer.close()
    before = hashlib.sha256(file.read_bytes()).digest()
    with pytest.raises(UserError, match="newer version"):
        open_project(project.folder)
    assert hashlib.sha256(file.read_bytes()).digest() == before


@pytest.mark.parametrize(
    "strange",
    [
        "CREATE VIEW v AS SELECT 1",
        "CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END",
        "CREATE TABLE other (x)",
        "CREATE VIRTUAL TABLE words USING fts5 (x)",
    ],
)
def test_that_a_project_with_views_triggers_or_foreign_tables_is_refused(project: Project, strange: str) -> None:
    project.close()
    connection = apsw.Connection(str(project.folder / "project.db"))
    connection.execute(strange)
    connection.close()
    with pytest.raises(UserError):
        open_project(project.folder)


def test_that_a_foreign_sqlite_file_is_refused(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "project.db"))
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(UserError, match="not a project"):
        open_project(tmp_path)


def test_that_a_migration_keeps_a_copy_and_all_rows(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    add_document(project)
    project.close()
    monkeypatch.setattr(database_module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    step = "ALTER TABLE meta ADD COLUMN note TEXT"
    monkeypatch.setattr(database_module, "MIGRATIONS", (*database_module.MIGRATIONS, step))
    newer = open_project(project.folder)
    assert newer.passages.count_in_use() == 3
    assert newer.database.one("PRAGMA user_version") == SCHEMA_VERSION + 1
    copy = apsw.Connection(str(project.folder / f"project.db.before-{SCHEMA_VERSION + 1}"))
    assert copy.pragma("user_version") == SCHEMA_VERSION


def test_that_a_failed_migration_leaves_the_old_schema(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    add_document(project)
    project.close()
    monkeypatch.setattr(database_module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    broken = "ALTER TABLE meta ADD COLUMN note TEXT; SELECT no_such_function()"
    monkeypatch.setattr(database_module, "MIGRATIONS", (*database_module.MIGRATIONS, broken))
    with pytest.raises(apsw.SQLError):
        open_project(project.folder)
    monkeypatch.undo()
    old = open_project(project.folder)
    assert old.database.one("PRAGMA user_version") == SCHEMA_VERSION
    assert old.passages.count_in_use() == 3


def test_that_half_a_creation_is_finished_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    (folder / "papers").mkdir(parents=True)
    (folder / ".project.db.new").write_bytes(b"half")
    create_project(folder).close()
    assert open_project(folder).documents.count() == 0


def test_that_a_folder_with_other_things_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="not empty"):
        create_project(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_that_a_moved_project_opens(project: Project, tmp_path: Path) -> None:
    add_document(project)
    project.close()
    project.folder.rename(tmp_path / "elsewhere")
    assert open_project(tmp_path / "elsewhere").passages.count_in_use() == 3


def test_that_the_header_says_whose_file_it_is(project: Project) -> None:
    project.close()
    assert int.from_bytes((project.folder / "project.db").read_bytes()[68:72]) == APPLICATION_ID


KILLED_WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [{tests!r}]
from core.test_store import add_document, new_pair
from embtrainer_gui.core.store import open_project
from embtrainer_gui.core.records import PairState
project = open_project(Path(sys.argv[1]), write=True)
for number in range(100_000):
    uid = f"{{sys.argv[2]}}-{{number}}"
    project.pairs.add([new_pair(project, uid)])
    pair = project.pairs.all()[-1]
    project.pairs.decide([pair.id], PairState.ACCEPTED, "accept", "now")
    print(uid, flush=True)
"""


def test_that_kill_9_loses_no_acknowledged_decision(project: Project) -> None:
    add_document(project)
    project.close()
    code = KILLED_WRITER.format(tests=str(Path(__file__).resolve().parents[1]))
    acknowledged: list[str] = []
    for round_ in range(5):
        child = subprocess.Popen([sys.executable, "-c", code, str(project.folder), str(round_)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        acknowledged += [child.stdout.readline().decode().strip() for _ in range(3 + round_)]
        child.kill()
        acknowledged += child.stdout.read().decode().split("\n")[:-1]
        child.wait()
        child.stdout.close()
    again = open_project(project.folder)
    accepted = {pair.uid for pair in again.pairs.all(state=PairState.ACCEPTED)}
    assert set(acknowledged) <= accepted
    assert again.database.one("PRAGMA integrity_check") == "ok"
    journalled = again.database.one("SELECT count(*) FROM decisions")
    assert journalled == len(accepted)


def test_that_a_truncated_log_opens_with_a_prefix_of_the_decisions(project: Project, tmp_path: Path) -> None:
    add_document(project)
    project.database.connection.pragma("wal_autocheckpoint", 0)
    for number in range(12):
        project.pairs.add([new_pair(project, f"{number:02}")])
    main, wal = (project.folder / name for name in ("project.db", "project.db-wal"))
    content, log = main.read_bytes(), wal.read_bytes()
    for cut in range(0, len(log), max(1, len(log) // 15)):
        folder = tmp_path / f"cut-{cut}"
        folder.mkdir()
        (folder / "project.db").write_bytes(content)
        (folder / "project.db-wal").write_bytes(log[:cut])
        with open_project(folder) as opened:
            uids = [pair.uid for pair in opened.pairs.all()]
            assert uids == [f"{number:02}" for number in range(len(uids))]
            assert opened.database.one("PRAGMA integrity_check") == "ok"


def test_that_meta_holds_json(project: Project) -> None:
    project.meta.set("a", {"b": [1, None]})
    assert project.meta.get("a") == json.loads('{"b": [1, null]}')
    assert project.meta.get("missing", 7) == 7


def test_that_a_quick_change_does_not_wait_for_the_disk_and_the_next_one_does(project: Project) -> None:
    database = project.database
    with database.quick_transaction() as connection:
        assert connection.pragma("synchronous") == NORMAL
        connection.execute("INSERT INTO meta VALUES ('a', '1')")
    assert database.connection.pragma("synchronous") == FULL

    def fail() -> None:
        with database.quick_transaction() as connection:
            connection.execute("INSERT INTO meta VALUES ('b', '1')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert database.connection.pragma("synchronous") == FULL
    assert (project.meta.get("a"), project.meta.get("b")) == (1, None)
    project.meta.set("c", 2, quick=True)
    assert project.meta.get("c") == 2
