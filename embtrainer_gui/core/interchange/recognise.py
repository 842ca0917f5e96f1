"""Whether a file or folder holds question-answer pairs, from its first bytes: for what is dropped on the window."""

from __future__ import annotations

import re
from pathlib import Path

from embtrainer_gui.core.errors import UserError
from embtrainer_gui.core.interchange.sources import TABLES, pair_files

HEAD = 2**16
_JSON = frozenset({".jsonl", ".json", ".ndjson"})
_PAIR_KEY = re.compile(r'"(?:question|model_answers|model_results)"\s*:')
_CORPUS_KEY = re.compile(r'"_id"\s*:')
_ANSWER_NAMES = frozenset({"answer", "answers", "context"})


def holds_pairs(path: Path) -> bool:
    """Never raises and never blocks; a corpus.jsonl or a folder with papers is no file of pairs."""
    try:
        if path.is_dir():
            return _folder_of_pairs(path)
        suffix = path.suffix.lower()
        if suffix not in TABLES | _JSON or not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(HEAD).decode("utf-8-sig", "replace")
    except OSError:
        return False
    if suffix in _JSON:
        return bool(_PAIR_KEY.search(head)) and not _CORPUS_KEY.search(head)
    return _table_of_pairs(head)


def _folder_of_pairs(path: Path) -> bool:
    if any(path.glob("*.pdf")) or (path / "corpus.jsonl").exists():
        return False
    try:
        return bool(pair_files(path))
    except UserError:
        return False


def _table_of_pairs(head: str) -> bool:
    cells = re.split(r"[,;\t]", head.partition("\n")[0])
    names = {cell.strip().strip('"').casefold() for cell in cells}
    return "question" in names and bool(names & _ANSWER_NAMES)
