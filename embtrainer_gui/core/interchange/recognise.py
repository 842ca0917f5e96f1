"""Whether a file or folder holds question-answer pairs, from its first bytes: for what is dropped on the window."""

from __future__ import annotations

import re
from pathlib import Path

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.beir_in import CORPUS, is_beir
from embtrainer_gui.core.interchange.sources import TABLES, pair_files

HEAD = 2**16
_JSON = frozenset({".jsonl", ".json", ".ndjson"})
_PAIR_KEY = re.compile(r'"(?:question|query|frage|anchor|model_answers|model_results)"\s*:')
_CORPUS_KEY = re.compile(r'"_id"\s*:')
_TABLES = TABLES | {".xlsx", ".xlsm", ".parquet", ".pq"}


def holds_pairs(path: Path) -> bool:
    """Never raises and never blocks. A table is always taken for questions, whatever its columns are called: it is
    asked which holds what. A corpus.jsonl or a folder with papers is no file of pairs."""
    try:
        if path.is_dir():
            return _folder_of_pairs(path)
        suffix = path.suffix.lower()
        if suffix not in _TABLES | _JSON or not path.is_file():
            return False
        if suffix in _TABLES:
            return True
        with path.open("rb") as file:
            head = file.read(HEAD).decode("utf-8-sig", "replace")
    except OSError:
        return False
    return bool(_PAIR_KEY.search(head)) and not _CORPUS_KEY.search(head)


def _folder_of_pairs(path: Path) -> bool:
    if any(path.glob("*.pdf")):
        return False
    if (path / CORPUS).exists():
        return is_beir(path)
    try:
        return bool(pair_files(path))
    except UserError:
        return False
