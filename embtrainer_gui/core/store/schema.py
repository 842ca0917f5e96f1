"""The tables of a project and how an older project becomes a newer one."""

from __future__ import annotations

import re

APPLICATION_ID = 0x456D6254  # "EmbT": tells a project from any other SQLite file

_VERSION_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,      -- BLAKE2 of the file; of the path where it could not be read
    file_name TEXT NOT NULL,
    state TEXT NOT NULL,            -- FileState, or 'reading' while its rows are being written
    reason TEXT NOT NULL DEFAULT '',
    pages INTEGER NOT NULL DEFAULT 0,
    extractor TEXT NOT NULL DEFAULT '',
    stored TEXT NOT NULL DEFAULT '', -- copy in papers/, relative to the project
    added_at TEXT NOT NULL
);

CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    pages INTEGER NOT NULL,
    sketch BLOB NOT NULL,           -- text.near_duplicate, 8 bytes a value
    group_id INTEGER NOT NULL,      -- near-duplicate papers share it; the id of the first of them
    split TEXT                      -- train, dev or test; NULL until the split is frozen
);
CREATE INDEX documents_source ON documents(source_id);

CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    section TEXT NOT NULL,
    page INTEGER NOT NULL,
    text TEXT NOT NULL,
    boxes TEXT NOT NULL,            -- JSON
    tokens INTEGER NOT NULL
);
CREATE UNIQUE INDEX passages_order ON passages(document_id, number);

CREATE TABLE pairs (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    passage_id INTEGER NOT NULL REFERENCES passages(id),
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    reasons TEXT NOT NULL,          -- JSON list of Reason
    checked INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    run_id TEXT NOT NULL,
    extra TEXT NOT NULL             -- JSON
);
CREATE INDEX pairs_passage ON pairs(passage_id);
CREATE INDEX pairs_state ON pairs(state);

CREATE TABLE generated (            -- passages that a generator has been through, with or without a result
    passage_id INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
    backend TEXT NOT NULL,
    made INTEGER NOT NULL,
    PRIMARY KEY (passage_id, backend)
) WITHOUT ROWID;

CREATE TABLE decisions (            -- the journal: every decision ever made, undone or not
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    pair_id INTEGER NOT NULL REFERENCES pairs(id),
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    batch INTEGER NOT NULL,         -- decisions of one act are undone together
    undone INTEGER NOT NULL DEFAULT 0  -- 2: and no redo any more, a new one came
);
CREATE INDEX decisions_batch ON decisions(batch);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,            -- running, done, stopped, failed
    config TEXT NOT NULL,
    fingerprint TEXT NOT NULL,      -- of the data that it was trained on
    summary TEXT NOT NULL DEFAULT '{}',
    started_at TEXT NOT NULL,
    finished_at TEXT
);

CREATE TABLE evaluations (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES runs(id) ON DELETE CASCADE,
    question_set TEXT NOT NULL,     -- 'test' or the name of a folder
    fingerprint TEXT NOT NULL,
    result TEXT NOT NULL,           -- the object that compare --json prints
    per_question TEXT NOT NULL,     -- figures of each question, from which the verdict can be computed again
    at TEXT NOT NULL
);
"""

_VERSION_2 = """
ALTER TABLE sources ADD COLUMN removed_at TEXT;                     -- taken out of the project, can be put back
ALTER TABLE pairs ADD COLUMN severity INTEGER NOT NULL DEFAULT 0;   -- number of reasons: the queue is worst first
ALTER TABLE decisions ADD COLUMN edit TEXT;                         -- JSON {"before", "after"} of an edit in place
ALTER TABLE runs ADD COLUMN title TEXT NOT NULL DEFAULT '';         -- the user's own name of a run
ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
UPDATE pairs SET severity = json_array_length(reasons);
CREATE INDEX decisions_edits ON decisions(undone, id) WHERE edit IS NOT NULL;
CREATE INDEX pairs_queue ON pairs(state, severity DESC, id);
"""

_VERSION_3 = """
CREATE INDEX passages_kind ON passages(kind, document_id);          -- counts of passages read this alone
CREATE INDEX sources_hidden ON sources(id) WHERE state NOT IN ('done', 'partial') OR removed_at IS NOT NULL;
"""

_VERSION_4 = """
CREATE TABLE doubts (               -- passages that may answer the question of a pair whose passage is another one
    id INTEGER PRIMARY KEY,
    pair_id INTEGER NOT NULL REFERENCES pairs(id),
    question TEXT NOT NULL,         -- as it read then: once edited, it is another question
    passage_id INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
    share REAL NOT NULL,            -- of the score of the pair's passage
    answer TEXT NOT NULL DEFAULT 'open',
    at TEXT NOT NULL,
    run TEXT NOT NULL,              -- that found it; '' where it was looked for without one
    UNIQUE (question, passage_id)
);
CREATE INDEX doubts_pair ON doubts(pair_id);
CREATE INDEX doubts_passage ON doubts(passage_id);

CREATE TABLE doubt_answers (        -- the journal: every answer ever given, undone or not
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    doubt_id INTEGER NOT NULL REFERENCES doubts(id) ON DELETE CASCADE,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0  -- 2: and no redo any more, a new one came
);
CREATE INDEX doubt_answers_doubt ON doubt_answers(doubt_id);
"""

_VERSION_5 = """
ALTER TABLE sources ADD COLUMN wanted TEXT NOT NULL DEFAULT 'auto';     -- the extractor that the user chose
ALTER TABLE sources ADD COLUMN why TEXT NOT NULL DEFAULT '';            -- why it was read by the one that it was
ALTER TABLE sources ADD COLUMN page_range TEXT NOT NULL DEFAULT '';     -- such as 1-5,8; '' is all pages
ALTER TABLE sources ADD COLUMN score REAL;                              -- how well it could be read, 0 to 1
ALTER TABLE passages ADD COLUMN language TEXT NOT NULL DEFAULT '';      -- ISO 639-1, '' where it cannot be told
ALTER TABLE passages ADD COLUMN marks TEXT NOT NULL DEFAULT '';         -- 'maths', 'table': no questions are made of it
DROP INDEX passages_kind;
CREATE INDEX passages_kind ON passages(kind, document_id, language, marks);

CREATE TABLE read_pages (           -- of readers that take seconds a page: what is there is not read again
    hash TEXT NOT NULL,             -- of the file
    extractor TEXT NOT NULL,        -- ocr, vision
    page INTEGER NOT NULL,
    settings TEXT NOT NULL,         -- model, dpi...: another one is another reading
    text TEXT NOT NULL,
    words TEXT NOT NULL DEFAULT '', -- JSON list of messages.Word, where their places are known
    score REAL,
    at TEXT NOT NULL,
    PRIMARY KEY (hash, extractor, page, settings)
) WITHOUT ROWID;

ALTER TABLE generated ADD COLUMN state TEXT NOT NULL DEFAULT 'done';    -- failed, or server: for its fault
ALTER TABLE generated ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE generated ADD COLUMN at TEXT NOT NULL DEFAULT '';
CREATE INDEX generated_failed ON generated(passage_id) WHERE state != 'done';

CREATE TABLE prompts (              -- every wording that questions were made with
    hash TEXT PRIMARY KEY,
    prompt TEXT NOT NULL,           -- JSON: template, kinds, examples
    at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE calls (                -- what was asked of servers and what it took
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    passage_id INTEGER REFERENCES passages(id) ON DELETE SET NULL,
    host TEXT NOT NULL,
    model TEXT NOT NULL,
    purpose TEXT NOT NULL,          -- questions, judge, regenerate
    outcome TEXT NOT NULL,          -- done, salvaged, or why it failed
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    seconds REAL NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX calls_run ON calls(run_id);

ALTER TABLE pairs ADD COLUMN prompt TEXT NOT NULL DEFAULT '';           -- hash of the prompt, '' without one
ALTER TABLE pairs ADD COLUMN model TEXT NOT NULL DEFAULT '';            -- of the server
ALTER TABLE pairs ADD COLUMN seed INTEGER;
ALTER TABLE pairs ADD COLUMN quote TEXT NOT NULL DEFAULT '';            -- of the passage, that the answer rests on
ALTER TABLE pairs ADD COLUMN judge REAL;                                -- score by a server, 0 to 10
ALTER TABLE pairs ADD COLUMN judge_why TEXT NOT NULL DEFAULT '';        -- its reason in a few words
ALTER TABLE pairs ADD COLUMN alike INTEGER;                             -- similar questions share it: id of the first
CREATE INDEX pairs_alike ON pairs(alike) WHERE alike IS NOT NULL;
"""

_VERSION_6 = """
ALTER TABLE documents ADD COLUMN authors TEXT NOT NULL DEFAULT '';      -- "Last, First; Last, First"
ALTER TABLE documents ADD COLUMN year INTEGER;
ALTER TABLE documents ADD COLUMN doi TEXT NOT NULL DEFAULT '';
CREATE INDEX documents_year ON documents(year);

CREATE TABLE test_sets (            -- labelled questions that are kept apart from training
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,           -- the file that it came from, 'search' for marks in Search
    created_at TEXT NOT NULL,
    ready INTEGER NOT NULL DEFAULT 1 -- 0 while its questions are being written
);

CREATE TABLE test_questions (
    id INTEGER PRIMARY KEY,
    set_id INTEGER NOT NULL REFERENCES test_sets(id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL,
    UNIQUE (set_id, question)
);

CREATE TABLE test_judgements (
    question_id INTEGER NOT NULL REFERENCES test_questions(id) ON DELETE CASCADE,
    passage_id INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
    relevance INTEGER NOT NULL,     -- 0: looked at and wrong
    at TEXT NOT NULL,
    PRIMARY KEY (question_id, passage_id)
) WITHOUT ROWID;
CREATE INDEX test_judgements_passage ON test_judgements(passage_id);

CREATE TABLE searches (             -- what was asked in Search
    id INTEGER PRIMARY KEY,
    question TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL,         -- JSON: models, filters
    times INTEGER NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX searches_at ON searches(at);

CREATE INDEX pairs_kind ON pairs(state, kind, severity DESC, id);
DROP INDEX pairs_passage;
CREATE INDEX pairs_passage ON pairs(passage_id, state);   -- what a paper's pairs became is read from it alone
ALTER TABLE evaluations ADD COLUMN models TEXT NOT NULL DEFAULT '';     -- with commas; '' is base,tuned,bm25,hybrid
CREATE INDEX evaluations_set ON evaluations(question_set, models);
"""

_VERSION_7 = """
ALTER TABLE documents ADD COLUMN told_by TEXT NOT NULL DEFAULT '';      -- zotero, rdf, bibtex: who told its title
"""

HIDDEN = "(s.state NOT IN ('done', 'partial') OR s.removed_at IS NOT NULL)"
"""Sources ``s`` whose documents are not shown: few, and found by the index ``sources_hidden``, which needs these very
words. What is shown is counted as all there is without those."""

MIGRATIONS: tuple[str, ...] = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6, _VERSION_7)
"""``MIGRATIONS[n]`` takes a project from version n to n + 1; each runs in one transaction, after a copy."""

SCHEMA_VERSION = len(MIGRATIONS)

TABLES = frozenset(re.findall(r"^CREATE TABLE (\w+)", "\n".join(MIGRATIONS), re.MULTILINE))
"""Every table that a project of any version has; none was ever dropped."""
